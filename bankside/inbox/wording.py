"""Keeps the index of messages in step with their words, in the transaction that changes the words.

What is erased leaves the index before the words go: SQLite's full-text table must be told the old tokens.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from bankside.inbox.models import Message, Wording
from bankside.record import index

# By hand: it is done for every message, and the row is never read back.
_KEEP = """insert into "inbox_wording" (id, conversation, tokens) values (%s, %s, {held})
    on conflict (id) do update set conversation = excluded.conversation, tokens = excluded.tokens"""


def keep(message: Message) -> None:
    """The message is found by these words from now on, and by no older ones."""
    cut = index.tokens(message.text, message.title, message.name, message.handle)
    column = Wording._meta.get_field("tokens")
    held = column.get_placeholder(cut, None, connection)
    with connection.cursor() as cursor:
        values = [message.pk, message.conversation, column.get_db_prep_value(cut, connection)]
        cursor.execute(_KEEP.format(held=held), values)


def drop(messages: Iterable[int]) -> None:
    """These messages are found no more."""
    Wording.objects.filter(id__in=list(messages)).delete()


def overwrite() -> None:
    """Leaves nothing of erased words in the index's files; to be called once, after an erasure.

    SQLite's index marks what is gone and keeps it until its parts are merged. PostgreSQL's holds no words
    of dead rows once they were vacuumed.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("insert into inbox_found(inbox_found) values('optimize')")
