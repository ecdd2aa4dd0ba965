"""What people said and did on X, as it is kept, and as an activity."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bankside.networks.contract import Activity, Actor, Attachment, Item, MediaKind, Verb
from bankside.networks.markup import web_address
from bankside.networks.x_com.api import Entities, Event, File, Included, Tweet, User, ms_of
from bankside.networks.x_com.words import plain, said_in

WITH = "with:"
"""Before the id of the other side: a private exchange."""
MESSAGE = "dm:"
"""Before the id of a private message: its numbers and those of posts are not of one kind."""
VERBS: dict[str, Verb] = {"repost": "Announce", "follow": "Follow"}
KINDS: dict[str, MediaKind] = {"photo": "image", "animated_gif": "video", "video": "video"}
MENTIONS_MAX = 50
SHOWN_MAX = 20


# --- as it is kept ---------------------------------------------------------------------------------------
IDS = ("id", "who", "edited", "thread", "parent", "quoted", "quoted_who", "other", "subject")
"""Names of the fields that hold ids, in what is kept of an item."""


class Raw(msgspec.Struct, kw_only=True):
    who: str
    handle: str
    name: str
    avatar: str


class RawMedia(msgspec.Struct, kw_only=True):
    type: str
    url: str
    alt: str


class RawPost(Raw, kw_only=True):
    """A post. `edited` is the id of its version when it is not the first. `parent` and `quoted` are empty
    when it answers or shows no other; `quoted_who` wrote what it shows. `named`: names as they were typed.
    """

    id: str
    edited: str
    text: str
    lang: str
    thread: str
    parent: str
    quoted: str
    quoted_who: str
    published_ms: int
    mentions: list[str]
    named: list[str]
    shown: list[RawMedia]


class RawMessage(Raw, kw_only=True):
    """A private message; `other` is the other side of the exchange, or the exchange of more than two."""

    id: str
    text: str
    other: str
    published_ms: int
    shown: list[RawMedia]


class RawAct(Raw, kw_only=True):
    """Something without words: `type` is repost or follow, `subject` what it was done to."""

    type: str
    subject: str
    published_ms: int


class RawGone(msgspec.Struct, kw_only=True):
    """A post that was there and is not any more."""

    id: str
    thread: str
    who: str


def post_item(post: Tweet, beside: Included, *, quotes: str = "") -> Item:
    """`quotes`: whom it quotes, where that is known although the quoted post is not beside it."""
    quoted = post.other("quoted")
    whose = next((t.author_id for t in beside.tweets if t.id == quoted), "") if quoted else ""
    mentioned = post.entities.mentions[:MENTIONS_MAX]
    files = {f.media_key: f for f in beside.media if f.media_key}
    kept = RawPost(
        **author(post.author_id, beside.users), id=post.root, edited=post.id if post.id != post.root else "",
        text=said_in(post), lang=post.lang if post.lang != "und" else "",
        thread=post.conversation_id or post.root, parent=post.other("replied_to"), quoted=quoted,
        quoted_who=whose or quotes, published_ms=ms_of(post.created_at),
        mentions=[m.id for m in mentioned if m.id], named=[m.username.lower() for m in mentioned],
        shown=shown(files[key] for key in post.attachments.media_keys if key in files),
    )  # fmt: skip
    return Item(remote_id=kept.id, version=kept.edited, raw={"post": msgspec.to_builtins(kept)}, ids=IDS)


def message_item(event: Event, other: str, beside: Included) -> Item:
    files = {f.media_key: f for f in beside.media if f.media_key}
    text = plain(event.text, Entities(urls=event.urls))
    kept = RawMessage(
        **author(event.sender_id, beside.users), id=event.id, text=text, other=other,
        published_ms=ms_of(event.created_at),
        shown=shown(files[key] for key in event.attachments.media_keys if key in files),
    )  # fmt: skip
    return Item(remote_id=MESSAGE + event.id, version="", raw={"message": msgspec.to_builtins(kept)}, ids=IDS)


def act_item(kind: str, who: str, users: list[User], subject: str, at_ms: int) -> Item:
    """Named by who did what to what, so that a repost that is taken back and made again is one."""
    kept = RawAct(**author(who, users), type=kind, subject=subject, published_ms=at_ms)
    name = ":".join(filter(None, (kind, who, subject)))
    return Item(remote_id=name, version="", raw={"act": msgspec.to_builtins(kept)}, ids=IDS)


def gone_item(id: str, thread: str, who: str) -> Item:
    """A post that was reported, or was our own, and is there no more."""
    kept = RawGone(id=id, thread=thread, who=who)
    return Item(remote_id=id, version="gone", raw={"gone": msgspec.to_builtins(kept)}, ids=IDS)


def author(id: str, users: Iterable[User]) -> dict[str, str]:
    known = next((u for u in users if u.id == id), User(id=id))
    handle = f"@{known.username}" if known.username else ""
    return {"who": id, "handle": handle, "name": known.name, "avatar": known.profile_image_url}


def shown(files: Iterable[File]) -> list[RawMedia]:
    found = [RawMedia(type=f.type, url=f.url or f.preview_image_url, alt=f.alt_text) for f in files]
    return [f for f in found if f.url][:SHOWN_MAX]


def other_side(event: Event, me: str) -> str:
    """The other side of a private exchange of two: its name is made of both numbers. A group has one of its
    own."""
    first, dash, second = event.dm_conversation_id.partition("-")
    if dash:
        return second if first == me else first
    return event.dm_conversation_id or event.sender_id


# --- as an activity --------------------------------------------------------------------------------------
def written(post: RawPost, me: str, my_handle: str, *, summoned_only: bool) -> Activity:
    """`summoned_only`: X lets us answer only who names us or quotes us (docs.x.com/x-api/posts/
    manage-tweets/introduction, read 2026-11-28)."""
    summons = me in post.mentions or my_handle in post.named or post.quoted_who == me
    own = post.who == me
    return Activity(
        remote_id=post.id, version=post.edited, actor=actor(post), text=post.text, lang=post.lang,
        thread=post.thread, in_reply_to=post.parent, own=own,
        url=post_url(post.handle, post.edited or post.id),
        reply_allowed=own or summons or not summoned_only, published_ms=post.published_ms,
        mentions=tuple(post.mentions), attachments=attached(post.shown),
    )  # fmt: skip


def told(message: RawMessage, me: str) -> Activity:
    return Activity(
        remote_id=MESSAGE + message.id, actor=actor(message), text=message.text, thread=WITH + message.other,
        url="https://x.com/messages", private=True, own=message.who == me, published_ms=message.published_ms,
        attachments=attached(message.shown),
    )  # fmt: skip


def done(act: RawAct, me: str) -> tuple[Activity, ...]:
    verb = VERBS.get(act.type)
    if verb is None:
        return ()
    name = ":".join(filter(None, (act.type, act.who, act.subject)))
    done = Activity(
        remote_id=name, verb=verb, actor=actor(act), thread=act.subject or name, in_reply_to=act.subject,
        own=act.who == me, published_ms=act.published_ms,
    )  # fmt: skip
    return (done,)


def removed(gone: RawGone, me: str) -> Activity:
    return Activity(
        remote_id=gone.id, version="gone", verb="Delete", actor=Actor(remote_id=gone.who), thread=gone.thread,
        own=bool(gone.who) and gone.who == me, published_ms=0,
    )  # fmt: skip


def attached(files: list[RawMedia]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(kind=KINDS.get(f.type, "document"), url=f.url, alt=f.alt)
        for f in files
        if web_address(f.url)
    )


def actor(raw: Raw) -> Actor:
    url = f"https://x.com/{raw.handle[1:]}" if raw.handle else f"https://x.com/i/user/{raw.who}"
    return Actor(
        remote_id=raw.who, handle=raw.handle, name=raw.name or raw.handle, url=web_address(url),
        avatar_url=web_address(raw.avatar),
    )  # fmt: skip


def post_url(handle: str, id: str) -> str:
    """The address of a post; X finds it without the author's name too."""
    return web_address(f"https://x.com/{handle[1:] or 'i/web'}/status/{id}")
