"""What time does: pending points become available when their hold is over, available ones expire by month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from bankside.rewards.ledger import journal, locks
from bankside.rewards.ledger.awards import COLUMNS, PENDING_STILL, SETTLE, Award
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.ledger.journal import AVAILABLE, EXPIRED, PENDING, Move

EXPIRE = "expire"
# What a person has to look at waits, and what was reversed never settles.
_UNFLAGGED = "not exists (select 1 from rewards_flag f where f.source = p.source and f.state <> 'released')"
_DUE = f"""
    select {COLUMNS} from rewards_bucket b join rewards_posting p
      on p.member = b.member and p.due = b.due and p.unit = b.unit and p.kind = 'earn'
    where b.state = 'pending' and b.points > 0 and b.due <= %s and {PENDING_STILL} and {_UNFLAGGED}"""  # noqa: S608
_OVER = """
    select member, unit, due, points from rewards_bucket
    where state = 'available' and points > 0 and due < %s"""


def settle_due(
    now_ms: int, limit: int = 5_000, *, zone: str = "UTC", lane: int = 0, actor: str = "s:card"
) -> int:
    """Makes awards available whose day has come, in the programme's zone; how many, at most `limit`.

    Awards of a source with a flag wait until it is released, and settle then.
    """
    today = Calendar(zone).day(now_ms)
    rows = _locked(_DUE, [today], "order by b.due, p.id", limit, "p.member", member_column=4)
    moves = [
        Move(a.source, a.rule, SETTLE, a.due, a.until, a.member, a.unit, PENDING, AVAILABLE, a.left, now_ms,
             a.programme, a.origin)
        for a in (Award(*row) for row in rows)
    ]  # fmt: skip
    journal.write(moves, lane=lane, actor=actor)
    return len(moves)


def expire_due(
    now_ms: int, limit: int = 5_000, *, zone: str = "UTC", lane: int = 0, actor: str = "s:card"
) -> int:
    """Lets what is left of buckets expire whose month is over, in the programme's zone; how many buckets."""
    month = Calendar(zone).month(now_ms)
    rows = _locked(_OVER, [month], "order by due, member", limit, "member", member_column=0)
    moves = [
        Move(f"x:{member}:{now_ms}", unit, EXPIRE, due, due, member, unit, AVAILABLE, EXPIRED, points, now_ms)
        for member, unit, due, points in rows
    ]
    journal.write(moves, lane=lane, actor=actor)
    return len(moves)


def _locked(
    query: str, values: list[Any], order: str, limit: int, column: str, *, member_column: int
) -> Iterable[tuple[Any, ...]]:
    """Rows of a query with their members locked. Asked again after the lock, where others may have been at
    it."""
    with connection.cursor() as cursor:
        cursor.execute(f"{query} {order} limit %s", [*values, limit])
        rows = cursor.fetchall()
        members = sorted({row[member_column] for row in rows})
        locks.lock(members)
        if rows and connection.vendor == "postgresql":
            condition, among = locks.among(column, members)
            cursor.execute(f"{query} and {condition} {order} limit %s", [*values, *among, limit])
            rows = cursor.fetchall()
    return list(rows)
