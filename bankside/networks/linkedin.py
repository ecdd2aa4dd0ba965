"""LinkedIn pages: posts of a company with pictures, and the comments under them.

Remote ids are LinkedIn's own names, `urn:li:share:…` of a post and `urn:li:comment:(…)` of a comment. A
thread is named for its first comment. The words of a post go out in LinkedIn's `little` text, in which many
signs mean something; what is compared in doubt is plain again. Who comments is known by a name of LinkedIn's
alone. Written from learn.microsoft.com/linkedin/marketing/community-management, read 2026-11-28.
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import msgspec

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Activity,
    Actor,
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
    Reconnect,
    Refused,
    Self,
    Uncertain,
)
from bankside.networks.fit import fitted
from bankside.networks.seen import IDS, Known, Notes, Sighted
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said, joined

BASE = "https://api.linkedin.com/rest"
SITE = "https://www.linkedin.com"
COMMENT_LENGTH_MAX = 1250  # secondary
POSTS_PER_LOOK = 20
COMMENTS_PER_PAGE = 100
COMMENT_PAGES_MAX = 5
AGAIN_PER_LOOK = 2
FIND_PAGES_MAX = 4
FIND_HOURS = 24
REFS_PER_CALL = 20
UPLOAD_SECONDS = 60.0
WAIT_SECONDS_MAX = 3600.0
OUTDATED = 426
URN = re.compile(r"urn:li:(?:share|ugcPost|activity|comment):[A-Za-z0-9:,()_-]{1,200}")

T = TypeVar("T")


class LinkedIn(Connector):
    """One company page."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        me = self._site.get(f"/organizations/{self._number}", _Organization)
        url = f"{SITE}/company/{quote(me.vanity_name or self._number, safe='')}/"
        name = me.localized_name or self._number
        return Self(remote_id=self._me, handle=me.vanity_name or name, name=name, url=url, limits={})

    # --- what comes in ---------------------------------------------------------------------------------
    def poll(self, cursor: str, since_ms: int) -> Page:
        """Comments under the newest posts, where their number has changed, and under a few more by turns."""
        place = _Place.of(cursor, since_ms)
        posts = [p.id for p in self._posts(0).elements]
        totals = {name: one.comments for name, one in self._site.summaries(posts).items()}
        seen, read = list[Sighted](), set[str]()
        for post in _to_look_under(posts, totals, place):
            comments, whole = self._under(post)
            seen += [_sighted(c, post) for c in comments]
            read |= {post} if whole else set()
        gone = [name for name in place.notes.lost(seen, read) if self._comment(name) is None]
        taken = [_gone_item(n, place.notes.known[n].thread, place.notes.known[n].who) for n in gone]
        after = _Place(notes=place.notes.after(seen, gone), totals=totals)
        return Page(items=(*taken, *place.notes.fresh(seen)), cursor=str(after), more=False)

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "comment" in raw:
                return (self._activity(msgspec.convert(raw["comment"], _Raw)),)
            if "gone" in raw:
                return (self._removal(msgspec.convert(raw["gone"], _RawGone)),)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=broken)) from broken
        return ()

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        data, comment = _data(), bool(post.in_reply_to) or post.replaces.startswith("urn:li:comment:")
        if comment:
            data = msgspec.structs.replace(
                data, text=msgspec.structs.replace(data.text, limit=COMMENT_LENGTH_MAX)
            )
        shown = fitted(data, post, self.grant.account)
        wrong = (
            (comment and bool(post.media), Said("A comment carries no pictures.")),
            (bool(post.replaces and post.media), Said("Pictures of a post cannot be changed afterwards.")),
        )
        return replace(shown, findings=(*shown.findings, *(said for is_wrong, said in wrong if is_wrong)))

    def send(self, post: Post, key: str) -> Receipt:
        """`key` is no part of it: LinkedIn knows none."""
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if post.replaces:
            return self._edit(post)
        if post.in_reply_to:
            return self._answer(post)
        wanted: dict[str, Any] = {
            "author": self._me, "commentary": little(post.text), "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": False,
        }  # fmt: skip
        wanted |= {"content": self._content(post.media)} if post.media else {}
        answer = self._site.ask("POST", "/posts", json=wanted)
        name = answer.headers.get("x-restli-id", "")
        if not URN.fullmatch(name):
            raise answer.nonsense(Said("LinkedIn did not say which post it made."))
        return _receipt(name, int(time.time() * 1000))

    def find(self, key: str, post: Post) -> Receipt | None:
        if post.replaces:
            there = self._words_of(post.replaces)
            is_there = there is not None and _same(there, post.text)
            return _receipt(post.replaces, int(time.time() * 1000)) if is_there else None
        return self._find_answer(post) if post.in_reply_to else self._find_post(post)

    def remove(self, remote_id: str) -> None:
        if remote_id.startswith("urn:li:comment:"):
            there = self._comment(remote_id)
            if there is not None:
                self._refuse_others(there.actor, remote_id)
                place = f"{_comment_path(remote_id)}?actor={quote(self._me, safe='')}"
                self._site.ask("DELETE", place, also=(404, 410))
            return
        found = self._post(remote_id)
        if found is not None:
            self._refuse_others(found.author, remote_id)
            self._site.ask("DELETE", f"/posts/{_path(remote_id)}", method="DELETE", also=(404, 410))

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        """Of posts: views by LinkedIn's statistics, reactions and comments as they are now."""
        posts = [ref for ref in refs if re.fullmatch(r"urn:li:(?:share|ugcPost):\d{1,30}", ref)]
        found: dict[str, dict[str, int]] = {}
        for start in range(0, len(posts), REFS_PER_CALL):
            some = posts[start : start + REFS_PER_CALL]
            shown = self._site.statistics(self._me, some)
            for name, now in self._site.summaries(some).items():
                found[name] = {"likes": now.likes, "comments": now.comments, **shown.get(name, {})}
        return tuple(Measured(remote_id=ref, counts=found[ref]) for ref in posts if ref in found)

    # --- one post --------------------------------------------------------------------------------------
    def _content(self, media: tuple[Media, ...]) -> dict[str, Any]:
        try:
            pictures = [{"id": self._uploaded(m), **({"altText": m.alt} if m.alt else {})} for m in media]
        except Uncertain as doubt:
            # Nobody sees a picture that belongs to no post: a lost answer leaves one behind.
            reason = Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            raise Later(30, reason) from doubt
        return {"media": pictures[0]} if len(pictures) == 1 else {"multiImage": {"images": pictures}}

    def _uploaded(self, media: Media) -> str:
        asked = {"initializeUploadRequest": {"owner": self._me}}
        begun = understood(
            self._site.ask("POST", "/images?action=initializeUpload", json=asked), _Begun
        ).value
        headers = {"content-type": media.mime}
        self._site.ask(
            "PUT", begun.upload_url, content=media.data, headers=headers, deadline_seconds=UPLOAD_SECONDS
        )
        return begun.image

    def _edit(self, post: Post) -> Receipt:
        """New words, as LinkedIn's documents have it: a partial update of either."""
        if post.replaces.startswith("urn:li:comment:"):
            changed: dict[str, Any] = {"patch": {"message": {"$set": {"text": post.text}}}}
            place = f"{_comment_path(post.replaces)}?actor={quote(self._me, safe='')}"
            self._site.ask("POST", place, json=changed)
        else:
            changed = {"patch": {"$set": {"commentary": little(post.text)}}}
            self._site.ask("POST", f"/posts/{_path(post.replaces)}", json=changed, method="PARTIAL_UPDATE")
        return _receipt(post.replaces, int(time.time() * 1000))

    def _answer(self, post: Post) -> Receipt:
        """Under the first comment of the thread, or under a post."""
        above = _above(post)
        root = above.startswith("urn:li:comment:")
        wanted: dict[str, Any] = {"actor": self._me, "message": {"text": post.text}}
        wanted |= {"object": _post_of(above), "parentComment": above} if root else {"object": above}
        answer = self._site.ask("POST", f"/socialActions/{_path(above)}/comments", json=wanted)
        made = understood(answer, _Comment)
        if not made.name:
            raise answer.nonsense(Said("LinkedIn did not say which comment it made."))
        return _receipt(made.name, made.created.time or int(time.time() * 1000))

    # --- looking ---------------------------------------------------------------------------------------
    def _posts(self, start: int) -> _Posts:
        """A page of the newest posts of the page."""
        which = {"q": "author", "author": self._me, "count": POSTS_PER_LOOK, "start": start}
        return self._site.get("/posts", _Posts, params=which | {"sortBy": "CREATED"}, method="FINDER")

    def _find_post(self, post: Post) -> Receipt | None:
        earliest = time.time() * 1000 - FIND_HOURS * 3_600_000
        for number in range(FIND_PAGES_MAX):
            page = self._posts(number * POSTS_PER_LOOK).elements
            for there in page:
                alike = _same(plain(there.commentary), post.text) and there.pictures == len(post.media)
                if alike and there.moment >= earliest:
                    return _receipt(there.id, there.moment)
            if len(page) < POSTS_PER_LOOK or page[-1].moment < earliest:
                return None
        raise Later(60, Said("There are more posts of the last day than can be looked through."))

    def _find_answer(self, post: Post) -> Receipt | None:
        earliest = time.time() * 1000 - FIND_HOURS * 3_600_000
        try:
            listed = self._listed(_above(post))[0]
        except Gone:
            return None
        ours = [c for c in listed if c.actor == self._me and c.created.time >= earliest]
        return next(
            (_receipt(c.name, c.created.time) for c in ours if _same(c.message.text, post.text)), None
        )

    def _under(self, post: str) -> tuple[list[_Comment], bool]:
        """(the comments under a post and the answers to them, whether these are all that there are)."""
        try:
            found, whole = self._listed(post)
            for comment in [c for c in found if c.answers]:
                below, all_of_them = self._listed(comment.name)
                found, whole = [*found, *below], whole and all_of_them
        except Gone:  # taken away while we looked
            return [], False
        return found, whole

    def _listed(self, above: str) -> tuple[list[_Comment], bool]:
        found = list[_Comment]()
        for number in range(COMMENT_PAGES_MAX):
            which = {"start": number * COMMENTS_PER_PAGE, "count": COMMENTS_PER_PAGE}
            page = self._site.get(f"/socialActions/{_path(above)}/comments", _Comments, params=which).elements
            found += [c for c in page if c.name]
            if len(page) < COMMENTS_PER_PAGE:
                return found, True
        return found, False

    def _comment(self, name: str) -> _Comment | None:
        answer = self._site.ask("GET", _comment_path(name), also=(404, 410))
        return understood(answer, _Comment) if answer.status == 200 else None

    def _post(self, name: str) -> _Post | None:
        answer = self._site.ask("GET", f"/posts/{_path(name)}", also=(404, 410))
        return understood(answer, _Post) if answer.status == 200 else None

    def _words_of(self, name: str) -> str | None:
        if name.startswith("urn:li:comment:"):
            comment = self._comment(name)
            return comment.message.text if comment else None
        found = self._post(name)
        return plain(found.commentary) if found else None

    def _refuse_others(self, who: str, name: str) -> None:
        if who != self._me:
            raise NotAllowed(Said("Somebody else wrote this; only our own can be removed."), _address(name))

    # --- as items --------------------------------------------------------------------------------------
    def _activity(self, kept: _Raw) -> Activity:
        return Activity(
            remote_id=kept.id, version=kept.version, actor=Actor(remote_id=kept.who), text=kept.text,
            thread=kept.root, in_reply_to=kept.parent, url=_address(kept.id), own=kept.who == self._me,
            published_ms=kept.published_ms,
        )  # fmt: skip

    def _removal(self, gone: _RawGone) -> Activity:
        return Activity(
            remote_id=gone.id, version="gone", verb="Delete", actor=Actor(remote_id=gone.who),
            thread=gone.root, own=gone.who == self._me, published_ms=0,
        )  # fmt: skip

    # --- the calls -------------------------------------------------------------------------------------
    @cached_property
    def _site(self) -> _Site:
        secrets = self.grant.secrets
        token = secrets.get("access") or secrets.get("access_token", "")
        return _Site(self.wire, token, self.grant.settings.get("version", ""))

    @property
    def _number(self) -> str:
        number = self.grant.settings["organization"].strip()
        if not (number.isascii() and number.isdigit()):
            raise Refused(Said("The number of the page has digits only."))
        return number

    @property
    def _me(self) -> str:
        return f"urn:li:organization:{self._number}"


