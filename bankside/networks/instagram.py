"""Instagram, professional accounts: posts with pictures, the comments under them, and private messages.

Remote ids are `media:…` and `comment:…`, and Instagram's own for a message. A thread is named for its first
comment, a private exchange for the other side (`direct:…`). A post is made in two steps: a container, which
nobody sees and which may be made again, and its publication, which may not. Written from Meta's api_specs
(v25.0, Instagram Login) and developers.facebook.com/docs/instagram-platform, read 2026-11-28.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Actor,
    Answer,
    Connector,
    Count,
    Gone,
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
from bankside.networks.graph import VERSION, Graph, Listed, Made, items_of, ms_of, path_of, same, version_of
from bankside.networks.graph.hooks import Change, Entry, entries, message_item, shaken, unknown_item
from bankside.networks.graph.private import Private, RawMessage, activity_of, item_of
from bankside.networks.graph.tokens import renewed
from bankside.networks.markup import web_address
from bankside.networks.seen import IDS, Known, Notes, Sighted
from bankside.said import Said, joined

HOST = "graph.instagram.com"
SITE = "https://www.instagram.com"
INBOX = f"{SITE}/direct/inbox/"
HASHTAGS_MAX, NAMES_MAX = 30, 20  # of a caption: …/instagram-graph-api/reference/ig-user/media
MESSAGE_BYTES_MAX = 1000  # docs/messenger-platform/instagram/features/send-message
COMMENT_LENGTH_MAX = 2196  # secondary: Meta's own pages name no number
POSTS_PER_LOOK = 25
COMMENTS_PER_POST = 50
COMMENT_PAGES_MAX = 5
FIND_PAGES_MAX = 4
FIND_HOURS = 24
LOOKS_MAX = 10
COMMENT_FIELDS = "id,text,timestamp,username,from,parent_id,hidden"
COMMENTS_FIELDS = f"{COMMENT_FIELDS},replies.limit({COMMENTS_PER_POST}){{{COMMENT_FIELDS}}}"
MEDIA_FIELDS = f"id,permalink,timestamp,comments.limit({COMMENTS_PER_POST}){{{COMMENTS_FIELDS}}}"


class Instagram(Connector):
    """One professional account, by Instagram Login."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        me = self._graph.get("me", _Me, fields="user_id,username,name")
        account = str(me.user_id)
        told = self._graph.get(
            f"{path_of(account)}/content_publishing_limit", Listed, fields="quota_usage,config"
        )
        quotas = items_of(told, _Quota)
        limits = {"posts_a_day": quotas[0].config.quota_total} if quotas else {}
        url = f"{SITE}/{me.username}/"
        return Self(
            remote_id=account, handle=f"@{me.username}", name=me.name or me.username, url=url, limits=limits
        )

    def renew(self) -> Tokens:
        return renewed(self.wire, HOST, "ig", self.grant.secrets)

    # --- what comes in ---------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        if answer := shaken(_data().signature, request, self.grant.secrets):
            return answer
        told = entries(request.body, "instagram", self._me)
        return Accepted(items=tuple(item for entry in told for item in self._told(entry)))

    def poll(self, cursor: str, since_ms: int) -> Page:
        """The newest posts with their comments and the answers to these, and the newest private messages."""
        notes = Notes.of(cursor, since_ms)
        listed = self._graph.get(f"{self._me}/media", Listed, fields=MEDIA_FIELDS, limit=POSTS_PER_LOOK)
        seen, read = list[Sighted](), set[str]()
        for post in items_of(listed, _Media):
            found, whole = self._under(post, notes)
            seen += [self._sighted(_kept(c, post.id, post.permalink), post.id) for c in found]
            read |= {post.id} if whole else set()
        messages = [_direct(kept) for kept in self._private.latest()] if self._reads_messages else []
        gone = [name for name in notes.lost(seen, read) if self._is_gone(name)]
        taken = [_gone_item(name, notes.known[name].thread, notes.known[name].who) for name in gone]
        after = notes.after([*seen, *messages], gone)
        return Page(items=(*taken, *notes.fresh([*seen, *messages])), cursor=str(after), more=False)

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "comment" in raw:
                return (self._activity(msgspec.convert(raw["comment"], _Raw)),)
            if "message" in raw:
                return (activity_of(msgspec.convert(raw["message"], RawMessage), self._me),)
            if "gone" in raw:
                return (self._removal(msgspec.convert(raw["gone"], _RawGone)),)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=broken)) from broken
        return ()

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        limit = COMMENT_LENGTH_MAX if post.in_reply_to and not post.private else 0 if post.private else -1
        shown = fitted(_counting(limit), post, self.grant.account)
        if post.private:
            return _with(shown, _of_message(post), _bytes_of(post.text))
        return _with(shown, _of_comment(post) if post.in_reply_to else _of_post(post))

    def send(self, post: Post, key: str) -> Receipt:
        """`key` is no part of it: Instagram knows none."""
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if post.private:
            return self._private.send(post)
        if post.in_reply_to:
            made = self._graph.post(f"{_comment_above(post)}/replies", Made, message=post.text)
            return Receipt(remote_id=f"comment:{made.id}", published_ms=int(time.time() * 1000))
        container = self._container(post)
        made = self._graph.post(f"{self._me}/media_publish", Made, creation_id=container)
        url, now = self._permalink(made.id), int(time.time() * 1000)
        return Receipt(remote_id=f"media:{made.id}", url=url, published_ms=now)

    def find(self, key: str, post: Post) -> Receipt | None:
        if post.private:
            return self._private.find(post)
        if post.in_reply_to:
            return self._find_comment(post)
        pages = self._graph.pages(
            f"{self._me}/media", _Media, FIND_PAGES_MAX, limit=POSTS_PER_LOOK,
            fields="id,caption,permalink,timestamp,children{id}",
        )  # fmt: skip
        for there in _of_the_last_day(pages):
            if same(there.caption, post.text) and max(len(there.children.data), 1) == len(post.media):
                url = web_address(there.permalink)
                return Receipt(remote_id=f"media:{there.id}", url=url, published_ms=ms_of(there.timestamp))
        return None

    def remove(self, remote_id: str) -> None:
        """Our own comments alone: by this way in, Instagram lets nobody take posts and messages away."""
        kind, _, number = remote_id.partition(":")
        if kind != "comment":
            by_hand = self._permalink(number) if kind == "media" else INBOX
            raise NotAllowed(Said("Instagram lets a desk take away its comments alone."), by_hand or SITE)
        there = self._graph.there(path_of(number), _Comment, fields="id,username,from")
        if there is None:
            return
        if not self._is_ours(there):
            raise NotAllowed(Said("Somebody else wrote this; only our own can be removed."), self._profile)
        self._graph.delete(path_of(number))

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        found = [(ref, self._counts(ref)) for ref in refs]
        return tuple(Measured(remote_id=ref, counts=counts) for ref, counts in found if counts is not None)

    # --- one post --------------------------------------------------------------------------------------
    def _container(self, post: Post) -> str:
        """What can be published, ready. Nobody sees it: a lost answer leaves one that ends after a day."""
        try:
            if len(post.media) == 1:
                return self._ready({**_picture(post, 0), "caption": post.text})
            parts = [
                self._ready({**_picture(post, n), "is_carousel_item": True}) for n in range(len(post.media))
            ]
            whole = {"media_type": "CAROUSEL", "children": ",".join(parts), "caption": post.text}
            return self._ready(whole)
        except Uncertain as doubt:
            reason = Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            raise Later(30, reason) from doubt

    def _ready(self, given: dict[str, Any]) -> str:
        """A new container, once Instagram has fetched what belongs into it."""
        made = self._graph.post(f"{self._me}/media", Made, **given)
        for _ in range(LOOKS_MAX):
            there = self._graph.get(path_of(made.id), _Container, fields="status_code,status")
            if there.status_code == "FINISHED":
                return made.id
            if there.status_code in {"ERROR", "EXPIRED"}:
                words = Said("Instagram could not take the picture in: %(words)s.", words=there.status[:200])
                raise Refused(words, self._profile)
        raise Later(30, Said("The network is still at work on a picture."))

    def _permalink(self, number: str) -> str:
        """Where a post is shown. It is out already: whatever goes wrong here is no failure."""
        try:
            return web_address(self._graph.get(path_of(number), _Media, fields="id,permalink").permalink)
        except (Later, Refused, Reconnect):
            return ""

    def _find_comment(self, post: Post) -> Receipt | None:
        try:
            pages = self._graph.pages(
                f"{_comment_above(post)}/replies", _Comment, FIND_PAGES_MAX, fields=COMMENT_FIELDS
            )
            ours = [c for c in _of_the_last_day(pages) if self._is_ours(c) and same(c.text, post.text)]
        except Gone:
            return None
        return next(
            (Receipt(remote_id=f"comment:{c.id}", published_ms=ms_of(c.timestamp)) for c in ours), None
        )

    def _counts(self, ref: str) -> dict[str, int] | None:
        if ref == self._me:
            return {"followers": self._graph.get("me", _Followed, fields="followers_count").followers_count}
        kind, _, number = ref.partition(":")
        match kind:
            case "media":
                there = self._graph.there(path_of(number), _Counts, fields="like_count,comments_count")
                return {"likes": there.like_count, "comments": there.comments_count} if there else None
            case "comment":
                there = self._graph.there(path_of(number), _Counts, fields="like_count")
                return {"likes": there.like_count} if there else None
        return None

    # --- as items --------------------------------------------------------------------------------------
    def _under(self, post: _Media, notes: Notes) -> tuple[list[_Comment], bool]:
        """(the comments of a post with their answers, back to the first that is known; is that all)."""
        listed, found, whole = post.comments, list[_Comment](), True
        for _ in range(COMMENT_PAGES_MAX):
            page = items_of(listed, _Comment)
            for comment in page:
                found += [comment, *_answers(comment)]
                whole = whole and not comment.replies.paging.after
            if not listed.paging.after:
                return found, whole
            oldest = page[-1] if page else None
            known = oldest and f"comment:{oldest.id}" in notes.known
            if oldest is None or known or ms_of(oldest.timestamp) < notes.since_ms:
                break
            listed = self._graph.get(
                f"{path_of(post.id)}/comments", Listed, fields=COMMENTS_FIELDS, limit=COMMENTS_PER_POST,
                after=listed.paging.after,
            )  # fmt: skip
        return found, False

    def _sighted(self, kept: _Raw, under: str) -> Sighted:
        item = _item(kept)
        return Sighted(item, Known(item.version, kept.root, kept.who, under, kept.published_ms))

    def _is_gone(self, remote_id: str) -> bool:
        return self._graph.there(path_of(remote_id.removeprefix("comment:")), Made, fields="id") is None

    def _told(self, entry: Entry) -> Iterator[Item]:
        for change in entry.changes:
            yield _told_item(change, entry.time)
        for event in entry.messaging:
            yield message_item(event, self._me, INBOX)

    def _activity(self, kept: _Raw) -> Activity:
        handle = f"@{kept.handle}" if kept.handle else ""
        url = f"{SITE}/{kept.handle}/" if kept.handle else ""
        return Activity(
            remote_id=kept.id, version=version_of(kept.text), text=kept.text, thread=kept.root,
            actor=Actor(remote_id=kept.who, handle=handle, name=kept.handle, url=web_address(url)),
            in_reply_to=kept.parent, url=web_address(kept.url), own=self._is_me(kept.who, kept.handle),
            held=kept.hidden, published_ms=kept.published_ms,
        )  # fmt: skip

    def _removal(self, gone: _RawGone) -> Activity:
        return Activity(
            remote_id=gone.id, version="gone", verb="Delete", actor=Actor(remote_id=gone.who),
            thread=gone.root, own=self._is_me(gone.who, ""), published_ms=0,
        )  # fmt: skip

    def _is_ours(self, comment: _Comment) -> bool:
        return self._is_me(comment.author.id, comment.username or comment.author.username)

    def _is_me(self, who: str, handle: str) -> bool:
        """By number or by name: under comments Instagram may give other numbers than the account's own."""
        mine = str(self.grant.account.get("handle", "")).removeprefix("@")
        return who == self._me or (bool(handle) and handle == mine)

    # --- the calls -------------------------------------------------------------------------------------
    @cached_property
    def _graph(self) -> Graph:
        secrets = self.grant.secrets
        token = secrets.get("access") or secrets.get("access_token", "")
        return Graph(self.wire, f"https://{HOST}/{VERSION}", token, fallback=self._profile)

    @property
    def _reads_messages(self) -> bool:
        """Whether the app has the permission for private messages, by what the bank said."""
        return self.grant.settings.get("messages", "yes") == "yes"

    @property
    def _private(self) -> Private:
        return Private(self._graph, self._me, "instagram", SITE, INBOX)

    @property
    def _me(self) -> str:
        return str(self.grant.account.get("remote_id", ""))

    @property
    def _profile(self) -> str:
        return str(self.grant.account.get("url", "")) or SITE


