"""A programme tried on what the desk saw members do in the last days: read, judged, and nothing kept.

It answers what a text would have paid, had it come into force at the beginning of the first of these days.
What a page or a program waits for is bounded by ACTS_MAX acts: with more of them fewer days are tried, whole
ones, and how many acts were left out is said. Large histories go through `bankside programme acts` and
`dry-run`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bankside.people import policy
from bankside.people.models import Staff
from bankside.rewards import past, programme
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.models import Programme
from bankside.rewards.past import Done, Reading, Window
from bankside.rewards.past_standing import Standings
from bankside.rewards.payments.money import decimal
from bankside.rewards.placed import Placing
from bankside.rewards.rules import programme as rules
from bankside.said import Said

if TYPE_CHECKING:
    from bankside.rewards.dry_run import Past, RuleOutcome

DAYS_MAX: Final = 92
ACTS_MAX: Final = 20_000
COUNTED_MAX: Final = 200_000


class TooMuch(ValueError):
    """More was done in a single day than can be tried while somebody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What a version would have paid. `cost` in the programme's currency, `top_share` in percent, as text.

    `asked`: days that were asked for, `days`: those that were tried; `left_out`: acts in the others, and
    there are `more`, which nobody counted. `taken_back`: points of what was deleted or given back, not among
    `points`.
    """

    asked: int
    days: int
    left_out: int
    more: bool
    activities: int
    points: int
    taken_back: int
    cost: str
    awards: int
    paid_members: int
    top_share: str
    unsure: int
    winners: int | None
    losers: int | None
    same: int | None
    rules: tuple[RuleOutcome, ...]


def over_the_record(staff: Staff, row: Programme, *, days: int = 30) -> Rehearsed | None:
    """Tries a version on the acts of the last days; None when no member did anything in them.

    Raises NotYours, ProgrammeWrong for a text that does not pass its check, TooMuch.
    """
    policy.require(staff, "offer.see")
    return _tried(programme.parsed(row), row.name, days)


def of_text(staff: Staff, checked: rules.Checked, *, days: int = 30) -> Rehearsed | None:
    """The same for a text that is kept nowhere, by what its check found; None also when that has mistakes.

    It is compared with what is in force under the name that the text gives itself. Raises NotYours, TooMuch.
    """
    policy.require(staff, "programme.write")
    terms = checked.programme
    return _tried(terms, terms.id, days) if terms else None


def _tried(terms: rules.Programme, name: str, days: int) -> Rehearsed | None:
    from bankside.rewards import dry_run  # a second to import, which no other page needs

    running = next((one.programme for one in programme.live() if one.row.name == name), None)
    asked = max(1, min(days, DAYS_MAX))
    there, left_out, more = _reached(terms.zone, asked)
    sides = [terms] if running is None else [terms, running]
    with dry_run.engine("duckdb") as engine:
        played = _played(engine, there, sides)
        out = dry_run.run(terms, played[0], live=running, live_past=played[-1])
    if not out.activities:
        return None
    return Rehearsed(
        asked=asked, days=out.days, left_out=left_out, more=more, activities=out.activities,
        points=out.points, taken_back=out.taken_back, awards=out.awards, paid_members=out.paid_members,
        cost=f"{decimal(out.money, terms.currency)} {terms.currency}",
        top_share=f"{out.top_share / 100:.1f}%", unsure=out.unsure, winners=out.winners, losers=out.losers,
        same=out.same, rules=out.rules,
    )  # fmt: skip


def _reached(zone: str, days: int) -> tuple[Window, int, bool]:
    """The days that are tried: as many of the last as have at most ACTS_MAX acts; acts that are left out, and
    whether there are more of these."""
    whole = past.window(zone, days)
    calendar = Calendar(zone)
    moments = past.newest(whole, COUNTED_MAX)
    by_day = Counter(calendar.day(at) for at in moments)
    first, some = whole.last + 1, 0
    while first > whole.first and some + by_day[first - 1] <= ACTS_MAX:
        first, some = first - 1, some + by_day[first - 1]
    if first > whole.last:
        raise TooMuch(
            Said(
                "Members did more today than can be tried here. Use `bankside programme acts` and `dry-run`."
            )
        )
    if first == whole.first:
        return whole, 0, False
    more = len(moments) == COUNTED_MAX
    return past.window_of(zone, first, whole.last), len(moments) - some, more


def _played(engine: object, there: Window, sides: Sequence[rules.Programme]) -> list[Past]:
    """What members did in the window, as each of these programmes sees it."""
    readings = [Reading(terms) for terms in sides]
    read: list[list[Done]] = [[] for _ in sides]
    for chunk in past.chunks(there):
        for reading, done in zip(readings, read, strict=True):
            done += reading.take(chunk)
    return [_table(engine, there, reading, done) for reading, done in zip(readings, read, strict=True)]


def _table(engine: object, there: Window, reading: Reading, done: Sequence[Done]) -> Past:
    from bankside.rewards import dry_run

    standings = Standings(reading.terms, there.first)
    happened, used = Placing(reading, standings, there.last).take(done)
    days = (there.first, there.last)
    return dry_run.table(engine, happened, used=used, funds=standings.funds(), days=days)
