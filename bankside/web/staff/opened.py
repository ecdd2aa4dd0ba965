"""The conversation that somebody has open: its words, what she may do with it, what waits for her in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bankside.approvals import policy as consent_policy
from bankside.channels import delivery as deliveries
from bankside.channels import pictures
from bankside.inbox import conversation as conversations
from bankside.inbox import openings, please_delete, presence, reading, window
from bankside.inbox import reply as replies
from bankside.inbox.models import Conversation
from bankside.people import policy
from bankside.people.models import Staff, Team
from bankside.people.staff import StaffName
from bankside.web.staff import doubts

DOUBTFUL = frozenset({"uncertain", "refused"})
LIMIT = 200
NO_WORDS = reading.Thread(lines=(), earlier=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What she may do in this conversation; pages draw only that."""

    reply: bool
    note: bool
    assign: bool
    close: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the templates inbox/opened.html and below draw.

    `undo`: reply obj -> until when it can be taken back (ms). `waiting`: reply obj -> what she may approve.
    `doubts`: delivery obj -> evidence. `words`, `note_words`: what stands in the boxes; `suggested`: the desk
    laid the words ready. `asks`: an answer needs a second person. `before`: the page shows what was before
    that line. `readers`: who else reads it. `standing`: whether the network still lets us answer.
    `pictures_since`: pictures of messages from that moment (ms) on may still be fetched.
    """

    row: reading.Listed
    thread: reading.Thread
    may: May
    assignable: list[Staff]
    undo: dict[str, int]
    waiting: dict[str, Any]
    doubts: dict[str, doubts.Doubt]
    preview: Any
    readers: tuple[StaffName, ...]
    before: int
    asks: bool
    pictures_since: int
    standing: window.Standing
    box: str
    words: str
    suggested: bool
    note_words: str
    trouble: str


def gathered(
    staff: Staff, found: Conversation, *, before: int = 0, box: str = "", words: str = "", trouble: str = "",
    ahead: bool = False, head_only: bool = False,
) -> Opened:  # fmt: skip
    """Everything about one conversation, for one reader, whose reading is recorded first.

    `box`: reply or note, where `words` go. `ahead`: it is not on her screen yet. `head_only`: who it is and
    who has it, without any words; that is no reading.
    """
    team = conversations.team_of(found)
    thread = NO_WORDS if head_only else openings.thread(staff, found, before=before, limit=LIMIT, ahead=ahead)
    may = _may(staff, team)
    said = words if box != "note" else ""
    ready = please_delete.suggested(thread.lines, found.lang, found.hidden) if may.reply and not said else ""
    return Opened(
        row=reading.row(staff, found.id), thread=thread, may=may,
        assignable=conversations.may_be_assigned(found) if may.assign else [],
        undo=_undo(staff, thread), waiting=_waiting(staff, thread), doubts=_doubts(staff, thread),
        preview=replies.preview(found, said or ready, lang=found.lang) if may.reply else None,
        readers=presence.readers(staff, found), before=before,
        pictures_since=pictures.fetched_since(found.network), standing=replies.standing(found),
        asks=not consent_policy.asks_nobody(consent_policy.REPLY, author=staff, team=team),
        box=box, words=said or ready, suggested=bool(ready),
        note_words=words if box == "note" else "", trouble=trouble,
    )  # fmt: skip


def _may(staff: Staff, team: Team | None) -> May:
    return May(
        reply=policy.may(staff, "conversation.reply", team),
        note=policy.may(staff, "conversation.note", team),
        assign=policy.may(staff, "conversation.assign", team),
        close=policy.may(staff, "conversation.close", team),
    )


def _undo(staff: Staff, thread: reading.Thread) -> dict[str, int]:
    planned = [line.reply for line in thread.lines if line.kind == "message" and line.state == "planned"]
    return {obj: replies.undo_until(replies.get_visible(staff, obj)) for obj in planned if obj}


def _waiting(staff: Staff, thread: reading.Thread) -> dict[str, Any]:
    asked = {line.reply for line in thread.lines if line.kind == "message" and line.state == "approval"}
    if not asked:
        return {}
    return {waiting.reply: waiting for waiting in reading.replies_waiting(staff) if waiting.reply in asked}


def _doubts(staff: Staff, thread: reading.Thread) -> dict[str, doubts.Doubt]:
    doubtful = [line.delivery for line in thread.lines if line.kind == "message" and line.state in DOUBTFUL]
    found = {obj: doubts.doubt_of(staff, deliveries.get_visible(staff, obj)) for obj in doubtful if obj}
    return {obj: doubt for obj, doubt in found.items() if doubt.open}
