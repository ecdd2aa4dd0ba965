"""Finding entries by a condition (`package.selecting`), the newest first: one statement for each page.

The words of entries are not asked here: they are encrypted, and only what a room shows of its own is indexed.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

from bankside.record.package.selecting import Selection
from bankside.record.reading import Listed

LIMIT_MAX: Final = 200
COLUMNS: Final = (
    "e.n, e.lane, e.year, e.seq, e.t, e.actor, e.fact, e.type, e.obj, e.subj, e.rid, e.hash, e.leaf"
)
FAR: Final = 2**62


def entries(chosen: Selection, *, before: int = 0, limit: int = 50) -> list[Listed]:
    """Entries that are meant, newest first: at most `limit` (200 at most) numbered below `before`."""
    sql = f"select {COLUMNS} from record_entry e where e.n < %s and ({chosen.condition})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"{sql} order by e.n desc limit %s",
            [before or FAR, *chosen.values, max(1, min(limit, LIMIT_MAX))],
        )
        return [listed(row) for row in cursor.fetchall()]


def listed(row: tuple[Any, ...]) -> Listed:
    """An entry of these columns, as lists show it."""
    n, lane, year, seq, t, actor, fact, kind, obj, subj, rid, hash_, leaf = row
    return Listed(
        n=n, lane=lane, year=year, seq=seq, t=t, actor=actor, fact=fact, type=kind, obj=obj, subj=subj,
        id=rid, hash=bytes(hash_).hex(), leaf=bytes(leaf).decode(),
    )  # fmt: skip
