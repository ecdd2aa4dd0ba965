"""Statements that are said again and again, as they stand: PostgreSQL plans each once on a connection.

Django puts values into the text of a statement, which is new each time. For the few statements that somebody
waits for, planning took as long as doing. The text of such a statement is of a closed set: what a connection
has planned it keeps (`prepare_threshold` in the settings).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction

from bankside.late import psycopg


@contextmanager
def cursor() -> Iterator[Any]:
    """A cursor as Django gives one, for statements with values of fixed types; on SQLite the same as ever."""
    own: Any = transaction.get_connection()  # each look through `connection` costs as much as a statement
    if own.vendor != "postgresql":
        with own.cursor() as plain:
            yield plain
        return
    own.ensure_connection()
    with own._prepare_cursor(psycopg.Cursor(own.connection)) as prepared:  # as cursor() does
        yield prepared


@contextmanager
def unanswered() -> Iterator[None]:
    """Statements go to PostgreSQL without waiting for its answers until the end; it works on them meanwhile.

    An error of any of them is raised then. Whoever fetches rows waits for them; `ask` does not. No COPY.
    """
    if connection.vendor != "postgresql" or _open.waiting is not None:
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        _open.waiting = []
        try:
            yield
            answers()
        finally:
            _open.waiting = None


def ask(statement: str, values: Sequence[Any], take: Callable[[list[Any]], object]) -> None:
    """Has `take` called with the rows: at once, or within `unanswered` when answers are waited for."""
    if _open.waiting is not None:
        _open.waiting.append((Asked(statement, values, kept=True), take))
        return
    with cursor() as own:
        own.execute(statement, values)
        take(own.fetchall())


def answers() -> None:
    """Waits for what was asked within `unanswered` so far."""
    while _open.waiting:
        asked, take = _open.waiting.pop(0)
        take(asked.rows())


class Asked:
    """Rows of a statement that was sent; within `unanswered` nobody waits for them until they are wanted.

    `kept`: the connection keeps its plan, as with `cursor`.
    """

    def __init__(self, statement: str, values: Sequence[Any], *, kept: bool = False) -> None:
        self._open = ExitStack()
        self._cursor = self._open.enter_context(cursor() if kept else connection.cursor())
        self._cursor.execute(statement, values)

    def rows(self) -> list[tuple[Any, ...]]:
        """All of them, once."""
        with self._open:
            return list(self._cursor.fetchall())


class _Open(threading.local):
    """What this thread, whose connection it is, waits for; None outside of `unanswered`."""

    waiting: list[tuple[Asked, Callable[[list[Any]], object]]] | None = None


_open = _Open()


def array(values: Iterable[int | str | bytes]) -> str:
    """An array as PostgreSQL writes one: the driver's own way took a third of all the time that a person
    waits."""
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: int | str | bytes) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"\\x{value.hex()}" if isinstance(value, bytes) else value
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
