"""What the pretended network tells: items behind a cursor, their raw form, and what they mean."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, cast

import msgspec

from bankside.networks.contract import Activity, Actor, Attachment, Item, Page, Refused, Verb
from bankside.networks.practice.state import ACTS, HOME, Image, Person, State, Thing, is_own_post
from bankside.said import Said

ITEMS_PER_PAGE_MAX = 50
ITEMS_PER_HOOK_MAX = 1000
READABLE = frozenset({"mention", "comment", "message", "reply", *ACTS})


class Raw(msgspec.Struct, kw_only=True):
    """One item as this network writes it; see tests/networks/recordings/practice."""

    id: str
    kind: str
    version: str
    author: Person
    text: str
    lang: str
    thread: str
    in_reply_to: str
    private: bool
    own: bool
    deleted: bool
    created_ms: int
    url: str
    images: list[Image]


def page_behind(state: State, cursor: str, since_ms: int, *, overlap_ms: int) -> Page:
    """What changed behind the cursor's number, and what changed in the overlap before now.

    A cursor that ends in `+` goes on inside one long answer, without a new overlap.
    """
    number, going_on = int(cursor.rstrip("+") or 0), cursor.endswith("+")
    oldest_ms = state.now_ms - overlap_ms if cursor else since_ms
    shown = sorted((t for t in state.things.values() if t.n and not is_own_post(t)), key=lambda t: t.n)
    due = [
        t
        for t in shown
        if (t.n > number if cursor else False) or (t.changed_ms >= oldest_ms and not going_on)
    ]
    page, more = due[:ITEMS_PER_PAGE_MAX], len(due) > ITEMS_PER_PAGE_MAX
    last = page[-1].n if more else state.last_n
    return Page(items=tuple(item(t) for t in page), cursor=f"{last}{'+' * more}", more=more)


def item(thing: Thing) -> Item:
    return Item(remote_id=thing.id, version=str(thing.version), raw=raw_of(thing))


def raw_of(thing: Thing) -> dict[str, Any]:
    raw = Raw(
        id=thing.id,
        kind=thing.kind,
        version=str(thing.version),
        author=thing.author,
        text=thing.text,
        lang=thing.lang,
        thread=thing.thread,
        in_reply_to=thing.in_reply_to,
        private=thing.private,
        own=thing.own,
        deleted=thing.deleted,
        created_ms=thing.created_ms,
        url="" if thing.private else f"{HOME}/{thing.id}",
        images=thing.images,
    )
    made: dict[str, Any] = msgspec.to_builtins(raw)
    return made


def activity(raw: Raw) -> Activity:
    new: Verb = cast(Verb, ACTS.get(raw.kind, "Create"))
    verb: Verb = "Delete" if raw.deleted else "Update" if raw.version != "1" else new
    return Activity(
        remote_id=raw.id,
        version=raw.version,
        verb=verb,
        actor=Actor(
            remote_id=raw.author.id,
            handle=raw.author.handle,
            name=raw.author.name,
            url=f"{HOME}/{raw.author.handle.lstrip('@')}",
        ),
        text=raw.text,
        lang=raw.lang,
        thread=raw.thread,
        in_reply_to=raw.in_reply_to,
        url=raw.url,
        private=raw.private,
        own=raw.own,
        published_ms=raw.created_ms,
        attachments=tuple(Attachment(kind="image", url=i.url, alt=i.alt, mime=i.mime) for i in raw.images),
    )


def hooked(body: bytes) -> tuple[Item, ...]:
    try:
        raws = msgspec.json.decode(body, type=_Hook).items
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
        raise Refused(
            Said("The body of the hook cannot be read: %(broken)s.", broken=str(broken))
        ) from broken
    ids = [(r.get("id"), r.get("version")) for r in raws]
    if len(raws) > ITEMS_PER_HOOK_MAX or not all(
        isinstance(i, str) and i and isinstance(v, str) for i, v in ids
    ):
        raise Refused(Said("The hook holds too many items, or one without an id or version."))
    return tuple(Item(remote_id=r["id"], version=r["version"], raw=r) for r in raws)


class _Hook(msgspec.Struct):
    items: list[dict[str, Any]]


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def garbage(state: State) -> Item:
    state.last_n += 1
    broken = {"kind": "comment", "id": f"x{state.last_n}", "author": 7, "text": None}
    return Item(remote_id=f"x{state.last_n}", version="1", raw=broken)
