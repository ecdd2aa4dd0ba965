"""YouTube: films of the bank, the comments under them, answers to these, and what videos count.

Written from Google's discovery file of the YouTube Data API v3 (revision 20261104) and its pages under
developers.google.com/youtube/data, read 2026-11-28; no call was ever made to YouTube itself. A thread is
named for its first comment; answers are known as `<first comment>.<answer>`, and there is one level of them.
Every call costs some of the day's 10,000 units: a look makes two to four, and more where something is new.

A film goes up in two calls (developers.google.com/youtube/v3/guides/using_resumable_upload_protocol): the
first says its title and gives an address, the second carries all bytes there. Only the second makes a video.
It is never continued: what was not taken whole is begun anew, and a lost answer is looked up.
"""

from __future__ import annotations

import datetime
import re
import time
import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Activity,
    Actor,
    Connector,
    Count,
    Expired,
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
from bankside.networks.markup import web_address
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said, joined

SITE = "https://youtube.googleapis.com/youtube/v3"
UPLOADS = "https://www.googleapis.com/upload/youtube/v3/videos"
UPLOAD_SECONDS = 600.0
UPLOAD_WAIT_SECONDS = 30.0
DESCRIPTION_BYTES_MAX = 5000
"""developers.google.com/youtube/v3/docs/videos, as a client library quotes it (secondary): of the description
5,000 bytes, of the title 100 characters, in both no < and >."""
LATEST_PAGES_MAX, LATEST_ITEMS = 4, 50
PRIVACY = "public"
COMMENT = re.compile(r"[A-Za-z0-9_-]{15,60}(?:\.[A-Za-z0-9_-]{5,60})?")
VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
PAGE_ITEMS = 100
PAGES_MAX = 5
IDS_PER_CALL = 50
REPLIES_PAGES_MAX = 10
THREADS_MAX = 200
REPLIES_KEPT_MAX = 400
CHANGED_PER_LOOK = 20
IN_TURN = 50
BUSY_SECONDS = 60.0
QUOTA_ZONE = "America/Los_Angeles"
SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
NO_MORE_FILMS = "uploadLimitExceeded"
NO_MORE_FILMS_SECONDS = 3600.0
TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
CLOSED = frozenset({"operationNotSupported", "parentCommentIsPrivate"})
"""Reasons with status 400 that mean that this comment cannot be answered by anybody's program."""

T = TypeVar("T")


