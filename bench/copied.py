"""What PostgreSQL needs at least for the same rows: COPY of ready text into bare likenesses of the tables."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.db import connection


def seconds(tables: Iterable[str], batch: int) -> float:
    """Seconds of copying the rows of these tables, `batch` rows a durable transaction, into tables with the
    same columns, keys and indexes. The text is read beforehand and not counted."""
    return sum(_copied(table, batch) for table in tables)


def _copied(table: str, batch: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f'create table "bare_{table}" (like "{table}" including all)')
        cursor.execute(f'select count(*) from "{table}"')
        [count] = cursor.fetchone()
    return sum(_batch(table, first, batch) for first in range(0, count, batch))


def _batch(table: str, first: int, batch: int) -> float:
    some = f'select * from "{table}" order by 1 offset {first} limit {batch}'
    with connection.cursor() as cursor:
        with cursor.copy(f"copy ({some}) to stdout") as out:
            text = b"".join(out)
        started = time.perf_counter()
        with cursor.copy(f'copy "bare_{table}" from stdin') as into:
            into.write(text)
        return time.perf_counter() - started
