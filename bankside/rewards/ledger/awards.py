"""Awards as the journal has them: what a source earned, and whether it has settled or been taken back."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django.db import connection

from bankside.rewards.ledger import locks
from bankside.rewards.ledger.candidate import PURCHASE
from bankside.rewards.ledger.journal import AVAILABLE

EARN, SETTLE, DELETE, FRAUD = "earn", "settle", "delete", "fraud"
RETURN, RESTORE = "return", "restore"
# What was taken back of an award with parts of its payment; such a posting names the award's source as why.
_RETURNED: Final = f"""case when p.origin <> '{PURCHASE}' then 0 else coalesce((
    select cast(sum(q.points) as bigint) from rewards_posting q where q.member = p.member and q.due = p.due
    and q.kind = '{RETURN}' and q.rule = p.rule and q.why = p.source), 0) end"""  # noqa: S608
COLUMNS: Final = (
    f"p.source, p.rule, p.due, p.until, p.member, p.unit, p.points, p.programme, p.origin, {_RETURNED}"
)
_EARNED: Final = f"select {COLUMNS} from rewards_posting p"  # noqa: S608
# Nothing became of it yet: it lies in the pending bucket of its day.
PENDING_STILL: Final = """not exists (select 1 from rewards_posting q where q.source = p.source
    and q.rule = p.rule and q.kind in ('settle', 'delete', 'fraud'))"""


class Award(msgspec.Struct, frozen=True, gc=False):
    """What a source earned by one rule: pending until the day `due`, then available through month `until`.

    `returned`: of its points, those that were taken back with parts of its payment.
    """

    source: str
    rule: str
    due: int
    until: int
    member: int
    unit: str
    points: int
    programme: int
    origin: str
    returned: int = 0
    fates: frozenset[str] = frozenset()

    @property
    def left(self) -> int:
        """What is left of it to settle, or to be taken back."""
        return self.points - self.returned


def of_source(source: str) -> list[Award]:
    """The awards of a source, each with what became of it; its member is locked from now on."""
    with connection.cursor() as cursor:
        cursor.execute("select member from rewards_posting where source = %s and kind = 'earn'", [source])
        locks.lock(member for (member,) in cursor.fetchall())
        # Asked for after the lock: what somebody else did meanwhile is seen.
        cursor.execute(f"{_EARNED} where source = %s and kind = 'earn'", [source])
        rows = sorted(cursor.fetchall())
        cursor.execute("select rule, kind from rewards_posting where source = %s", [source])
        told: list[tuple[str, str]] = cursor.fetchall()
    fates = {rule: frozenset(kind for other, kind in told if other == rule) for rule, _ in told}
    return [Award(*(*row, fates[row[1]] - {EARN})) for row in rows]


def returns(award: Award) -> set[str]:
    """The sources under which parts of an award were taken back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select source from rewards_posting where member = %s and due = %s and kind = %s and rule = %s"
            " and why = %s",
            [award.member, award.due, RETURN, award.rule, award.source],
        )
        return {source for (source,) in cursor.fetchall()}


def reversals(award: Award) -> list[tuple[str, int, int, int]]:
    """What a reversal took of an award: from which account, of which month, how many points, and when."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select dr, until, points, at from rewards_posting where source = %s and rule = %s and kind = %s"
            " order by due",
            [award.source, award.rule, FRAUD],
        )
        return list(cursor.fetchall())


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
