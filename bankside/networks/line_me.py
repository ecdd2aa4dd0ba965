"""LINE Official Account: messages to all friends of the account, and chats with those who write to it.

A post goes to everybody (broadcast), an answer or a private message to one user, group or room (push). There
are no public comments. A thread is named for the other side of the chat. What comes in comes by hook alone.
Written from LINE's OpenAPI files (github.com/line/line-openapi, 2026-07-01) and developers.line.biz, read
2026-11-28.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from bankside.networks import signatures
from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Actor,
    Answer,
    Attachment,
    Connector,
    Expired,
    Item,
    Later,
    Measured,
    MediaKind,
    Post,
    Preview,
    Receipt,
    Reconnect,
    Refused,
    Request,
    Self,
    Tokens,
    Uncertain,
)
from bankside.networks.fit import fitted
from bankside.networks.wire import WireAnswer
from bankside.said import Said, joined

API = "https://api.line.me"
ADD_FRIEND = "https://line.me/R/ti/p/"
RETRY_NAMES = uuid.UUID("6f0d7f6e-3f0c-5f7e-9d55-0a6f1c7d2b11")
"""The name space of our retry keys; it must never change, or a repeated send would be a second one."""
AGAIN_SECONDS = 30
MEASURE_REFS_MAX = 30
"""The counts of so many posts in one run: LINE answers 60 such calls an hour (#rate-limits)."""
ID = re.compile(r"[UCR][0-9a-f]{32}")
REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MONTH_IS_OVER = "monthly limit"
"""In the words of a 429 that waiting does not help (…/docs/messaging-api/handling-http-429-errors)."""
DETAILS_MAX = 3

T = TypeVar("T")


class LineOfficialAccount(Connector):
    """One Official Account, by its Messaging API channel."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        me = self._get("/v2/bot/info", _Bot)
        quota = self._get("/v2/bot/message/quota", _Quota)
        used = self._get("/v2/bot/message/quota/consumption", _Used)
        limits = {"used_this_month": used.totalUsage}
        if quota.type == "limited":
            limits["quota_of_month"] = quota.value
        return Self(
            remote_id=me.userId, handle=me.basicId, name=me.displayName, url=f"{ADD_FRIEND}{me.basicId}",
            limits=limits,
        )  # fmt: skip

    def renew(self) -> Tokens:
        """A token for a quarter of an hour, by the channel's own id and secret."""
        form = {
            "grant_type": "client_credentials", "client_id": self.grant.settings["channel_id"],
            "client_secret": self.grant.secrets.get("channel_secret", ""),
        }  # fmt: skip
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            answer = self.wire.post(
                f"{API}/oauth2/v3/token", content=urlencode(form).encode(), headers=headers, also=(400, 401)
            )
            if answer.status != 200:
                raise Reconnect(Said("LINE does not accept the channel ID or the channel secret."))
            made = _understood(answer, _Token)
        except Uncertain as doubt:  # a token that nobody received harms nobody: it ends
            raise Later(10, doubt.reason) from doubt
        until = int((time.time() + made.expires_in) * 1000)
        return Tokens(secrets={"access": made.access_token}, fresh_until_ms=until)

    # --- what comes in ---------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        signatures.check(_data().signature, request, self.grant.secrets.get("channel_secret", ""))
        try:
            events = msgspec.json.decode(request.body, type=_Hook).events
            return Accepted(items=tuple(item_of(event) for event in events))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
            raise Refused(
                Said("The body of the hook cannot be read: %(broken)s.", broken=str(broken))
            ) from None

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        if "event" not in raw:
            return ()
        try:
            event = msgspec.convert(raw["event"], _Event)
        except (msgspec.ValidationError, UnicodeError) as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=str(broken))) from broken
        if not _place(event):
            raise Refused(Said("The item cannot be read: %(broken)s.", broken="source"))
        return _activities(event)

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        """No name of who would get it: LINE tells names only to a call."""
        shown = fitted(_data(), post, self.grant.account)
        return replace(shown, findings=(*shown.findings, *_of_chat(post), *_of_pictures(post)))

    def send(self, post: Post, key: str) -> Receipt:
        """Raises Later, never Uncertain, for a lost answer: with the same key LINE takes it once."""
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        retry_key = str(uuid.uuid5(RETRY_NAMES, key))
        body: dict[str, Any] = {"messages": _messages(post)}
        if _is_chat(post):
            place, body = "/v2/bot/message/push", {"to": _receiver(post), **body}
        else:
            place = "/v2/bot/message/broadcast"
        try:
            answer = self._ask(
                "POST", place, json=body, headers={"x-line-retry-key": retry_key}, also=(400, 409, 429)
            )
        except Uncertain as doubt:
            # Later says that the same call may be made again. That holds where a key of ours stands for the
            # act (strategies server_key and client_id), whatever became of the first call.
            why = Said("LINE gave no answer. %(reason)s The next try has the same key.", reason=doubt.reason)
            raise Later(AGAIN_SECONDS, why) from doubt
        return self._receipt(answer, retry_key)

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        """Of posts to everybody: LINE counts neither chats nor what fewer than 20 people saw."""
        found, place = [], "/v2/bot/insight/message/event"
        for ref in [ref for ref in refs if REQUEST_ID.fullmatch(ref)][:MEASURE_REFS_MAX]:
            answer = self._ask("GET", place, params={"requestId": ref}, also=(400, 404))
            if answer.status == 200:
                found.append(Measured(remote_id=ref, counts=_counts(_understood(answer, _Insight).overview)))
        return tuple(found)

    # --- one call --------------------------------------------------------------------------------------
    def _get(self, place: str, kind: type[T]) -> T:
        return _understood(self._ask("GET", place), kind)

    def _ask(
        self, method: str, place: str, *, headers: dict[str, str] | None = None, **how: Any
    ) -> WireAnswer:
        """With the token. A 401 speaks of it alone: `renew` finds out whether the secret is still good."""
        token = self.grant.secrets.get("access", "")
        carried = {**(headers or {}), "authorization": f"Bearer {token}"}
        try:
            return self.wire.ask(method, f"{API}{place}", headers=carried, **how)
        except Reconnect as ended:
            if token:
                raise Expired(ended.reason) from ended
            raise

    def _receipt(self, answer: WireAnswer, retry_key: str) -> Receipt:
        """200, or 409 for what LINE had taken before. A broadcast is named by its request alone."""
        if answer.status == 429 and MONTH_IS_OVER not in answer.text.lower():
            self.wire.raise_for(answer)
        if answer.status in {400, 429}:
            raise Refused(self.wire.redacted(_words(answer)))
        sent = _sent(answer)
        accepted = "x-line-accepted-request-id" if answer.status == 409 else "x-line-request-id"
        return Receipt(remote_id=sent or answer.headers.get(accepted, "") or retry_key)


