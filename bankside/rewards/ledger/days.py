"""Days and months as whole numbers since 1970, in a programme's zone; points settle by day, expire by
month."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MS, QUARTER_MS = 86_400_000, 900_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The month of what does not expire: the end of the year 9999.
NEVER_MONTH = (9999 - 1970) * 12 + 11


class Calendar:
    """The days of one programme: its zone (IANA), its hold in ms, its life in months.

    Offsets of all zones since 1972 change on a quarter of an hour, so each quarter is computed once.
    """

    def __init__(self, zone: str = "UTC", hold_ms: int = 0, life_months: int = 0) -> None:
        self._zone, self.hold_ms, self.life_months = zone, hold_ms, life_months

    def day(self, at: int) -> int:
        """The day of a moment (UTC ms)."""
        return (at + _offset_ms(self._zone, at // QUARTER_MS)) // DAY_MS

    def begins(self, day: int) -> int:
        """The first moment of a day (UTC ms)."""
        at = day * DAY_MS - _offset_ms(self._zone, day * DAY_MS // QUARTER_MS)
        return day * DAY_MS - _offset_ms(self._zone, at // QUARTER_MS)

    def month(self, at: int) -> int:
        """The month of a moment (UTC ms)."""
        return month_of(self.day(at))

    def settles(self, at: int) -> int:
        """The first whole day after the hold of an act of that moment: the hold is never shorter."""
        return self.day(at + self.hold_ms) + 1 if self.hold_ms else self.day(at)

    def expires(self, at: int) -> int:
        """The month at whose end points of that moment expire; life 0 is for ever."""
        return self.month(at) + self.life_months if self.life_months else NEVER_MONTH


@lru_cache(maxsize=65_536)
def month_of(day: int) -> int:
    """The month that a day is in."""
    on = EPOCH + timedelta(days=day)
    return (on.year - 1970) * 12 + on.month - 1


def year_of(month: int) -> int:
    """The year of a month, such as 2026."""
    return 1970 + month // 12


def last_day(month: int) -> date:
    """The last day of a month."""
    year, place = year_of(month), month % 12 + 1
    return date(year, place, monthrange(year, place)[1])


@lru_cache(maxsize=65_536)
def _offset_ms(zone: str, quarter: int) -> int:
    moment = EPOCH + timedelta(milliseconds=quarter * QUARTER_MS)
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds() * 1000)
