"""Keeps the index of messages in step with their words, in the transaction that changes the words.

What is erased leaves the index before the words go: SQLite's full-text table must be told the old tokens.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from bankside.inbox.models import Message, Wording
from bankside.record import index


def keep(message: Message) -> None:
    """The message is found by these words from now on, and by no older ones."""
    cut = index.tokens(message.text, message.title, message.name, message.handle)
    row = Wording(id=message.pk, conversation=message.conversation, tokens=cut)
    Wording.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["conversation", "tokens"]
    )


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
