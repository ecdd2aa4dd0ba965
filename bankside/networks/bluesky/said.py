"""What people did on Bluesky: as the network shows it, as it is kept, and as an activity.

A post looks the same whether a notification led to it or a thread: it is kept as `RawPost`, with nothing of
it that the desk does not need. Its version is its CID, which changes with its words.
"""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from bankside.networks.contract import Activity, Actor, Attachment, Item, Refused, Verb
from bankside.networks.markup import web_address
from bankside.said import Said

APP = "https://bsky.app"
LANGUAGE_LENGTH_MAX = 16
MENTIONS_MAX = 50
VERBS: dict[str, Verb] = {
    "like": "Like", "like-via-repost": "Like", "repost": "Announce", "repost-via-repost": "Announce",
    "follow": "Follow",
}  # fmt: skip
WORDS = frozenset({"reply", "mention", "quote"})


# --- as the network shows it ---------------------------------------------------------------------------
class Author(msgspec.Struct, rename="camel"):
    """A person as in app.bsky.actor.defs#profileViewBasic."""

    did: str
    handle: str = ""
    display_name: str = ""
    avatar: str = ""


class Viewer(msgspec.Struct, rename="camel"):
    """What the viewer may do with a post."""

    reply_disabled: bool = False


class PostView(msgspec.Struct, rename="camel"):
    """A post as in app.bsky.feed.defs#postView. `record` is what its author's client wrote: anything."""

    uri: str
    cid: str
    author: Author
    record: dict[str, Any]
    indexed_at: str
    embed: dict[str, Any] = {}
    reply_count: int = 0
    repost_count: int = 0
    like_count: int = 0
    quote_count: int = 0
    viewer: Viewer = msgspec.field(default_factory=Viewer)


class Posts(msgspec.Struct):
    """Answer of app.bsky.feed.getPosts: those of the wanted ones that are there."""

    posts: list[PostView]


class FeedItem(msgspec.Struct):
    """A post in somebody's feed; with a `reason` it is there because it was shared or pinned."""

    post: PostView
    reason: dict[str, Any] | None = None


class Feed(msgspec.Struct):
    """Answer of app.bsky.feed.getAuthorFeed."""

    feed: list[FeedItem]


class Node(msgspec.Struct):
    """A post in its thread. Without `post` it is blocked or gone."""

    post: PostView | None = None
    replies: list[Node] = []


class Thread(msgspec.Struct):
    """Answer of app.bsky.feed.getPostThread."""

    thread: Node


class Notification(msgspec.Struct, rename="camel"):
    """One thing that the account was told of."""

    uri: str
    cid: str
    author: Author
    reason: str
    indexed_at: str
    record: dict[str, Any] = {}
    reason_subject: str = ""

    def as_post(self) -> PostView:
        """The post that it is about, without what only a view of the post itself holds."""
        return PostView(self.uri, self.cid, self.author, self.record, self.indexed_at)


class Notifications(msgspec.Struct):
    """Answer of app.bsky.notification.listNotifications, newest first."""

    notifications: list[Notification]
    cursor: str = ""


# --- as it is kept ---------------------------------------------------------------------------------------
class _Raw(msgspec.Struct, kw_only=True):
    uri: str
    cid: str
    did: str
    handle: str
    name: str
    avatar: str


class RawImage(msgspec.Struct, kw_only=True):
    """A picture or a film, at the network's own address."""

    kind: str
    url: str
    alt: str


class RawPost(_Raw, kw_only=True):
    """A post. `root` and `parent` are empty when it answers nothing; moments in ms."""

    text: str
    lang: str
    root: str
    parent: str
    published_ms: int
    mentions: list[str]
    shown: list[RawImage]


class RawAct(_Raw, kw_only=True):
    """Something without words: `reason` as in a notification, `subject` what it was done to."""

    reason: str
    subject: str
    published_ms: int


class RawGone(msgspec.Struct, kw_only=True):
    """A post that was there and is not any more."""

    uri: str
    did: str


def post_item(view: PostView) -> Item:
    """A post to be kept."""
    record, embed = view.record, view.embed
    reply = _dict(record.get("reply"))
    kept = RawPost(
        **_author(view.uri, view.cid, view.author),
        text=_text(record.get("text")),
        lang=_text((_list(record.get("langs")) or [""])[0])[:LANGUAGE_LENGTH_MAX],
        root=_text(_dict(reply.get("root")).get("uri")),
        parent=_text(_dict(reply.get("parent")).get("uri")),
        published_ms=said_ms(view),
        mentions=_mentioned(record),
        shown=_shown(embed),
    )
    return Item(remote_id=view.uri, version=view.cid, raw={"post": msgspec.to_builtins(kept)})


def act_item(told: Notification) -> Item:
    """A like, a share, a new follower; or a kind of notification that nobody here knows."""
    kept = RawAct(
        **_author(told.uri, told.cid, told.author),
        reason=told.reason,
        subject=told.reason_subject,
        published_ms=ms_of(told.indexed_at),
    )
    return Item(remote_id=told.uri, version=told.cid, raw={"act": msgspec.to_builtins(kept)})