class YouTube(Connector):
    """One channel, for whose owner somebody has signed in at Google."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        found = self._api.get("channels", Channels, {"part": "snippet", "mine": "true"}).items
        if not found:
            raise Reconnect(Said("The account that signed in at Google has no YouTube channel."))
        me, about = found[0], found[0].snippet
        url = f"https://www.youtube.com/channel/{me.id}"
        return Self(remote_id=me.id, handle=about.customUrl or me.id, name=about.title, url=url, limits={})

    # --- what comes in ---------------------------------------------------------------------------------
    def poll(self, cursor: str, since_ms: int) -> Page:
        return Look(self._api, self._me, Place.of(cursor, since_ms)).page()

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "comment" in raw:
                return (_said(msgspec.convert(raw["comment"], RawComment), self._me),)
            if "gone" in raw:
                return (_removed(msgspec.convert(raw["gone"], RawGone)),)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=broken)) from broken
        return ()

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        of_comment = bool(post.in_reply_to or post.replaces)
        own = {"title_limit": 0} if of_comment else {"limit": 0}
        shown = fitted(_data(), post, self.grant.account | {"limits": own})
        if of_comment:
            return replace(shown, findings=(*shown.findings, *_of_comment(post)))
        used = len(post.text.encode("utf-8", "replace"))
        fits = used <= DESCRIPTION_BYTES_MAX
        long = Count(used=used, limit=DESCRIPTION_BYTES_MAX, unit="bytes", ok=fits)
        return replace(
            shown, counts=(long, *shown.counts[1:]), findings=(*shown.findings, *_of_film(post, long))
        )

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if not (post.in_reply_to or post.replaces):
            told = {"title": post.title, "description": post.text}
            status = {"privacyStatus": self.grant.settings.get("privacy") or PRIVACY}
            return _receipt_of(self._api.put_up({"snippet": told, "status": status}, post.media[0]))
        if post.replaces:
            wanted = {"id": _comment(post.replaces), "snippet": {"textOriginal": post.text}}
            return _receipt(self._api.write("PUT", "comments", wanted))
        parent = _root(_comment(post.in_reply_to))
        wanted = {"snippet": {"parentId": parent, "textOriginal": post.text}}
        return _receipt(self._api.write("POST", "comments", wanted))

    def find(self, key: str, post: Post) -> Receipt | None:
        if not (post.in_reply_to or post.replaces):
            words = (_bare(post.title), _bare(post.text))
            videos = self._api.latest()
            return next((_receipt_of(video) for video in videos if video.words == words), None)
        if post.replaces:
            there = self._api.comments([_comment(post.replaces)])
            same = bool(there) and _bare(there[0].snippet.text) == _bare(post.text)
            return _receipt(there[0]) if same else None
        for reply in self._api.replies(_root(_comment(post.in_reply_to)), all_of_them=True):
            if reply.snippet.who == self._me and _bare(reply.snippet.text) == _bare(post.text):
                return _receipt(reply)
        return None

    def remove(self, remote_id: str) -> None:
        kind, id = ("videos", remote_id) if VIDEO.fullmatch(remote_id) else ("comments", _comment(remote_id))
        self._api.ask("DELETE", kind, {"id": id}, also=(404, 410))

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        """Of videos and of comments, which the length of an id tells apart; and of the channel."""
        videos = [ref for ref in refs if VIDEO.fullmatch(ref)]
        comments = [ref for ref in refs if COMMENT.fullmatch(ref)]
        counted: dict[str, dict[str, int]] = {}
        for some in _in_parts(videos):
            asked = {"part": "statistics", "id": ",".join(some)}
            counted |= {v.id: v.statistics.counts() for v in self._api.get("videos", Videos, asked).items}
        if self._me in refs:
            asked = {"part": "statistics", "id": self._me}
            counted |= {c.id: c.statistics.counts() for c in self._api.get("channels", Followed, asked).items}
        for some in _in_parts(comments):
            counted |= {c.id: {"likes": c.snippet.likeCount} for c in self._api.comments(some)}
        return tuple(Measured(remote_id=ref, counts=counted[ref]) for ref in refs if ref in counted)

    @cached_property
    def _api(self) -> Api:
        return Api(self.wire, self.grant.secrets.get("access", ""))

    @property
    def _me(self) -> str:
        return str(self.grant.account.get("remote_id", ""))


CONNECTOR = YouTube


def _data() -> NetworkData:
    return network("youtube")


# --- one look at what is new -------------------------------------------------------------------------------
class Known(msgspec.Struct, frozen=True, array_like=True):
    """A thread that was reported: its version, who began it, how many answers it had when they were read, and
    the second parts of their ids."""

    id: str
    version: str
    who: str
    count: int = 0
    replies: list[str] = []


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where reading stands: the threads that were reported, the newest first. `page`: where a list that was
    longer than one look goes on. `turn` counts the looks."""

    since_ms: int = 0
    threads: list[Known] = []
    page: str = ""
    turn: int = 0

    @classmethod
    def of(cls, cursor: str, since_ms: int) -> Place:
        """The place that a cursor names. One that cannot be read begins anew: then much comes twice."""
        try:
            return msgspec.json.decode(cursor, type=cls) if cursor else cls(since_ms=since_ms)
        except msgspec.MsgspecError:
            return cls(since_ms=since_ms)

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()