CONNECTOR = LineOfficialAccount


def _data() -> NetworkData:
    return network("line_me")


# --- what LINE answers -----------------------------------------------------------------------------------
class _Token(msgspec.Struct):
    access_token: str
    expires_in: int


class _Bot(msgspec.Struct):
    userId: str
    basicId: str
    displayName: str


class _Quota(msgspec.Struct):
    type: str
    value: int = 0


class _Used(msgspec.Struct):
    totalUsage: int


class _Sent(msgspec.Struct):
    id: str


class _Detail(msgspec.Struct):
    message: str = ""
    property: str = ""


class _Said(msgspec.Struct):
    message: str = ""
    details: list[_Detail] = []
    sentMessages: list[_Sent] = []


class _Overview(msgspec.Struct):
    delivered: int | None = None
    uniqueImpression: int | None = None
    uniqueClick: int | None = None


class _Insight(msgspec.Struct):
    overview: _Overview = msgspec.field(default_factory=_Overview)


def _understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        raise answer.nonsense(
            Said("LINE answered something unknown: %(strange)s.", strange=str(strange))
        ) from None


def _said(answer: WireAnswer) -> _Said:
    """What an answer says of messages and errors; empty when it says nothing that is known."""
    try:
        return msgspec.json.decode(answer.content, type=_Said)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Said()


def _sent(answer: WireAnswer) -> str:
    """The id of the first message that was sent; empty for a broadcast, and when the answer names none."""
    sent = _said(answer).sentMessages
    return sent[0].id if sent else ""


def _words(answer: WireAnswer) -> str:
    """LINE's words with their details, which name the field that is wrong."""
    said = _said(answer)
    details = [f"{d.property}: {d.message}".strip(": ") for d in said.details[:DETAILS_MAX]]
    words = " ".join(" ".join([said.message, *details]).split())[:300]
    return words or Said("The network answered %(status)s.", status=str(answer.status))


def _counts(overview: _Overview) -> dict[str, int]:
    known = {
        "delivered": overview.delivered, "views": overview.uniqueImpression, "clicks": overview.uniqueClick,
    }  # fmt: skip
    return {name: number for name, number in known.items() if number is not None}


# --- what goes out, as LINE wants it ---------------------------------------------------------------------
def _is_chat(post: Post) -> bool:
    return post.private or bool(post.in_reply_to)


def _receiver(post: Post) -> str:
    """Where the chat is: a group that asked is answered in the group. Empty when it is not known."""
    known = (post.thread, *post.to, post.in_reply_to)
    return next((id for id in known if ID.fullmatch(id)), "")


def _messages(post: Post) -> list[dict[str, str]]:
    text = [{"type": "text", "text": post.text}] if post.text.strip() else []
    return text + [
        {"type": "image", "originalContentUrl": m.url, "previewImageUrl": m.url} for m in post.media
    ]


def _of_chat(post: Post) -> Iterator[str]:
    if _is_chat(post) and not _receiver(post):
        yield Said("LINE knows people by an id that begins with U; this message names nobody by such an id.")
    if len(set(post.to)) > 1:
        yield Said("A private message on LINE goes to one person.")


def _of_pictures(post: Post) -> Iterator[str]:
    if any(not m.url.startswith("https://") for m in post.media):
        title = _data().title
        yield Said(
            "%(title)s fetches pictures itself: the desk needs a public address with https://.", title=title
        )


