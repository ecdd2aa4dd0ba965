"""What a member has, what the bank owes all members, and what a year was worth to each. It only reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from bankside.record import clock
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.ledger.journal import AVAILABLE, PENDING

MOVED_MAX: Final = 200
# As of a moment: what the journal moved into and out of buckets until then.
_THEN = """
    select unit, state, due, sum(points), count(*) from (
        select member, unit, state, due, sum(points) as points from (
            select member, unit, 'pending' as state, due,
                   case when cr = 'pending' then points else -points end as points
            from rewards_posting where (cr = 'pending' or dr = 'pending') and at <= %(at)s
            union all
            select member, unit, 'available', until, case when cr = 'available' then points else -points end
            from rewards_posting where (cr = 'available' or dr = 'available') and at <= %(at)s
        ) as moves group by member, unit, state, due having sum(points) <> 0
    ) as buckets group by unit, state, due order by unit, state, due"""
_NOW = """
    select unit, state, due, sum(points), count(*) from rewards_bucket where points > 0
    group by unit, state, due order by unit, state, due"""
# What became a member's own in the year: settled, given by an offer or restored; less what was taken back.
_VALUES = """
    select member, unit, origin,
        sum(case when kind in ('settle', 'offer', 'restore') then points else -points end)
    from rewards_posting
    where at >= %s and at < %s
      and (kind in ('settle', 'offer', 'refund', 'restore') or (kind = 'fraud' and dr <> 'pending'))
    group by member, unit, origin
    having sum(case when kind in ('settle', 'offer', 'restore') then points else -points end) <> 0
    order by member, unit, origin"""


class Balance(NamedTuple):
    """What a member has in one unit. `settles`: (day, points); `expires`: (month at whose end, points)."""

    available: int
    pending: int
    settles: tuple[tuple[int, int], ...]
    expires: tuple[tuple[int, int], ...]


class Vintage(NamedTuple):
    """What is owed from one day of settling or month of expiry, to so many members."""

    unit: str
    state: str
    due: int
    points: int
    members: int


class Value(NamedTuple):
    """What a year was worth to a member, by where it came from (`purchase`, `participation`)."""

    member: int
    unit: str
    origin: str
    points: int


class Moved(NamedTuple):
    """One posting of a source, for its receipt."""

    rule: str
    kind: str
    due: int
    until: int
    dr: str
    cr: str
    points: int
    at: int


def balance(member: int, unit: str = "pt", *, now_ms: int | None = None, zone: str = "UTC") -> Balance:
    """What a member has now. Points whose month is over are not there, even before they were let expire."""
    month = Calendar(zone).month(clock.now_ms() if now_ms is None else now_ms)
    rows = _rows(
        "select state, due, points from rewards_bucket where member = %s and unit = %s and points > 0"
        " order by due",
        [member, unit],
    )
    settles = tuple((due, points) for state, due, points in rows if state == PENDING)
    expires = tuple((due, points) for state, due, points in rows if state == AVAILABLE and due >= month)
    return Balance(sum(p for _, p in expires), sum(p for _, p in settles), settles, expires)


def last_month(member: int, unit: str) -> int:
    """The last month through whose end a member can spend something that she has or that will settle; 0 for
    nothing."""
    [(last,)] = _rows(
        "select max(case when b.state = 'available' then b.due else p.until end) from rewards_bucket b"
        " left join rewards_posting p on b.state = 'pending' and p.member = b.member and p.due = b.due"
        " and p.unit = b.unit and p.kind = 'earn'"
        " where b.member = %s and b.unit = %s and b.points > 0",
        [member, unit],
    )
    return int(last or 0)


def liability(as_of_ms: int | None = None) -> list[Vintage]:
    """What is owed to all members by unit, state and vintage: now from the buckets, or at a moment of the
    past from the journal, which takes longer."""
    if as_of_ms is None or as_of_ms >= clock.now_ms():
        rows = _rows(_NOW, [])
    else:
        rows = _rows(_THEN, {"at": as_of_ms})
    return [Vintage(unit, state, due, int(points), count) for unit, state, due, points, count in rows]


def values_by_origin(year: int, zone: str = "UTC") -> list[Value]:
    """What a year of a zone was worth to each member, by origin. Points that were still pending are not in
    it."""
    start, end = (_ms(datetime(number, 1, 1, tzinfo=ZoneInfo(zone))) for number in (year, year + 1))
    rows = _rows(_VALUES, [start, end])
    return [Value(member, unit, origin, int(points)) for member, unit, origin, points in rows]


def postings_of(source: str) -> list[Moved]:
    """Everything that moved because of a source, in order; at most 200."""
    return [
        Moved(*row)
        for row in _rows(
            f"select {', '.join(Moved._fields)} from rewards_posting where source = %s order by id limit %s",  # noqa: S608
            [source, MOVED_MAX],
        )
    ]


def _rows(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _ms(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
