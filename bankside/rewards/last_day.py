"""In which zone, and until which day, points can be spent, also when no programme is in force any more."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bankside.record.clock import now_ms
from bankside.rewards import programme
from bankside.rewards.ledger import balance
from bankside.rewards.ledger.days import NEVER_MONTH
from bankside.rewards.models import Member
from bankside.rewards.rules.terms import Programme

ZONE = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """No programme is in force any more, since a day. `until`: the last day on which some of her points can
    be spent; None where they never expire, or there are none."""

    on: date
    until: date | None


def terms() -> Programme | None:
    """The programme by which points are counted; the last one that was in force, when none is any more."""
    there = programme.current()
    return there.programme if there else None


def zone() -> ZoneInfo:
    """The zone in which days and months begin."""
    return zone_of(terms())


def zone_of(there: Programme | None) -> ZoneInfo:
    """The zone of these terms; UTC without any."""
    return ZoneInfo(there.zone if there else ZONE)


def ended(member: Member) -> Ended | None:
    """That the programme has ended and until when she can spend what she has; None while one is in force."""
    there = programme.current()
    if there is None or not there.row.ended_at:
        return None
    last = balance.last_month(member.pk, there.programme.unit)
    return Ended(
        on=date_of(there.row.ended_at, zone_of(there.programme)), until=last_of(last) if last else None
    )


def last_of(month: int) -> date | None:
    """The last day of a month, in months since 1970; None for what does not expire."""
    if month >= NEVER_MONTH:
        return None
    year, place = 1970 + month // 12, month % 12 + 1
    return date(year, place, monthrange(year, place)[1])


def today() -> date:
    """The day that it is in the programme's zone."""
    return date_of(now_ms(), zone())


def date_of(ms: int, place: ZoneInfo) -> date:
    """The day of a moment (UTC ms) in a zone."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(place).date()