def gone_item(uri: str) -> Item:
    """A post of somebody that is there no more."""
    kept = RawGone(uri=uri, did=did_of(uri))
    return Item(remote_id=uri, version="gone", raw={"gone": msgspec.to_builtins(kept)})


# --- as an activity --------------------------------------------------------------------------------------
def activities(raw: dict[str, Any], me: str) -> tuple[Activity, ...]:
    """What a kept item says; () for a kind that nobody here knows. Raises Refused for a broken one."""
    try:
        if "post" in raw:
            return (_said(msgspec.convert(raw["post"], RawPost), me),)
        if "act" in raw:
            return _done(msgspec.convert(raw["act"], RawAct), me)
        if "gone" in raw:
            return (_removed(msgspec.convert(raw["gone"], RawGone), me),)
    except msgspec.ValidationError as broken:
        raise Refused(Said("The item cannot be read: %(broken)s.", broken=str(broken))) from broken
    return ()


def _said(post: RawPost, me: str) -> Activity:
    return Activity(
        remote_id=post.uri,
        version=post.cid,
        actor=_actor(post),
        text=post.text,
        lang=post.lang,
        thread=post.root or post.uri,
        in_reply_to=post.parent,
        url=address_of(post.uri),
        own=post.did == me,
        published_ms=post.published_ms,
        mentions=tuple(post.mentions),
        attachments=tuple(
            Attachment(kind="video" if s.kind == "video" else "image", url=s.url, alt=s.alt)
            for s in post.shown
        ),
    )


def _done(act: RawAct, me: str) -> tuple[Activity, ...]:
    verb = VERBS.get(act.reason)
    if verb is None:
        return ()
    done = Activity(
        remote_id=act.uri, version=act.cid, verb=verb, actor=_actor(act), thread=act.subject or act.uri,
        in_reply_to=act.subject, own=act.did == me, published_ms=act.published_ms,
    )  # fmt: skip
    return (done,)


def _removed(gone: RawGone, me: str) -> Activity:
    return Activity(
        remote_id=gone.uri, version="gone", verb="Delete", actor=Actor(remote_id=gone.did), thread=gone.uri,
        own=gone.did == me, published_ms=0,
    )  # fmt: skip


def _actor(raw: _Raw) -> Actor:
    return Actor(
        remote_id=raw.did, handle=f"@{raw.handle}" if raw.handle else "", name=raw.name,
        url=f"{APP}/profile/{raw.did}", avatar_url=web_address(raw.avatar),
    )  # fmt: skip


# --- names and moments -----------------------------------------------------------------------------------
def address_of(uri: str) -> str:
    """Where people look at a post."""
    return f"{APP}/profile/{did_of(uri)}/post/{uri.rpartition('/')[2]}"


def did_of(uri: str) -> str:
    """Whose record it is."""
    return uri.removeprefix("at://").partition("/")[0]


def said_ms(view: PostView) -> int:
    """When it was said: as its author's clock has it, but never later than the network saw it."""
    seen, said = ms_of(view.indexed_at), ms_of(_text(view.record.get("createdAt")))
    return min(said, seen) if said and seen else said or seen


def ms_of(moment: str) -> int:
    """UTC milliseconds of a moment in a record; 0 for what is none."""
    try:
        parsed = datetime.datetime.fromisoformat(moment)
        return max(int(parsed.replace(tzinfo=parsed.tzinfo or datetime.UTC).timestamp() * 1000), 0)
    except (ValueError, OverflowError):
        return 0


def moment_of(ms: int) -> str:
    """A moment as records write it."""
    when = datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


# --- taking only what it should be -----------------------------------------------------------------------
def _author(uri: str, cid: str, author: Author) -> dict[str, str]:
    who = {"did": author.did, "handle": author.handle, "name": author.display_name, "avatar": author.avatar}
    return {"uri": uri, "cid": cid, **who}


def _mentioned(record: dict[str, Any]) -> list[str]:
    features = [f for facet in _list(record.get("facets")) for f in _list(_dict(facet).get("features"))]
    dids = [_text(_dict(f).get("did")) for f in features]
    return list(dict.fromkeys(filter(None, dids)))[:MENTIONS_MAX]


def _shown(embed: dict[str, Any]) -> list[RawImage]:
    """Pictures and films of a hydrated embed, also of one that quotes beside."""
    embed = {**embed, **_dict(embed.get("media"))}
    found = [
        RawImage(kind="image", url=_text(i.get("fullsize")), alt=_text(i.get("alt")))
        for i in map(_dict, _list(embed.get("images")))
    ]
    if film := _text(embed.get("playlist")):
        found.append(RawImage(kind="video", url=film, alt=_text(embed.get("alt"))))
    return [shown for shown in found if shown.url]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
