"""Threads: short posts with or without pictures, the answers under them, and posts that name the account.

Remote ids are Threads' own. A thread is named for its first post; of a post that only names us we know no
other than itself. People are known by their names alone (`@name`): Threads gives no numbers of theirs. A post
is made in two steps: a container, which nobody sees and which may be made again, and its publication, which
may not. Written from Meta's Postman collection of 2026-01-02 and developers.facebook.com/docs/threads, read
2026-11-28.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import msgspec

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Actor,
    Answer,
    Attachment,
    Connector,
    Item,
    Later,
    Measured,
    NotAllowed,
    Page,
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
from bankside.networks.graph import Graph, Listed, Made, items_of, ms_of, path_of, same, version_of
from bankside.networks.graph.hooks import shaken, unknown_item
from bankside.networks.graph.tokens import renewed
from bankside.networks.markup import web_address
from bankside.networks.seen import IDS, Known, Notes, Sighted
from bankside.said import Said, joined

HOST = "graph.threads.net"
SITE = "https://www.threads.net"
POSTS_PER_LOOK = 25
THREADS_PER_LOOK, THREADS_IN_TURN = 5, 5
REPLY_PAGES_MAX = 4
MENTIONS_PER_LOOK = 50
FIND_PAGES_MAX = 4
FIND_HOURS = 24
LOOKS_MAX = 10
POST_FIELDS = "id,text,timestamp,permalink,username,media_type,media_url,has_replies,children"
REPLY_FIELDS = (
    "id,text,timestamp,permalink,username,media_type,media_url,children,"
    "is_reply_owned_by_me,root_post,replied_to"
)
COUNTS = "views,likes,replies,reposts,quotes,shares"
CALLED = {"followers_count": "followers"}


class Threads(Connector):
    """One profile."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        me = self._graph.get("me", _Me, fields="id,username,name")
        told = self._graph.get(
            "me/threads_publishing_limit", Listed, fields="quota_usage,config,reply_quota_usage,reply_config"
        )
        quotas = items_of(told, _Quota)
        limits = {"posts_a_day": quotas[0].config.quota_total} if quotas else {}
        limits |= {"replies_a_day": quotas[0].reply_config.quota_total} if quotas else {}
        url = f"{SITE}/@{me.username}"
        return Self(
            remote_id=me.id, handle=f"@{me.username}", name=me.name or me.username, url=url, limits=limits
        )

    def renew(self) -> Tokens:
        return renewed(self.wire, HOST, "th", self.grant.secrets)

    # --- what comes in ---------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        if answer := shaken(_data().signature, request, self.grant.secrets):
            return answer
        try:
            told = msgspec.json.decode(request.body, type=_Delivery)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
            raise Refused(Said("The hook cannot be read: %(broken)s.", broken=str(broken))) from None
        return Accepted(items=tuple(self._told(told.values)))

    def poll(self, cursor: str, since_ms: int) -> Page:
        """What stands under the newest posts, under some older ones by turns, and posts that name us."""
        notes = Notes.of(cursor, since_ms)
        listed = self._graph.get("me/threads", Listed, fields=POST_FIELDS, limit=POSTS_PER_LOOK)
        seen, read = dict[str, Sighted](), set[str]()
        for post in _to_look_under(items_of(listed, _Post), notes.turn):
            found, whole = self._under(post, notes)
            seen |= {s.item.remote_id: s for s in (self._sighted(r, post.id) for r in found)}
            read |= {post.id} if whole else set()
        named = self._graph.get("me/mentions", Listed, fields=POST_FIELDS, limit=MENTIONS_PER_LOOK)
        for post in items_of(named, _Post):
            known = notes.known.get(post.id)
            if post.id not in seen and (known is None or not known.under):
                seen[post.id] = self._sighted(post, "")
        gone = [name for name in notes.lost(seen.values(), read) if self._is_gone(name)]
        taken = [_gone_item(name, notes.known[name].thread, notes.known[name].who) for name in gone]
        after = notes.after(seen.values(), gone)
        return Page(items=(*taken, *notes.fresh(seen.values())), cursor=str(after), more=False)

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "post" in raw:
                return (self._activity(msgspec.convert(raw["post"], _Raw)),)
            if "gone" in raw:
                return (self._removal(msgspec.convert(raw["gone"], _RawGone)),)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=broken)) from broken
        return ()

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        shown = fitted(_data(), post, self.grant.account)
        if all(m.url.startswith("https://") for m in post.media):
            return shown
        hidden = Said(
            "%(title)s fetches pictures itself: the desk needs a public address with https://.",
            title="Threads",
        )
        return replace(shown, findings=(*shown.findings, hidden))

    def send(self, post: Post, key: str) -> Receipt:
        """`key` is no part of it: Threads knows none."""
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        made = self._graph.post("me/threads_publish", Made, creation_id=self._container(post))
        url, now = self._permalink(made.id), int(time.time() * 1000)
        return Receipt(remote_id=made.id, url=url, published_ms=now)

    def find(self, key: str, post: Post) -> Receipt | None:
        path, fields = ("me/replies", REPLY_FIELDS) if post.in_reply_to else ("me/threads", POST_FIELDS)
        pages = self._graph.pages(path, _Post, FIND_PAGES_MAX, fields=fields, limit=POSTS_PER_LOOK)
        for there in _of_the_last_day(pages):
            above = there.replied_to.id if there.replied_to else ""
            alike = same(there.text, post.text) and there.pictures == len(post.media)
            if alike and above == post.in_reply_to:
                url = web_address(there.permalink)
                return Receipt(remote_id=there.id, url=url, published_ms=ms_of(there.timestamp))
        return None

    def remove(self, remote_id: str) -> None:
        there = self._graph.there(path_of(remote_id), _Post, fields="id,username,permalink")
        if there is None:
            return
        if not self._is_me(there.username):
            words = Said("Somebody else wrote this; only our own can be removed.")
            raise NotAllowed(words, web_address(there.permalink))
        self._graph.delete(path_of(remote_id))

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        found = [(ref, self._insights(ref)) for ref in refs]
        return tuple(
            Measured(remote_id=ref, counts={one.called: one.value for one in items_of(told, _Insight)})
            for ref, told in found
            if told is not None
        )

    def _insights(self, ref: str) -> Listed | None:
        """What Threads tells of a post, or of the profile; None for what is gone."""
        if ref == self._me:
            return self._graph.get("me/threads_insights", Listed, metric="followers_count")
        return self._graph.there(f"{path_of(ref)}/insights", Listed, metric=COUNTS)

    # --- one post --------------------------------------------------------------------------------------
    def _container(self, post: Post) -> str:
        """What can be published, ready. Nobody sees it: a lost answer leaves one that ends after a day."""
        words: dict[str, Any] = {"text": post.text} if post.text else {}
        words |= {"reply_to_id": path_of(post.in_reply_to)} if post.in_reply_to else {}
        try:
            match len(post.media):
                case 0:
                    return self._ready({"media_type": "TEXT", **words})
                case 1:
                    return self._ready({**_picture(post, 0), **words})
            parts = [
                self._ready(_picture(post, n) | {"is_carousel_item": True}) for n in range(len(post.media))
            ]
            return self._ready({"media_type": "CAROUSEL", "children": ",".join(parts), **words})
        except Uncertain as doubt:
            reason = Said("The post was not prepared to the end. %(reason)s", reason=doubt.reason)
            raise Later(30, reason) from doubt

    def _ready(self, given: dict[str, Any]) -> str:
        """A new container, once Threads has fetched what belongs into it."""
        made = self._graph.post("me/threads", Made, **given)
        for _ in range(LOOKS_MAX):
            there = self._graph.get(path_of(made.id), _Container, fields="id,status,error_message")
            if there.status == "FINISHED":
                return made.id
            if there.status in {"ERROR", "EXPIRED"}:
                words = Said(
                    "Threads could not prepare the post: %(words)s.", words=there.error_message[:200]
                )
                raise Refused(words, self._profile)
        raise Later(30, Said("The network is still at work on a picture."))

    def _permalink(self, number: str) -> str:
        """Where a post is shown. It is out already: whatever goes wrong here is no failure."""
        try:
            return web_address(self._graph.get(path_of(number), _Post, fields="id,permalink").permalink)
        except (Later, Refused, Reconnect):
            return ""

    # --- as items --------------------------------------------------------------------------------------
    def _under(self, post: _Post, notes: Notes) -> tuple[list[_Post], bool]:
        """(what stands under a post, newest first, back to the first that is known; whether that is all)."""
        found, path, after = list[_Post](), f"{path_of(post.id)}/conversation", ""
        for _ in range(REPLY_PAGES_MAX):
            more = {"after": after} if after else {}
            listed = self._graph.get(path, Listed, fields=REPLY_FIELDS, reverse="true", **more)
            page = items_of(listed, _Post)
            found, after = found + page, listed.paging.after
            if not after:
                return found, True
            if not page or page[-1].id in notes.known or ms_of(page[-1].timestamp) < notes.since_ms:
                break
        return found, False

    def _sighted(self, post: _Post, under: str) -> Sighted:
        item = _item(_kept(post, under))
        root, moment = _root(post, under), ms_of(post.timestamp)
        return Sighted(item, Known(item.version, root, _who(post), under, moment))

    def _is_gone(self, remote_id: str) -> bool:
        return self._graph.there(path_of(remote_id), Made, fields="id") is None

    def _told(self, change: _Change) -> Iterator[Item]:
        """An answer under a post of ours. An app has one address for all profiles: others are left out."""
        try:
            post = msgspec.convert(change.value, _Post)
        except msgspec.ValidationError:
            post = _Post(id="")
        root = post.root_post
        if change.field != "replies" or root is None or not post.id:
            yield unknown_item("change", msgspec.to_builtins(change))
        elif root.owner_id == self._me or self._is_me(root.username):
            yield _item(_kept(post, root.id))

    def _activity(self, kept: _Raw) -> Activity:
        shown, handle = web_address(kept.picture), kept.who
        return Activity(
            remote_id=kept.id, version=version_of(kept.text), text=kept.text, thread=kept.root,
            actor=Actor(remote_id=handle, handle=handle, name=kept.name, url=f"{SITE}/{handle}"),
            in_reply_to=kept.parent, url=web_address(kept.url), own=self._is_me(kept.name),
            published_ms=kept.published_ms,
            attachments=(Attachment(kind="image", url=shown),) if shown else (),
        )  # fmt: skip

    def _removal(self, gone: _RawGone) -> Activity:
        return Activity(
            remote_id=gone.id, version="gone", verb="Delete", actor=Actor(remote_id=gone.who),
            thread=gone.root, own=self._is_me(gone.who.removeprefix("@")), published_ms=0,
        )  # fmt: skip

    def _is_me(self, name: str) -> bool:
        return bool(name) and f"@{name}" == str(self.grant.account.get("handle", ""))

    # --- the calls -------------------------------------------------------------------------------------
    @cached_property
    def _graph(self) -> Graph:
        secrets = self.grant.secrets
        token = secrets.get("access") or secrets.get("access_token", "")
        return Graph(self.wire, f"https://{HOST}/v1.0", token, fallback=self._profile)

    @property
    def _me(self) -> str:
        return str(self.grant.account.get("remote_id", ""))

    @property
    def _profile(self) -> str:
        return str(self.grant.account.get("url", "")) or SITE


