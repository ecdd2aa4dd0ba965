"""For tests of any room: every registered projection, computed again, gives the same rows."""

from __future__ import annotations

from typing import Any

from django.db import connection

from bankside.record.lane import lane_count
from bankside.record.models import Head
from bankside.record.projection import Projection, catch_up, followers
from bankside.record.rebuild import rebuild


def assert_all_rebuild() -> dict[str, int]:
    """Brings every projection up to date, rebuilds each, and compares its tables row for row.

    The number of rows of each table, so that a test can say that there was something to compare.
    """
    counts: dict[str, int] = {}
    entries = sum(head.size for head in Head.objects.all())
    for projection in projections():
        for lane in range(lane_count()):
            while catch_up(projection, lane):
                pass
        before = {table: rows_of(table) for table in tables_of(projection)}
        assert rebuild(projection.name) >= entries
        for table, rows in before.items():
            assert rows_of(table) == rows, f"{projection.name} built {table} otherwise"
            counts[table] = len(rows)
    return counts


def projections() -> list[Projection]:
    """Registered projections whose tables are there (those of other tests are not)."""
    there = set(connection.introspection.table_names())
    return [f for f in followers() if isinstance(f, Projection) and set(tables_of(f)) <= there]


def tables_of(projection: Projection) -> list[str]:
    """The names of a projection's tables."""
    return [model._meta.db_table for model in projection.tables]


def rows_of(table: str) -> list[Any]:
    """Every row with every column, in order of the first column."""
    with connection.cursor() as cursor:
        cursor.execute(f'select * from "{table}" order by 1')
        return list(cursor.fetchall())