CONNECTOR = Instagram


def _data() -> NetworkData:
    return network("instagram")


# --- what Instagram answers ------------------------------------------------------------------------------
class _Me(msgspec.Struct):
    user_id: int | str
    username: str
    name: str = ""


class _Allowed(msgspec.Struct):
    quota_total: int


class _Quota(msgspec.Struct):
    config: _Allowed


class _Container(msgspec.Struct):
    status_code: str = ""
    status: str = ""


class _Author(msgspec.Struct):
    id: str = ""
    username: str = ""


class _Dated(msgspec.Struct):
    id: str
    timestamp: str = ""


T = TypeVar("T", bound=_Dated)


class _Comment(_Dated):
    text: str = ""
    username: str = ""
    parent_id: str = ""
    hidden: bool = False
    author: _Author = msgspec.field(default_factory=_Author, name="from")
    replies: Listed = msgspec.field(default_factory=Listed)


class _Media(_Dated):
    caption: str = ""
    permalink: str = ""
    comments: Listed = msgspec.field(default_factory=Listed)
    children: Listed = msgspec.field(default_factory=Listed)


class _Followed(msgspec.Struct):
    followers_count: int


class _Counts(msgspec.Struct):
    like_count: int = 0
    comments_count: int = 0


def _answers(comment: _Comment) -> list[_Comment]:
    """The answers to a comment, each with what it stands under: there Instagram may leave that out."""
    below = items_of(comment.replies, _Comment)
    for answer in below:
        answer.parent_id = answer.parent_id or comment.id
    return below


