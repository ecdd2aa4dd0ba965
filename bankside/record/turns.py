"""Whose turn it is to write on SQLite: who waits for its one writer asks every millisecond.

SQLite's own waiting sleeps longer and longer, up to a tenth of a second (sqliteDefaultBusyCallback in
https://www.sqlite.org/src/file/src/main.c), and so misses the two milliseconds that the worker leaves between
its transactions: somebody at the desk waited for seconds while much came in.
"""

from __future__ import annotations

import sqlite3
import time
from functools import partial
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.db.backends.signals import connection_created

ASK_EVERY_SECONDS = 0.001


def ask_often() -> None:
    """Has every connection to SQLite that this process makes begin its transactions so."""
    connection_created.connect(_prepare, dispatch_uid="turns")


def _prepare(connection: Any, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        connection._start_transaction_under_autocommit = partial(_begin, connection)


def _begin(connection: Any) -> None:
    """Begins as Django does; raises OperationalError when nobody let go for as long as the settings say."""
    begin = type(connection)._start_transaction_under_autocommit
    end, fine = time.monotonic() + settings.LOCK_WAIT_SECONDS_MAX, connection.errors_occurred
    connection.connection.execute("pragma busy_timeout=0")
    try:
        while True:
            try:
                begin(connection)
                return
            except OperationalError as error:
                if not _is_busy(error) or time.monotonic() > end:
                    raise
            connection.errors_occurred = fine  # nothing is wrong with it
            time.sleep(ASK_EVERY_SECONDS)
    finally:
        connection.connection.execute(f"pragma busy_timeout={settings.LOCK_WAIT_SECONDS_MAX * 1000}")


def _is_busy(error: OperationalError) -> bool:
    code = getattr(error.__cause__, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY
