"""Private messages of a page or a professional account: read, answered inside their windows, looked for.

Sources, read 2026-11-28: developers.facebook.com/docs/messenger-platform/conversations, …/send-messages,
…/policy/policy-overview (24 hours; a person may answer for seven days with the tag HUMAN_AGENT).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import msgspec

from bankside.networks.contract import Activity, Actor, Attachment, Item, MediaKind, NotAllowed, Post, Receipt
from bankside.networks.graph import Graph, ms_of, path_of, same
from bankside.networks.markup import web_address
from bankside.networks.seen import IDS
from bankside.said import Said

DIRECT = "direct:"
"""Before the id of the other side: a private exchange."""
OPEN_HOURS = 24
TAGGED_HOURS = 7 * 24
FIND_HOURS = 24
EXCHANGES_PER_LOOK = 25
MESSAGES_PER_EXCHANGE = 20  # of older ones the network tells no details
SHOWN_MAX = 20
FIELDS = (
    f"updated_time,link,participants,messages.limit({MESSAGES_PER_EXCHANGE})"
    "{id,message,created_time,from,to,attachments}"
)
KINDS: dict[str, MediaKind] = {"image": "image", "video": "video", "audio": "audio"}


# --- what the network answers ----------------------------------------------------------------------------
class Person(msgspec.Struct):
    id: str = ""
    name: str = ""
    username: str = ""


class _Picture(msgspec.Struct):
    url: str = ""


class File(msgspec.Struct):
    mime_type: str = ""
    file_url: str = ""
    image_data: _Picture | None = None
    video_data: _Picture | None = None

    @property
    def address(self) -> str:
        pictured = self.image_data or self.video_data
        return (pictured.url if pictured else "") or self.file_url


class _Files(msgspec.Struct):
    data: list[File] = []


class _People(msgspec.Struct):
    data: list[Person] = []


class Message(msgspec.Struct):
    id: str
    message: str = ""
    created_time: str = ""
    sender: Person | None = msgspec.field(default=None, name="from")
    to: _People = msgspec.field(default_factory=_People)
    attachments: _Files = msgspec.field(default_factory=_Files)


class _Messages(msgspec.Struct):
    data: list[Message] = []


class Exchange(msgspec.Struct):
    """A conversation with one other side."""

    id: str
    link: str = ""
    participants: _People = msgspec.field(default_factory=_People)
    messages: _Messages = msgspec.field(default_factory=_Messages)

    def other(self, me: str) -> Person | None:
        """The other side."""
        return next((p for p in self.participants.data if p.id and p.id != me), None)


class _Sent(msgspec.Struct):
    message_id: str


# --- as it is kept ---------------------------------------------------------------------------------------
class RawShown(msgspec.Struct, kw_only=True):
    type: str
    url: str


class RawMessage(msgspec.Struct, kw_only=True):
    """One message. `other`: the id of the one with whom the exchange is, whoever wrote."""

    id: str
    who: str
    name: str
    handle: str
    other: str
    text: str
    url: str
    published_ms: int
    shown: list[RawShown]


def item_of(kept: RawMessage) -> Item:
    """The same by hook and by poll: the network has one id for it."""
    return Item(remote_id=kept.id, version="", raw={"message": msgspec.to_builtins(kept)}, ids=IDS)


def activity_of(kept: RawMessage, me: str) -> Activity:
    return Activity(
        remote_id=kept.id, actor=Actor(remote_id=kept.who, handle=kept.handle, name=kept.name),
        text=kept.text, thread=DIRECT + kept.other, url=web_address(kept.url), private=True,
        own=kept.who == me, published_ms=kept.published_ms,
        attachments=tuple(
            Attachment(kind=KINDS.get(s.type, "document"), url=s.url)
            for s in kept.shown
            if web_address(s.url)
        ),
    )  # fmt: skip


# --- calls -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Private:
    """The private messages of `me`. `site`: where links begin; `fallback`: where a person answers by hand."""

    graph: Graph
    me: str
    platform: str
    site: str
    fallback: str

    def latest(self) -> list[RawMessage]:
        """The newest messages of the newest exchanges, in no order."""
        pages = self.graph.pages(
            f"{self.me}/conversations", Exchange, 1,
            platform=self.platform, fields=FIELDS, limit=EXCHANGES_PER_LOOK,
        )  # fmt: skip
        return [kept for page in pages for exchange in page for kept in self._kept(exchange)]

    def send(self, post: Post) -> Receipt:
        """An answer: within a day as such, later with the tag for what a person writes, then not at all."""
        person = path_of(person_of(post))
        hours = self._silent_hours(person)
        if hours > TAGGED_HOURS:
            late = Said("The seven days for an answer are over; this person has to write first.")
            raise NotAllowed(late, self.fallback)
        kind = {"messaging_type": "RESPONSE"}
        if hours > OPEN_HOURS:
            kind = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        given: dict[str, Any] = {"recipient": {"id": person}, "message": {"text": post.text}, **kind}
        sent = self.graph.post(f"{self.me}/messages", _Sent, **given)
        return Receipt(remote_id=sent.message_id, url=self.fallback, published_ms=int(time.time() * 1000))

    def find(self, post: Post) -> Receipt | None:
        """Ours of the last day in that exchange, in the same words."""
        exchange = self._with(path_of(person_of(post)))
        earliest = time.time() * 1000 - FIND_HOURS * 3_600_000
        for kept in self._kept(exchange) if exchange else ():
            if kept.who == self.me and same(kept.text, post.text) and kept.published_ms >= earliest:
                return Receipt(remote_id=kept.id, url=kept.url, published_ms=kept.published_ms)
        return None

    def _silent_hours(self, person: str) -> float:
        """Hours since she last wrote; more than any window when she never did.

        Where only our own answers are shown, she is at least as long silent as they go back; whether that is
        too long is then for the network to say.
        """
        exchange = self._with(person)
        shown = self._kept(exchange) if exchange else []
        moments = [kept.published_ms for kept in shown if kept.who == person]
        if not moments and len(shown) >= MESSAGES_PER_EXCHANGE:
            moments = [min(kept.published_ms for kept in shown)]
        return (time.time() * 1000 - max(moments)) / 3_600_000 if moments else TAGGED_HOURS + 1.0

    def _with(self, person: str) -> Exchange | None:
        params = {"platform": self.platform, "user_id": person, "fields": FIELDS}
        found = next(iter(self.graph.pages(f"{self.me}/conversations", Exchange, 1, **params)), [])
        return found[0] if found else None

    def _kept(self, exchange: Exchange) -> list[RawMessage]:
        other = exchange.other(self.me)
        if other is None:
            return []
        return [self._one(m, m.sender, other, exchange.link) for m in exchange.messages.data if m.sender]

    def _one(self, message: Message, sender: Person, other: Person, link: str) -> RawMessage:
        return RawMessage(
            id=message.id, who=sender.id, name=sender.name, handle=sender.username, other=other.id,
            text=message.message, url=f"{self.site}{link}" if link.startswith("/") else link,
            published_ms=ms_of(message.created_time),
            shown=[
                RawShown(type=f.mime_type.partition("/")[0], url=f.address)
                for f in message.attachments.data[:SHOWN_MAX]
            ],
        )  # fmt: skip


def person_of(post: Post) -> str:
    """Who gets a private message: the other side of the exchange, else the receiver that is named."""
    exchange = next((p for p in (post.thread, post.in_reply_to) if p.startswith(DIRECT)), "")
    return exchange.removeprefix(DIRECT) or next(iter(post.to), "")
