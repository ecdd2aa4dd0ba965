"""When nothing is wrong with what was being done, but with the database: it is busy, or away, or let us go.

PostgreSQL ends the session of whoever slept in the middle of a change, which Django calls an internal error.
A desk that is read-only, or has no key at hand, is of the same kind: what was being done is done again when
it goes on.
"""

from __future__ import annotations

import gc
import logging
import sqlite3
from functools import partial
from types import TracebackType
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.utils import DatabaseErrorWrapper

from bankside.record.keys import NO_KEY
from bankside.record.recovery import ReadOnly

log = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError, InternalError, ReadOnly, *NO_KEY)


def connect_anew() -> None:
    """A connection to a file of SQLite that met an error is closed after it and opened again.

    When the disk refuses once while SQLite opens the memory that its connections share, it takes that for
    reading alone, and never looks again: every change was refused until the process ended (fault 3).
    """
    DatabaseWrapper.is_usable = DatabaseWrapper.is_in_memory_db  # type: ignore[method-assign, assignment]
    DatabaseWrapper.wrap_database_errors = property(UnreadableIsAway)  # type: ignore[assignment]


class UnreadableIsAway(DatabaseErrorWrapper):
    """Calls a database of SQLite that cannot be made sense of an OperationalError.

    When the disk refuses once while SQLite reads which tables there are, it says that the file is malformed,
    and the next try goes well (fault 2). A file that is malformed indeed says so at every try, in the log.
    """

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, sqlite3.DatabaseError) and _primary_code(error) in UNREADABLE:
            self.wrapper.errors_occurred = True  # type: ignore[attr-defined]
            log.error("the file of the database cannot be read: %s", error)
            raise OperationalError(*error.args).with_traceback(trace) from error
        if isinstance(error, sqlite3.Error) and _primary_code(error) == sqlite3.SQLITE_READONLY:
            # Too old from now on: a rollback that goes well would forget the error (fault 2).
            self.wrapper.close_at = 0.0  # type: ignore[attr-defined]
            self.wrapper.get_new_connection = partial(_opened, self.wrapper)  # type: ignore[attr-defined]
        super().__exit__(kind, error, trace)


def _opened(wrapper: DatabaseWrapper, given: dict[str, Any]) -> Any:
    """Opens anew what only read, when what failed is cleared away: it may hold a statement, by which SQLite
    keeps the memory that its connections share as it was opened."""
    gc.collect()
    del wrapper.get_new_connection  # the next time as ever
    return wrapper.get_new_connection(given)


UNREADABLE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def _primary_code(error: sqlite3.Error) -> int:
    """The low byte of what SQLite answered; the bytes above it say more of the same. 0: it was not asked."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
