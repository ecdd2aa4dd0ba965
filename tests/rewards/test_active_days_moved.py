"""Active days of before come along when the tables are upgraded (migration 0006)."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from bankside.rewards.ledger.active import DAYS_KEPT, Active
from bankside.rewards.ledger.tables import Meter

pytestmark = pytest.mark.django_db
carry = import_module("bankside.rewards.migrations.0006_active_days_with_meters").carry


def test_days_of_before_lie_beside_the_meters() -> None:
    empty = "cast('' as blob)" if connection.vendor == "sqlite" else "''::bytea"
    days = [(1, 20_000), (1, 20_003), (1, 20_003 - DAYS_KEPT), (2, 20_500), (2_000, 19_000)]
    with connection.cursor() as cursor:
        # Temporary tables stand before those of their names, which the desk's own role may not change.
        kind = "bytea" if connection.vendor == "postgresql" else "blob"
        cursor.execute(
            f"create temporary table rewards_meter (member bigint primary key, body {kind} not null)"
        )
        cursor.execute(f"insert into rewards_meter (member, body) values (2, {empty}), (3, {empty})")
        cursor.execute("create temporary table rewards_active_day (member bigint, day bigint)")
        cursor.executemany("insert into rewards_active_day (member, day) values (%s, %s)", days)
    carry(None, _Editor())
    kept = {row.member: Active(row.newest, row.days) for row in Meter.objects.all()}
    assert kept == {1: (20_003, 0b1001), 2: (20_500, 1), 3: (0, 0), 2_000: (19_000, 1)}


class _Editor:
    """What the migration needs of a schema editor; Django's own refuses to begin inside a test on SQLite."""

    connection = connection

    def execute(self, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
