"""Opening a conversation: its words are given only after the record has been told who reads them.

Whoever shows words of a conversation, as a page, as a part of one, or by the API, takes them from here. An
opening is told once; again when something new of the customer is shown, and after 15 minutes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from bankside.channels import pictures
from bankside.inbox import reading
from bankside.inbox.conversation import team_of
from bankside.inbox.models import Conversation, Message
from bankside.inbox.reading import LINES_MAX, Line, Thread
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, readings
from bankside.record.append import Entry, entries_where
from bankside.record.facts.inbox import ConversationRead, ConversationSentAhead
from bankside.record.projection import facts_of

OPENING_MINUTES = 15
ENTRIES_MAX = 500
READINGS_MAX = 50
"""So many of her newest readings of a conversation are looked at; with more than that, one more is told."""
READ, AHEAD = "inbox.conversation-read", "inbox.conversation-sent-ahead"


def thread(
    staff: Staff, conversation: Conversation, *, before: int = 0, limit: int = LINES_MAX, ahead: bool = False
) -> Thread:
    """Lines as `reading.thread` gives them, once it is recorded that she reads them.

    `ahead`: they are sent to her browser in case that she opens it, which is told by a fact of its own.
    Raises NotYours and readings.NotRecorded.
    """
    policy.require(staff, "conversation.see", team_of(conversation))
    found = reading.thread(conversation, before=before, limit=limit)
    told(staff, conversation, *_entries(found.lines), ahead=ahead)
    return found


def shown(staff: Staff, conversation: Conversation, *, upto: int, limit: int = LINES_MAX) -> None:
    """What was sent ahead is on her screen now, up to the line `upto`. Raises as `thread` does."""
    policy.require(staff, "conversation.see", team_of(conversation))
    found = reading.thread(conversation, limit=limit)
    told(staff, conversation, *_entries(line for line in found.lines if not upto or line.id <= upto))


def picture(staff: Staff, conversation: Conversation, obj: str) -> tuple[bytes, str]:
    """A picture that somebody showed in it, and its type. Whoever gets it has read it: that is recorded.

    Raises NotYours, readings.NotRecorded, pictures.NoPicture, and sealed_file.Damaged.
    """
    policy.require(staff, "conversation.see", team_of(conversation))
    entry, kept = pictures.get(conversation.lane, conversation.obj, obj)
    content = pictures.read(entry, kept)
    told(staff, conversation, (entry.rid,), (entry.rid,))
    return content, kept.mime


def told(
    staff: Staff, conversation: Conversation, entries: tuple[str, ...], theirs: tuple[str, ...],
    *, ahead: bool = False,
) -> None:  # fmt: skip
    """Records a reading of these entries, unless it is part of an opening that is told already.

    `theirs` are those of the entries that customers wrote: something new among them opens it anew.
    """
    past = _past(staff, conversation, (READ, AHEAD) if ahead else (READ,))
    since = clock.now_ms() - OPENING_MINUTES * 60_000
    recent = [entry for entry in past if entry.t > since]
    if recent and set(theirs) <= _told_of(recent):
        return
    fact = (ConversationSentAhead if ahead else ConversationRead)(entries=entries[-ENTRIES_MAX:])
    what = hashlib.sha256("".join(theirs).encode()).hexdigest()[:16]
    place = past[0].n if past else 0
    key = f"{AHEAD if ahead else READ}:{conversation.obj}:{staff.uid}:{place}:{what}"
    readings.tell(fact, key, actor=staff.actor, obj=conversation.obj, lane=conversation.lane)


def _past(staff: Staff, conversation: Conversation, facts: tuple[str, ...]) -> list[Entry]:
    """Her newest readings of it, the newest first."""
    places = ", ".join(["%s"] * len(facts))
    return entries_where(
        f"obj = %s and actor = %s and fact in ({places}) order by n desc limit %s",
        [conversation.obj, staff.actor, *facts, READINGS_MAX],
    )


def _told_of(recent: list[Entry]) -> set[str]:
    return {entry for fact in facts_of(recent).values() for entry in fact.entries}


def _entries(lines: Iterable[Line]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The entries whose words lines show, oldest first; and those of them that customers wrote."""
    said = [line for line in lines if line.kind == "message" and line.entry]
    return (
        tuple(line.entry for line in said),
        tuple(line.entry for line in said if line.way == Message.IN),
    )