CONNECTOR = LinkedIn


def _data() -> NetworkData:
    return network("linkedin")


class _Site:
    """Calls with one token and one version of the interface."""

    def __init__(self, wire: Wire, token: str, version: str) -> None:
        self._wire, self._token = wire, token
        self._version = version or next(s.default for s in _data().settings if s.name == "version")

    def ask(
        self, verb: str, place: str, *, method: str = "", also: Iterable[int] = (),
        headers: dict[str, str] | None = None, **how: Any,
    ) -> WireAnswer:  # fmt: skip
        """One call. `method`: the name that Rest.li has for it, where a path alone does not say it."""
        if not self._token:
            raise Reconnect(Said("The access token is missing, and nobody has signed in at the network."))
        carried = {
            "authorization": f"Bearer {self._token}", "linkedin-version": self._version,
            "x-restli-protocol-version": "2.0.0", **(headers or {}),
        } | ({"x-restli-method": method} if method else {})  # fmt: skip
        url = place if place.startswith("https://") else f"{BASE}{place}"
        wanted = frozenset(also)
        answer = self._wire.ask(verb, url, headers=carried, also=wanted | {OUTDATED, 429}, **how)
        if answer.status == OUTDATED:
            old = Said("LinkedIn has ended version %(version)s. Set a newer one.", version=self._version)
            raise Reconnect(old)
        if answer.status == 429 and not answer.headers.get("retry-after"):
            raise Later(until_midnight(), Said("LinkedIn lets in no more calls for today."))
        if answer.status not in wanted:
            self._wire.raise_for(answer)
        return answer

    def get(self, place: str, kind: type[T], *, method: str = "", **how: Any) -> T:
        """A question, and its answer as what it should be."""
        return understood(self.ask("GET", place, method=method, **how), kind)

    def summaries(self, names: list[str]) -> dict[str, _Summary]:
        """Reactions and comments of posts by their names; LinkedIn may answer with the names encoded."""
        if not names:
            return {}
        wanted = ",".join(quote(name, safe="") for name in names)
        found = self.get(f"/socialActions?ids=List({wanted})", _Summaries, method="BATCH_GET").results
        return {unquote(name): one for name, one in found.items()}

    def statistics(self, me: str, names: list[str]) -> dict[str, dict[str, int]]:
        """How often posts were seen, clicked and shared, by their names."""
        shares = ",".join(quote(n, safe="") for n in names if n.startswith("urn:li:share:"))
        posts = ",".join(quote(n, safe="") for n in names if not n.startswith("urn:li:share:"))
        which = f"q=organizationalEntity&organizationalEntity={quote(me, safe='')}"
        which += f"&shares=List({shares})" if shares else ""
        which += f"&ugcPosts=List({posts})" if posts else ""
        told = self.get(f"/organizationalEntityShareStatistics?{which}", _Statistics, method="FINDER")
        return {one.share or one.ugc_post: one.total_share_statistics.counts for one in told.elements}


def understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        said = Said("The network answered something unknown: %(strange)s.", strange=strange)
        raise answer.nonsense(said) from None


def until_midnight() -> float:
    """Seconds until midnight UTC, when a day's calls begin anew (…/shared/api-guide/concepts/rate-limits); an
    hour at most, so that a wrong clock here costs no day."""
    now = datetime.datetime.fromtimestamp(time.time(), datetime.UTC)
    return min(86_400.0 - (now.hour * 3600 + now.minute * 60 + now.second), WAIT_SECONDS_MAX)


# --- what LinkedIn answers -------------------------------------------------------------------------------
class _Organization(msgspec.Struct, rename="camel"):
    localized_name: str = ""
    vanity_name: str = ""


class _Upload(msgspec.Struct, rename="camel"):
    upload_url: str
    image: str


class _Begun(msgspec.Struct, rename="camel"):
    value: _Upload


class _Images(msgspec.Struct, rename="camel"):
    images: list[Any] = []


class _Content(msgspec.Struct, rename="camel"):
    media: dict[str, Any] | None = None
    multi_image: _Images | None = None


class _Post(msgspec.Struct, rename="camel"):
    id: str
    author: str = ""
    commentary: str = ""
    created_at: int = 0
    published_at: int = 0
    content: _Content | None = None

    @property
    def moment(self) -> int:
        return self.published_at or self.created_at

    @property
    def pictures(self) -> int:
        if self.content is None:
            return 0
        return len(self.content.multi_image.images) if self.content.multi_image else bool(self.content.media)


