"""Whether a process may serve here: the tables are those of its code, and no restore is half done.

Every process that serves asks once, when it starts, by the plain driver of the database: Django would cost
it a third of a second.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from bankside.record import schema

MARKER: Final = "restoring"
TABLE: Final = "bankside_restoring"
WAIT_SECONDS_MAX: Final = 30.0
AGAIN_SECONDS: Final = 1.0
Ask = Callable[[str], list[tuple[Any, ...]]]


class HalfRestored(RuntimeError):
    """A restore was begun here and has not come to its end."""


class DatabaseAway(RuntimeError):
    """The database does not answer, so that nobody knows whether this process may serve it."""


def check(wait_seconds: float = WAIT_SECONDS_MAX) -> None:
    """Raises HalfRestored, SchemaNewer, SchemaOlder; DatabaseAway after so many seconds."""
    if marker().exists():
        raise HalfRestored(_half(settings.DATA))
    end = time.monotonic() + wait_seconds
    while (found := _looked()) is None:
        if time.monotonic() > end:
            raise DatabaseAway(f"The database did not answer for {wait_seconds:.0f} seconds.")
        time.sleep(AGAIN_SECONDS)
    applied, restoring = found
    if restoring:
        raise HalfRestored(_half("the database"))
    schema.refuse_other(applied)


def refuse_half_restored(connection: Any) -> None:
    """For what would change the tables: raises HalfRestored."""
    with connection.cursor() as cursor:
        there = TABLE in connection.introspection.table_names(cursor)
    if there or marker().exists():
        raise HalfRestored(_half(settings.DATA))


def marker() -> Path:
    """The file that is there while a restore is not done."""
    data: Path = settings.DATA
    return data / MARKER


def told() -> dict[str, Any]:
    """What a restore that is not done wrote about itself; empty when there is none."""
    try:
        said: dict[str, Any] = json.loads(marker().read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return said


def _looked() -> tuple[schema.Applied, bool] | None:
    """(applied migrations, whether a restore is half done); None when the database is away."""
    database = settings.DATABASES["default"]
    asked = _on_sqlite if str(database["ENGINE"]).endswith("sqlite3") else _on_postgresql
    return asked(database)


def _on_sqlite(database: dict[str, Any]) -> tuple[schema.Applied, bool] | None:
    name = str(database["NAME"])
    place = name if name.startswith("file:") else f"file:{name}?mode=ro"
    try:
        with closing(sqlite3.connect(place, uri=True, timeout=AGAIN_SECONDS)) as opened:
            tables = "select name from sqlite_master where type = 'table'"
            return _found(lambda statement: opened.execute(statement).fetchall(), tables)
    except sqlite3.OperationalError:
        return None if Path(name).exists() else ({}, False)


def _on_postgresql(database: dict[str, Any]) -> tuple[schema.Applied, bool] | None:
    import psycopg

    wanted = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    place = {word: database[key] for word, key in wanted.items() if database[key]}
    more = {k: v for k, v in database.get("OPTIONS", {}).items() if k not in {"options", "prepare_threshold"}}
    try:
        with psycopg.connect(**place, **more, autocommit=True) as opened:
            tables = "select tablename from pg_tables where schemaname = current_schema()"
            return _found(lambda statement: opened.execute(statement).fetchall(), tables)
    except psycopg.OperationalError:
        return None


def _found(ask: Ask, tables: str) -> tuple[schema.Applied, bool]:
    names = {str(name) for (name,) in ask(tables)}
    rows = ask("select app, name from django_migrations") if "django_migrations" in names else []
    return schema.by_app((str(app), str(name)) for app, name in rows), TABLE in names


def _half(where: object) -> str:
    return (
        f"A restore into {where} has not come to its end, so nothing is served: run `bankside restore` again"
        " with the same files; it begins anew."
    )
