"""Whole days in a time zone: last week, four weeks, a quarter, or any days; and as many days before them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from bankside.said import Said

DAYS_MAX: Final = 400
FIRST_YEAR: Final = 2000
WEEK_DAYS: Final = 7
FOUR_WEEKS_DAYS: Final = 28
PERIODS_KEPT: Final = 64
CHOSEN: Final = "chosen"
Ends = tuple[datetime.date, datetime.date]


class BadPeriod(ValueError):
    """These days make no period; the message says why."""


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both of them in it, from midnight to midnight in `zone`."""

    name: str
    first: datetime.date
    last: datetime.date
    zone: str

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """When each day begins, and at last when the first day after them does. UTC ms."""
        return _midnights(self.first, self.last + datetime.timedelta(days=1), self.zone)

    @property
    def start_ms(self) -> int:
        """When it begins."""
        return self.starts[0]

    @property
    def end_ms(self) -> int:
        """When it is over: this moment is not in it."""
        return self.starts[-1]

    @cached_property
    def days(self) -> tuple[datetime.date, ...]:
        """Its days in order."""
        return _days(self.first, self.last)

    def before(self) -> Period:
        """As many days, just before it."""
        last = self.first - datetime.timedelta(days=1)
        return Period(self.name, last - (self.last - self.first), last, self.zone)


def named(name: str, zone: str, now_ms: int) -> Period:
    """One of NAMES as it is at this moment: what is over. Raises BadPeriod for another name."""
    if name not in _ENDS:
        raise BadPeriod(Said("There is no period '%(name)s'; there are: %(names)s.", name=name, names=_NAMES))
    today = datetime.datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone)).date()
    first, last = _ENDS[name](today)
    return Period(name, first, last, zone)


def chosen(first: datetime.date, last: datetime.date, zone: str) -> Period:
    """Any days, DAYS_MAX at most. Raises BadPeriod."""
    if last < first:
        raise BadPeriod(Said("The last day is before the first."))
    if (last - first).days >= DAYS_MAX:
        raise BadPeriod(Said("A period has %(number)s days at most.", number=DAYS_MAX))
    if first.year < FIRST_YEAR or last.year > datetime.MAXYEAR - 1:
        raise BadPeriod(Said("A period begins in %(year)s at the earliest.", year=str(FIRST_YEAR)))
    return Period(CHOSEN, first, last, zone)


@lru_cache(maxsize=PERIODS_KEPT)
def _midnights(first: datetime.date, last: datetime.date, zone: str) -> tuple[int, ...]:
    """When each of these days begins. Kept: a page asks often."""
    there = ZoneInfo(zone)
    return tuple(_midnight_ms(day, there) for day in _days(first, last))


def _days(first: datetime.date, last: datetime.date) -> tuple[datetime.date, ...]:
    count = (last - first).days + 1
    return tuple(first + datetime.timedelta(days=number) for number in range(count))


def _midnight_ms(day: datetime.date, zone: ZoneInfo) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), zone).timestamp() * 1000)


def _week(today: datetime.date) -> Ends:
    sunday = today - datetime.timedelta(days=today.isoweekday())
    return sunday - datetime.timedelta(days=WEEK_DAYS - 1), sunday


def _four_weeks(today: datetime.date) -> Ends:
    _, sunday = _week(today)
    return sunday - datetime.timedelta(days=FOUR_WEEKS_DAYS - 1), sunday


def _quarter(today: datetime.date) -> Ends:
    """The last calendar quarter that is over."""
    begun = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    last = begun - datetime.timedelta(days=1)
    return last.replace(month=last.month - 2, day=1), last


_ENDS: Final[Mapping[str, Callable[[datetime.date], Ends]]] = {
    "week": _week,
    "four-weeks": _four_weeks,
    "quarter": _quarter,
}
NAMES: Final = tuple(_ENDS)
_NAMES: Final = ", ".join(NAMES)
