"""Emptying tables after a test with real commits: the append-only triggers step aside for that alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseOperations as PostgreSQL
from django.db.backends.sqlite3.base import DatabaseOperations as SQLite

from tests.roles import as_owner


def let_triggers_step_aside() -> None:
    """Django's way of emptying goes on as ever, with the triggers away while it works."""
    SQLite.execute_sql_flush = _emptying(SQLite.execute_sql_flush, _without_triggers)  # type: ignore[method-assign]
    PostgreSQL.execute_sql_flush = _emptying(PostgreSQL.execute_sql_flush, _off)  # type: ignore[method-assign]


def _emptying(flush: Callable[..., Any], allowed: Callable[..., Any]) -> Callable[..., Any]:
    def flush_append_only(self: Any, statements: list[str]) -> Any:
        with allowed(self.connection):
            return flush(self, statements)

    return flush_append_only


@contextmanager
def _without_triggers(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select name, sql from sqlite_master where type = 'trigger' and sql like '%raise(%'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'drop trigger "{name}"')
        try:
            yield
        finally:
            for _, sql in triggers:
                cursor.execute(sql)


@contextmanager
def _off(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """The desk's own role may not empty tables; their owner may, once the triggers are off."""
    tables = ("record_entry", "record_payload", "rewards_posting", "rewards_batch")
    with as_owner(connection), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"alter table {table} disable trigger user")
        yield
        for table in tables:
            cursor.execute(f"alter table {table} enable trigger user")
