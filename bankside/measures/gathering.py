"""Rows that a batch of the record makes and changes, read at its beginning and written at its end.

Statements by hand name our own tables, quoted: a rebuild sends them to its shadows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, TypeVar

from django.db import connection, models

from bankside.measures import packing
from bankside.measures.models import Count, Incoming, Outgoing, Talk, Written

NAMES_PER_QUERY_MAX: Final = 500
Model = TypeVar("Model", bound=models.Model)
Remote = tuple[str, str]
Place = tuple[type[models.Model], int]


@dataclass
class Rows:
    """Rows at hand: the newest talk of each conversation, who wrote which answer, counts by their thing."""

    talks: dict[str, Talk] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    counts: dict[Remote, Count] = field(default_factory=dict)
    added: dict[Place, models.Model] = field(default_factory=dict)
    changed: dict[Place, models.Model] = field(default_factory=dict)
    untold: set[int] = field(default_factory=set)

    def erased(self, gone: dict[int, str], tables: Iterable[type[models.Model]]) -> None:
        """Looks which erased entries, by number with the thing that each is about, were never told here."""
        if not gone:
            return
        told = {row.pk for table in tables for row in _read(table, "id", gone)}
        newest: dict[str, int] = {}
        for talk in _read(Talk, "obj", gone.values()):
            newest[talk.obj] = max(newest.get(talk.obj, 0), talk.version)
        self.untold = {n for n, obj in gone.items() if n not in told and newest.get(obj, 0) < n}

    def read(self, objs: Iterable[str], replies: Iterable[str], things: Iterable[Remote]) -> None:
        """Reads what a batch will ask for."""
        for talk in sorted(_read(Talk, "obj", objs), key=attrgetter("pk")):
            self.talks[talk.obj] = talk  # the last one is the newest
        self.written |= {row.reply: row for row in _read(Written, "reply", replies)}
        wanted = set(things)
        found = _read(Count, "remote_id", {remote for _, remote in wanted})
        self.counts |= {(row.channel, row.remote_id): row for row in found}

    def add(self, row: models.Model) -> None:
        """A new row; its id is the arrival number of its entry."""
        self.added[type(row), row.pk] = row
        match row:
            case Talk():
                self.talks[row.obj] = row
            case Written():
                self.written[row.reply] = row
            case Count():
                self.counts[row.channel, row.remote_id] = row

    def change(self, row: models.Model) -> None:
        """A row that was read or added is not as it was."""
        if (type(row), row.pk) not in self.added:
            self.changed[type(row), row.pk] = row

    def forget(self, obj: str) -> None:
        """Takes a conversation's rows away, from here and from the database."""
        self.write()
        self.talks.pop(obj, None)
        Talk.objects.filter(obj=obj).delete()

    def write(self) -> None:
        """Puts everything into the database; the rows stay at hand."""
        for row in (*self.added.values(), *self.changed.values()):
            if isinstance(row, Talk):
                row.packed = packing.of_talk(row)
            elif isinstance(row, Outgoing):
                row.packed = packing.of_outgoing(row)
            elif isinstance(row, Incoming):
                row.packed = packing.of_incoming(row)
        for model, rows in _by_model(self.added.values()):
            _insert(model, rows)
        for model, rows in _by_model(self.changed.values()):
            _update(model, rows)
        self.added.clear()
        self.changed.clear()


def _by_model(rows: Iterable[models.Model]) -> Iterator[tuple[type[models.Model], list[models.Model]]]:
    sorted_out: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        sorted_out.setdefault(type(row), []).append(row)
    yield from sorted_out.items()


def _read(model: type[Model], name: str, values: Iterable[Any]) -> list[Model]:
    wanted = sorted(set(values))
    found: list[Model] = []
    for start in range(0, len(wanted), NAMES_PER_QUERY_MAX):
        some = wanted[start : start + NAMES_PER_QUERY_MAX]
        marks = ", ".join(["%s"] * len(some))
        sql = f'select * from "{model._meta.db_table}" where "{name}" in ({marks})'  # noqa: S608
        found += model._default_manager.raw(sql, some)
    return found


def _insert(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    names = [column.attname for column in model._meta.concrete_fields]
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join(["%s"] * len(names))
    sql = f'insert into "{model._meta.db_table}" ({columns}) values ({marks})'  # noqa: S608
    _many(sql, [attrgetter(*names)(row) for row in rows])


def _update(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    names = [column.attname for column in model._meta.concrete_fields if not column.primary_key]
    told = ", ".join(f'"{name}" = %s' for name in names)
    sql = f'update "{model._meta.db_table}" set {told} where id = %s'  # noqa: S608
    _many(sql, [attrgetter(*names, "pk")(row) for row in rows])


def _many(sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)
