"""New rows of models, for a person who waits: on PostgreSQL those of several tables go by one statement."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db import connection, models

from bankside.record import prepared


def insert(*rows: models.Model) -> None:
    """Writes rows whose values are plain and gives each the number that it got; no signals, no validation."""
    values = [[getattr(row, name) for name in _fields(type(row))] for row in rows]
    kinds = tuple(type(row) for row in rows)
    with prepared.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_together(kinds), [one for some in values for one in some])
            numbers = cursor.fetchone()
        else:
            numbers = [_one(cursor, kind, some) for kind, some in zip(kinds, values, strict=True)]
    for row, number in zip(rows, numbers, strict=True):
        row.pk, row._state.adding, row._state.db = number, False, connection.alias


def _one(cursor: Any, kind: type[models.Model], values: list[Any]) -> int:
    cursor.execute(_statement(kind), values)
    return int(cursor.lastrowid)


@lru_cache(maxsize=64)
def _together(kinds: tuple[type[models.Model], ...]) -> str:
    parts = ", ".join(f"row{n} as ({_statement(kind)} returning id)" for n, kind in enumerate(kinds))
    return f"with {parts} select * from {', '.join(f'row{n}' for n in range(len(kinds)))}"  # noqa: S608


@lru_cache(maxsize=64)
def _statement(kind: type[models.Model]) -> str:
    columns = [str(field.column) for field in kind._meta.concrete_fields if not field.primary_key]
    marks = ", ".join(["%s"] * len(columns))
    return f"insert into {kind._meta.db_table} ({', '.join(columns)}) values ({marks})"  # noqa: S608


@lru_cache(maxsize=64)
def _fields(kind: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in kind._meta.concrete_fields if not field.primary_key)
