"""The credit firewall: underwriting's role reads nothing social; PostgreSQL refuses it every other column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors, sql
from pytest_django import DjangoDbBlocker

from bankside.rewards import firewall
from tests import founded
from tests.servers.postgresql import ADMIN, OWNER, PostgreSQL

ROLE = "underwriting"
HERE = Path(firewall.__file__).resolve().parents[1]
# What nothing that decides about credit may know, by any name it has in a table.
SOCIAL = {
    "handle", "subject", "subj", "name", "customer_ref", "text", "title", "url", "words", "inputs",
    "interests", "points", "quality", "network", "language", "member", "member_id", "link_id", "tier",
    "reasons", "evidence",
    "shape", "theme", "line", "code", "merchant", "mcc", "body", "excerpt", "actor", "place", "balance",
}  # fmt: skip


def test_no_column_of_the_list_is_social_and_each_is_there() -> None:
    models = {model._meta.db_table: model for model in apps.get_models()}
    for table, columns in firewall.COLUMNS.items():
        there = {field.column for field in models[table]._meta.concrete_fields}
        assert set(columns) <= there
        assert not set(columns) & SOCIAL


def test_the_list_is_this_one_and_a_change_of_it_is_looked_at() -> None:
    assert firewall.COLUMNS == {
        "rewards_card": ("id", "token_ref", "state"),
        "rewards_payment": (
            "id", "ref", "kind", "card_id", "original", "amount", "currency", "at", "taken_at",
        ),
    }  # fmt: skip


def test_nothing_in_the_desk_decides_about_credit() -> None:
    """No name in the code is about scoring somebody: what is not computed cannot be read."""
    forbidden = {
        "credit_score",
        "creditworthiness",
        "risk_score",
        "underwrite",
        "credit_limit",
        "sentiment_score",
    }
    for path in HERE.rglob("*.py"):
        words = path.read_text()
        assert not [name for name in forbidden if name in words], path


@pytest.mark.django_db
def test_sqlite_has_no_roles() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("this run is on PostgreSQL")
    with pytest.raises(firewall.NotPostgreSQL):
        firewall.raise_wall(connection, ROLE)


# --- on PostgreSQL ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def server(postgresql: PostgreSQL) -> Iterator[PostgreSQL]:
    """The desk's tables, made by their owner in a database of their own, and a role for underwriting."""
    import tempfile

    database = postgresql.make("firewall")
    with tempfile.TemporaryDirectory() as data:
        env = {
            "BANKSIDE_DATA": data, "BANKSIDE_DATABASE_URL": postgresql.url(database),
            "BANKSIDE_MIGRATE_DATABASE_URL": postgresql.url(database, OWNER),
        }  # fmt: skip
        founded.lay(env)
    with postgresql.connect("postgres", ADMIN) as admin:
        admin.execute(f"create role {ROLE} login noinherit")
    yield postgresql


@pytest.fixture
def owner(server: PostgreSQL, django_db_blocker: DjangoDbBlocker) -> Iterator[BaseDatabaseWrapper]:
    """Django's way to that database, as the owner of its tables."""
    connections.databases["firewall"] = {**connection.settings_dict, **_address(server)}
    with django_db_blocker.unblock():
        yield connections["firewall"]
        connections["firewall"].close()
    del connections["firewall"]
    del connections.databases["firewall"]


def _address(server: PostgreSQL) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": "firewall", "USER": OWNER, "HOST": "127.0.0.1",
        "PORT": str(server.port), "OPTIONS": {}, "PASSWORD": "",
    }  # fmt: skip


def tables(server: PostgreSQL) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with server.connect("firewall", ADMIN) as admin:
        for table, column in admin.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        ).fetchall():
            found.setdefault(str(table), set()).add(str(column))
    return found


@pytest.mark.server("postgresql")
def test_underwriting_reads_its_columns_and_not_one_other(
    server: PostgreSQL, owner: BaseDatabaseWrapper
) -> None:
    firewall.raise_wall(owner, ROLE)
    assert firewall.breaches(owner, ROLE) == ()
    denied = allowed = 0
    with server.connect("firewall", ROLE) as role:
        for table, columns in tables(server).items():
            for column in sorted(columns):
                asked = sql.SQL("select {} from {} limit 1").format(
                    sql.Identifier(column), sql.Identifier(table)
                )
                if column in firewall.COLUMNS.get(table, ()):
                    role.execute(asked)
                    allowed += 1
                else:
                    with pytest.raises(errors.InsufficientPrivilege):
                        role.execute(asked)
                    denied += 1
        for statement in (
            "create table t (x int)",
            "update rewards_card set state = 'x'",
            "set role " + OWNER,
        ):
            with pytest.raises(psycopg.Error):
                role.execute(statement.encode())
    assert allowed == sum(map(len, firewall.COLUMNS.values()))
    assert denied > 300


HOLES = [
    ("grant select (text) on inbox_message to {role}", "inbox_message.text"),
    ("grant select on rewards_earned to {role}", "rewards_earned.inputs"),
    ("grant select on rewards_link to public", "rewards_link.handle"),
    ("grant update on rewards_card to {role}", "rewards_card (it can be changed)"),
    ("grant pg_read_all_data to {role}", "every table (pg_read_all_data)"),
    ("alter role {role} superuser", "superuser"),
]
FILLED = (
    "revoke all on all tables in schema public from {role}, public", "revoke pg_read_all_data from {role}",
    "alter role {role} nosuperuser",
)  # fmt: skip


@pytest.mark.server("postgresql")
@pytest.mark.parametrize(("given", "found"), HOLES)
def test_a_hole_in_the_wall_is_found(
    server: PostgreSQL, owner: BaseDatabaseWrapper, given: str, found: str
) -> None:
    with server.connect("firewall", ADMIN) as admin:
        admin.execute(given.format(role=ROLE).encode())
        try:
            assert found in firewall.breaches(owner, ROLE)
        finally:
            for statement in FILLED:
                admin.execute(statement.format(role=ROLE).encode())


@pytest.mark.server("postgresql")
@given(places=st.lists(st.integers(0, 10_000), min_size=1, max_size=6))
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_a_right_on_any_column_is_found_and_taken_away(
    server: PostgreSQL, owner: BaseDatabaseWrapper, places: list[int]
) -> None:
    """Invariant 14: tables and columns as they come, each first open, then shut by the wall."""
    firewall.raise_wall(owner, ROLE)
    shut = sorted(
        (table, column)
        for table, columns in tables(server).items()
        for column in columns - {*firewall.COLUMNS.get(table, ())}
    )
    chosen = {shut[place % len(shut)] for place in places}
    with server.connect("firewall", ADMIN) as admin:
        for table, column in chosen:
            named = sql.Identifier(column), sql.Identifier(table), sql.Identifier(ROLE)
            admin.execute(sql.SQL("grant select ({}) on {} to {}").format(*named))
    assert set(firewall.breaches(owner, ROLE)) == {f"{table}.{column}" for table, column in chosen}
    assert all(reads(server, table, column) for table, column in chosen)
    firewall.raise_wall(owner, ROLE)
    assert firewall.breaches(owner, ROLE) == ()
    assert not any(reads(server, table, column) for table, column in chosen)


def reads(server: PostgreSQL, table: str, column: str) -> bool:
    """Whether underwriting's role is given the column."""
    with server.connect("firewall", ROLE) as role:
        try:
            role.execute(
                sql.SQL("select {} from {} limit 1").format(sql.Identifier(column), sql.Identifier(table))
            )
        except errors.InsufficientPrivilege:
            return False
    return True