CONNECTOR = Threads


def _data() -> NetworkData:
    return network("threads_net")


# --- what Threads answers --------------------------------------------------------------------------------
class _Me(msgspec.Struct):
    id: str
    username: str
    name: str = ""


class _Allowed(msgspec.Struct):
    quota_total: int


class _Quota(msgspec.Struct):
    config: _Allowed
    reply_config: _Allowed


class _Container(msgspec.Struct):
    status: str = ""
    error_message: str = ""


class _Root(msgspec.Struct):
    id: str
    owner_id: str = ""
    username: str = ""


class _Post(msgspec.Struct):
    """A post, or an answer: then `root_post` and `replied_to` are there."""

    id: str
    text: str = ""
    timestamp: str = ""
    permalink: str = ""
    username: str = ""
    media_type: str = ""
    media_url: str = ""
    has_replies: bool = False
    is_reply_owned_by_me: bool = False
    root_post: _Root | None = None
    replied_to: Made | None = None
    children: Listed = msgspec.field(default_factory=Listed)

    @property
    def pictures(self) -> int:
        return len(self.children.data) or (self.media_type == "IMAGE")


class _Number(msgspec.Struct):
    value: int = 0


class _Insight(msgspec.Struct):
    """One count: by its single value, or its sum."""

    name: str
    values: list[_Number] = []
    total_value: _Number | None = None

    @property
    def called(self) -> str:
        return CALLED.get(self.name, self.name)

    @property
    def value(self) -> int:
        return self.total_value.value if self.total_value else sum(v.value for v in self.values)


