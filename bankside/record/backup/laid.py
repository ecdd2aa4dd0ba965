"""What a restore lays into an empty database: the rows of the tables of a backup, as they were.

Triggers step aside meanwhile: what they would refuse was refused when it was written first, and some of them
would add to it. Rows keep their numbers, and what counts on goes on after the highest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.management.color import no_style
from django.db import transaction

from bankside.record.durable import sync_folder

ROWS_PER_CALL: Final = 5_000
Rows = Iterable[Sequence[Any]]


class NotEmpty(RuntimeError):
    """There is something already where a backup would be restored."""


def tables_in(connection: Any) -> list[str]:
    """Every table of the database, by name."""
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def hurry(*used: Any) -> None:
    """Commits do not wait for the disk until `make_durable`: what is half done is not believed anyway."""
    for one in used:
        off = "pragma synchronous = off" if one.vendor == "sqlite" else "set synchronous_commit = off"
        with one.cursor() as cursor:
            cursor.execute(off)


def make_durable(*used: Any) -> None:
    """Everything that was laid is on the disk when this returns, and commits wait again."""
    for one in used:
        with one.cursor() as cursor:
            # The log of PostgreSQL is one: the next commit that waits, waits for all of it.
            if one.vendor != "sqlite":
                cursor.execute("set synchronous_commit = on")
                continue
            cursor.execute("pragma synchronous = full")
            cursor.execute("pragma wal_checkpoint(truncate)")
            _sync_file(Path(one.settings_dict["NAME"]))


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)


@contextmanager
def laying(connection: Any) -> Iterator[None]:
    """Around all tables: one transaction, without triggers, links looked at when it ends."""
    if connection.vendor == "sqlite":
        with _on_sqlite(connection):
            yield
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        ours = [name for name in tables_in(connection) if name.rpartition("_")[0]]
        for table in ours:
            cursor.execute(f'alter table "{table}" disable trigger user')
        yield
        cursor.execute("set constraints all immediate")
        for table in ours:
            cursor.execute(f'alter table "{table}" enable trigger user')


def lay(connection: Any, table: str, columns: list[str], rows: Rows) -> int:
    """Puts the rows of one table in the place of what migrations put there."""
    with connection.cursor() as cursor:
        cursor.execute(f'delete from "{table}"')  # noqa: S608
        names = ", ".join(f'"{name}"' for name in columns)
        if connection.vendor == "postgresql":
            return _copied(cursor, f'copy "{table}" ({names}) from stdin', rows)
        marks = ", ".join("?" for _ in columns)
        return _inserted(connection.connection, f'insert into "{table}" ({names}) values ({marks})', rows)  # noqa: S608


def go_on(connection: Any) -> None:
    """Numbers that the database hands out go on after the highest that is there."""
    there = set(tables_in(connection))
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.db_table in there]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def empty(connection: Any) -> None:
    """Takes every table, and on PostgreSQL every function, of the desk away."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTIONS)
            for (statement,) in cursor.fetchall():
                cursor.execute(statement)
        for statement in _drops(connection, cursor):
            cursor.execute(statement)


# Functions that belong to an extension stay: they were not made by a migration.
FUNCTIONS: Final = """
    select format('drop function %I.%I(%s) cascade',
                  n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = current_schema() and p.proowner = current_user::regrole
      and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')"""


def _drops(connection: Any, cursor: Any) -> list[str]:
    if connection.vendor == "postgresql":
        return [f'drop table if exists "{table}" cascade' for table in tables_in(connection)]
    cursor.execute("pragma foreign_keys = off")
    cursor.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%%'"
        " order by sql like 'create virtual%%' desc"
    )
    return [f'drop table if exists "{name}"' for (name,) in cursor.fetchall()]


@contextmanager
def _on_sqlite(connection: Any) -> Iterator[None]:
    """Durable at the end: until then the marker of the restore says that nothing here is to be believed."""
    with connection.cursor() as cursor:
        cursor.execute("pragma foreign_keys = off")
        cursor.execute("select name, sql from sqlite_master where type = 'trigger'")
        triggers = cursor.fetchall()
    with transaction.atomic(using=connection.alias):
        with connection.cursor() as cursor:
            for name, _ in triggers:
                cursor.execute(f'drop trigger "{name}"')
        yield
        with connection.cursor() as cursor:
            for _, made in triggers:
                cursor.execute(made)
        connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("pragma foreign_keys = on")


def _inserted(raw: Any, statement: str, rows: Rows) -> int:
    """By the plain driver: a row of Django's costs as much again."""
    some, count = iter(rows), 0
    while taken := list(islice(some, ROWS_PER_CALL)):
        raw.executemany(statement, taken)
        count += len(taken)
    return count


def _copied(cursor: Any, statement: str, rows: Rows) -> int:
    count = 0
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
