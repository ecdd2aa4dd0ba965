"""What the bank owes its members, as a person reads it: by the day it settles, by the month it expires.

Points that nobody spends before they expire are the breakage; how much of it to expect is an accountant's
decision, and the share so far is what it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from bankside.record import clock
from bankside.rewards import programme
from bankside.rewards.ledger import balance
from bankside.rewards.ledger.days import NEVER_MONTH
from bankside.rewards.ledger.journal import AVAILABLE, PENDING
from bankside.rewards.payments.money import decimal

_EVER = """select kind, sum(points) from rewards_posting
    where unit = %s and kind in ('settle', 'expire') and at <= %s group by kind"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One vintage; `label` is a day or a month in ISO form, or empty for what does not expire."""

    unit: str
    state: str
    label: str
    points: int
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintages:
    """All of it. `minor` is what every point would cost in minor units of `currency`, rounded up.

    `credits` are amounts of money from offers. `expired_bp`: of all points that could ever be spent, the
    share that expired, in basis points; None while none could.
    """

    settling: tuple[Owed, ...]
    expiring: tuple[Owed, ...]
    credits: tuple[Owed, ...]
    available: int
    pending: int
    minor: int
    currency: str
    expired_bp: int | None

    @property
    def money(self) -> str:
        """What every point would cost, as people write it."""
        return f"{decimal(self.minor, self.currency)} {self.currency}" if self.currency else ""

    @property
    def expired_share(self) -> str:
        """The share that expired, in percent; empty while none could."""
        return f"{self.expired_bp / 100:.1f}%" if self.expired_bp is not None else ""


def end_of(day: date) -> int:
    """The last moment of a day in the programme's zone, UTC ms."""
    live = programme.current()
    zone = ZoneInfo(live.programme.zone if live else "UTC")
    return int(datetime.combine(day + timedelta(days=1), time(), zone).timestamp() * 1000) - 1


def by_vintage(as_of_ms: int | None = None) -> Vintages:
    """What is owed now, or was at a moment (UTC ms)."""
    found = [_owed(row) for row in balance.liability(as_of_ms)]
    live = programme.current()
    unit = live.programme.unit if live else "pt"
    settling = tuple(one for one in found if one.unit == unit and one.state == PENDING)
    expiring = tuple(one for one in found if one.unit == unit and one.state == AVAILABLE)
    points = sum(one.points for one in (*settling, *expiring))
    return Vintages(
        settling=settling, expiring=expiring, credits=tuple(one for one in found if one.unit != unit),
        available=sum(one.points for one in expiring), pending=sum(one.points for one in settling),
        minor=live.programme.money(points) if live else 0, currency=live.programme.currency if live else "",
        expired_bp=_expired(unit, clock.now_ms() if as_of_ms is None else as_of_ms),
    )  # fmt: skip


def _owed(row: balance.Vintage) -> Owed:
    label = _day(row.due) if row.state == PENDING else _month(row.due)
    return Owed(unit=row.unit, state=row.state, label=label, points=row.points, members=row.members)


def _day(due: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=due)).isoformat()


def _month(due: int) -> str:
    return "" if due >= NEVER_MONTH else f"{1970 + due // 12:04}-{due % 12 + 1:02}"


def _expired(unit: str, at_ms: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_EVER, [unit, at_ms])
        sums = {kind: int(points) for kind, points in cursor.fetchall()}
    settled = sums.get("settle", 0)
    return sums.get("expire", 0) * 10_000 // settled if settled else None
