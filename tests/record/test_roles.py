"""PostgreSQL itself refuses the desk's own role what would change history, triggers or no triggers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

from tests.servers.postgresql import ADMIN, DESK, OWNER, PostgreSQL

pytestmark = pytest.mark.server("postgresql")
HERE = Path(__file__).resolve().parents[2]
CHANGES = (
    "update record_entry set actor = 's:other'",
    "delete from record_entry",
    "truncate record_entry",
    "update record_payload set salt = ''",
    "truncate record_payload",
)
BEYOND = (
    *CHANGES,
    "delete from record_head",
    "delete from record_checkpoint",
    "delete from django_migrations",
    "alter table record_entry disable trigger all",
    "drop trigger record_entry_no_change on record_entry",
    "alter table record_entry add column more text",
    "alter table record_entry owner to bankside",
    "drop table record_entry",
    "create table more (id int)",
    "create schema more",
    "create function more() returns int language sql as 'select 1'",
    f"set role {OWNER}",
    "set session_replication_role = replica",
)


@dataclass
class Desk:
    """A desk on a database of its own, driven by commands."""

    server: PostgreSQL
    database: str
    data: Path

    def run(self, *words: str, user: str = DESK, owner: str = OWNER) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
        env |= {
            "BANKSIDE_DATA": str(self.data),
            "BANKSIDE_DATABASE_URL": self.server.url(self.database, user),
        }
        if words == ("migrate",):
            env["BANKSIDE_MIGRATE_DATABASE_URL"] = self.server.url(self.database, owner)
        command = [sys.executable, "-m", "bankside", *words]
        return subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, timeout=100)

    def ask(self, statement: str, user: str = DESK) -> list[tuple[object, ...]]:
        with self.server.connect(self.database, user) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []


@pytest.fixture(scope="module")
def desk(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Founded, with something in its record."""
    made = Desk(postgresql, postgresql.make("roles"), tmp_path_factory.mktemp("roles"))
    for words in (["migrate"], ["freeze", "--reason", "점검"], ["work", "--once"]):
        done = made.run(*words)
        assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def undone(desk: Desk) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The owner's hand, and everything it did taken back."""
    with psycopg.connect(desk.server.url(desk.database, OWNER)) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("statement", BEYOND)
def test_the_desks_own_role_may_not(desk: Desk, statement: str) -> None:
    with pytest.raises((errors.InsufficientPrivilege, errors.InvalidParameterValue)):
        desk.ask(statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_it_may_not_even_without_the_triggers(
    desk: Desk, undone: psycopg.Connection[tuple[object, ...]], statement: str
) -> None:
    """Their owner drops them, and acts as the desk's role in the same transaction, which is then undone."""
    asked = "select tgname, tgrelid::regclass::text from pg_trigger where not tgisinternal"
    for name, table in undone.execute(asked).fetchall():
        undone.execute(
            sql.SQL("drop trigger {} on {}").format(sql.Identifier(str(name)), sql.Identifier(str(table)))
        )
    with desk.server.connect("postgres", ADMIN) as admin:
        admin.execute(f"grant {DESK} to {OWNER}")
    try:
        undone.execute(f"set local role {DESK}")
        with pytest.raises(errors.InsufficientPrivilege):
            undone.execute(statement.encode())
    finally:
        with desk.server.connect("postgres", ADMIN) as admin:
            admin.execute(f"revoke {DESK} from {OWNER}")


@pytest.mark.parametrize("statement", CHANGES)
def test_the_owner_is_stopped_by_the_triggers(desk: Desk, statement: str) -> None:
    with pytest.raises(errors.RaiseException, match="append-only"):
        desk.ask(statement, OWNER)


def test_tables_belong_to_the_owner_and_the_desk_adds_to_them(desk: Desk) -> None:
    assert desk.ask("select distinct tableowner from pg_tables where schemaname = 'public'") == [(OWNER,)]
    assert desk.ask("select count(*) > 0, count(distinct lane) from record_entry") == [(True, 1)]
    assert desk.ask("select count(*) from record_head") == [(16,)]


def test_the_desk_works_checks_and_rebuilds_in_its_own_role(desk: Desk) -> None:
    for words in (["verify"], ["rebuild"], ["migrate"], ["unfreeze"], ["work", "--once"], ["verify"]):
        done = desk.run(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    assert desk.ask("select count(*) from pg_tables where tablename like 'shadow%'") == [(0,)]


def test_a_role_that_is_too_strong_is_refused(desk: Desk) -> None:
    done = desk.run("migrate", user=OWNER)
    assert done.returncode == 1
    assert "may act as the owner of the tables" in done.stderr
    done = desk.run("migrate", user=ADMIN)
    assert done.returncode == 1
    assert "is a superuser" in done.stderr


def test_a_role_that_is_missing_is_named(desk: Desk) -> None:
    done = desk.run("migrate", user="nobody_here")
    assert done.returncode == 1
    assert "create role nobody_here" in done.stderr


def test_sqlite_has_no_roles(desk: Desk, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
    env |= {"BANKSIDE_DATA": str(tmp_path), "BANKSIDE_MIGRATE_DATABASE_URL": desk.server.url("x", OWNER)}
    command = [sys.executable, "-m", "bankside", "migrate"]
    done = subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, timeout=100)
    assert done.returncode == 1
    assert "SQLite has no roles" in done.stderr