class Look:
    """One call of `poll`. Keeps nothing beyond it.

    YouTube lists threads by their first comments and has no filter of time: the newest are read until one is
    known. An answer under an older one moves nothing, so that the older ones are asked for in turns; a thread
    whose number of answers is another one is read.
    """

    def __init__(self, api: Api, me: str, place: Place) -> None:
        self._api, self._me, self._place = api, me, place
        self._known = {k.id: k for k in place.threads}
        self._now = dict(self._known)

    def page(self) -> Page:
        newest, page = self._newest()
        held, gone = ([], []) if self._place.page else self._held(newest)
        older, lost = ([], []) if self._place.page else self._in_turn({t.id for t in (*newest, *held)})
        items = [i for t in held if (i := self._thread_item(t, held=True))]
        items += [i for t in (*newest, *older) if (i := self._thread_item(t))]
        replies, taken = self._replies([*newest, *older])
        for id in (*gone, *lost):
            self._now.pop(id, None)
        items.sort(key=lambda item: int(item.raw["comment"]["published_ms"]))
        away = [_gone_item(id, id, self._known[id].who) for id in (*gone, *lost)]
        place = msgspec.structs.replace(
            self._place, page=page, turn=self._place.turn + 1, threads=self._kept(newest)
        )
        return Page(items=(*away, *taken, *items, *replies), cursor=str(place), more=bool(page))

    # --- the lists -------------------------------------------------------------------------------------
    def _newest(self) -> tuple[list[Thread], str]:
        """(threads that may be new, the newest first; where to go on when there are more)."""
        found, page = list[Thread](), self._place.page
        for _ in range(PAGES_MAX):
            listed = self._api.get("commentThreads", Threads, self._asked("published", page))
            found += listed.items
            page = listed.nextPageToken
            reached = any(t.id in self._known or t.top.moment_ms < self._place.since_ms for t in listed.items)
            if reached or not page:
                return found, ""
        return found, page

    def _held(self, newest: list[Thread]) -> tuple[list[Thread], list[str]]:
        """(threads that wait to be let through, those that wait no more and are not public)."""
        try:
            listed = self._api.get("commentThreads", Threads, self._asked("heldForReview", ""))
        except NotAllowed:  # by an account that may not see them
            return [], []
        there = {t.id for t in (*listed.items, *newest)}
        waited = [k.id for k in self._known.values() if k.version.endswith(HELD)]
        return listed.items, [] if listed.nextPageToken else [id for id in waited if id not in there]

    def _in_turn(self, seen: set[str]) -> tuple[list[Thread], list[str]]:
        """(some older threads as they are now, those of them that are gone)."""
        rest = [k.id for k in self._place.threads if k.id not in seen and not k.version.endswith(HELD)]
        wanted = _turn(rest, self._place.turn, IN_TURN)
        if not wanted:
            return [], []
        asked = {"part": "snippet", "textFormat": "plainText", "id": ",".join(wanted)}
        there = self._api.get("commentThreads", Threads, asked).items
        return there, [id for id in wanted if id not in {t.id for t in there}]

    def _replies(self, threads: list[Thread]) -> tuple[list[Item], list[Item]]:
        """(answers under threads with another number of them, or whose turn it is; those that are gone)."""
        by_id = {t.id: t for t in threads if t.id in self._now}
        changed = [id for id, t in by_id.items() if t.snippet.totalReplyCount != self._now[id].count]
        answered = [id for id, t in by_id.items() if t.snippet.totalReplyCount and id not in changed]
        found, gone = list[Item](), list[Item]()
        for id in (*changed[:CHANGED_PER_LOOK], *_turn(answered, self._place.turn, 1)):
            thread, before = by_id[id], set(self._now[id].replies)
            listed = self._api.replies(id)
            there = [reply.id.partition(".")[2] for reply in listed]
            gone += [_gone_item(f"{id}.{part}", id, "") for part in sorted(before - set(there))]
            new = [r for r in listed if r.moment_ms >= self._place.since_ms]
            found += [_item(r, thread, id) for r in sorted(new, key=lambda r: r.moment_ms)]
            self._now[id] = msgspec.structs.replace(
                self._now[id], count=thread.snippet.totalReplyCount, replies=there
            )
        return found, gone

    def _asked(self, status: str, page: str) -> dict[str, str | int]:
        asked: dict[str, str | int] = {
            "part": "snippet", "allThreadsRelatedToChannelId": self._me, "order": "time",
            "moderationStatus": status, "textFormat": "plainText", "maxResults": PAGE_ITEMS,
        }  # fmt: skip
        return asked | ({"pageToken": page} if page else {})

    # --- as items --------------------------------------------------------------------------------------
    def _thread_item(self, thread: Thread, *, held: bool = False) -> Item | None:
        """The first comment, if it is new or another version. Remembers it in either case."""
        item = _item(thread.top, thread, "", held=held)
        before = self._now.get(thread.id)
        if before is None and thread.top.moment_ms < self._place.since_ms:
            return None
        who = thread.top.snippet.who
        self._now[thread.id] = msgspec.structs.replace(
            before or Known(id=thread.id, version="", who=who), version=item.version
        )
        return item if before is None or before.version != item.version else None

    def _kept(self, newest: list[Thread]) -> list[Known]:
        """The newest threads first; of the older ones no more than fit."""
        order = dict.fromkeys([t.id for t in newest if t.id in self._now])
        if self._place.page:  # what comes later in a long list is older
            order = dict.fromkeys([*(k.id for k in self._place.threads if k.id in self._now), *order])
        kept, left = list[Known](), REPLIES_KEPT_MAX
        for id in [*order, *(id for id in self._now if id not in order)][:THREADS_MAX]:
            known = self._now[id]
            kept.append(msgspec.structs.replace(known, replies=known.replies[: max(left, 0)]))
            left -= len(known.replies)
        return kept


