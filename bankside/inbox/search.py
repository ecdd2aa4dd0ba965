"""Finding what was said: every message, answer and note that she may see and that holds all words asked for.

The newest come first, never the most alike: whoever looks for words wants what happened last. Two statements
at most, however many messages there are.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from django.db import connection

from bankside.channels import channel as channels
from bankside.inbox.openings import OPENING_MINUTES
from bankside.inbox.reading import CHANNELS_MAX, Row
from bankside.inbox.tokens import as_match, as_tsquery
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, index, readings, sealed
from bankside.record.facts.inbox import MessagesSearched

HITS_MAX = 200
EXCERPT_CHARACTERS = 240
LEAD_CHARACTERS = 60

_SQLITE = """
select f.rowid as id from "inbox_found" f
join "inbox_wording" w on w.id = f.rowid
join "inbox_conversation" c on c.id = w.conversation
where f."inbox_found" match %(words)s and {seen}
order by f.rowid desc limit %(limit)s
"""

# PostgreSQL's index knows no order. So the newest entries are looked at first, then more of them, and the
# index is asked only for words that are rare among those: each step is taken when the one before it did not
# fill the page.
_POSTGRESQL = """
with top as (select least(max(id), %(before)s) as id from "inbox_wording"),
near as materialized (
    select w.id from "inbox_wording" w join "inbox_conversation" c on c.id = w.conversation
    where w.id > (select id from top) - 20000 and w.tokens @@ %(words)s::tsquery and {seen}
    order by w.id desc limit %(limit)s),
far as materialized (
    select w.id from "inbox_wording" w join "inbox_conversation" c on c.id = w.conversation
    where (select count(*) from near) < %(limit)s
        and w.id > (select id from top) - 200000 and w.tokens @@ %(words)s::tsquery and {seen}
    order by w.id desc limit %(limit)s),
every as materialized (
    select w.id, w.conversation from "inbox_wording" w
    where (select count(*) from near) < %(limit)s and (select count(*) from far) < %(limit)s
        and w.tokens @@ %(words)s::tsquery)
select id from near where (select count(*) from near) = %(limit)s
union all select id from far where (select count(*) from far) = %(limit)s
union all (
    select w.id from every w join "inbox_conversation" c on c.id = w.conversation
    where {seen} order by w.id desc limit %(limit)s)
"""

# The columns of Row, then those of the message.
_ROWS = """
select c.id, c.obj, c.name, c.handle, c.url, c.network, c.channel, ch.name, c.private, c.lang, c.state,
    case when c.private then '' else c.excerpt end,
    c.assignee, coalesce(s.name, ''), c.messages, c.first_at, c.last_at, c.waiting_since,
    c.due_at, c.version, c.turn,
    m.id, m.way, m.at, m.lang, m.text, m.title, m.entry