class _Change(msgspec.Struct):
    field: str = ""
    value: Any = None


class _Delivery(msgspec.Struct):
    """Not the form of Meta's other hooks: developers.facebook.com/docs/threads/webhooks, read 2026-11-28."""

    values: _Change


# --- as it is kept ---------------------------------------------------------------------------------------
class _Raw(msgspec.Struct, kw_only=True):
    """An answer, or a post that names us. `who` is the name with @, `parent` what it answers, if anything."""

    id: str
    who: str
    name: str
    text: str
    root: str
    parent: str
    url: str
    published_ms: int
    picture: str


class _RawGone(msgspec.Struct, kw_only=True):
    id: str
    root: str
    who: str


def _kept(post: _Post, under: str) -> _Raw:
    return _Raw(
        id=post.id, who=_who(post), name=post.username, text=post.text, root=_root(post, under),
        parent=(post.replied_to.id if post.replied_to else "") or under, url=post.permalink,
        published_ms=ms_of(post.timestamp), picture=post.media_url if post.media_type == "IMAGE" else "",
    )  # fmt: skip


def _root(post: _Post, under: str) -> str:
    return (post.root_post.id if post.root_post else "") or under or post.id


def _who(post: _Post) -> str:
    """Somebody whose name is not shown is another person in every post."""
    return f"@{post.username or post.id}"


