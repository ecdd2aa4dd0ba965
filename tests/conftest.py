"""What every test starts from: a data folder of its own, a founded desk, and closed sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests import ascending, emptied, roles, sockets
from tests.servers.postgresql import postgresql  # noqa: F401  # a fixture

# Real servers, each started when a test first asks for it.
pytest_plugins = ["tests.servers.bluesky", "tests.servers.wordpress"]

emptied.let_triggers_step_aside()


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shut, unless a mark says `network`, `server` or `browser`: then this machine is open, no more."""
    sockets.shut(request, monkeypatch)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tables, made by their owner; on PostgreSQL the tests go on as the desk's own role."""
    with django_db_blocker.unblock():
        roles.work_as_desk(connection)
    yield
    with django_db_blocker.unblock():
        roles.be_owner_again(connection)


@pytest.fixture(autouse=True)
def _founded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test with a database finds keys, lanes and the desk's subject, and leaves nothing remembered."""
    uses = {"db", "transactional_db"} & set(request.fixturenames)
    if not uses and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    from bankside.record.founding import forget, found

    if connection.in_atomic_block:  # what the test is inside of is not closed between two requests
        monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    found()
    if connection.vendor == "postgresql":
        ascending.watch(monkeypatch)
    yield
    forget()
