"""Events as items, items as activities, and where reading stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from bankside.networks.contract import Activity, Actor, Attachment, Item, MediaKind
from bankside.networks.matrix_org.server import Event, Timeline, part, remote_id_of
from bankside.said import Said

TIMELINE_EVENTS = 50
PAGE_EVENTS = 100
MESSAGE, SEALED, TAKEN = "m.room.message", "m.room.encrypted", "m.room.redaction"
HEARD = [MESSAGE, SEALED, TAKEN]
FILES: dict[str, MediaKind] = {
    "m.image": "image", "m.video": "video", "m.audio": "audio", "m.file": "document",
}  # fmt: skip
NEWS = json.dumps(
    {
        "presence": {"types": []},
        "account_data": {"types": []},
        "room": {
            "timeline": {"limit": TIMELINE_EVENTS, "types": HEARD},
            "state": {"types": ["m.room.member"], "lazy_load_members": True},
            "ephemeral": {"types": []},
            "account_data": {"types": []},
        },
    }
)
PAST = json.dumps({"types": HEARD, "lazy_load_members": True})
UNREADABLE = Said("This message is encrypted. The desk cannot read it; open it in the account's own app.")
_QUOTED = re.compile(r"\A(?:> ?[^\n]*\n)+\n?")


class RawMessage(msgspec.Struct, kw_only=True):
    """What is kept of a message. `edit`: the event with these words, when they are not the first ones."""

    room: str
    id: str
    edit: str
    sender: str
    name: str
    at: int
    kind: str
    body: str
    file_name: str
    file: str
    mime: str
    reply_to: str


class RawSealed(msgspec.Struct, kw_only=True):
    room: str
    id: str
    sender: str
    name: str
    at: int


class RawGone(msgspec.Struct, kw_only=True):
    room: str
    id: str
    sender: str
    at: int


class Gap(msgspec.Struct):
    """A piece of a room's past that is still to be read, backwards."""

    room: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stands: all up to `since` is read, nothing up to `floor` concerns us (UTC ms).

    `gaps`: what came in faster than one call carries. `fresh`: rooms joined just now, their past unread yet.
    Nothing is asked for twice: a server gives every event once behind a place, changes and removals as events
    of their own, and Synapse answers the same question for two minutes with what it answered first.
    """

    floor: int = 0
    since: str = ""
    gaps: tuple[Gap, ...] = ()
    fresh: tuple[str, ...] = ()

    @classmethod
    def of(cls, cursor: str, since_ms: int) -> Place:
        return msgspec.json.decode(cursor, type=cls) if cursor else cls(floor=since_ms)

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    def after(self, next_batch: str, timelines: dict[str, Timeline], joined: tuple[str, ...]) -> Place:
        """The next place, when a call from here brought these timelines and led to joining these rooms."""
        gaps = tuple(
            Gap(room, timeline.prev_batch, "" if room in self.fresh else self.since)
            for room, timeline in timelines.items()
            if timeline.limited and timeline.prev_batch
        )
        return Place(self.floor, since=next_batch, gaps=gaps, fresh=joined)

    def filled(self, end: str, oldest_ms: int) -> Place:
        """The next place, when a piece of the first gap was read; what is left of it goes on at `end`."""
        gap, *others = self.gaps
        left = [Gap(gap.room, end, gap.end)] if end and oldest_ms > self.floor else []
        return Place(self.floor, self.since, (*left, *others), self.fresh)


# --- events as items ---------------------------------------------------------------------------------
def items_of(room: str, events: Iterable[Event], state: Iterable[Event], floor: int) -> tuple[Item, ...]:
    """What was said in a room, in the order of the events."""
    names = {e.state_key: e.content.get("displayname") for e in state if e.type == "m.room.member"}
    found = (item_of(room, e, _text(names.get(e.sender))) for e in events if e.origin_server_ts > floor)
    return tuple(item for item in found if item)


def item_of(room: str, event: Event, name: str) -> Item | None:
    """One event as an item; None for one without words, as those are that were taken away since."""
    match event.type:
        case "m.room.message":
            return _message(room, event, name)
        case "m.room.encrypted" if event.content:
            sealed = RawSealed(
                room=room, id=event.event_id, sender=event.sender, name=name, at=event.origin_server_ts
            )
            return _item("sealed", sealed, room, event.event_id, "")
        case "m.room.redaction":
            target = _text(event.content.get("redacts")) or event.redacts or ""
            gone = RawGone(room=room, id=target, sender=event.sender, at=event.origin_server_ts)
            return _item("gone", gone, room, target, "gone") if target else None
    return None


def edited(event: Event) -> str:
    """The event whose words this one replaces; empty for all others."""
    relation = _table(event.content.get("m.relates_to"))
    return _text(relation.get("event_id")) if relation.get("rel_type") == "m.replace" else ""


def _message(room: str, event: Event, name: str) -> Item | None:
    target = edited(event)
    content = _table(event.content.get("m.new_content")) if target else event.content
    kind, body = _text(content.get("msgtype")), _text(content.get("body"))
    if not kind or not body:
        return None
    above = _table(_table(event.content.get("m.relates_to")).get("m.in_reply_to"))
    message = RawMessage(
        room=room,
        id=target or event.event_id,
        edit=event.event_id if target else "",
        sender=event.sender,
        name=name,
        at=event.origin_server_ts,
        kind=kind,
        body=body,
        file_name=_text(content.get("filename")),
        file=_text(content.get("url")),
        mime=_text(_table(content.get("info")).get("mimetype")),
        reply_to=_text(above.get("event_id")),
    )
    return _item("message", message, room, message.id, message.edit)


def _item(what: str, kept: msgspec.Struct, room: str, event: str, version: str) -> Item:
    raw = {what: msgspec.to_builtins(kept)}
    return Item(remote_id=remote_id_of(room, event), version=version, raw=raw)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


# --- items as activities -----------------------------------------------------------------------------
def said(message: RawMessage, me: str, address: str) -> Activity:
    """Somebody's words, or new words in place of them."""
    files = _files(message, address)
    return Activity(
        remote_id=remote_id_of(message.room, message.id),
        version=message.edit,
        verb="Update" if message.edit else "Create",
        actor=_actor(message.sender, message.name),
        text=_words(message),
        thread=message.room,
        in_reply_to=remote_id_of(message.room, message.reply_to) if message.reply_to else "",
        url=link_of(message.room, message.id),
        private=True,
        own=message.sender == me,
        published_ms=message.at,
        attachments=files,
    )


