"""Awards as the journal has them: what a source earned, and whether it has settled or been taken back."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django.db import connection

from bankside.rewards.ledger import locks
from bankside.rewards.ledger.journal import AVAILABLE

EARN, SETTLE, DELETE, FRAUD = "earn", "settle", "delete", "fraud"
COLUMNS: Final = "p.source, p.rule, p.due, p.until, p.member, p.unit, p.points, p.programme, p.origin"
_EARNED: Final = f"select {COLUMNS} from rewards_posting p"  # noqa: S608
# Nothing became of it yet: it lies in the pending bucket of its day.
PENDING_STILL: Final = """not exists (select 1 from rewards_posting q where q.source = p.source
    and q.rule = p.rule and q.kind in ('settle', 'delete', 'fraud'))"""


class Award(msgspec.Struct, frozen=True, gc=False):
    """What a source earned by one rule: pending until the day `due`, then available through month `until`."""

    source: str
    rule: str
    due: int
    until: int
    member: int
    unit: str
    points: int
    programme: int
    origin: str
    fates: frozenset[str] = frozenset()


def of_source(source: str) -> list[Award]:
    """The awards of a source, each with what became of it; its member is locked from now on."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_EARNED} where source = %s and kind = 'earn'", [source])
        rows = sorted(cursor.fetchall())
        locks.lock(row[4] for row in rows)
        # Asked for after the lock: what somebody else did meanwhile is seen.
        cursor.execute("select rule, kind from rewards_posting where source = %s", [source])
        told: list[tuple[str, str]] = cursor.fetchall()
    fates = {rule: frozenset(kind for other, kind in told if other == rule) for rule, _ in told}
    return [
        Award(source, rule, due, until, member, unit, points, programme, origin, fates[rule] - {EARN})
        for source, rule, due, until, member, unit, points, programme, origin in rows
    ]


def available(member: int, unit: str, from_month: int = 0) -> list[tuple[int, int]]:
    """The available buckets of a locked member, (month, points), the one that expires first before others."""
    values: list[Any] = [member, unit, AVAILABLE, from_month]
    with connection.cursor() as cursor:
        cursor.execute(
            "select due, points from rewards_bucket where member = %s and unit = %s and state = %s"
            " and due >= %s and points > 0 order by due",
            values,
        )
        return list(cursor.fetchall())