# --- what comes in, as it is kept ------------------------------------------------------------------------
class _Source(msgspec.Struct):
    """Who wrote, and where: a user alone, or one in a group or a room (then not always named)."""

    type: str = ""
    userId: str = ""
    groupId: str = ""
    roomId: str = ""


class _Provider(msgspec.Struct):
    type: str = "line"
    originalContentUrl: str = ""


class _Mentionee(msgspec.Struct):
    type: str = ""
    userId: str = ""


class _Mention(msgspec.Struct):
    mentionees: list[_Mentionee] = []


class _Message(msgspec.Struct):
    """A message of any kind: each kind has some of these fields."""

    type: str
    id: str
    text: str = ""
    quotedMessageId: str = ""
    mention: _Mention = msgspec.field(default_factory=_Mention)
    contentProvider: _Provider = msgspec.field(default_factory=_Provider)
    fileName: str = ""
    title: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    keywords: list[str] = []


class _Unsend(msgspec.Struct):
    messageId: str


class _Event(msgspec.Struct):
    """Something that happened."""

    type: str
    webhookEventId: str
    timestamp: int
    mode: str = "active"
    source: _Source = msgspec.field(default_factory=_Source)
    message: _Message | None = None
    unsend: _Unsend | None = None


class _Hook(msgspec.Struct):
    events: list[dict[str, Any]]


LEFT_OUT = frozenset({"replyToken", "quoteToken", "markAsReadToken", "deliveryContext"})
"""Tokens that nobody needs later, and whether it is delivered again: then it is the same event."""


IDS = ("id", "messageId", "quotedMessageId", "webhookEventId", "userId", "groupId", "roomId")


def item_of(event: dict[str, Any]) -> Item:
    """An event as it is kept. Whoever delivers it again gives it the id that it had before."""
    id = msgspec.convert(event.get("webhookEventId"), str)
    kept = {name: _without_tokens(value) for name, value in event.items() if name not in LEFT_OUT}
    return Item(remote_id=id, version="", raw={"event": kept}, ids=IDS)


def _without_tokens(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: inner for name, inner in value.items() if name not in LEFT_OUT}


# --- what it means ---------------------------------------------------------------------------------------
KINDS: dict[str, MediaKind] = {"image": "image", "video": "video", "audio": "audio", "file": "document"}


def _activities(event: _Event) -> tuple[Activity, ...]:
    """() for what says nothing to us: a friend who has left, a button, a group that is joined."""
    match event.type:
        case "message" if event.message:
            return (_message(event, event.message),)
        case "unsend" if event.unsend:
            return (_unsent(event, event.unsend.messageId),)
        case "follow":
            return (_followed(event),)
    return ()


def _message(event: _Event, message: _Message) -> Activity:
    place = _place(event)
    return Activity(
        remote_id=message.id, actor=_actor(event), text=_text(message), thread=place,
        in_reply_to=message.quotedMessageId, private=True, published_ms=event.timestamp,
        # In standby another system holds the chat (a module channel): it answers, not we.
        reply_allowed=event.mode == "active" and bool(ID.fullmatch(place)),
        attachments=_attachments(message),
        mentions=tuple(m.userId for m in message.mention.mentionees if m.userId),
    )  # fmt: skip


def _unsent(event: _Event, message: str) -> Activity:
    """Its author took it back, and LINE asks that it be forgotten (…/messaging-api/#unsend-event)."""
    return Activity(
        remote_id=message, version="gone", verb="Delete", actor=_actor(event), thread=_place(event),
        private=True, published_ms=event.timestamp,
    )  # fmt: skip


def _followed(event: _Event) -> Activity:
    return Activity(
        remote_id=event.webhookEventId, verb="Follow", actor=_actor(event), thread=_place(event),
        private=True, published_ms=event.timestamp,
    )  # fmt: skip


def _place(event: _Event) -> str:
    source = event.source
    return source.groupId or source.roomId or source.userId or event.webhookEventId


def _actor(event: _Event) -> Actor:
    """By id alone: a name would have to be asked for. In a group LINE does not always tell who it was."""
    who = event.source.userId or _place(event)
    return Actor(remote_id=who, name=who)


def _text(message: _Message) -> str:
    match message.type:
        case "text":
            return message.text
        case "location":
            spot = ""
            if message.latitude is not None and message.longitude is not None:
                spot = f"{message.latitude:g}, {message.longitude:g}"
            return "\n".join(part for part in (message.title, message.address, spot) if part)
        case "sticker":
            return message.text or f"[{', '.join(message.keywords[:3])}]" * bool(message.keywords)
    return ""


def _attachments(message: _Message) -> tuple[Attachment, ...]:
    """A file lies at LINE and opens with our token alone: no address to give, unless it lies elsewhere."""
    kind = KINDS.get(message.type)
    if kind is None:
        return ()
    there = message.contentProvider.originalContentUrl
    url = there if there.startswith("https://") else ""
    return (Attachment(kind=kind, url=url, alt=message.fileName),)