class _Posts(msgspec.Struct, rename="camel"):
    elements: list[_Post]


class _Text(msgspec.Struct, rename="camel"):
    text: str = ""


class _Moment(msgspec.Struct, rename="camel"):
    time: int = 0


class _Total(msgspec.Struct, rename="camel"):
    aggregated_total_comments: int = 0
    total_likes: int = 0


class _Comment(msgspec.Struct, rename="camel"):
    id: str = ""
    actor: str = ""
    object: str = ""
    comment_urn: str = ""
    parent_comment: str = ""
    message: _Text = msgspec.field(default_factory=_Text)
    created: _Moment = msgspec.field(default_factory=_Moment)
    last_modified: _Moment = msgspec.field(default_factory=_Moment)
    comments_summary: _Total = msgspec.field(default_factory=_Total)

    @property
    def name(self) -> str:
        """Its whole name; made of its parts where LinkedIn gives these alone."""
        made = f"urn:li:comment:({self.object},{self.id})" if self.object and self.id else ""
        return self.comment_urn or made

    @property
    def answers(self) -> int:
        return 0 if self.parent_comment else self.comments_summary.aggregated_total_comments


class _Comments(msgspec.Struct, rename="camel"):
    elements: list[_Comment]


class _Summary(msgspec.Struct, rename="camel"):
    comments_summary: _Total = msgspec.field(default_factory=_Total)
    likes_summary: _Total = msgspec.field(default_factory=_Total)

    @property
    def comments(self) -> int:
        return self.comments_summary.aggregated_total_comments

    @property
    def likes(self) -> int:
        return self.likes_summary.total_likes


