"""A programme tried on what the record holds: the acts of the last days, read and judged, and nothing kept.

Large histories go through `bankside programme dry-run` from files; here the last 50,000 entries are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from bankside.record import clock, projection
from bankside.record.append import Entry, entries_where
from bankside.record.facts.channels import ActivityReceived
from bankside.record.facts.rewards import ActReported, ProfileLinked
from bankside.rewards import acts, earning, programme
from bankside.rewards.models import Programme
from bankside.rewards.payments.money import decimal
from bankside.rewards.rules.act import Act

if TYPE_CHECKING:
    from bankside.rewards.dry_run import RuleOutcome

DAY_MS: Final = 86_400_000
ENTRIES_MAX: Final = 50_000
BATCH: Final = 500
READ = (ActivityReceived, ActReported, ProfileLinked)
NAMES: Final = ("channels.activity-received", "rewards.act-reported", "rewards.profile-linked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What a version would have paid. `cost` in the programme's currency, `top_share` in percent, as text."""

    days: int
    activities: int
    points: int
    cost: str
    awards: int
    paid_members: int
    top_share: str
    unsure: int
    winners: int | None
    losers: int | None
    same: int | None
    rules: tuple[RuleOutcome, ...]


def over_the_record(row: Programme, *, days: int = 30) -> Rehearsed | None:
    """Tries a version on the acts of the last days; None when no member did anything in them.

    Raises ProgrammeWrong for a text that does not pass its check.
    """
    from bankside.rewards import dry_run  # a second to import, which no other page needs
    from bankside.rewards.rules.replay import NoActivities

    terms = programme.parsed(row)
    done = list(_acts(terms, clock.now_ms() - days * DAY_MS))
    running = next((one.programme for one in programme.live() if one.row.name == row.name), None)
    with dry_run.engine("duckdb") as there:
        try:
            out = dry_run.run(terms, dry_run.table(there, done), days=days, live=running)
        except NoActivities:
            return None
    return Rehearsed(
        days=days, activities=out.activities, points=out.points, awards=out.awards,
        cost=f"{decimal(out.money, terms.currency)} {terms.currency}", paid_members=out.paid_members,
        top_share=f"{out.top_share / 100:.1f}%", unsure=out.unsure, winners=out.winners, losers=out.losers,
        same=out.same, rules=out.rules,
    )  # fmt: skip


def _acts(terms: Any, since_ms: int) -> Iterator[Act]:
    """The acts since a moment, in order of arrival, as this version would see them. What reading them keeps,
    such as how deep a thread is, is undone."""
    with transaction.atomic():
        found = [one for told in _batches(since_ms) for one in _sighted(told, terms)]
        transaction.set_rollback(True)
    return earning.placed(found, terms)


def _sighted(told: Sequence[tuple[Entry, Any]], terms: Any) -> list[acts.Sighted]:
    activities = [(entry, fact) for entry, fact in told if isinstance(fact, ActivityReceived)]
    reports = [(entry, fact) for entry, fact in told if isinstance(fact, ActReported)]
    links = [(entry, fact) for entry, fact in told if isinstance(fact, ProfileLinked)]
    found = [*acts.of_activities(activities, [terms]), *acts.of_reports(reports), *acts.of_links(links)]
    return sorted(found, key=lambda one: one.act.seq)


def _batches(since_ms: int) -> Iterator[list[tuple[Entry, Any]]]:
    marks = ", ".join(["%s"] * len(NAMES))
    where = f"t >= %s and fact in ({marks}) order by n desc limit %s"
    entries = sorted(entries_where(where, [since_ms, *NAMES, ENTRIES_MAX]), key=lambda one: one.n)
    for start in range(0, len(entries), BATCH):
        some = entries[start : start + BATCH]
        words = projection.facts_of(some)
        yield [(entry, words[entry.n]) for entry in some if entry.n in words]