# --- what a hook tells -----------------------------------------------------------------------------------
class _Place(msgspec.Struct):
    id: str = ""


class _Told(msgspec.Struct):
    id: str
    text: str
    author: _Author = msgspec.field(name="from")
    media: _Place = msgspec.field(default_factory=_Place)
    parent_id: str = ""


def _told_item(change: Change, seconds: int) -> Item:
    """A new comment; anything else is kept as it came. The hook tells its own time alone."""
    try:
        told = msgspec.convert(change.value, _Told)
    except msgspec.ValidationError:
        return unknown_item("change", msgspec.to_builtins(change))
    if change.field not in {"comments", "live_comments"}:
        return unknown_item("change", msgspec.to_builtins(change))
    moment = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(seconds)) if 0 < seconds < 1e11 else ""
    comment = _Comment(
        id=told.id, timestamp=moment, text=told.text, parent_id=told.parent_id, author=told.author,
        username=told.author.username,
    )  # fmt: skip
    return _item(_kept(comment, told.media.id, ""))


# --- as it is kept ---------------------------------------------------------------------------------------
class _Raw(msgspec.Struct, kw_only=True):
    """A comment. `parent`: the comment, or the post, that it stands under."""

    id: str
    who: str
    handle: str
    text: str
    root: str
    parent: str
    url: str
    published_ms: int
    hidden: bool


