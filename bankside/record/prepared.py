"""Statements that are said again and again, as they stand: PostgreSQL plans each once on a connection.

Django puts values into the text of a statement, which is new each time. For the few statements that somebody
waits for, planning took as long as doing. The text of such a statement is of a closed set: what a connection
has planned it keeps (`prepare_threshold` in the settings).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from bankside.late import psycopg


@contextmanager
def cursor() -> Iterator[Any]:
    """A cursor as Django gives one, for statements with values of fixed types; on SQLite the same as ever."""
    if connection.vendor != "postgresql":
        with connection.cursor() as plain:
            yield plain
        return
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as prepared:  # type: ignore[attr-defined]  # as cursor() does
        yield prepared


@contextmanager
def unanswered() -> Iterator[None]:
    """Statements go to PostgreSQL without waiting for its answers until the end; it works on them meanwhile.

    An error of any of them is raised then. Whoever fetches rows waits for them. No COPY.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def array(values: Iterable[int | str | bytes]) -> str:
    """An array as PostgreSQL writes one: the driver's own way took a third of all the time that a person
    waits."""
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: int | str | bytes) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"\\x{value.hex()}" if isinstance(value, bytes) else value
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
