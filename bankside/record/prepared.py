"""Statements that are said again and again, as they stand: PostgreSQL plans each once on a connection.

Django puts values into the text of a statement, which is new each time. For the few statements that somebody
waits for, planning took as long as doing. The text of such a statement is of a closed set: what a connection
has planned it keeps (`prepare_threshold` in the settings).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


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
