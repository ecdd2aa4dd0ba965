"""What every test starts from: a data folder of its own, a founded desk, and closed sockets."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("BANKSIDE_DATA", tempfile.mkdtemp(prefix="bankside-test-"))

import pytest
from django.db.backends.sqlite3.base import DatabaseOperations

from tests import sockets

# Real servers, each started when a test first asks for it.
pytest_plugins = ["tests.servers.wordpress"]

_flush = DatabaseOperations.execute_sql_flush


def _flush_append_only(self: DatabaseOperations, statements: list[str]) -> Any:
    """Empties tables after a test with real commits: the append-only triggers step aside for that alone."""
    with self.connection.cursor() as cursor:
        cursor.execute("select name, sql from sqlite_master where type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'drop trigger "{name}"')
        try:
            return _flush(self, statements)
        finally:
            for _, sql in triggers:
                cursor.execute(sql)


DatabaseOperations.execute_sql_flush = _flush_append_only  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shut, unless the test is marked `network`, `server` or `browser`: then this machine is open, no more."""
    sockets.shut(request, monkeypatch)


@pytest.fixture(autouse=True)
def _founded(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test with a database finds keys, lanes and the desk's subject, and leaves nothing remembered."""
    uses = {"db", "transactional_db"} & set(request.fixturenames)
    if not uses and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    from bankside.record.founding import forget, found

    found()
    yield
    forget()
