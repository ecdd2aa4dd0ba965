"""What an examiner finds by words: entries that hold them, in conversations of the active window.

Of whoever may read words in the record, whatever team a conversation is of. That she looked, and what she was
shown, is in the record before it is shown, as every reading is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, models

from bankside.inbox.models import Conversation
from bankside.inbox.openings import OPENING_MINUTES
from bankside.inbox.search import Piece, looked_for, pieces
from bankside.inbox.tokens import as_match, as_tsquery
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, index, readings
from bankside.record.facts.inbox import MessagesSearched
from bankside.record.finding import COLUMNS, FAR, LIMIT_MAX, listed
from bankside.record.package.selecting import Selection, subjects_of
from bankside.record.reading import Listed

PERSONS_MAX: Final = 100
OPERATOR: Final = "s:operator"


_SQLITE: Final = '"inbox_found" f join "inbox_message" m on m.id = f.rowid'
_POSTGRESQL: Final = '"inbox_wording" f join "inbox_message" m on m.id = f.id'
_HOLDS: Final = {"sqlite": 'f."inbox_found" match %s', "postgresql": "f.tokens @@ %s::tsquery"}
_HITS: Final = """
select {columns}, m.id, m.text, m.title, m.lang, m.private
from {tables} join record_entry e on e.rid = m.entry
where {holds} and m.id < %s and ({condition}) order by m.id desc limit %s
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that holds the words: the part that shows why. `place` is where the next page begins."""

    entry: Listed
    pieces: tuple[Piece, ...]
    lang: str
    private: bool
    place: int


def said(
    reader: Staff | None, words: str, chosen: Selection, *, before: int = 0, limit: int = 50
) -> list[Hit]:
    """The newest `limit` entries of those meant that hold all the words; before place `before`.

    `reader` None is the operator at the machine. Raises NotYours and readings.NotRecorded. Nothing is looked
    for, and nothing recorded, when the words hold no letter and no digit.
    """
    if reader is not None:
        policy.require(reader, "record.read")
    phrases = index.phrases(words)
    if not phrases:
        return []
    rows = _select(phrases, chosen, before or FAR, max(1, min(limit, LIMIT_MAX)))
    found = [_hit(row, words) for row in rows]
    _tell(reader, words, before, tuple(hit.entry.id for hit in found), found=len(found))
    return found


def persons(reader: Staff | None, name: str) -> list[str]:
    """The subjects of those who are called so in conversations, by name or handle; at most 100.

    To look for a person is to read: as `said`, it is recorded before the answer. Raises NotYours and
    readings.NotRecorded.
    """
    if reader is not None:
        policy.require(reader, "record.read")
    bare = name.removeprefix("@")
    called = models.Q(name__iexact=bare) | models.Q(handle__iexact=bare) | models.Q(handle__iexact=f"@{bare}")
    rows = Conversation.objects.filter(called).order_by().values_list("subj", flat=True).distinct()
    found = list(rows[:PERSONS_MAX])
    _tell(reader, name, 0, found=len(found))
    return found


def account(reader: Staff | None, name: str) -> Sequence[str]:
    """The same by the account on a network, as `network:id`."""
    if reader is not None:
        policy.require(reader, "record.read")
    found = subjects_of(name)
    _tell(reader, name, 0, found=len(found))
    return found


def _select(
    phrases: tuple[index.Phrase, ...], chosen: Selection, before: int, limit: int
) -> list[tuple[Any, ...]]:
    on_postgresql = connection.vendor == "postgresql"
    sql = _HITS.format(
        columns=COLUMNS, tables=_POSTGRESQL if on_postgresql else _SQLITE, holds=_HOLDS[connection.vendor],
        condition=chosen.condition,
    )  # fmt: skip
    asked = as_tsquery(phrases) if on_postgresql else as_match(phrases)
    with connection.cursor() as cursor:
        cursor.execute(sql, [asked, before, *chosen.values, limit])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _hit(row: tuple[Any, ...], words: str) -> Hit:
    *entry, place, text, title, lang, private = row
    shown = title if title and (not text or not index.places(text, words)) else text
    return Hit(listed(tuple(entry)), pieces(shown, words), lang, bool(private), place)


def _tell(
    reader: Staff | None, words: str, before: int, entries: tuple[str, ...] = (), *, found: int
) -> None:
    """The same within 15 minutes is told once."""
    turn = clock.now_ms() // (OPENING_MINUTES * 60_000)
    asked = hashlib.sha256("\n".join((words, str(before), *entries)).encode()).hexdigest()[:32]
    told = MessagesSearched(words=looked_for(words), found=found, entries=entries)
    who = OPERATOR if reader is None else reader.actor
    obj = asked if reader is None else reader.uid
    readings.tell(told, f"inbox.messages-searched:record:{who}:{asked}:{turn}", actor=who, obj=obj)
