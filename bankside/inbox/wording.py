"""Keeps the index of messages in step with their words, in the transaction that changes the words.

What is erased leaves the index before the words go: SQLite's full-text table must be told the old tokens.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection

from bankside.inbox.models import Message, Wording
from bankside.record import index

# By hand: it is done for every message, and the row is never read back.
_KEEP = """insert into "inbox_wording" (id, conversation, tokens) {rows} where true
    on conflict (id) do update set conversation = excluded.conversation, tokens = excluded.tokens"""
_SQLITE = """select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
    from json_each(%s)"""
_POSTGRESQL = """select id, conversation, tokens::tsvector
    from unnest(%s::bigint[], %s::bigint[], %s::text[]) told(id, conversation, tokens)"""

# Message -> conversation and column of tokens, while a batch is gathered.
Kept = dict[int, tuple[int, Any]]
_gathered: ContextVar[Kept | None] = ContextVar("gathered", default=None)


def keep(message: Message) -> None:
    """The message is found by these words, and by no older ones; inside `together` from its end on."""
    cut = index.tokens(message.text, message.title, message.name, message.handle)
    column = Wording._meta.get_field("tokens").get_db_prep_value(cut, connection)
    gathered, told = _gathered.get(), (message.conversation, column)
    if gathered is None:
        _write({message.pk: told})
    else:
        gathered[message.pk] = told


@contextmanager
def together() -> Iterator[None]:
    """What is kept meanwhile is written at the end, by one statement, or not at all if something fails.

    SQLite's full-text table makes a part of its files of every statement: five hundred messages at once
    take a fifth of the time that they take one by one.
    """
    gathered: Kept = {}
    token = _gathered.set(gathered)
    try:
        yield
        if gathered:
            _write(gathered)
    finally:
        _gathered.reset(token)


def drop(messages: Iterable[int]) -> None:
    """These messages are found no more."""
    gone = list(messages)
    for number in gone:
        (_gathered.get() or {}).pop(number, None)
    Wording.objects.filter(id__in=gone).delete()


def _write(kept: Kept) -> None:
    rows = [(number, *kept[number]) for number in sorted(kept)]
    on_postgresql = connection.vendor == "postgresql"
    values = [list(column) for column in zip(*rows, strict=True)] if on_postgresql else [json.dumps(rows)]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP.format(rows=_POSTGRESQL if on_postgresql else _SQLITE), values)


def overwrite() -> None:
    """Leaves nothing of erased words in the index's files; to be called once, after an erasure.

    SQLite's index marks what is gone and keeps it until its parts are merged. PostgreSQL's holds no words
    of dead rows once they were vacuumed.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("insert into inbox_found(inbox_found) values('optimize')")
