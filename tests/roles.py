"""On PostgreSQL the tests work as the desk does: owning no table, and unable to change the record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from bankside.record.roles import grant
from tests.servers.postgresql import ADMIN, DESK, OWNER


def work_as_desk(connection: BaseDatabaseWrapper) -> None:
    """From the owner, who has just made the tables, to the desk's own role."""
    if connection.vendor == "postgresql":
        grant(connection, DESK)
        _let_tests_tamper(connection)
        _connect_as(connection, DESK)


def be_owner_again(connection: BaseDatabaseWrapper) -> None:
    """For taking the tables away at the end."""
    if connection.vendor == "postgresql":
        _connect_as(connection, OWNER)


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """For what only the owner of the tables could do, in the same transaction; on SQLite everybody is."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"set role {OWNER}")
        yield
        cursor.execute("reset role")


def _let_tests_tamper(connection: BaseDatabaseWrapper) -> None:
    """A test may take up the owner's role, by name and never by accident. A desk's own role may not."""
    place = {name: connection.settings_dict[name.upper()] for name in ("host", "port")}
    with psycopg.connect(**place, user=ADMIN, dbname="postgres") as admin:
        admin.execute(f"grant {OWNER} to {DESK}")
    with connection.cursor() as cursor:  # tables that a test makes
        cursor.execute(f"alter default privileges grant all on tables to {DESK}")


def _connect_as(connection: BaseDatabaseWrapper, role: str) -> None:
    connection.close()
    connection.settings_dict["USER"] = role