def _turn(ids: list[str], turn: int, number: int) -> list[str]:
    """Some of these, so that each has its turn."""
    start = turn * number % len(ids) if ids else 0
    return (ids[start:] + ids[:start])[:number]


# --- what people said, as it is kept, and as an activity ----------------------------------------------------
HELD = ":held"
"""At the end of a version: somebody has to let it through first."""


class RawComment(msgspec.Struct, kw_only=True):
    """A comment. `parent` is empty for the first of a thread; `edited` is the time of a change."""

    id: str
    edited: str
    who: str
    handle: str
    profile: str
    avatar: str
    text: str
    thread: str
    parent: str
    video: str
    held: bool
    answerable: bool
    published_ms: int


class RawGone(msgspec.Struct, kw_only=True):
    id: str
    thread: str
    who: str


def _item(comment: Comment, thread: Thread, parent: str, *, held: bool = False) -> Item:
    about = comment.snippet
    edited = about.updatedAt if about.updatedAt != about.publishedAt else ""
    kept = RawComment(
        id=comment.id, edited=edited, who=about.who, handle=about.authorDisplayName,
        profile=about.authorChannelUrl, avatar=about.authorProfileImageUrl, text=about.text,
        thread=thread.id, parent=parent, video=about.videoId or thread.snippet.videoId, held=held,
        answerable=thread.snippet.canReply, published_ms=ms_of(about.publishedAt),
    )  # fmt: skip
    version = edited + HELD if held else edited
    return Item(remote_id=comment.id, version=version, raw={"comment": msgspec.to_builtins(kept)})


def _gone_item(id: str, thread: str, who: str) -> Item:
    kept = RawGone(id=id, thread=thread, who=who)
    return Item(remote_id=id, version="gone", raw={"gone": msgspec.to_builtins(kept)})


def _said(raw: RawComment, me: str) -> Activity:
    name, profile = raw.handle.removeprefix("@"), raw.profile.replace("http://", "https://", 1)
    actor = Actor(
        remote_id=raw.who or raw.handle or raw.id, handle=raw.handle, name=name, url=web_address(profile),
        avatar_url=web_address(raw.avatar),
    )  # fmt: skip
    return Activity(
        remote_id=raw.id, version=raw.edited + HELD if raw.held else raw.edited, actor=actor, text=raw.text,
        thread=raw.thread, in_reply_to=raw.parent, url=_url(raw.video, raw.id), held=raw.held,
        own=bool(me) and raw.who == me, reply_allowed=raw.answerable, published_ms=raw.published_ms,
    )  # fmt: skip


def _removed(gone: RawGone) -> Activity:
    actor = Actor(remote_id=gone.who)
    return Activity(
        remote_id=gone.id, version="gone", verb="Delete", actor=actor, thread=gone.thread, published_ms=0
    )


def _url(video: str, comment: str) -> str:
    """The video with this comment on top; comments on a channel itself have no address."""
    return f"https://www.youtube.com/watch?v={video}&lc={comment}" if VIDEO.fullmatch(video) else ""


def _receipt(comment: Comment) -> Receipt:
    about = comment.snippet
    return Receipt(
        remote_id=comment.id, url=_url(about.videoId, comment.id), published_ms=ms_of(about.publishedAt)
    )


def _receipt_of(video: Video) -> Receipt:
    published_ms = ms_of(video.snippet.publishedAt)
    url = f"https://www.youtube.com/watch?v={video.id}"
    return Receipt(remote_id=video.id, url=url, published_ms=published_ms)