from ({hits}) h
join "inbox_message" m on m.id = h.id
join "inbox_conversation" c on c.id = m.conversation
join "channels_channel" ch on ch.obj = c.channel
left join "people_staff" s on s.uid = c.assignee
order by m.id desc
"""


class Piece(msgspec.Struct, frozen=True):
    """Part of what was said; `found` when it is what was asked for."""

    text: str
    found: bool = False


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A message (way in), answer (out) or note: the part of it that shows the words. `at` is UTC ms."""

    id: int
    way: str
    at: int
    lang: str
    pieces: tuple[Piece, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with its hits on this page, the newest first; `who` is its name, or its handle."""

    row: Row
    who: tuple[Piece, ...]
    hits: tuple[Hit, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Conversations by their newest hit. `next`: give it as `before` for older hits; "" at the end.

    A conversation stands once on a page, and again on a later one when older messages of it hold the words.
    `asked` is False when the query held neither a letter nor a digit.
    """

    found: tuple[Found, ...]
    next: str
    asked: bool


def search(staff: Staff, words: str, *, before: str = "", limit: int = 50) -> Page:
    """The newest `limit` messages that hold all the words, under their conversations.

    That she looked for them, and what she was shown, is in the record first; the same within 15 minutes is
    told once. Raises NotYours and readings.NotRecorded.
    """
    policy.require_somewhere(staff, "conversation.see")
    phrases = index.phrases(words)
    limit = max(1, min(limit, HITS_MAX))
    if not phrases:
        return Page(found=(), next="", asked=False)
    rows = _select(staff, phrases, _place(before), limit)
    _tell(staff, words, before, tuple(row[-1] for row in rows))
    further = str(rows[-1][len(Row.__struct_fields__)]) if len(rows) == limit else ""
    return Page(found=_grouped(rows, words), next=further, asked=True)


def pieces(text: str, words: str) -> tuple[Piece, ...]:
    """The text, or as much of it as a list shows, cut where the words begin and end."""
    text = " ".join(text.split())
    spots = index.places(text, words)
    begin = _beginning(text, spots[0] if spots else (0, 0))
    end = min(len(text), begin + EXCERPT_CHARACTERS)
    cut, place = ([Piece("… ")] if begin else []), begin
    for first, last in spots:
        if first >= end:
            break
        cut += [Piece(text[place:first]), Piece(text[first:last], found=True)]
        place = last
    cut += [Piece(text[place:end] + ("…" if end < len(text) else ""))]
    return tuple(piece for piece in cut if piece.text)


def looked_for(words: str) -> str:
    """What was looked for, as the record keeps it: nobody can tell it from this, and who looks for the same
    again is told from who looks for something else."""
    return f"hmac:{sealed.mac('search', ' '.join(words.split()).casefold())}"


def _tell(staff: Staff, words: str, before: str, entries: tuple[str, ...]) -> None:
    turn = clock.now_ms() // (OPENING_MINUTES * 60_000)
    asked = hashlib.sha256("\n".join((words, before, *entries)).encode()).hexdigest()[:32]
    said = MessagesSearched(words=looked_for(words), found=len(entries), entries=entries)
    key = f"inbox.messages-searched:{staff.uid}:{asked}:{turn}"
    readings.tell(said, key, actor=staff.actor, obj=staff.uid)


# --- the statement -------------------------------------------------------------------------------------
def _select(
    staff: Staff, phrases: tuple[index.Phrase, ...], before: int, limit: int
) -> list[tuple[Any, ...]]:
    on_postgresql = connection.vendor == "postgresql"
    seen, values = _seen(staff)
    hits = (_POSTGRESQL if on_postgresql else _SQLITE).format(seen=f"w.id < %(before)s and {seen}")
    values |= {
        "words": as_tsquery(phrases) if on_postgresql else as_match(phrases),
        "before": before,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(hits=hits), values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _seen(staff: Staff) -> tuple[str, dict[str, Any]]:
    """The condition for what she may see: one of the channels of `conversation.visible_to`."""
    if policy.teams_with(staff, "conversation.see").all:
        return "1 = 1", {}
    seen = channels.visible_to(staff, "conversation.see", with_removed=True).order_by()
    objs = {f"channel_{n}": obj for n, obj in enumerate(seen.values_list("obj", flat=True)[:CHANNELS_MAX])}
    if not objs:
        return "1 = 0", {}
    return f"c.channel in ({', '.join(f'%({name})s' for name in objs)})", dict(objs)


def _place(before: str) -> int:
    """Where an earlier page ended; an address that was typed wrongly begins at the top."""
    return int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 2**62


# --- what was found ------------------------------------------------------------------------------------
def _grouped(rows: list[tuple[Any, ...]], words: str) -> tuple[Found, ...]:
    hits: dict[int, list[Hit]] = {}
    talks: dict[int, Row] = {}
    width = len(Row.__struct_fields__)
    for found in rows:
        row = _row(found[:width])
        talks.setdefault(row.id, row)
        hits.setdefault(row.id, []).append(_hit(found[width:], words))
    return tuple(
        Found(row=row, who=pieces(row.name or row.handle, words), hits=tuple(hits[number]))
        for number, row in talks.items()
    )


def _hit(found: tuple[Any, ...], words: str) -> Hit:
    number, way, at, lang, text, title, _ = found
    shown = title if title and (not text or not index.places(text, words)) else text
    return Hit(id=number, way=way, at=at, lang=lang, pieces=pieces(shown, words))


def _row(found: tuple[Any, ...]) -> Row:
    values = dict(zip(Row.__struct_fields__, found, strict=True))
    values["private"] = bool(values["private"])
    return Row(**values)


def _beginning(text: str, first: tuple[int, int]) -> int:
    """Where the excerpt begins, so that the first hit is in it: at a space, or a little before the hit."""
    if first[1] <= EXCERPT_CHARACTERS:
        return 0
    near = first[0] - LEAD_CHARACTERS
    space = text.find(" ", near, first[0])
    return near if space < 0 else space + 1