class _RawGone(msgspec.Struct, kw_only=True):
    id: str
    root: str
    who: str


def _kept(comment: _Comment, media_id: str, url: str) -> _Raw:
    name, above = f"comment:{comment.id}", f"comment:{comment.parent_id}" if comment.parent_id else ""
    handle = comment.username or comment.author.username
    return _Raw(
        id=name, who=comment.author.id or f"@{handle or comment.id}", handle=handle, text=comment.text,
        root=above or name, parent=above or f"media:{media_id}", url=url,
        published_ms=ms_of(comment.timestamp), hidden=comment.hidden,
    )  # fmt: skip


def _item(kept: _Raw) -> Item:
    raw = {"comment": msgspec.to_builtins(kept)}
    return Item(remote_id=kept.id, version=version_of(kept.text), raw=raw, ids=IDS)


def _gone_item(remote_id: str, root: str, who: str) -> Item:
    kept = _RawGone(id=remote_id, root=root, who=who)
    return Item(remote_id=remote_id, version="gone", raw={"gone": msgspec.to_builtins(kept)}, ids=IDS)


def _direct(kept: RawMessage) -> Sighted:
    known = Known("", f"direct:{kept.other}", kept.who, "direct", kept.published_ms)
    return Sighted(item_of(kept), known)