def _of_comment(post: Post) -> Iterator[str]:
    if VIDEO.fullmatch(post.replaces):
        yield Said("A film on YouTube is changed in YouTube Studio: the desk changes none.")
    if post.title:
        yield Said("A comment on YouTube has no title: leave the title empty.")
    if post.media:
        yield Said("A comment on YouTube carries no files: take them out.")


def _of_film(post: Post, long: Count) -> Iterator[str]:
    if not any(one.mime.startswith("video/") for one in post.media):
        yield Said("YouTube takes no post without a film: add one.")
    if not post.title.strip():
        yield Said("A film on YouTube needs a title.")
    if {"<", ">"} & {*post.title, *post.text}:
        yield Said("YouTube takes no < and no > in the title or the words of a film.")
    if not long.ok:
        yield Said(
            "Too long: %(used)s %(unit)s, and %(limit)s are allowed.", used=long.used, unit=Said("bytes"),
            limit=long.limit,
        )  # fmt: skip


def _comment(remote_id: str) -> str:
    """The id of a comment. Raises Gone for what YouTube never gave out."""
    if not COMMENT.fullmatch(remote_id):
        raise Gone(Said("'%(remote_id)s' is nothing that YouTube has.", remote_id=remote_id[:60]))
    return remote_id


def _root(comment: str) -> str:
    """The first comment of the thread: only that one can be answered."""
    return comment.partition(".")[0]


def _bare(text: str) -> str:
    return " ".join(text.split())


def _in_parts(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), IDS_PER_CALL):
        yield ids[start : start + IDS_PER_CALL]


def ms_of(moment: str) -> int:
    """UTC milliseconds; 0 for what is no moment."""
    try:
        parsed = datetime.datetime.fromisoformat(moment)
        return max(int(parsed.replace(tzinfo=parsed.tzinfo or datetime.UTC).timestamp() * 1000), 0)
    except (ValueError, OverflowError):
        return 0