class _Summaries(msgspec.Struct, rename="camel"):
    results: dict[str, _Summary]


class _Shown(msgspec.Struct, rename="camel"):
    impression_count: int = 0
    click_count: int = 0
    share_count: int = 0

    @property
    def counts(self) -> dict[str, int]:
        return {"views": self.impression_count, "clicks": self.click_count, "shares": self.share_count}


class _Statistic(msgspec.Struct, rename="camel"):
    total_share_statistics: _Shown
    share: str = ""
    ugc_post: str = ""


class _Statistics(msgspec.Struct, rename="camel"):
    elements: list[_Statistic]


# --- where reading stands --------------------------------------------------------------------------------
class _Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was handed on, and how many comments each of the newest posts had."""

    notes: Notes = msgspec.field(default_factory=Notes)
    totals: dict[str, int] = {}

    @classmethod
    def of(cls, cursor: str, since_ms: int) -> _Place:
        try:
            return msgspec.json.decode(cursor, type=cls) if cursor else cls(notes=Notes(since_ms=since_ms))
        except (msgspec.MsgspecError, UnicodeError):
            return cls(notes=Notes(since_ms=since_ms))

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()


def _to_look_under(posts: list[str], totals: dict[str, int], place: _Place) -> list[str]:
    """Posts whose number of comments has changed, and some others by turns, for what was only edited."""
    changed = [p for p in posts if totals.get(p, 0) != place.totals.get(p, 0)]
    others = [p for p in posts if totals.get(p, 0) and p not in changed]
    start = place.notes.turn * AGAIN_PER_LOOK % len(others) if others else 0
    return changed + (others[start:] + others[:start])[:AGAIN_PER_LOOK]


# --- as it is kept ---------------------------------------------------------------------------------------
class _Raw(msgspec.Struct, kw_only=True):
    """A comment. `parent`: the comment, or the post, that it stands under."""

    id: str
    version: str
    who: str
    text: str
    root: str
    parent: str
    published_ms: int


class _RawGone(msgspec.Struct, kw_only=True):
    id: str
    root: str
    who: str


def _sighted(comment: _Comment, post: str) -> Sighted:
    version = str(comment.last_modified.time or comment.created.time)
    kept = _Raw(
        id=comment.name, version=version, who=comment.actor or f"hidden:{comment.name}",
        text=comment.message.text, root=comment.parent_comment or comment.name,
        parent=comment.parent_comment or post, published_ms=comment.created.time,
    )  # fmt: skip
    item = Item(remote_id=kept.id, version=version, raw={"comment": msgspec.to_builtins(kept)}, ids=IDS)
    return Sighted(item, Known(version, kept.root, kept.who, post, kept.published_ms))


def _gone_item(remote_id: str, root: str, who: str) -> Item:
    kept = _RawGone(id=remote_id, root=root, who=who)
    return Item(remote_id=remote_id, version="gone", raw={"gone": msgspec.to_builtins(kept)}, ids=IDS)


# --- words -----------------------------------------------------------------------------------------------
def little(text: str) -> str:
    """Plain text as LinkedIn's `little` text: every sign that means something there is escaped, or a post
    ends at it; a `#` before a word stays, and makes the word a hashtag.

    learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format, read 2026-11-28.
    """
    return _RESERVED.sub(r"\\\g<0>", text)


def plain(commentary: str) -> str:
    """The other way round: hashtags and names as they are shown."""
    shown = _HASHTAG.sub(r"#\1", commentary)
    shown = _MENTION.sub(r"\1", shown)
    return _ESCAPED.sub(r"\1", shown)


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


# --- names -----------------------------------------------------------------------------------------------
def _path(name: str) -> str:
    """A name as a part of an address. Raises Gone for what LinkedIn cannot have."""
    if not URN.fullmatch(name):
        raise Gone(Said("'%(remote_id)s' is nothing that this network has.", remote_id=name))
    return quote(name, safe="")


def _post_of(comment: str) -> str:
    """What a comment stands under, by its name: `urn:li:comment:(urn:li:activity:7,12)`."""
    match = _COMMENT.fullmatch(comment)
    if match is None:
        raise Gone(Said("'%(remote_id)s' is nothing that this network has.", remote_id=comment))
    return match["post"]


def _comment_path(name: str) -> str:
    match = _COMMENT.fullmatch(name)
    number = match["number"] if match else ""
    return f"/socialActions/{_path(_post_of(name))}/comments/{number}"


def _above(post: Post) -> str:
    """Where an answer goes: under the first comment of its thread, LinkedIn has no deeper levels."""
    return post.thread if post.thread.startswith("urn:li:comment:") else post.in_reply_to


def _address(name: str) -> str:
    match = _COMMENT.fullmatch(name)
    if match is None:
        return f"{SITE}/feed/update/{quote(name, safe=':')}/"
    return f"{SITE}/feed/update/{quote(match['post'], safe=':')}/?commentUrn={quote(name, safe='')}"


def _receipt(name: str, ms: int) -> Receipt:
    return Receipt(remote_id=name, url=_address(name), published_ms=ms)


_RESERVED = re.compile(r"[|{}@\[\]()<>\\*_~]|#(?!\w)|(?<=\w)#")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_HASHTAG = re.compile(r"(?<!\\)\{hashtag\|\\?#\|([^}|]{1,200})\}")
_MENTION = re.compile(r"(?<!\\)@\[((?:[^\]\\]|\\.){1,200})\]\(urn:li:[^)]{1,100}\)")
_COMMENT = re.compile(r"urn:li:comment:\((?P<post>urn:li:[A-Za-z]{1,20}:\d{1,30}),(?P<number>\d{1,30})\)")
