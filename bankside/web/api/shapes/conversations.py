"""Conversations and answers, as the API shows and takes them."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, StringConstraints

from bankside.web.api.shapes import PICTURES_MAX, Hex32, Hex64, Line, PictureIn, Taken, Text


class ConversationRow(Schema):
    """A conversation in the list. `assignee` is a uid, null for nobody; `version` is for the next act.

    `red`: the classes of numbers that were hidden in what waits for an answer.
    """

    id: str
    obj: str
    name: str
    handle: str
    url: str
    network: str
    channel: str
    private: bool
    lang: str
    state: str
    excerpt: str
    assignee: str | None
    messages: int
    last_at: str | None
    waiting_since: str | None
    due_at: str | None
    version: str
    red: list[str]


class Conversations(Schema):
    """A page of conversations: who has a clock first, soonest first; then the others, newest first."""

    items: list[ConversationRow]
    next: str | None


class MessageOut(Schema):
    """A message, answer or note (kind message), or something that happened (kind event)."""

    kind: str
    id: str
    at: str | None
    actor: str
    actor_name: str
    what: str
    detail: str
    way: str
    entry: str
    reply: str
    delivery: str
    name: str
    handle: str
    text: str
    title: str
    lang: str
    remote_id: str
    url: str
    private: bool
    outside: bool
    erased: bool
    state: str
    note: str
    red: list[str]
    attachments: list[dict[str, str]]
    edited_at: str | None
    removed_at: str | None


class ShownOut(Schema):
    """A picture as the desk has drawn it: its type, and its bytes in Base64."""

    mime: str
    content: str


class Messages(Schema):
    """The newest lines, oldest first; `next` is the cursor for what was before."""

    items: list[MessageOut]
    next: str | None


class ReplyIn(Taken):
    """An answer. With the `version` that was seen it is not sent when somebody else answered since."""

    text: Text
    media: Annotated[list[PictureIn], Field(max_length=PICTURES_MAX)] = []
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] | None = None
    to: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,17}$")] | None = None
    lang: Annotated[str, StringConstraints(max_length=35)] = ""


class ReplyOut(Schema):
    """An answer: in approval, planned, withdrawn or sent-back; how it fares then tells its message."""

    obj: str
    conversation: str
    channel: str
    digest: str
    words: dict[str, Any]
    state: str
    author: str
    delivery: str | None
    written_at: str | None
    due_at: str | None


class ReplyApprovalIn(Taken):
    """The digest of the words that she saw."""

    digest: Hex64


class AssignmentIn(Taken):
    """Who has it now (a uid), or null for nobody; `version` as it was seen."""

    to: Hex32 | None
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] | None = None


class ClosureIn(Taken):
    """Why nothing more is to be done, if there is something to say; `version` as it was seen."""

    reason: Line = ""
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] | None = None


class NoteIn(Taken):
    """Words among colleagues."""

    text: Annotated[str, StringConstraints(max_length=20_000)]


class NoteOut(Schema):
    """A note by its obj."""

    obj: str
