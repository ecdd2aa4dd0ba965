"""On which of the last 63 days a member was active, as two whole numbers beside her meter.

`newest`: the latest such day (since 1970); `days`: bit n says the day n days before it. A day that is older
than all of these when it comes is not kept: nothing counts over more than 31 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

DAYS_KEPT: Final = 63  # what a bigint has room for
_ALL: Final = (1 << DAYS_KEPT) - 1


class Active(NamedTuple):
    """The latest active day, and the ones before it as bits; both 0 when there is none."""

    newest: int = 0
    days: int = 0


def on(day: int) -> Active:
    """Active on this day alone."""
    return Active(day, 1)


def joined(some: Active, other: Active) -> Active:
    """Active on the days of both."""
    newest = max(some.newest, other.newest)
    return Active(newest, (_seen_from(some, newest) | _seen_from(other, newest)) & _ALL)


def count(active: Active, day: int, span: int) -> int:
    """How many active days there are among the last `span` days, `day` being the last."""
    return (_seen_from(active, day) & ((1 << span) - 1)).bit_count()


def mark(marked: dict[int, Active], member: int, day: int) -> None:
    """Adds a day of a member's."""
    known = marked.get(member)
    if known is None:
        marked[member] = on(day)
    elif known.newest != day:
        marked[member] = joined(known, on(day))


def merged(kept: Mapping[int, Active], more: Mapping[int, Active]) -> dict[int, Active]:
    """The members of `more` whose days are not all kept, with all of their days."""
    made = {member: joined(kept.get(member, _NEVER), days) for member, days in more.items()}
    return {member: days for member, days in made.items() if days != kept.get(member, _NEVER)}


_NEVER: Final = Active()


def _seen_from(active: Active, day: int) -> int:
    """The bits with `day` as the first; days after it fall away."""
    if not active.days:
        return 0
    shift = day - active.newest
    if shift >= DAYS_KEPT:  # a shift by years would be a number of thousands of digits
        return 0
    return active.days << shift if shift >= 0 else active.days >> -shift
