"""Facebook Pages: posts with pictures, the comments under them, and private messages to the page.

Remote ids are Facebook's own: `page_post`, `post_comment`, and `m_…` for a message. A thread is named for its
first comment, or for what a visitor wrote on the page; a private exchange for the other side (`direct:…`).
Written from Meta's api_specs (v25.0) and developers.facebook.com/docs/pages-api, read 2026-11-28.
"""

from __future__ import annotations

import hashlib
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
    Attachment,
    Connector,
    Gone,
    Item,
    Later,
    Measured,
    Media,
    NotAllowed,
    Page,
    Post,
    Preview,
    Receipt,
    Refused,
    Request,
    Self,
    Tokens,
    Uncertain,
)
from bankside.networks.fit import fitted
from bankside.networks.graph import (
    VERSION,
    Graph,
    Listed,
    Made,
    items_of,
    ms_of,
    path_of,
    same,
    understood,
    version_of,
)
from bankside.networks.graph.hooks import Change, Entry, entries, message_item, shaken, unknown_item
from bankside.networks.graph.private import Private, RawMessage, activity_of, item_of
from bankside.networks.graph.tokens import LIFE_SECONDS, Given
from bankside.networks.markup import web_address
from bankside.networks.seen import IDS, Known, Notes, Sighted
from bankside.said import Said, joined

SITE = "https://www.facebook.com"
INBOX = "https://business.facebook.com/latest/inbox"
MESSAGE_LENGTH_MAX = 2000  # docs/messenger-platform/reference/send-api: text, "2000 character limit"
POSTS_PER_LOOK = 25
COMMENTS_PER_PAGE = 50
COMMENT_PAGES_MAX = 5
FIND_PAGES_MAX = 4
FIND_HOURS = 24
UPLOAD_SECONDS = 60.0
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
COMMENT_FIELDS = "id,message,created_time,from,parent{id},permalink_url,is_hidden,attachment"
FEED_FIELDS = (
    "id,message,created_time,from,permalink_url,full_picture,"
    f"comments.filter(stream).order(reverse_chronological).limit({COMMENTS_PER_PAGE}){{{COMMENT_FIELDS}}}"
)
POST_FIELDS = "id,message,created_time,permalink_url,attachments{media_type,subattachments{media_type}}"
POST_COUNTS = "shares,reactions.limit(0).summary(true),comments.limit(0).summary(true)"