# --- whether it fits -------------------------------------------------------------------------------------
def _counting(limit: int) -> NetworkData:
    """The data with another most of characters; 0 for none, less for the network's own."""
    data = _data()
    if limit < 0:
        return data
    return msgspec.structs.replace(data, text=msgspec.structs.replace(data.text, limit=limit))


def _with(shown: Preview, wrong: Iterator[str], *counts: Count) -> Preview:
    return replace(shown, counts=(*shown.counts, *counts), findings=(*shown.findings, *wrong))


def _of_post(post: Post) -> Iterator[str]:
    if not post.media:
        yield Said("Instagram takes no post without a picture: add one.")
    if any(not m.url.startswith("https://") for m in post.media):
        yield Said(
            "%(title)s fetches pictures itself: the desk needs a public address with https://.",
            title="Instagram",
        )
    tags = len(_HASHTAG.findall(post.text))
    if tags > HASHTAGS_MAX:
        yield Said("Too many hashtags: %(number)s, and %(most)s are allowed.", number=tags, most=HASHTAGS_MAX)
    names = len(_NAME.findall(post.text))
    if names > NAMES_MAX:
        yield Said(
            "Too many names with @: %(number)s, and %(most)s are allowed.", number=names, most=NAMES_MAX
        )


def _of_comment(post: Post) -> Iterator[str]:
    if post.media:
        yield Said("A comment carries no pictures.")


def _of_message(post: Post) -> Iterator[str]:
    if post.media:
        yield Said("A private message carries no pictures here.")
    length = _bytes_of(post.text)
    if not length.ok:
        yield Said(
            "Too long: %(used)s %(unit)s, and %(limit)s are allowed.",
            used=length.used,
            unit=Said("bytes"),
            limit=length.limit,
        )


def _bytes_of(text: str) -> Count:
    used = len(text.encode("utf-8", "surrogatepass"))
    return Count(used=used, limit=MESSAGE_BYTES_MAX, unit="bytes", ok=used <= MESSAGE_BYTES_MAX)


# --- small things ----------------------------------------------------------------------------------------
def _picture(post: Post, number: int) -> dict[str, Any]:
    media = post.media[number]
    return {"image_url": media.url} | ({"alt_text": media.alt} if media.alt else {})


def _comment_above(post: Post) -> str:
    """The comment under which an answer goes: the first of its thread, Instagram has no deeper levels."""
    above = post.thread if post.thread.startswith("comment:") else post.in_reply_to
    if not above.startswith("comment:"):
        raise Gone(Said("'%(remote_id)s' is nothing that this network has.", remote_id=above))
    return path_of(above.removeprefix("comment:"))


def _of_the_last_day(pages: Iterator[list[T]]) -> Iterator[T]:
    earliest = time.time() * 1000 - FIND_HOURS * 3_600_000
    for page in pages:
        yield from (thing for thing in page if ms_of(thing.timestamp) >= earliest)
        if page and ms_of(page[-1].timestamp) < earliest:
            return


_HASHTAG = re.compile(r"(?<![\w&])#\w+")
_NAME = re.compile(r"(?<![\w@])@[\w.]+")
