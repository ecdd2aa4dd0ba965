"""Computes the tables of a projection again, beside the living ones, and swaps them in one transaction.

The same `apply` fills shadow tables: while it runs, every statement that names a table of the projection
is sent to its shadow (hand-written SQL must therefore quote its table names). Readers see the old rows
until the swap; the worker goes on meanwhile, and the last entries are followed under the lanes' locks.

On PostgreSQL shadows are temporary tables: the desk's own role may make no others, two rebuilds do not
meet, and a process that dies leaves none behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from bankside.record.models import Cursor, Head
from bankside.record.projection import BATCH_MAX, Projection, deliver, entries_after, follower_of

SHADOW = "shadow_"
Progress = Callable[[int], None]


class NotAProjection(ValueError):
    """Only what is derived can be computed again; a reaction's facts are in the record already."""


@dataclass
class _Place:
    year: int = 0
    seq: int = -1


@dataclass
class _Rebuild:
    projection: Projection
    places: dict[int, _Place] = field(default_factory=dict)
    taken: int = 0

    @property
    def tables(self) -> list[str]:
        return [model._meta.db_table for model in self.projection.tables]


def rebuild(name: str, progress: Progress = lambda entries: None) -> int:
    """Rebuilds the projection of that name; how many entries it read. Raises NotAProjection."""
    projection = follower_of(name)
    if not isinstance(projection, Projection):
        raise NotAProjection(
            f"{name} is a reaction: its facts are in the record, there is nothing to rebuild"
        )
    work = _Rebuild(projection, {head.lane: _Place() for head in Head.objects.all()})
    _make_shadows(work.tables)
    try:
        while _pass(work, progress):
            pass
        with transaction.atomic():
            _swap(work)
    finally:
        _drop_shadows(work.tables)
    return work.taken


def _pass(work: _Rebuild, progress: Progress) -> bool:
    """Every lane to its end, each batch in its own transaction; False when nothing had come meanwhile."""
    before = work.taken
    for lane, place in work.places.items():
        while taken := _batch(work, lane, place):
            work.taken += taken
            progress(work.taken)
    return work.taken > before


def _batch(work: _Rebuild, lane: int, place: _Place) -> int:
    with transaction.atomic(), _into_shadow(work.tables):
        return _follow(work.projection, lane, place)


def _follow(projection: Projection, lane: int, place: _Place) -> int:
    rows = entries_after(lane, place.year, place.seq, BATCH_MAX)
    if rows:
        deliver(projection, rows)
        place.year, place.seq = rows[-1].year, rows[-1].seq
    return len(rows)


def _swap(work: _Rebuild) -> None:
    """Stops appends and the living follower by their locks, takes the rest, and exchanges the rows."""
    list(Head.objects.select_for_update().order_by("lane"))
    for lane in work.places:  # a lane that was never followed has no row to lock yet
        Cursor.objects.get_or_create(follower=work.projection.name, lane=lane)
    list(Cursor.objects.select_for_update().filter(follower=work.projection.name).order_by("lane"))
    with _into_shadow(work.tables):
        for lane, place in work.places.items():
            while taken := _follow(work.projection, lane, place):
                work.taken += taken
    with connection.cursor() as cursor:
        for table in work.tables:
            # The names come from our own models, never from a person.
            cursor.execute(f'delete from "{table}"')  # noqa: S608
            cursor.execute(f'insert into "{table}" select * from "{SHADOW}{table}"')  # noqa: S608
    for lane, place in work.places.items():
        cursors = Cursor.objects.filter(follower=work.projection.name, lane=lane)
        cursors.update(year=place.year, seq=place.seq)


def _make_shadows(tables: list[str]) -> None:
    _drop_shadows(tables)
    with connection.cursor() as cursor:
        for table in tables:
            for statement in _likeness(table):
                cursor.execute(statement)


def _likeness(table: str) -> list[str]:
    """Statements that make an empty shadow with the same columns, keys and indexes, and without triggers:
    they fire at the swap."""
    if connection.vendor == "postgresql":
        return [f'create temporary table "{SHADOW}{table}" (like "{table}" including all)']
    with connection.cursor() as cursor:
        cursor.execute(
            "select sql from sqlite_master where tbl_name = %s and type <> 'trigger' and sql is not null",
            [table],
        )
        made = [sql for (sql,) in cursor.fetchall()]
    named = (re.sub(r'(CREATE (?:UNIQUE )?INDEX )"(\w+)"', rf'\1"{SHADOW}\2"', sql) for sql in made)
    return [sql.replace(f'"{table}"', f'"{SHADOW}{table}"') for sql in named]


def _drop_shadows(tables: list[str]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'drop table if exists "{SHADOW}{table}"')


@contextmanager
def _into_shadow(tables: list[str]) -> Iterator[None]:
    pattern = re.compile("|".join(rf'"{re.escape(table)}"' for table in tables))

    def to_shadow(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        turned = pattern.sub(lambda found: f'"{SHADOW}{found.group()[1:-1]}"', str(sql))
        return execute(turned, params, many, context)

    with connection.execute_wrapper(to_shadow):
        yield