class Facebook(Connector):
    """One page, with a token of the page."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        """Only who works on a page is shown its token: whoever is shown none may not speak for it."""
        me = self._graph.get(self._page, _Me, fields="id,name,username,link,access_token")
        if not me.access_token:
            raise NotAllowed(Said("The account that signed in may not speak for this page."))
        url = web_address(me.link) or f"{SITE}/{me.id}"
        return Self(remote_id=me.id, handle=me.username or me.name, name=me.name, url=url, limits={})

    def renew(self) -> Tokens:
        """A page token that lasts: from a long user token, which is exchanged anew at half its life."""
        secrets = self.grant.secrets
        token = secrets.get("refresh") or secrets.get("access") or secrets.get("access_token", "")
        if self._with(token).get("me", Made, fields="id").id == self._page:
            return _tokens(token, "", LIFE_SECONDS)
        given = self._exchanged(token)
        page = self._with(given.access_token).get(self._page, _Me, fields="id,access_token")
        if not page.access_token:
            raise NotAllowed(Said("The account that signed in may not speak for this page."))
        return _tokens(page.access_token, given.access_token, given.expires_in or LIFE_SECONDS)

    def _exchanged(self, token: str) -> Given:
        app, secret = self.grant.settings.get("client_id", ""), self.grant.secrets.get("client_secret", "")
        if not app or not secret:
            raise Refused(
                Said("Fill in the number and the secret of your app, or paste a token of the page.")
            )
        asked = {
            "grant_type": "fb_exchange_token", "client_id": app, "client_secret": secret,
            "fb_exchange_token": token,
        }  # fmt: skip
        return understood(self._with(token).ask("GET", "oauth/access_token", params=asked), Given)

    # --- what comes in ---------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        if answer := shaken(_data().signature, request, self.grant.secrets):
            return answer
        told = entries(request.body, "page", self._page)
        return Accepted(items=tuple(item for entry in told for item in self._told(entry)))

    def poll(self, cursor: str, since_ms: int) -> Page:
        """The newest posts with their comments, and the newest private messages."""
        notes = Notes.of(cursor, since_ms)
        feed = self._graph.get(f"{self._page}/feed", Listed, fields=FEED_FIELDS, limit=POSTS_PER_LOOK)
        seen, read = list[Sighted](), set[str]()
        for post in items_of(feed, _Post):
            if post.author.id != self._page:
                seen.append(self._sighted(_kept(post, "", ""), ""))
            comments, whole = self._under(post, notes)
            seen += [self._sighted(_kept_comment(c, post.id), post.id) for c in comments]
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
                return (activity_of(msgspec.convert(raw["message"], RawMessage), self._page),)
            if "gone" in raw:
                return (self._removal(msgspec.convert(raw["gone"], _RawGone)),)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=broken)) from broken
        return ()

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        data = _data()
        if post.private:
            data = msgspec.structs.replace(
                data, text=msgspec.structs.replace(data.text, limit=MESSAGE_LENGTH_MAX)
            )
        shown = fitted(data, post, self.grant.account)
        wrong = (
            (bool(post.media and post.private), Said("A private message carries no pictures here.")),
            (
                bool(post.media and post.in_reply_to and not post.private),
                Said("A comment carries no pictures."),
            ),
            (bool(post.media and post.replaces), Said("Pictures of a post cannot be changed afterwards.")),
            (bool(post.private and post.replaces), Said("A private message cannot be changed afterwards.")),
        )
        return replace(shown, findings=(*shown.findings, *(said for is_wrong, said in wrong if is_wrong)))

    def send(self, post: Post, key: str) -> Receipt:
        """`key` is no part of it: Facebook knows none."""
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if post.private:
            return self._private.send(post)
        if post.replaces:
            self._graph.post(path_of(post.replaces), _Done, message=post.text)
            return _receipt(post.replaces)
        if post.in_reply_to:
            return _receipt(self._graph.post(f"{_above(post)}/comments", Made, message=post.text).id)
        given: dict[str, Any] = {"message": post.text} if post.text else {}
        if post.media:
            given["attached_media"] = [{"media_fbid": id} for id in self._uploaded(post.media)]
        return _receipt(self._graph.post(f"{self._page}/feed", Made, **given).id)

    def find(self, key: str, post: Post) -> Receipt | None:
        if post.private:
            return self._private.find(post)
        if post.replaces:
            there = self._graph.there(path_of(post.replaces), _Post, fields="id,message,permalink_url")
            return _found(there) if there and same(there.message, post.text) else None
        if post.in_reply_to:
            return self._find_comment(post)
        pages = self._graph.pages(
            f"{self._page}/published_posts", _Post, FIND_PAGES_MAX, fields=POST_FIELDS, limit=POSTS_PER_LOOK
        )
        for there in _of_the_last_day(pages):
            if same(there.message, post.text) and there.pictures == len(post.media):
                return _found(there)
        return None

    def remove(self, remote_id: str) -> None:
        if remote_id.startswith("m_"):
            raise NotAllowed(Said("A private message cannot be taken back."), INBOX)
        there = self._graph.there(path_of(remote_id), _Post, fields="id,from,permalink_url")
        if there is None:
            return
        if there.author.id != self._page:
            words = Said("Somebody else wrote this; only our own can be removed.")
            raise NotAllowed(words, web_address(there.permalink_url))
        self._graph.delete(path_of(remote_id))

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        """Of posts and comments; and of the page, how many follow it."""
        found = [(ref, self._counts(ref)) for ref in refs if not ref.startswith("m_")]
        return tuple(Measured(remote_id=ref, counts=counts) for ref, counts in found if counts is not None)

    # --- one post --------------------------------------------------------------------------------------
    def _uploaded(self, media: tuple[Media, ...]) -> list[str]:
        """The pictures, unpublished. Nobody sees them yet: a lost answer leaves one that is never shown."""
        try:
            return [self._upload(number, file) for number, file in enumerate(media, start=1)]
        except Uncertain as doubt:
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            ) from doubt

    def _upload(self, number: int, media: Media) -> str:
        fields = {"published": "false"} | ({"alt_text_custom": media.alt} if media.alt else {})
        kind, body = multipart(fields, f"picture-{number}.{ENDINGS[media.mime]}", media)
        answer = self._graph.ask(
            "POST", f"{self._page}/photos", content=body, headers={"content-type": kind},
            deadline_seconds=UPLOAD_SECONDS,
        )  # fmt: skip
        return understood(answer, Made).id

    def _find_comment(self, post: Post) -> Receipt | None:
        try:
            pages = self._graph.pages(
                f"{_above(post)}/comments", _Comment, FIND_PAGES_MAX, filter="stream",
                order="reverse_chronological", fields=COMMENT_FIELDS, limit=COMMENTS_PER_PAGE,
            )  # fmt: skip
            ours = [c for c in _of_the_last_day(pages) if c.author.id == self._page]
        except Gone:
            return None
        return next((_found(c) for c in ours if same(c.message, post.text)), None)

    def _counts(self, ref: str) -> dict[str, int] | None:
        if ref == self._page:
            return {"followers": self._graph.get(ref, _Followed, fields="followers_count").followers_count}
        if ref.startswith(f"{self._page}_"):
            there = self._graph.there(path_of(ref), _PostCounts, fields=POST_COUNTS)
            return there.counts if there else None
        comment = self._graph.there(path_of(ref), _CommentCounts, fields="like_count,comment_count")
        return {"likes": comment.like_count, "replies": comment.comment_count} if comment else None

    # --- as items --------------------------------------------------------------------------------------
    def _under(self, post: _Post, notes: Notes) -> tuple[list[_Comment], bool]:
        """(the comments of a post, back to the first that is known; whether these are all that there are)."""
        listed, found = post.comments, list[_Comment]()
        for _ in range(COMMENT_PAGES_MAX):
            page = items_of(listed, _Comment)
            found += page
            if not listed.paging.after:
                return found, True
            if not page or page[-1].id in notes.known or ms_of(page[-1].created_time) < notes.since_ms:
                break
            listed = self._graph.get(
                f"{post.id}/comments", Listed, filter="stream", order="reverse_chronological",
                fields=COMMENT_FIELDS, limit=COMMENTS_PER_PAGE, after=listed.paging.after,
            )  # fmt: skip
        return found, False

    def _sighted(self, kept: _Raw, under: str) -> Sighted:
        item = _item(kept)
        return Sighted(item, Known(item.version, kept.root, kept.who, under, kept.published_ms))

    def _is_gone(self, remote_id: str) -> bool:
        return self._graph.there(path_of(remote_id), Made, fields="id") is None

    def _told(self, entry: Entry) -> Iterator[Item]:
        """What a hook tells. What the page itself has posted is told too, and is none of it."""
        for change in entry.changes:
            item = _told_item(change)
            kept = item.raw.get("comment", {})
            if kept.get("who") != self._page or kept["parent"]:
                yield item
        for event in entry.messaging:
            yield message_item(event, self._page, INBOX)

    def _activity(self, kept: _Raw) -> Activity:
        shown = web_address(kept.picture)
        return Activity(
            remote_id=kept.id, version=version_of(kept.text), actor=Actor(remote_id=kept.who, name=kept.name),
            text=kept.text, thread=kept.root, in_reply_to=kept.parent,
            url=web_address(kept.url) or f"{SITE}/{kept.id}",
            own=kept.who == self._page, held=kept.hidden, published_ms=kept.published_ms,
            attachments=(Attachment(kind="image", url=shown),) if shown else (),
        )  # fmt: skip

    def _removal(self, gone: _RawGone) -> Activity:
        return Activity(
            remote_id=gone.id, version="gone", verb="Delete", actor=Actor(remote_id=gone.who),
            thread=gone.root, own=gone.who == self._page, published_ms=0,
        )  # fmt: skip

    # --- the calls -------------------------------------------------------------------------------------
    @cached_property
    def _graph(self) -> Graph:
        secrets = self.grant.secrets
        return self._with(secrets.get("access") or secrets.get("access_token", ""))

    def _with(self, token: str) -> Graph:
        base = f"https://graph.facebook.com/{VERSION}"
        return Graph(self.wire, base, token, fallback=f"{SITE}/{self._page}")

    @property
    def _reads_messages(self) -> bool:
        """Whether the app has the permission for private messages, by what the bank said."""
        return self.grant.settings.get("messages", "yes") == "yes"

    @property
    def _private(self) -> Private:
        return Private(self._graph, self._page, "messenger", SITE, INBOX)

    @property
    def _page(self) -> str:
        return path_of(self.grant.settings["page_id"].strip())


CONNECTOR = Facebook


def _data() -> NetworkData:
    return network("facebook")


# --- what Facebook answers -------------------------------------------------------------------------------
class _Me(msgspec.Struct):
    id: str
    name: str = ""
    username: str = ""
    link: str = ""
    access_token: str = ""


class _Done(msgspec.Struct):
    success: bool = True


class _Author(msgspec.Struct):
    """Whom Facebook does not show has no id."""

    id: str = ""
    name: str = ""


class _Sight(msgspec.Struct):
    src: str = ""


class _Image(msgspec.Struct):
    image: _Sight = msgspec.field(default_factory=_Sight)


class _Attached(msgspec.Struct):
    media: _Image = msgspec.field(default_factory=_Image)


class _Kind(msgspec.Struct):
    media_type: str = ""


class _Kinds(msgspec.Struct):
    data: list[_Kind] = []


class _Attachment(msgspec.Struct):
    media_type: str = ""
    subattachments: _Kinds = msgspec.field(default_factory=_Kinds)


class _Attachments(msgspec.Struct):
    data: list[_Attachment] = []


class _Thing(msgspec.Struct):
    """What a post and a comment have in common."""

    id: str
    message: str = ""
    created_time: str = ""
    permalink_url: str = ""
    author: _Author = msgspec.field(default_factory=_Author, name="from")


T = TypeVar("T", bound=_Thing)


class _Post(_Thing):
    full_picture: str = ""
    comments: Listed = msgspec.field(default_factory=Listed)
    attachments: _Attachments = msgspec.field(default_factory=_Attachments)

    @property
    def pictures(self) -> int:
        """How many pictures it shows: an album has them one level below."""
        return sum(len(a.subattachments.data) or (a.media_type == "photo") for a in self.attachments.data)


class _Comment(_Thing):
    parent: Made | None = None
    is_hidden: bool = False
    attachment: _Attached | None = None


class _Total(msgspec.Struct):
    total_count: int = 0


class _Summed(msgspec.Struct):
    summary: _Total = msgspec.field(default_factory=_Total)


class _Shares(msgspec.Struct):
    count: int = 0


class _PostCounts(msgspec.Struct):
    shares: _Shares = msgspec.field(default_factory=_Shares)
    reactions: _Summed = msgspec.field(default_factory=_Summed)
    comments: _Summed = msgspec.field(default_factory=_Summed)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "likes": self.reactions.summary.total_count, "comments": self.comments.summary.total_count,
            "shares": self.shares.count,
        }  # fmt: skip


class _Followed(msgspec.Struct):
    followers_count: int


class _CommentCounts(msgspec.Struct):
    like_count: int = 0
    comment_count: int = 0


# --- what a hook tells of the feed -----------------------------------------------------------------------
class _Told(msgspec.Struct):
    """`item` is a comment, or a post, which it calls status or photo; other items have no words."""

    item: str
    verb: str
    post_id: str
    comment_id: str = ""
    parent_id: str = ""
    message: str = ""
    created_time: int = 0
    photo: str = ""
    link: str = ""
    author: _Author = msgspec.field(default_factory=_Author, name="from")


WORDS = frozenset({"comment", "post", "status", "photo"})


def _told_item(change: Change) -> Item:
    """A comment or a visitor's post, new, changed or gone; anything else is kept as it came."""
    unknown = unknown_item("change", msgspec.to_builtins(change))
    try:
        told = msgspec.convert(change.value, _Told)
    except msgspec.ValidationError:
        return unknown
    name, who = told.comment_id or told.post_id, told.author.id
    if change.field != "feed" or told.item not in WORDS or (told.item == "comment") != bool(told.comment_id):
        return unknown
    parent = told.parent_id if told.comment_id else ""
    root = parent if parent and parent != told.post_id else name
    if told.verb == "remove":
        return _gone_item(name, root, who or _nobody(name))
    if told.verb not in {"add", "edit", "edited"}:
        return unknown
    picture = told.photo or (told.link if told.item == "photo" else "")
    kept = _Raw(
        id=name, who=who or _nobody(name), name=told.author.name, text=told.message, root=root, parent=parent,
        url=f"{SITE}/{name}", published_ms=told.created_time * 1000, hidden=False, picture=picture,
    )  # fmt: skip
    return _item(kept)


