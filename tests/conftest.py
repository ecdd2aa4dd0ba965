"""What every test starts from: a data folder of its own, a founded desk, and closed sockets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests import ascending, emptied, roles, sockets
from tests.servers.postgresql import postgresql  # noqa: F401  # a fixture

# The count of faults; and real servers, each started when a test first asks for it.
pytest_plugins = [
    "tests.faults",
    "tests.servers.bluesky",
    "tests.servers.wordpress",
    "tests.servers.ghost",
    "tests.servers.matrix",
]

emptied.let_triggers_step_aside()
# How long an example takes says something of the machine, not of the code (bench/ compares speeds).
hypothesis.settings.register_profile("no-deadline", deadline=None)
hypothesis.settings.load_profile("no-deadline")
# A password is hashed a million times, which takes half a second; tests sign in hundreds of times. What
# desks do is asked of a process without this (tests/people/test_staff.py).
PBKDF2PasswordHasher.iterations = 1_000
_numbers = count(1)
DATABASE_FIXTURES = frozenset({"db", "transactional_db"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks `database` what uses the database of this run, or starts a desk that does: `-m database`.

    The others have no database, or bring one of their own whatever this run is on; they are the same twice.
    """
    for item in items:
        if uses_the_database(item) or any(item.get_closest_marker(mark) for mark in ("browser", "desk")):
            item.add_marker("database")


def uses_the_database(item: pytest.Item) -> bool:
    """Whether a test asks for it, by a mark or through its fixtures."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(DATABASE_FIXTURES & fixtures) or item.get_closest_marker("django_db") is not None


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shut, unless a mark says `network`, `server` or `browser`: then this machine is open, no more."""
    sockets.shut(request, monkeypatch)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tables, made by their owner and founded; on PostgreSQL the tests go on as the desk's own role.

    What founding makes stays for all tests that roll back; one that empties the tables has it made again.
    """
    from bankside.record.founding import found

    with django_db_blocker.unblock():
        roles.work_as_desk(connection)
        found()
    yield
    with django_db_blocker.unblock():
        roles.be_owner_again(connection)


@pytest.fixture(autouse=True)
def _founded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test with a database finds keys, lanes and the desk's subject, and leaves nothing remembered."""
    if not uses_the_database(request.node):
        yield
        return
    request.getfixturevalue("_django_db_helper")
    from bankside.record import sealed
    from bankside.record.founding import forget, found
    from bankside.record.models import KeyClass, Subject

    if connection.in_atomic_block:  # what the test is inside of is not closed between two requests
        monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
        # What it publishes is of rows that are rolled back: no other test finds it.
        place = settings.DATA / "published" / str(next(_numbers))
        monkeypatch.setattr(settings, "LOG_FOLDER", place / "log")
    if KeyClass.objects.count() < len(sealed.CLASSES) or not Subject.objects.exists():
        found()
    if connection.vendor == "postgresql":
        ascending.watch(monkeypatch)
    yield
    forget()
    _forget_followers_of_tests()


def _forget_followers_of_tests() -> None:
    """Their table goes with the test that made it (tests/record/tally.py): no later worker may follow it."""
    from bankside.record import projection

    for name in [name for name in projection._followers if name.startswith("tally.")]:
        del projection._followers[name]
