"""What X's hooks carry: events of its Activity API.

Source: docs.x.com/x-api/activity/event-payloads and docs.x.com/x-api/webhooks/introduction, read 2026-11-28.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bankside.networks import signatures
from bankside.networks.contract import Item, Refused, Request
from bankside.networks.declared import Signature
from bankside.networks.x_com.api import Entities, Event, Included, Tweet, User, moment_of, ms_of
from bankside.networks.x_com.said import act_item, gone_item, message_item, post_item
from bankside.said import Said

OLD_HEADER = "x-twitter-webhooks-signature"
"""Signed with the API key secret of an app that still has one; others sign with the client secret alone."""
WRITTEN = frozenset({"post.create", "post.mention.create", "post.reply.create", "post.quote.create"})
MESSAGES = frozenset({"dm.received", "dm.sent"})


class Kind(msgspec.Struct):
    user_id: str = ""


class Envelope(msgspec.Struct):
    event_type: str
    event_uuid: str = ""
    filter: Kind = msgspec.field(default_factory=Kind)
    payload: dict[str, Any] = {}
    includes: dict[str, Any] = {}


class Delivery(msgspec.Struct):
    data: Envelope


class Target(msgspec.Struct):
    recipient_id: str = ""


class MessageData(msgspec.Struct):
    text: str = ""
    entities: Entities = msgspec.field(default_factory=Entities)


class MessageCreate(msgspec.Struct):
    sender_id: str
    target: Target = msgspec.field(default_factory=Target)
    message_data: MessageData = msgspec.field(default_factory=MessageData)


class DirectMessage(msgspec.Struct):
    """A private message in the form of the hooks, which is another one than that of `GET /2/dm_events`."""

    id: str
    type: str = ""
    created_timestamp: str = ""
    message_create: MessageCreate | None = None


class Wrapped(msgspec.Struct):
    data: User


class Exchange(msgspec.Struct):
    direct_message_events: list[DirectMessage] = []
    users: dict[str, Wrapped] = {}


class Pair(msgspec.Struct):
    source: Wrapped


def genuine(rule: Signature, request: Request, secrets: dict[str, str]) -> None:
    """Raises Forged unless X signed it: with the client secret, or as older apps have it."""
    if rule.header in request.headers or not secrets.get("consumer_secret"):
        signatures.check(rule, request, secrets.get("client_secret", ""))
        return
    old = msgspec.structs.replace(rule, header=OLD_HEADER)
    signatures.check(old, request, secrets["consumer_secret"])


def items_of(body: bytes, me: str) -> tuple[Item, ...]:
    """What an event is about, in the form that reading gives too. Raises Refused for what is no event.

    Hooks belong to an app and not to an account: what is for another account of the bank is left out.
    """
    try:
        event = msgspec.json.decode(body, type=Delivery).data
        if event.filter.user_id not in ("", me):
            return ()
        return _items(event, me)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
        raise Refused(Said("The hook cannot be read: %(broken)s.", broken=str(broken)[:200])) from broken


def _items(event: Envelope, me: str) -> tuple[Item, ...]:
    kind = event.event_type
    if kind in WRITTEN:
        post = msgspec.convert(event.payload, Tweet)
        return (post_item(post, _beside(event), quotes=me if kind == "post.quote.create" else ""),)
    if kind in MESSAGES:
        return _messages(msgspec.convert(event.payload, Exchange), me)
    match kind:
        case "post.delete":
            post = msgspec.convert(event.payload, Tweet)
            return (gone_item(post.id, post.id, post.author_id),)
        case "post.repost.create":
            post = msgspec.convert(event.payload, Tweet)
            of = post.other("retweeted")
            return (act_item("repost", post.author_id, _beside(event).users, of, ms_of(post.created_at)),)
        case "follow.follow":
            who = msgspec.convert(event.payload, Pair).source.data
            return () if who.id == me else (act_item("follow", who.id, [who], "", 0),)
    name = f"{kind}:{event.event_uuid}"[:200]
    return (Item(remote_id=name, version="", raw={"event": {"event_type": kind[:100]}}),)


def _messages(exchange: Exchange, me: str) -> tuple[Item, ...]:
    users = [wrapped.data for wrapped in exchange.users.values()]
    found = []
    for message in exchange.direct_message_events:
        if message.type != "message_create" or message.message_create is None:
            continue
        made = message.message_create
        at = message.created_timestamp
        event = Event(
            id=message.id, sender_id=made.sender_id, text=made.message_data.text,
            urls=made.message_data.entities.urls,
            created_at=moment_of(int(at)) if at.isascii() and at.isdigit() and len(at) < 15 else "",
        )  # fmt: skip
        other = made.target.recipient_id if made.sender_id == me else made.sender_id
        found.append(message_item(event, other, Included(users=users)))
    return tuple(found)


def _beside(event: Envelope) -> Included:
    """What was sent along, if it has the form of what is asked for; the words do not depend on it."""
    try:
        return msgspec.convert(event.includes, Included)
    except msgspec.ValidationError:
        return Included()
