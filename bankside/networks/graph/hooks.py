"""What Meta delivers to a hook: `{"object": …, "entry": [{"id", "time", "changes" | "messaging"}]}`.

Source: developers.facebook.com/docs/graph-api/webhooks/getting-started, read 2026-11-28. An app has one
address for all its pages: what concerns another page than ours is left out.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from bankside.networks import signatures
from bankside.networks.contract import Answer, Forged, Item, Refused, Request
from bankside.networks.declared import Signature
from bankside.networks.graph.private import DIRECT, SHOWN_MAX, RawMessage, RawShown, item_of
from bankside.networks.seen import IDS
from bankside.said import Said


class Change(msgspec.Struct):
    field: str = ""
    value: Any = None


class _Side(msgspec.Struct):
    id: str = ""


class _Payload(msgspec.Struct):
    url: str = ""


class _Attached(msgspec.Struct):
    type: str = ""
    payload: _Payload = msgspec.field(default_factory=_Payload)


class _Words(msgspec.Struct):
    mid: str
    text: str = ""
    is_deleted: bool = False
    attachments: list[_Attached] = []


class _Told(msgspec.Struct):
    sender: _Side
    recipient: _Side
    timestamp: int
    message: _Words


class Entry(msgspec.Struct):
    """What is told of one page or account. `messaging` as it came: its kinds are many."""

    id: str
    time: int = 0
    changes: list[Change] = []
    messaging: list[dict[str, Any]] = []


class _Delivery(msgspec.Struct):
    object: str
    entry: list[Entry]


def shaken(rule: Signature, request: Request, secrets: dict[str, str]) -> Answer | None:
    """The answer to a handshake, None when it is none. Raises Forged, also without a good signature.

    Without a word that was agreed on, nobody is answered: anybody could give none.
    """
    word, secret = secrets.get("verify_token", ""), secrets.get(rule.key, "")
    if request.method == "GET" and not word:
        raise Forged(Said("The handshake does not carry the word that was agreed on."))
    if answer := signatures.handshake(rule, request, secret, word=word):
        return answer
    signatures.check(rule, request, secret)
    return None


def entries(body: bytes, kind: str, me: str) -> list[Entry]:
    """What is told of `me`. Raises Refused for what no Meta server sends."""
    try:
        told = msgspec.json.decode(body, type=_Delivery)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
        raise Refused(Said("The hook cannot be read: %(broken)s.", broken=str(broken))) from None
    return [entry for entry in told.entry if told.object == kind and entry.id == me]


def message_item(told: dict[str, Any], me: str, fallback: str) -> Item:
    """An event of a private exchange: words, words taken back, or something else, which is kept as it is."""
    try:
        event = msgspec.convert(told, _Told)
    except msgspec.ValidationError:
        return unknown_item("messaging", told)
    other = event.recipient.id if event.sender.id == me else event.sender.id
    if event.message.is_deleted:
        gone = {"id": event.message.mid, "root": DIRECT + other, "who": event.sender.id}
        return Item(remote_id=event.message.mid, version="gone", raw={"gone": gone}, ids=IDS)
    shown = [RawShown(type=a.type, url=a.payload.url) for a in event.message.attachments[:SHOWN_MAX]]
    return item_of(
        RawMessage(
            id=event.message.mid, who=event.sender.id, name="", handle="", other=other, url=fallback,
            text=event.message.text, published_ms=event.timestamp, shown=shown,
        )
    )  # fmt: skip


def unknown_item(name: str, told: object) -> Item:
    """Something that this connector does not know: kept under a digest of itself, so that twice is once."""
    digest = hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()[:32]
    return Item(remote_id=f"{name}:{digest}", version="", raw={name: told})
