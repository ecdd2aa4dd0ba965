"""What a backup takes from the database: which tables, and their rows at one moment, while the desk works on.

SQLite: a reading transaction sees one moment of the write-ahead log. PostgreSQL: one transaction of
REPEATABLE READ. Nothing is locked, and no other program is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final, Protocol

from django.apps import apps
from django.db import connection

from bankside.record.projection import Projection, followers

ROWS_PER_FETCH: Final = 2_000
# Who is signed in, and who mistyped a password: after a restore everybody signs in again.
PASSING: Final = frozenset({
    "django_session", "axes_accessattempt", "axes_accessattemptexpiration", "axes_accessfailurelog",
    "axes_accesslog",
})  # fmt: skip
PLAIN: Final = frozenset({"smallint", "integer", "bigint", "text", "bytea", "boolean", "double precision"})


class Moment(Protocol):
    """One moment of the database, open for reading."""

    def columns(self, table: str) -> list[str]:
        """The columns of a table that hold something of their own; empty when there is no such table."""

    def rows(self, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
        """Its rows: numbers, texts, bytes and nothing; of other types the text that the database makes."""


def tables() -> list[str]:
    """The tables that a backup holds: every one of ours but those that are derived, and what passes."""
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return sorted(ours - derived() - PASSING)


def derived() -> set[str]:
    """Tables that are computed from the record, as the projections themselves name them."""
    found = (follower.tables for follower in followers() if isinstance(follower, Projection))
    return {model._meta.db_table for models in found for model in models}


@contextmanager
def moment() -> Iterator[Moment]:
    """The database as it is now, until the end of the block, on a connection of its own."""
    connection.ensure_connection()
    own = connection.copy()
    if own.vendor == "sqlite":
        with closing(own.get_new_connection(own.get_connection_params())) as raw:
            raw.execute("begin")
            raw.execute("select count(*) from django_migrations").fetchone()  # from here on, one moment
            yield _Sqlite(raw)
            return
    with _own_session(own.get_new_connection(own.get_connection_params())) as raw:
        yield _PostgreSQL(raw)


@contextmanager
def _own_session(raw: Any) -> Iterator[Any]:
    """Reads one moment; it is not ended for waiting until a slow disk has taken what was read."""
    with closing(raw):
        raw.autocommit = True
        raw.execute("set idle_in_transaction_session_timeout = 0")
        raw.execute("set timezone = 'UTC'")
        raw.autocommit = False
        raw.execute("set transaction isolation level repeatable read, read only")
        yield raw
        raw.rollback()


class _Sqlite:
    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def columns(self, table: str) -> list[str]:
        return [row[1] for row in self._raw.execute(f'pragma table_info("{table}")')]

    def rows(self, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
        told = self._raw.cursor()
        told.execute(_select(table, (f'"{name}"' for name in columns)))
        while some := told.fetchmany(ROWS_PER_FETCH):
            yield from some


class _PostgreSQL:
    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def columns(self, table: str) -> list[str]:
        return list(self._types(table))

    def rows(self, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
        types = self._types(table)
        words = (f'"{name}"' if types[name] in PLAIN else f'"{name}"::text' for name in columns)
        with self._raw.cursor(name="copied") as told:
            told.itersize = ROWS_PER_FETCH
            told.execute(_select(table, words))
            yield from told

    def _types(self, table: str) -> dict[str, str]:
        """The type of each column, as PostgreSQL names it; not of those that it computes by itself."""
        asked = """
            select attname, format_type(atttypid, null) from pg_attribute
            where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped and attgenerated = ''
            order by attnum"""
        with self._raw.cursor() as cursor:
            cursor.execute(asked, [f'"{table}"'])
            return {str(name): str(kind) for name, kind in cursor.fetchall()}


def _select(table: str, words: Iterator[str]) -> str:
    """The names come from our own models and from the database, never from a person."""
    return f'select {", ".join(words)} from "{table}"'  # noqa: S608