def unread(sealed: RawSealed, me: str) -> Activity:
    """A message that only its receiver's own app can read."""
    return Activity(
        remote_id=remote_id_of(sealed.room, sealed.id),
        actor=_actor(sealed.sender, sealed.name),
        text=UNREADABLE,
        thread=sealed.room,
        url=link_of(sealed.room, sealed.id),
        private=True,
        own=sealed.sender == me,
        reply_allowed=False,
        published_ms=sealed.at,
    )


def removed(gone: RawGone, me: str) -> Activity:
    """A message that was taken away, by its author or by whoever may do that in the room."""
    return Activity(
        remote_id=remote_id_of(gone.room, gone.id),
        version="gone",
        verb="Delete",
        actor=_actor(gone.sender, ""),
        thread=gone.room,
        private=True,
        own=gone.sender == me,
        published_ms=gone.at,
    )


def link_of(room: str, event: str) -> str:
    """Opens the message in whatever client somebody has (spec.matrix.org, appendices, matrix.to)."""
    return f"https://matrix.to/#/{part(room)}/{part(event)}"


def _actor(user: str, name: str) -> Actor:
    return Actor(remote_id=user, handle=user, name=name, url=f"https://matrix.to/#/{part(user)}")


def _words(message: RawMessage) -> str:
    """The text. A file's name is no text; what older clients quote in front of an answer is none either."""
    if message.kind in FILES:
        return message.body if message.file_name not in {"", message.body} else ""
    return _QUOTED.sub("", message.body) if message.reply_to else message.body


def _files(message: RawMessage, address: str) -> tuple[Attachment, ...]:
    found = re.fullmatch(r"mxc://([\w.:\[\]-]{1,255})/([\w-]{1,255})", message.file)
    if message.kind not in FILES or not found:
        return ()
    url = f"{address}/_matrix/client/v1/media/download/{found[1]}/{found[2]}"
    name = message.file_name or message.body
    return (Attachment(kind=FILES[message.kind], url=url, alt=name, mime=message.mime),)
