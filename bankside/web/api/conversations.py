"""Conversations: read, taken on, answered, noted in, closed and opened again; and answers on their way."""

from __future__ import annotations

import base64
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from bankside.channels import media
from bankside.inbox import conversation as conversations
from bankside.inbox import openings, reading
from bankside.inbox import reply as replies
from bankside.inbox.models import Conversation, Reply
from bankside.people.models import Staff
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Id, Obj, operation
from bankside.web.api.paging import Cursor, Limit
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.channels import ReasonIn
from bankside.web.api.shapes.conversations import (
    AssignmentIn,
    ClosureIn,
    ConversationRow,
    Conversations,
    MessageOut,
    Messages,
    NoteIn,
    NoteOut,
    ReplyApprovalIn,
    ReplyIn,
    ReplyOut,
    ShownOut,
)

router = Router(tags=["conversations"])

View = Literal["mine", "nobody", "all", "hidden", "closed"]


@operation(router, "GET", "/conversations", "conversation.see", says=Conversations)
def conversation_list(
    request: HttpRequest, view: View = "all", cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """Who has a clock first, soonest first; then the others, newest first.

    The view `hidden` holds those where a number was hidden in what waits: nobody has asked yet to delete it.
    """
    page = reading.page(staff_of(request), view=view, before=cursor, limit=limit)
    answer = {"items": [_listed(row) for row in page.rows], "next": page.next or None}
    # Checking every row against its shape costs more than all the rest; a test holds the rows to it.
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json; charset=utf-8")


@operation(router, "GET", "/conversations/{conversation}", "conversation.see", says=ConversationRow)
def conversation_show(request: HttpRequest, conversation: Id) -> Any:
    """One conversation."""
    staff = staff_of(request)
    return _again(staff, conversations.get_visible(staff, conversation))


@operation(router, "GET", "/conversations/{conversation}/messages", "conversation.see", says=Messages)
def conversation_messages(
    request: HttpRequest, conversation: Id, cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """The newest lines, oldest first, or those before the cursor. That she read them goes into the record."""
    staff = staff_of(request)
    row = conversations.get_visible(staff, conversation)
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else 0
    thread = openings.thread(staff, row, before=before, limit=limit)
    further = str(thread.earlier) if thread.earlier else None
    return {"items": [_line(line) for line in thread.lines], "next": further}


@operation(
    router, "GET", "/conversations/{conversation}/pictures/{picture}", "conversation.see", says=ShownOut
)
def conversation_picture(request: HttpRequest, conversation: Id, picture: Obj) -> Any:
    """A picture that somebody showed, drawn again by the desk. That she read it goes into the record."""
    staff = staff_of(request)
    row = conversations.get_visible(staff, conversation)
    content, mime = openings.picture(staff, row, picture)
    return {"mime": mime, "content": base64.b64encode(content).decode()}


@operation(
    router, "POST", "/conversations/{conversation}/replies", "conversation.reply", says=ReplyOut, status=201
)
def conversation_reply(request: HttpRequest, conversation: Id, said: ReplyIn) -> Any:
    """Answers. It leaves some seconds later, or once a second person agreed, where policy asks for that."""
    staff = staff_of(request)
    row = conversations.get_visible(staff, conversation)
    pictures = tuple(media.said(media.get(one.media), one.alt) for one in said.media)
    written = replies.write(
        staff, row, said.text, media=pictures, version=_version(said.version),
        lang=said.lang, to=_version(said.to),
    )  # fmt: skip
    return _reply(written)


@operation(
    router, "POST", "/conversations/{conversation}/assignment", "conversation.assign", says=ConversationRow
)
def conversation_assign(request: HttpRequest, conversation: Id, said: AssignmentIn) -> Any:
    """Somebody has it now, or nobody."""
    staff = staff_of(request)
    row = conversations.get_visible(staff, conversation)
    return _again(staff, conversations.assign(staff, row, said.to or "", version=_version(said.version)))


@operation(
    router, "POST", "/conversations/{conversation}/closure", "conversation.close", says=ConversationRow
)
def conversation_close(request: HttpRequest, conversation: Id, said: ClosureIn) -> Any:
    """Nothing more is to be done until the person writes again."""
    staff = staff_of(request)
    row = conversations.get_visible(staff, conversation)
    return _again(staff, conversations.close(staff, row, reason=said.reason, version=_version(said.version)))


@operation(
    router, "DELETE", "/conversations/{conversation}/closure", "conversation.close", says=ConversationRow
)
def conversation_reopen(request: HttpRequest, conversation: Id) -> Any:
    """It is open again."""
    staff = staff_of(request)
    return _again(staff, conversations.reopen(staff, conversations.get_visible(staff, conversation)))


@operation(
    router, "POST", "/conversations/{conversation}/notes", "conversation.note", says=NoteOut, status=201
)
def conversation_note(request: HttpRequest, conversation: Id, said: NoteIn) -> Any:
    """Words among colleagues; they never leave the desk. They are read among the messages."""
    staff = staff_of(request)
    row = conversations.get_visible(staff, conversation)
    return {"obj": conversations.note(staff, row, said.text)}


@operation(router, "GET", "/replies/{reply}", "conversation.see", says=ReplyOut)
def reply_show(request: HttpRequest, reply: Obj) -> Any:
    """One answer, word for word."""
    return _reply(replies.get_visible(staff_of(request), reply))


@operation(router, "POST", "/replies/{reply}/approval", "reply.approve", says=ReplyOut)
def reply_approve(request: HttpRequest, reply: Obj, said: ReplyApprovalIn) -> Any:
    """Agrees to the words of this digest; the answer leaves."""
    staff = staff_of(request)
    return _reply(replies.approve(staff, replies.get_visible(staff, reply), digest=said.digest))


@operation(router, "POST", "/replies/{reply}/return", "reply.approve", says=ReplyOut)
def reply_send_back(request: HttpRequest, reply: Obj, said: ReasonIn) -> Any:
    """Does not agree, and says why."""
    staff = staff_of(request)
    return _reply(replies.send_back(staff, replies.get_visible(staff, reply), reason=said.reason))


@operation(router, "POST", "/replies/{reply}/withdrawal", "conversation.reply", says=ReplyOut)
def reply_take_back(request: HttpRequest, reply: Obj) -> Any:
    """The answer does not leave; only before it has."""
    staff = staff_of(request)
    return _reply(replies.take_back(staff, replies.get_visible(staff, reply)))


# --- as JSON ---------------------------------------------------------------------------------------------
def _version(text: str | None) -> int | None:
    return None if text is None else int(text)


def _again(staff: Staff, row: Conversation) -> ConversationRow:
    return _row(reading.row(staff, row.pk))


def _row(row: reading.Listed) -> ConversationRow:
    return ConversationRow(**_listed(row))


def _listed(row: reading.Listed) -> dict[str, Any]:
    return {
        "id": str(row.id), "obj": row.obj, "name": row.name, "handle": row.handle, "url": row.url,
        "network": row.network, "channel": row.channel, "private": row.private, "lang": row.lang,
        "state": row.state, "excerpt": row.excerpt, "assignee": row.assignee or None,
        "messages": row.messages, "last_at": moment(row.last_at),
        "waiting_since": moment(row.waiting_since), "due_at": moment(row.due_at),
        "version": str(row.version), "red": row.hidden.split(),
    }  # fmt: skip


def _line(line: reading.Line) -> MessageOut:
    return MessageOut(
        kind=line.kind, id=str(line.id), at=moment(line.at), actor=line.actor, actor_name=line.actor_name,
        what=line.what, detail=line.detail, way=line.way, entry=line.entry, reply=line.reply,
        delivery=line.delivery, name=line.name, handle=line.handle, text=line.text, title=line.title,
        lang=line.lang, remote_id=line.remote_id, url=line.url, private=line.private, outside=line.outside,
        erased=line.erased, state=line.state, note=line.note, red=list(line.red),
        attachments=list(line.attachments), edited_at=moment(line.edited_at),
        removed_at=moment(line.removed_at),
    )  # fmt: skip


def _reply(row: Reply) -> dict[str, Any]:
    return {
        "obj": row.obj, "conversation": row.conversation, "channel": row.channel, "digest": row.digest,
        "words": row.words, "state": row.state, "author": row.author.uid, "delivery": row.delivery or None,
        "written_at": moment(row.written_at), "due_at": moment(row.due_at),
    }  # fmt: skip