# --- as it is kept ---------------------------------------------------------------------------------------
class _Raw(msgspec.Struct, kw_only=True):
    """A comment, or what a visitor wrote on the page. `parent`: what it stands under, empty for a post."""

    id: str
    who: str
    name: str
    text: str
    root: str
    parent: str
    url: str
    published_ms: int
    hidden: bool
    picture: str


class _RawGone(msgspec.Struct, kw_only=True):
    id: str
    root: str
    who: str


def _kept(thing: _Thing, root: str, parent: str) -> _Raw:
    picture = thing.full_picture if isinstance(thing, _Post) else ""
    return _Raw(
        id=thing.id, who=thing.author.id or _nobody(thing.id), name=thing.author.name, text=thing.message,
        root=root or thing.id, parent=parent, url=thing.permalink_url or f"{SITE}/{thing.id}",
        published_ms=ms_of(thing.created_time), hidden=False, picture=picture,
    )  # fmt: skip


def _kept_comment(comment: _Comment, post_id: str) -> _Raw:
    above = comment.parent.id if comment.parent else ""
    kept = _kept(comment, above, above or post_id)
    kept.hidden = comment.is_hidden
    kept.picture = comment.attachment.media.image.src if comment.attachment else ""
    return kept


def _nobody(remote_id: str) -> str:
    """Facebook does not show who wrote it: then each thing has a writer of its own."""
    return f"hidden:{remote_id}"


