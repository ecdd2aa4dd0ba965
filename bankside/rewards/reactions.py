"""From the record to points: recorded acts earn, in order of arrival, and what is taken away is taken back.

The record is read across all its lanes by arrival number, by one worker at a time: what a member gets follows
from what arrived before it, so that neither the size of a batch nor the number of workers changes it. How far
was read is kept in the transaction of the points: a kill rolls back both.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from django.db import connection, transaction
from django.db.models import Max

from bankside.record import clock, jobs
from bankside.record import fact as facts
from bankside.record.append import Entry, entries_where
from bankside.record.away import AWAY
from bankside.record.facts.channels import ActivityChanged, ActivityReceived, ActivityRemoved
from bankside.record.facts.rewards import ActReported, ProfileLinked, ProgrammeBegan
from bankside.record.models import Entry as Row
from bankside.record.models import Head, Job, Quarantined
from bankside.record.projection import Follower
from bankside.rewards import acts, counting, decided, disclosure, earning, opened, programme
from bankside.rewards.asked import rows
from bankside.rewards.decided import Decided
from bankside.rewards.ledger import claw, post
from bankside.rewards.ledger.candidate import AWARDED, HELD, Candidate, Outcome
from bankside.rewards.ledger.why import seen
from bankside.rewards.models import Reached
from bankside.rewards.programme import EARN, Live
from bankside.rewards.rules.act import Act
from bankside.rewards.rules.terms import Earn

# Entries of one transaction. On SQLite nobody else writes meanwhile; on PostgreSQL many at once are quicker.
ENTRIES: Final = {"sqlite": 1_000, "postgresql": 5_000}
JOB_SECONDS_MAX: Final = 1.0
REMOVED: Final = "removed"
log = logging.getLogger(__name__)

Told = tuple[Entry, Any]
Versions = Mapping[int, Live]


class Wakes(Follower):
    """Has the job that earns done when something is new. It opens no payload: the job reads for itself."""

    name = "rewards.earning"
    facts = (ProgrammeBegan,)

    @contextmanager
    def batch(self, told: Sequence[Told]) -> Iterator[None]:
        """Called for every batch of every lane. Before the first programme there is nothing to do."""
        yield
        if Reached.objects.filter(name=EARN).exists():
            wake()

    def take(self, entry: Entry, fact: Any) -> tuple[()]:
        """Nothing for a single entry."""
        return ()


WAKES = Wakes()


def wake() -> None:
    """Makes the job that earns due now. A job that runs meanwhile is done once more."""
    now = clock.now_ms()
    if not jobs.again(EARN, now):
        jobs.enqueue(EARN, EARN, due_ms=now, data={})


@jobs.handler(EARN, standing=True)
def _earn(job: Job) -> int | None:
    """Earns for at most a second, so that others get their turn; due again at once while there is more."""
    ends = time.monotonic() + JOB_SECONDS_MAX
    while earn_recorded():
        if time.monotonic() > ends:
            return clock.now_ms()
    return None


def earn_recorded(limit: int = 0) -> int:
    """What the next recorded entries earn, in one transaction; how many arrival numbers were dealt with.

    Without a limit, as many as are quick on this database. The answer is 0 when nothing is new, or another
    worker is at it. An entry that cannot be dealt with is set aside, and the
    others go on.
    """
    limit, end = limit or ENTRIES[connection.vendor], _end()
    try:
        with transaction.atomic():
            return _advance(limit, end)
    except AWAY:
        raise  # the database is busy or gone: nothing is wrong with the entries
    except Exception as error:
        if limit > 1:
            return earn_recorded(max(1, limit // 8))
        return _set_aside(error)


def catch_up_to(n: int, batches_max: int = 20) -> bool:
    """Earns until the entry with this arrival number was dealt with; False when it is further than that."""
    for _ in range(batches_max):
        reached = Reached.objects.filter(name=EARN).values_list("n", flat=True).first()
        if reached is None or reached >= n:
            return reached is not None
        earn_recorded()
    return False


def take(told: Sequence[Told]) -> list[Outcome]:
    """What entries at hand earn, in order of arrival, in the caller's transaction. Twice is once."""
    moments = {entry.t for entry, _ in told}
    in_force = [live for live in programme.ever_live() if _judges(live, moments)]
    terms = [live.programme for live in in_force]
    found = acts.of_activities([(e, f) for e, f in told if isinstance(f, ActivityReceived)], terms)
    if reported := [(e, f) for e, f in told if isinstance(f, ActReported)]:
        found += acts.of_reports(reported)
    if linked := [(e, f) for e, f in told if isinstance(f, ProfileLinked)]:
        found += acts.of_links(linked)
    return earning.earn_sighted(found)


# --- reading on -----------------------------------------------------------------------------------------
def _advance(limit: int, end: int) -> int:
    skip = transaction.get_connection().features.has_select_for_update_skip_locked
    reached = Reached.objects.select_for_update(skip_locked=skip).filter(name=EARN).first()
    if reached is None or end <= reached.n:
        return 0
    start, last = reached.n, min(end, reached.n + limit)
    told = _told(start, last)
    cut = next((place for place, (_, fact) in enumerate(told) if _changes(fact)), len(told))
    if cut == 0 and told:  # a change is dealt with alone: it looks for what came before it
        _change(*told[0])
        reached.n = told[0][0].n
    else:
        take(told[:cut])
        reached.n = told[cut][0].n - 1 if cut < len(told) else last
    reached.save(update_fields=["n"])
    return reached.n - start


def _end() -> int:
    """The last arrival number that is sure to have no smaller one still under way.

    On PostgreSQL numbers are given out before their rows can be seen. Whoever gives one out holds the head of
    a lane: once all heads were held for a moment, every number up to the last is there, or never will be.
    """
    if connection.vendor != "postgresql":
        return Row.objects.aggregate(last=Max("n"))["last"] or 0
    with transaction.atomic():
        list(Head.objects.select_for_update().order_by("lane").values_list("lane"))
        return Row.objects.aggregate(last=Max("n"))["last"] or 0


def _told(start: int, last: int) -> list[Told]:
    """Entries after `start` up to `last` that may concern a member, with their facts."""
    names = sorted(facts.names_of(opened.READ))
    which = ", ".join(["%s"] * len(names))
    found = entries_where(f"n > %s and n <= %s and fact in ({which}) order by n", [start, last, *names])
    activities = facts.names_of(opened.ACTIVITIES)
    said = {entry.subj for entry in found if entry.fact in activities}
    linked = {subj for (subj,) in rows("select distinct subj from rewards_counting where", "subj", said)}
    return opened.with_facts([e for e in found if e.fact not in activities or e.subj in linked])


def _judges(live: Live, moments: Iterable[int]) -> bool:
    return any(programme.was_in_force(live.row, at) for at in moments)


def _set_aside(error: Exception) -> int:
    with transaction.atomic():
        reached = Reached.objects.select_for_update().get(name=EARN)
        reached.n += 1
        reached.save(update_fields=["n"])
        log.error("%s could not take entry %s: %s", EARN, reached.n, type(error).__name__)
        Quarantined.objects.get_or_create(
            follower=EARN, n=reached.n, defaults={"error": type(error).__name__, "at": clock.now_ms()}
        )
    return 1


# --- what was changed or taken away -----------------------------------------------------------------------
def _changes(fact: Any) -> bool:
    return isinstance(fact, ActivityChanged | ActivityRemoved)


def _change(entry: Entry, fact: ActivityChanged | ActivityRemoved) -> None:
    """A post was edited or taken away: held points may be paid or refused, pending ones are taken back."""
    remote_id = fact.remote_id if isinstance(fact, ActivityRemoved) else fact.seen.remote_id
    found = sorted(decided.of_item(acts.remote_of(fact.channel, remote_id)), key=lambda row: row.entry)
    if not found:
        return
    versions = programme.versions()
    awarded = [row for row in found if row.outcome == AWARDED]
    held = [row for row in found if row.outcome == HELD]
    match fact:
        case ActivityRemoved():
            lost = awarded
            post.post([again(entry.n, entry.t, row, versions, refused=REMOVED) for row in held])
        case _:
            disclosed = [row for row in awarded if rule_of(row, versions)[1].cls == "B"]
            lost = [row for row in disclosed if _said(row, fact, versions) is None]
            _pay_disclosed(entry, fact, held, versions)
    for source, row in sorted({row.source: row for row in lost}.items()):
        claw.claw_back(source, entry.t, zone=versions[row.programme].programme.zone)


def _pay_disclosed(entry: Entry, fact: ActivityChanged, held: Sequence[Decided], versions: Versions) -> None:
    """Held points are paid once the post says that it is advertising, while their hold lasts."""
    span = counting.at(counting.spans_of([entry.subj], hold=True).get(entry.subj, ()), entry.t)
    paid = [
        row._replace(inputs=seen(msgspec.json.decode(row.inputs) | {"disclosure": found._asdict()}))
        for row in held
        if span is not None and span.member == row.member and entry.t < until(row, versions)
        if (found := _said(row, fact, versions)) is not None
    ]
    post.post([again(entry.n, entry.t, row, versions) for row in paid])


def until(row: Decided, versions: Versions) -> int:
    """Until when a held award may still be disclosed (UTC ms): as long as the hold would have been."""
    return row.at + versions[row.programme].programme.hold_ms


def again(seq: int, at: int, row: Decided, versions: Versions, *, refused: str = "") -> Candidate:
    """A held award before the ledger again, by arrival number and moment (UTC ms) of what decides it."""
    live, rule = rule_of(row, versions)
    act = Act(source=row.source, seq=seq, member=row.member, network=row.network, kind=row.kind, at=at, day=0)
    one = acts.Sighted(act=act, entry=row.entry, remote=row.remote)
    again = earning.candidate(one, live, rule, row.asked, inputs=row.inputs, refused=refused)
    return msgspec.structs.replace(again, acted=row.at)


def rule_of(row: Decided, versions: Versions) -> tuple[Live, Earn]:
    """The rule by which a decision was made, in the version of then."""
    live = versions[row.programme]
    return live, next(rule for rule in live.programme.earn if rule.id == row.rule)


def _said(row: Decided, fact: ActivityChanged, versions: Versions) -> disclosure.Found | None:
    return disclosure.found(rule_of(row, versions)[1], fact.seen.text, fact.seen.lang)