# --- calls -------------------------------------------------------------------------------------------------
class Api:
    """Calls with one account's token."""

    def __init__(self, wire: Wire, token: str) -> None:
        self._wire, self._token = wire, token

    def ask(
        self, method: str, path: str, params: dict[str, Any] | None, *, also: Iterable[int] = (), **how: Any
    ) -> WireAnswer:
        """One call, `how` as the wire takes it; `path` may be a whole address. Statuses in `also` are given
        back. Raises Later until midnight in California when the project's units are used up, and Expired for
        a token that Google takes no more."""
        if not self._token:
            raise Reconnect(Said("Nobody has signed in at Google for this channel."))
        url, wanted = path if path.startswith("https://") else f"{SITE}/{path}", frozenset(also)
        headers = {"authorization": f"Bearer {self._token}", **how.pop("headers", {})}
        answer = self._wire.ask(
            method, url, params=params, headers=headers, also=wanted | {400, 401, 403}, **how
        )
        if answer.status == 401:
            raise Expired(Said("Google does not take the access token any more."))
        reason = _reason(answer) if answer.status in (400, 403) else ""
        if reason in SPENT:
            raise Later(_until_midnight(), Said("The project has used up its units of this day at Google."))
        if reason in TOO_FAST:
            raise Later(BUSY_SECONDS, Said("YouTube lets in no more calls for now."))
        if reason == NO_MORE_FILMS:
            raise Later(NO_MORE_FILMS_SECONDS, Said("YouTube takes no more films of this account for now."))
        if reason in CLOSED:
            raise NotAllowed(Said("YouTube lets no program answer this comment."))
        if answer.status not in wanted:
            self._wire.raise_for(answer)
        return answer

    def get(self, path: str, kind: type[T], params: dict[str, Any]) -> T:
        return _understood(self.ask("GET", path, params), kind)

    def write(self, method: str, path: str, body: dict[str, Any]) -> Comment:
        """A new comment, or one in new words. What cannot be answered is answered by hand."""
        about = str(body.get("id") or body["snippet"]["parentId"])
        try:
            return _understood(self.ask(method, path, {"part": "snippet"}, json=body), Comment)
        except NotAllowed as refusal:
            raise NotAllowed(refusal.reason, fallback=_by_hand(about)) from None

    def put_up(self, about: dict[str, Any], film: Media) -> Video:
        """A new video. Until all its bytes are there is none, and what was lost before may be done again."""
        place = self._session(about, film)
        again = Said("The film was not uploaded to the end; the desk begins anew.")
        answer = self.ask(
            "PUT", place, None, content=film.data, headers={"content-type": film.mime},
            deadline_seconds=UPLOAD_SECONDS, also=(308, 404, 410),
        )  # fmt: skip
        if answer.status in (308, 404, 410):  # not all of it came, or the address has run out
            raise Later(UPLOAD_WAIT_SECONDS, again)
        return _understood(answer, Video)

    def _session(self, about: dict[str, Any], film: Media) -> str:
        """Where the bytes go. Nobody sees anything of it yet: a lost answer does no harm."""
        sizes = {"x-upload-content-length": str(len(film.data)), "x-upload-content-type": film.mime}
        asked = {"uploadType": "resumable", "part": "snippet,status"}
        try:
            answer = self.ask("POST", UPLOADS, asked, json=about, headers=sizes)
        except Uncertain as doubt:
            again = Said("The upload of the film could not be begun. %(reason)s", reason=doubt.reason)
            raise Later(UPLOAD_WAIT_SECONDS, again) from None
        place = answer.headers.get("location", "")
        if not place.startswith(f"{UPLOADS}?"):
            raise Later(UPLOAD_WAIT_SECONDS, Said("YouTube names no place of its own for the film."))
        return place

    def latest(self) -> Iterator[Video]:
        """The account's latest videos, the newest first (unverified), at most 200."""
        mine = self.get("channels", Channels, {"part": "contentDetails", "mine": "true"}).items
        uploads = mine[0].contentDetails.relatedPlaylists.get("uploads", "") if mine else ""
        asked, page = {"part": "snippet", "playlistId": uploads, "maxResults": LATEST_ITEMS}, ""
        for _ in range(LATEST_PAGES_MAX if uploads else 0):
            try:
                listed = self.get("playlistItems", Uploads, asked | ({"pageToken": page} if page else {}))
            except Gone:  # the list of an account that has put up nothing yet
                return
            yield from (Video(id=one.snippet.resourceId.videoId, snippet=one.snippet) for one in listed.items)
            page = listed.nextPageToken
            if not page:
                return

    def comments(self, ids: list[str]) -> list[Comment]:
        """Those of them that are there, as plain text."""
        asked = {"part": "snippet", "textFormat": "plainText", "id": ",".join(ids)}
        return self.get("comments", Comments, asked).items

    def replies(self, thread: str, *, all_of_them: bool = False) -> list[Comment]:
        """The answers of a thread, at most 1,000. A thread that is gone has none.

        `all_of_them`: raises Later when there are more.
        """
        found, page = list[Comment](), ""
        asked = {"part": "snippet", "textFormat": "plainText", "parentId": thread, "maxResults": PAGE_ITEMS}
        for _ in range(REPLIES_PAGES_MAX):
            try:
                listed = self.get("comments", Comments, asked | ({"pageToken": page} if page else {}))
            except Gone:
                return found
            found += listed.items
            page = listed.nextPageToken
            if not page:
                return found
        if all_of_them:
            raise Later(60, Said("There are more answers under this comment than can be looked through."))
        return found


def _by_hand(comment: str) -> str:
    """Studio finds a comment by its id."""
    return f"https://studio.youtube.com/comment/{comment}"


def _reason(answer: WireAnswer) -> str:
    """Why, in one word of Google's; empty when it says none."""
    try:
        errors = msgspec.json.decode(answer.content, type=Problem).error.errors
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return errors[0].reason if errors else ""


def _until_midnight() -> float:
    """Seconds until the day of the quota ends (developers.google.com/youtube/data/determine_quota_cost)."""
    now = datetime.datetime.fromtimestamp(time.time(), zoneinfo.ZoneInfo(QUOTA_ZONE))
    midnight = datetime.datetime.combine(now.date() + datetime.timedelta(days=1), datetime.time(), now.tzinfo)
    return max(midnight.timestamp() - now.timestamp(), 1.0)


def _understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        said = Said("YouTube answered something unknown: %(strange)s.", strange=strange)
        raise answer.nonsense(said) from None


