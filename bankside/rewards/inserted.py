"""New rows of models, for people who wait: on PostgreSQL those of several tables go by one statement."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db import connection, models

from bankside.record import prepared


def insert(*rows: models.Model) -> None:
    """Writes rows whose values are plain and gives each the number that it got, within `unanswered` when
    answers are waited for; no signals, no validation."""
    kinds = tuple(dict.fromkeys(type(row) for row in rows))
    groups = [[row for row in rows if type(row) is kind] for kind in kinds]
    values = [
        [[getattr(row, name) for name in _fields(kind)] for row in some]
        for kind, some in zip(kinds, groups, strict=True)
    ]
    if connection.vendor == "postgresql":
        columns = [prepared.array(column) for some in values for column in zip(*some, strict=True)]
        prepared.ask(_together(kinds), columns, lambda found: _number(groups, map(sorted, found[0])))
        return
    with connection.cursor() as cursor:
        numbers = [
            [_one(cursor, kind, one) for one in some] for kind, some in zip(kinds, values, strict=True)
        ]
    _number(groups, numbers)


def _number(groups: Iterable[list[models.Model]], numbers: Iterable[list[int]]) -> None:
    for some, given in zip(groups, numbers, strict=True):
        for row, number in zip(some, given, strict=True):
            row.pk, row._state.adding, row._state.db = number, False, connection.alias


def _one(cursor: Any, kind: type[models.Model], values: list[Any]) -> int:
    marks = ", ".join(["%s"] * len(values))
    cursor.execute(f"insert into {kind._meta.db_table} ({_columns(kind)}) values ({marks})", values)  # noqa: S608
    return int(cursor.lastrowid)


@lru_cache(maxsize=64)
def _together(kinds: tuple[type[models.Model], ...]) -> str:
    """One text for any number of rows, of which each connection keeps one plan; numbers rise as rows do."""
    parts = ", ".join(f"row{n} as ({_statement(kind)} returning id)" for n, kind in enumerate(kinds))
    ids = ", ".join(f"(select array_agg(id) from row{n})" for n in range(len(kinds)))  # noqa: S608
    return f"with {parts} select {ids}"


def _statement(kind: type[models.Model]) -> str:
    arrays = ", ".join(f"%s::{_array_of(field)}[]" for field in _written(kind))
    return f"insert into {kind._meta.db_table} ({_columns(kind)}) select * from unnest({arrays})"  # noqa: S608


def _array_of(field: models.Field[Any, Any]) -> str:
    whole = (models.IntegerField, models.ForeignKey)
    return "bigint" if isinstance(field, whole) else "text"


def _columns(kind: type[models.Model]) -> str:
    return ", ".join(str(field.column) for field in _written(kind))


@lru_cache(maxsize=64)
def _fields(kind: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in _written(kind))


def _written(kind: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in kind._meta.concrete_fields if not field.primary_key]
