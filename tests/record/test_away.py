"""A database that cannot be read just now is away, whatever SQLite calls it (fault 2)."""

from __future__ import annotations

import gc
import sqlite3
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from bankside.record.away import AWAY
from bankside.web.problems import problem_of

# Files of this test alone are opened, which the guard over databases cannot know.
pytestmark = pytest.mark.django_db


def opened(file: Path) -> BaseDatabaseWrapper:
    return ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}})[
        "default"
    ]


def asked(file: Path, sql: str) -> None:
    """Asks it once, in a connection of its own."""
    connection = opened(file)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        connection.close()


@pytest.mark.parametrize("code", ["SQLITE_NOTADB", "SQLITE_CORRUPT"])
def test_a_file_of_which_nothing_can_be_made_is_told_as_away(tmp_path: Path, code: str) -> None:
    file = tmp_path / "bankside.db"
    with sqlite3.connect(file) as made:
        made.execute("create table word (word text unique)")
    data = bytearray(file.read_bytes())
    damaged = slice(0, 16) if code == "SQLITE_NOTADB" else slice(100, 112)
    data[damaged] = b"\xff" * len(data[damaged])
    file.write_bytes(data)
    with pytest.raises(DatabaseError) as met:
        asked(file, "select * from word")
    assert isinstance(met.value, AWAY) and isinstance(met.value, OperationalError)
    assert isinstance(cause := met.value.__cause__, sqlite3.Error) and cause.sqlite_errorname == code
    problem = problem_of(met.value)
    assert problem is not None and problem.status == 503


def test_what_is_wrong_with_a_row_is_not_away(tmp_path: Path) -> None:
    file = tmp_path / "bankside.db"
    with sqlite3.connect(file) as made:
        made.execute("create table word (word text unique)")
        made.execute("insert into word values ('말')")
    with pytest.raises(IntegrityError) as met:
        asked(file, "insert into word values ('말')")
    assert not isinstance(met.value, AWAY)


@pytest.fixture
def _no_collector() -> Iterator[None]:
    """Python's collector comes when it is called, and not by itself."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collector")
def test_a_connection_that_may_only_read_is_opened_again_though_its_rollback_went_well(
    tmp_path: Path,
) -> None:
    """SQLite opens a file for reading alone when the disk refuses once, and never looks again (fault 2)."""
    file = tmp_path / "bankside.db"
    with sqlite3.connect(file) as made:
        made.execute("create table word (word text unique)")
    connection = opened(file)
    connection.settings_dict["CONN_MAX_AGE"] = None  # as the desk has it: kept open
    connection.ensure_connection()
    connection.connection.execute("pragma query_only = on")  # what such a connection answers
    with pytest.raises(OperationalError, match="readonly"), connection.cursor() as cursor:
        cursor.execute("insert into word values ('말')")
    connection.errors_occurred = False  # as a rollback leaves it
    connection.close_if_unusable_or_obsolete()
    assert connection.connection is None
    failed = weakref.ref(garbage())
    with connection.cursor() as cursor:
        cursor.execute("insert into word values ('말')")
    assert failed() is None, "a failed call would keep the memory that SQLite shares as it was"
    connection.close()
    again = weakref.ref(garbage())
    connection.ensure_connection()
    assert again() is not None, "nothing is cleared away for a connection that was well"
    connection.close()


def garbage() -> object:
    """What only Python's collector clears away."""

    class Call:
        pass

    call = Call()
    call.itself = call  # type: ignore[attr-defined]
    return call
