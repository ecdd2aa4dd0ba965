"""What members did in the last days, read again from the record: for trying a programme on it.

Nothing is locked or written while it is read, so that everybody else goes on. Only entries of members are
opened. The words of an act are looked at for what rules read, and are not among what comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection
from django.db.models import Max

from bankside.record import clock, projection
from bankside.record import fact as facts
from bankside.record.append import Entry, entries_where
from bankside.record.facts.channels import ActivityChanged, ActivityReceived, ActivityRemoved
from bankside.record.facts.rewards import ActReported, ProfileLinked
from bankside.record.models import Entry as Row
from bankside.rewards import acts, counting, disclosure, opened, past_payments, programme
from bankside.rewards.acts import Sighted
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.rules.act import Act
from bankside.rewards.rules.terms import Programme

ENTRIES: Final = 5_000  # arrival numbers that are read at once
# Arrival numbers and moments rise together, but for what was under way at the same time.
SLACK_MS: Final = 600_000
PLACES: Final = past_payments.PLACES
Told = tuple[Entry, Any]


class Window(NamedTuple):
    """The days from `first` to `last` (since 1970, in a programme's zone), which begin at `since` (UTC ms);
    what was recorded in them has arrival numbers after `start`, up to `end`."""

    first: int
    last: int
    since: int
    start: int
    end: int


class Done(msgspec.Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """An act before it is known what the member had done until then. `place`: the thread of a reply; `remote`
    names the item; `said`: rules of class B whose disclosure it carries; `gone`: when it was deleted, or the
    payment given back (UTC ms, 0: never), as far as the act itself knows."""

    act: Act
    place: str = ""
    remote: str = ""
    said: tuple[str, ...] = ()
    gone: int = 0


class Turn(NamedTuple):
    """An item was changed or taken away: at an arrival number and a moment (UTC ms). `said`: rules of class B
    whose disclosure it carries from now on, None when it is gone; `member`: for whom it counts then."""

    seq: int
    at: int
    said: tuple[str, ...] | None
    member: int


class Chunk(NamedTuple):
    """Some arrival numbers: entries with their facts, and payments that were cleared."""

    told: Sequence[Told]
    cleared: Sequence[past_payments.Cleared]


def window(zone: str, days: int) -> Window:
    """The last so many days, today among them."""
    calendar, now = Calendar(zone), clock.now_ms()
    last = calendar.day(now)
    return window_of(zone, last - days + 1, last)


def window_of(zone: str, first: int, last: int) -> Window:
    """The days from one to another."""
    since = Calendar(zone).begins(first)
    end = Row.objects.aggregate(last=Max("n"))["last"] or 0
    return Window(first, last, since, _before(since - SLACK_MS, end), end)


def newest(there: Window, most: int) -> list[int]:
    """Moments (UTC ms) of what would be read, the newest first; at most so many."""
    values = [there.start, there.end, there.since]
    found: list[int] = []
    with connection.cursor() as cursor:
        for name in sorted(facts.names_of(DOING)):
            cursor.execute(_MOMENTS.format(ours=_OURS if name in SAID else ""), [name, *values, most])
            found += [at for (at,) in cursor.fetchall()]
        cursor.execute(past_payments.MOMENTS, [*values, most])
        found += [at for (at,) in cursor.fetchall()]
    return sorted(found, reverse=True)[:most]


def chunks(there: Window) -> Iterator[Chunk]:
    """What is in it, in order of arrival, some at a time."""
    names = sorted(facts.names_of(opened.READ))
    marks = ", ".join(["%s"] * len(names))
    where = _ENTRIES.format(marks=marks, ours=", ".join(f"'{name}'" for name in sorted(SAID)))
    for start in range(there.start, there.end, ENTRIES):
        end = min(start + ENTRIES, there.end)
        entries = entries_where(where, [start, end, there.since, *names])
        words = projection.facts_of(entries)
        told = [(entry, words[entry.n]) for entry in entries if entry.n in words]
        yield Chunk(told, past_payments.cleared(start, end, there.since))


DOING = (ActivityReceived, ActReported, ProfileLinked)
SAID: Final = facts.names_of(opened.ACTIVITIES)
_OURS = "and exists (select 1 from rewards_counting c where c.subj = record_entry.subj)"
_MOMENTS = """select t from record_entry where fact = %s and n > %s and n <= %s and t >= %s {ours}
    order by n desc limit %s"""
_ENTRIES = f"""n > %s and n <= %s and t >= %s and fact in ({{marks}})
    and (fact not in ({{ours}}) or {_OURS.removeprefix("and ")}) order by n"""


def _before(at: int, end: int) -> int:
    """An arrival number before everything that was recorded at a moment or later, by halving."""
    low, high = 0, end
    while low < high:
        middle = (low + high + 1) // 2
        row = Row.objects.filter(n__gte=middle).order_by("n").values_list("t", flat=True).first()
        low, high = (low, middle - 1) if row is None or row >= at else (middle, high)
    return low


# --- as one programme sees it -------------------------------------------------------------------------------
class Reading:
    """What one programme sees in it: give it every chunk, in order, and then place what it gave
    (`placed.py`).

    `turns` and `answers` grow with what is changed and with threads, not with acts.
    """

    def __init__(self, terms: Programme) -> None:
        self.terms = terms
        self.turns: dict[str, list[Turn]] = {}
        self.answers: dict[str, int] = {}
        self._live = programme.ever_live()
        self._disclosed = [rule for rule in terms.earn if rule.cls == "B"]

    def take(self, chunk: Chunk) -> list[Done]:
        """The acts of a chunk, in order of arrival."""
        told = chunk.told
        found = acts.read_again(_of(told, ActivityReceived), [self.terms])
        self._count(found)
        for entry, fact in told:
            if isinstance(fact, ActivityChanged | ActivityRemoved):
                self._turn(entry, fact)
        found += [*acts.of_reports(_of(told, ActReported)), *acts.of_links(_of(told, ProfileLinked))]
        done = [self._done(one) for one in found]
        done += [Done(act=act, gone=gone) for act, gone in past_payments.acts(chunk.cleared, self.terms)]
        return sorted(done, key=lambda one: one.act.seq)

    def depths(self) -> dict[str, int]:
        """How many answers threads of the bank's own had before the first one that was read. To be asked when
        everything was read: it is what they have by now, less what was read."""
        now = acts.answers(self.answers)
        return {place: now[place] - read for place, read in self.answers.items() if now.get(place, 0) > read}

    def _count(self, found: Iterable[Sighted]) -> None:
        """Answers that were counted when they came, as some version in force then looked at them."""
        for one in found:
            if one.act.kind == "reply" and any(
                programme.was_in_force(live.row, one.act.at)
                and live.programme.earning[one.act.network, "reply"]
                for live in self._live
            ):
                self.answers[one.place] = self.answers.get(one.place, 0) + 1

    def _done(self, one: Sighted) -> Done:
        act = msgspec.structs.replace(one.act, seq=one.act.seq * PLACES)
        place = one.place if act.kind == "reply" else ""
        said = self._said(one.text, one.lang) if one.text else ()
        return Done(act=act, place=place, remote=one.remote, said=said)

    def _said(self, text: str, lang: str) -> tuple[str, ...]:
        return tuple(rule.id for rule in self._disclosed if disclosure.found(rule, text, lang))

    def _turn(self, entry: Entry, fact: ActivityChanged | ActivityRemoved) -> None:
        if isinstance(fact, ActivityRemoved):
            remote, said, member = fact.remote_id, None, 0
        else:
            if not self._disclosed:
                return
            spans = counting.spans_of([entry.subj]).get(entry.subj, ())
            span = counting.at(spans, entry.t)
            remote, said = fact.seen.remote_id, self._said(fact.seen.text, fact.seen.lang)
            member = span.member if span else 0
        item = acts.remote_of(fact.channel, remote)
        self.turns.setdefault(item, []).append(Turn(entry.n * PLACES, entry.t, said, member))


def _of(told: Iterable[Told], kind: Any) -> list[Any]:
    return [(entry, fact) for entry, fact in told if isinstance(fact, kind)]
