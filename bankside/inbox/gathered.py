"""Conversations and messages that a batch of the record opens and continues, read and written at once.

While one person's message after the other comes in, their rows are kept at hand and go to the database at the
end, a statement for each kind of row. Whatever asks the database for more calls `write` first. Outside
`together` every change is written as it is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models

from bankside.inbox.models import Conversation, Message

NAMES_PER_QUERY_MAX = 500
TRIAGED = ("lang", "due_at")
Model = TypeVar("Model", bound=models.Model)


@dataclass
class _Gathered:
    """Rows by the names that they are asked for; what is new or changed is still to be written."""

    asked: frozenset[str] = frozenset()
    never_said: frozenset[int] = frozenset()
    conversations: dict[str, Conversation] = field(default_factory=dict)
    by_number: dict[int, Conversation] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    remote: dict[tuple[int, str], Message] = field(default_factory=dict)
    changed: dict[str, Conversation] = field(default_factory=dict)
    added: list[Message] = field(default_factory=list)
    triaged: dict[int, Message] = field(default_factory=dict)


_gathered: ContextVar[_Gathered | None] = ContextVar("gathered_rows", default=None)


@contextmanager
def together(
    objs: Iterable[str], entries: Iterable[str], erased: Mapping[int, str] | None = None
) -> Iterator[None]:
    """Reads the conversations with these objs and the messages of these entries; at the end, what changed is
    written, or nothing if something fails. `erased`: numbers and ids of entries whose words are gone."""
    asked = frozenset(objs)
    token = _gathered.set(_Gathered(asked, _never_said(erased or {})))
    try:
        _know_messages(_read(Message, "entry", entries))
        _know(_read(Conversation, "obj", asked))
        yield
        write()
    finally:
        _gathered.reset(token)


def conversation(obj: str) -> Conversation | None:
    """The conversation with this obj."""
    there = _gathered.get()
    if there and (known := there.conversations.get(obj)):
        return known
    if there and obj in there.asked:  # it was looked for, and nobody else writes here meanwhile
        return None
    found = _read(Conversation, "obj", [obj])
    _know(found)
    return found[0] if found else None


def conversation_of(message: Message) -> Conversation:
    """The conversation that a message is in."""
    there = _gathered.get()
    known = there.by_number.get(message.conversation) if there else None
    if known is None:
        [known] = _read(Conversation, "id", [message.conversation])
        _know([known])
    return known


def message(entry: str) -> Message | None:
    """The message whose words this entry holds."""
    there = _gathered.get()
    if there and (known := there.messages.get(entry)):
        return known
    found = _read(Message, "entry", [entry])
    _know_messages(found)
    return found[0] if found else None


def was_never_said(n: int) -> bool:
    """Whether no message was ever made of this entry, whose words are gone; False when that is not known."""
    there = _gathered.get()
    return there is not None and n in there.never_said


def said(row: Conversation, remote_id: str) -> Message | None:
    """The first message of a conversation that has this id on its network; one that is new has none."""
    there = _gathered.get()
    if there and (known := there.remote.get((row.pk, remote_id))):
        return known
    if row._state.adding:
        return None
    sql = 'select * from "inbox_message" where conversation = %s and remote_id = %s order by id limit 1'
    found = next(iter(Message.objects.raw(sql, [row.pk, remote_id])), None)
    return there.messages.get(found.entry, found) if there and found else found


def add(row: Message) -> None:
    """A new message."""
    there = _gathered.get()
    if there is None:
        _insert(Message, [row])
        return
    there.added.append(row)
    there.remote.setdefault((row.conversation, row.remote_id), row)
    _know_messages([row])


def keep(row: Conversation) -> None:
    """A conversation as it is now, new or changed."""
    there = _gathered.get()
    if there is None:
        _save([row])
        return
    there.changed[row.obj] = row
    _know([row])


def sort(row: Message) -> None:
    """A message whose language or time was worked out."""
    there = _gathered.get()
    if there is None:
        _update(Message, TRIAGED, [row])
    else:
        there.triaged[row.pk] = row


def write() -> None:
    """Puts everything into the database and keeps no row at hand, since others may change them now."""
    there = _gathered.get()
    if there is None:
        return
    new = {row.pk for row in there.added}
    _save(there.changed.values())
    _insert(Message, there.added)
    _update(Message, TRIAGED, [row for row in there.triaged.values() if row.pk not in new])
    _gathered.set(_Gathered(never_said=there.never_said))


def _never_said(erased: Mapping[int, str]) -> frozenset[int]:
    """Those of which there is no message, neither by number nor by the entry that holds its words."""
    if not erased:
        return frozenset()
    ids = {entry: n for n, entry in erased.items()}
    known = {row.pk for row in _read(Message, "id", erased)}
    known |= {ids[row.entry] for row in _read(Message, "entry", ids)}
    return frozenset(erased.keys() - known)


def _know(rows: Iterable[Conversation]) -> None:
    if there := _gathered.get():
        for row in rows:
            there.conversations[row.obj] = there.by_number[row.pk] = row


def _know_messages(rows: Iterable[Message]) -> None:
    if there := _gathered.get():
        for row in rows:
            there.messages[row.entry] = row


# --- statements by hand, with the names of our own models, quoted: a rebuild sends them to its shadows --
def _read(model: type[Model], name: str, values: Iterable[Any]) -> list[Model]:
    wanted = sorted(set(values))
    found: list[Model] = []
    for start in range(0, len(wanted), NAMES_PER_QUERY_MAX):
        some = wanted[start : start + NAMES_PER_QUERY_MAX]
        marks = ", ".join(["%s"] * len(some))
        sql = f'select * from "{model._meta.db_table}" where "{name}" in ({marks})'  # noqa: S608
        found += model._default_manager.raw(sql, some)
    return found


def _save(rows: Iterable[Conversation]) -> None:
    kept = list(rows)
    new = [row for row in kept if row._state.adding]
    names = [column.attname for column in Conversation._meta.concrete_fields if not column.primary_key]
    _update(Conversation, names, [row for row in kept if not row._state.adding])
    _insert(Conversation, new)


def _insert(model: type[Model], rows: Sequence[Model]) -> None:
    if not rows:
        return
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{column.column}"' for column in fields)
    marks = ", ".join(["%s"] * len(fields))
    sql = f'insert into "{model._meta.db_table}" ({columns}) values ({marks})'  # noqa: S608
    values = attrgetter(*(column.attname for column in fields))
    lists = [place for place, column in enumerate(fields) if isinstance(column, models.JSONField)]
    with connection.cursor() as cursor:
        cursor.executemany(sql, [_as_json(values(row), lists) for row in rows])
    for row in rows:
        row._state.adding = False


def _update(model: type[Model], names: Sequence[str], rows: Sequence[Model]) -> None:
    if not rows:
        return
    told = ", ".join(f'"{name}" = %s' for name in names)
    values = attrgetter(*names, "pk")
    sql = f'update "{model._meta.db_table}" set {told} where id = %s'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(sql, [values(row) for row in rows])


def _as_json(values: tuple[Any, ...], lists: list[int]) -> list[Any]:
    row = list(values)
    for place in lists:
        row[place] = json.dumps(row[place])
    return row