def _item(kept: _Raw) -> Item:
    raw = {"post": msgspec.to_builtins(kept)}
    return Item(remote_id=kept.id, version=version_of(kept.text), raw=raw, ids=IDS)


def _gone_item(remote_id: str, root: str, who: str) -> Item:
    kept = _RawGone(id=remote_id, root=root, who=who)
    return Item(remote_id=remote_id, version="gone", raw={"gone": msgspec.to_builtins(kept)}, ids=IDS)


# --- small things ----------------------------------------------------------------------------------------
def _picture(post: Post, number: int) -> dict[str, Any]:
    media = post.media[number]
    given = {"media_type": "IMAGE", "image_url": media.url}
    return given | ({"alt_text": media.alt} if media.alt else {})


def _to_look_under(posts: list[_Post], turn: int) -> list[_Post]:
    """The newest posts with answers, and a few of the others so that each has its turn."""
    answered = [post for post in posts if post.has_replies]
    others = answered[THREADS_PER_LOOK:]
    start = turn * THREADS_IN_TURN % len(others) if others else 0
    return answered[:THREADS_PER_LOOK] + (others[start:] + others[:start])[:THREADS_IN_TURN]


def _of_the_last_day(pages: Iterator[list[_Post]]) -> Iterator[_Post]:
    earliest = time.time() * 1000 - FIND_HOURS * 3_600_000
    for page in pages:
        yield from (post for post in page if ms_of(post.timestamp) >= earliest)
        if page and ms_of(page[-1].timestamp) < earliest:
            return