# --- what YouTube answers ----------------------------------------------------------------------------------
class Why(msgspec.Struct):
    reason: str = ""


class Trouble(msgspec.Struct):
    errors: list[Why] = []


class Problem(msgspec.Struct):
    error: Trouble


class Author(msgspec.Struct):
    value: str = ""


class CommentSnippet(msgspec.Struct):
    """`textOriginal` is only told to whoever wrote it."""

    textDisplay: str = ""
    textOriginal: str = ""
    authorDisplayName: str = ""
    authorChannelUrl: str = ""
    authorProfileImageUrl: str = ""
    authorChannelId: Author = msgspec.field(default_factory=Author)
    videoId: str = ""
    parentId: str = ""
    likeCount: int = 0
    publishedAt: str = ""
    updatedAt: str = ""

    @property
    def text(self) -> str:
        return (self.textOriginal or self.textDisplay).replace("\x00", "")

    @property
    def who(self) -> str:
        return self.authorChannelId.value


class Comment(msgspec.Struct):
    id: str
    snippet: CommentSnippet = msgspec.field(default_factory=CommentSnippet)

    @property
    def moment_ms(self) -> int:
        """When it was written or last changed."""
        return max(ms_of(self.snippet.publishedAt), ms_of(self.snippet.updatedAt))


class Comments(msgspec.Struct):
    items: list[Comment] = []
    nextPageToken: str = ""


class ThreadSnippet(msgspec.Struct):
    topLevelComment: Comment
    videoId: str = ""
    canReply: bool = True
    totalReplyCount: int = 0


class Thread(msgspec.Struct):
    id: str
    snippet: ThreadSnippet

    @property
    def top(self) -> Comment:
        return self.snippet.topLevelComment


class Threads(msgspec.Struct):
    items: list[Thread] = []
    nextPageToken: str = ""


class ChannelSnippet(msgspec.Struct):
    title: str = ""
    customUrl: str = ""


class Content(msgspec.Struct):
    relatedPlaylists: dict[str, str] = {}


class Channel(msgspec.Struct):
    id: str
    snippet: ChannelSnippet = msgspec.field(default_factory=ChannelSnippet)
    contentDetails: Content = msgspec.field(default_factory=Content)


class Channels(msgspec.Struct):
    items: list[Channel] = []


class Statistics(msgspec.Struct):
    """Numbers as text; a count that the owner hides is missing."""

    viewCount: str = ""
    likeCount: str = ""
    commentCount: str = ""

    def counts(self) -> dict[str, int]:
        named = {"views": self.viewCount, "likes": self.likeCount, "comments": self.commentCount}
        return {name: int(text) for name, text in named.items() if text.isascii() and text.isdigit()}


class Following(msgspec.Struct):
    subscriberCount: str = ""
    hiddenSubscriberCount: bool = False

    def counts(self) -> dict[str, int]:
        told = self.subscriberCount.isascii() and self.subscriberCount.isdigit()
        return {"followers": int(self.subscriberCount)} if told and not self.hiddenSubscriberCount else {}


class FollowedChannel(msgspec.Struct):
    id: str
    statistics: Following = msgspec.field(default_factory=Following)


class Followed(msgspec.Struct):
    items: list[FollowedChannel] = []


class Resource(msgspec.Struct):
    videoId: str = ""


class VideoSnippet(msgspec.Struct):
    """`resourceId` stands where a video is listed, and names it."""

    title: str = ""
    description: str = ""
    publishedAt: str = ""
    resourceId: Resource = msgspec.field(default_factory=Resource)


class Video(msgspec.Struct):
    id: str
    snippet: VideoSnippet = msgspec.field(default_factory=VideoSnippet)
    statistics: Statistics = msgspec.field(default_factory=Statistics)

    @property
    def words(self) -> tuple[str, str]:
        """Title and description, however their lines are broken."""
        return _bare(self.snippet.title), _bare(self.snippet.description)


class Upload(msgspec.Struct):
    snippet: VideoSnippet = msgspec.field(default_factory=VideoSnippet)


class Uploads(msgspec.Struct):
    items: list[Upload] = []
    nextPageToken: str = ""


class Videos(msgspec.Struct):
    items: list[Video] = []