def _item(kept: _Raw) -> Item:
    raw = {"comment": msgspec.to_builtins(kept)}
    return Item(remote_id=kept.id, version=version_of(kept.text), raw=raw, ids=IDS)


def _gone_item(remote_id: str, root: str, who: str) -> Item:
    kept = _RawGone(id=remote_id, root=root, who=who)
    return Item(remote_id=remote_id, version="gone", raw={"gone": msgspec.to_builtins(kept)}, ids=IDS)


def _direct(kept: RawMessage) -> Sighted:
    known = Known("", f"direct:{kept.other}", kept.who, "direct", kept.published_ms)
    return Sighted(item_of(kept), known)


# --- small things ----------------------------------------------------------------------------------------
def multipart(fields: dict[str, str], name: str, media: Media) -> tuple[str, bytes]:
    """(content type, body) of a form with a file as `source` (RFC 7578)."""
    boundary = hashlib.sha256(media.data + repr(sorted(fields.items())).encode()).hexdigest()[:32]
    line = f"--{boundary}\r\nContent-Disposition: form-data; name="
    head = "".join(f'{line}"{field}"\r\n\r\n{value}\r\n' for field, value in fields.items())
    head += f'{line}"source"; filename="{name}"\r\nContent-Type: {media.mime}\r\n\r\n'
    return f"multipart/form-data; boundary={boundary}", b"".join(
        (head.encode(), media.data, f"\r\n--{boundary}--\r\n".encode())
    )


def _above(post: Post) -> str:
    """Where an answer goes: under the first comment of its thread. Pages show no deeper levels."""
    return path_of(post.thread or post.in_reply_to)


def _of_the_last_day(pages: Iterator[list[T]]) -> Iterator[T]:
    earliest = time.time() * 1000 - FIND_HOURS * 3_600_000
    for page in pages:
        yield from (thing for thing in page if ms_of(thing.created_time) >= earliest)
        if page and ms_of(page[-1].created_time) < earliest:
            return


def _receipt(remote_id: str) -> Receipt:
    """An address by the id: Facebook leads on to where it is shown."""
    return Receipt(remote_id=remote_id, url=f"{SITE}/{remote_id}", published_ms=int(time.time() * 1000))


def _found(there: _Thing) -> Receipt:
    url = web_address(there.permalink_url) or f"{SITE}/{there.id}"
    return Receipt(remote_id=there.id, url=url, published_ms=ms_of(there.created_time))


def _tokens(access: str, refresh: str, seconds: int) -> Tokens:
    until = int((time.time() + seconds / 2) * 1000)
    return Tokens(
        secrets={"access": access} | ({"refresh": refresh} if refresh else {}), fresh_until_ms=until
    )
