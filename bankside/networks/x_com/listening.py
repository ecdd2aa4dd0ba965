"""One look at what is new: mentions, answers, private messages, and what became of what was read before.

Mentions alone are not enough: an answer may leave our name out, and a quotation names nobody. So what stands
under our latest posts is searched for too, back to seven days, which is all that the search has.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import msgspec

from bankside.networks.contract import Item, Later, NotAllowed, Page
from bankside.networks.x_com.api import (
    WITH_MESSAGES,
    WITH_POSTS,
    Api,
    Events,
    Included,
    Posts,
    Tweet,
    moment_of,
    ms_of,
    number,
)
from bankside.networks.x_com.said import gone_item, message_item, other_side, post_item

OVERLAP_SECONDS = 600
PAGE_ITEMS = 100
OWN_ITEMS = 20
SEARCH_DAYS = 7
SEARCH_SPARE_SECONDS = 600
QUERY_LENGTH_MAX = 512
"""Of a search without an Enterprise contract (docs.x.com/x-api/fundamentals/rate-limits, read 2026-11-28)."""
WATCHED_MAX = 100
WATCH_SECONDS = 600
"""Posts that were read are looked at again no more often: X charges for each once a day (UTC)."""
QUIET_SECONDS = 60
"""Private messages may be asked for 15 times in 15 minutes."""


class Watched(msgspec.Struct, frozen=True, array_like=True):
    """A post that was reported: its version, its thread, and who wrote it."""

    id: str
    version: str
    thread: str
    who: str


class Reach(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far one list was read: up to `done_ms`. In the middle of a long one, `page` is where it goes on and
    `top_ms` what will be done at its end."""

    done_ms: int = 0
    top_ms: int = 0
    page: str = ""
    query: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where reading stands. `own`: our latest posts. `looked_ms`, `asked_ms`: when watched posts and private
    messages were last asked for."""

    since_ms: int = 0
    mentions: Reach = Reach()
    search: Reach = Reach()
    messages: Reach = Reach()
    own: list[str] = []
    watched: list[Watched] = []
    looked_ms: int = 0
    asked_ms: int = 0

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
    """One call of `poll`. Keeps nothing beyond it. What X lets us not ask for now is left to the next one."""

    def __init__(self, api: Api, me: str, handle: str, place: Place) -> None:
        self._api, self._me, self._handle, self._place = api, number(me), handle, place
        self._now_ms = int(time.time() * 1000)
        self._watched = {w.id: w for w in place.watched}
        self._beside = Included()

    def page(self) -> Page:
        """Everything that is new behind the place: what is gone, posts in their order, private messages."""
        own, latest = self._our_posts()
        told, mentions = self._mentions()
        found, search = self._searched(latest)
        events, messages, asked_ms = self._messages()
        gone, again, looked_ms = self._seen_again()
        posts = {p.id: p for p in (*own, *told, *found, *again) if not self._known(p)}
        items = [self._item(p) for p in sorted(posts.values(), key=_in_order)]
        place = msgspec.structs.replace(
            self._place, mentions=mentions, search=search, messages=messages, asked_ms=asked_ms,
            looked_ms=looked_ms, own=[p.root for p in latest] or self._place.own,
            watched=self._watching(items, {item.remote_id for item in gone}),
        )  # fmt: skip
        heard = {p.root for p in (*told, *own, *again)}
        return Page(
            items=(*gone, *items, *events), cursor=str(place),
            more=any(reach.page for reach in (mentions, search, messages)),
            unannounced=tuple(sorted({p.root for p in found if p.id in posts} - heard)),
        )  # fmt: skip

    # --- the lists -------------------------------------------------------------------------------------
    def _our_posts(self) -> tuple[list[Tweet], list[Tweet]]:
        """(our own answers that we do not know yet, our latest posts, the newest first)."""
        if self._is_going_on():
            return [], []
        params = {"max_results": OWN_ITEMS, "exclude": "retweets", **WITH_POSTS}
        try:
            found = self._get(f"/2/users/{self._me}/tweets", params)
        except Later:
            return [], []
        known = set(self._place.own)
        new = [p for p in found.data if p.root not in known and p.other("replied_to")]
        return [p for p in new if ms_of(p.created_at) >= self._place.since_ms], found.data

    def _mentions(self) -> tuple[list[Tweet], Reach]:
        """Posts that name us, by others."""
        reach = self._place.mentions
        if self._is_going_on() and not reach.page:
            return [], reach
        params: dict[str, Any] = {"max_results": PAGE_ITEMS, "start_time": self._from(reach), **WITH_POSTS}
        params |= {"pagination_token": reach.page} if reach.page else {}
        found = self._get(f"/2/users/{self._me}/mentions", params)
        return self._of_others(found.data), self._reached(reach, found.data, found.meta.next_token)

    def _searched(self, latest: list[Tweet]) -> tuple[list[Tweet], Reach]:
        """Answers to us and what stands under our latest posts, whether it names us or not."""
        reach = self._place.search
        if self._is_going_on() and not reach.page:
            return [], reach
        query = reach.query or self._query(latest)
        params: dict[str, Any] = {
            "query": query, "max_results": PAGE_ITEMS,
            "start_time": self._from(reach, days=SEARCH_DAYS), **WITH_POSTS,
        }  # fmt: skip
        params |= {"next_token": reach.page} if reach.page else {}
        try:
            found = self._get("/2/tweets/search/recent", params)
        except (Later, NotAllowed):
            return [], msgspec.structs.replace(reach, page="", top_ms=0, query="")
        reached = self._reached(reach, found.data, found.meta.next_token)
        reached = msgspec.structs.replace(reached, query=query if reached.page else "")
        return self._of_others(found.data), reached

    def _query(self, latest: list[Tweet]) -> str:
        """As much as X takes: answers to us first, then what stands under our posts, the newest first."""
        wanted = [f"to:{self._handle}"]
        for post in latest:
            counted, edited = post.public_metrics, post.newest != post.root  # counts are those of one version
            if counted.reply_count or edited:
                wanted.append(f"conversation_id:{post.conversation_id or post.root}")
            if counted.quote_count or edited:
                wanted += [f"quotes_of_tweet_id:{id}" for id in dict.fromkeys((post.root, post.newest))]
        query = ""
        for number_of_parts in range(1, len(wanted) + 1):
            parts = " OR ".join(dict.fromkeys(wanted[:number_of_parts]))
            longer = f"({parts}) -from:{self._handle} -is:retweet"
            if len(longer) > QUERY_LENGTH_MAX:
                break
            query = longer
        return query

    def _messages(self) -> tuple[list[Item], Reach, int]:
        """Private messages to us, and those of ours that were sent elsewhere; when they were asked for."""
        reach, before = self._place.messages, self._place.asked_ms
        early = not reach.page and self._now_ms - before < QUIET_SECONDS * 1000
        if early or (self._is_going_on() and not reach.page):
            return [], reach, before
        params: dict[str, Any] = {"max_results": PAGE_ITEMS, **WITH_MESSAGES}
        params |= {"pagination_token": reach.page} if reach.page else {}
        try:
            found = self._api.get("/2/dm_events", Events, params)
        except (Later, NotAllowed):  # by an account that was connected without private messages
            return [], reach, before
        floor = self._floor(reach)
        new = [e for e in found.data if ms_of(e.created_at) >= floor and e.event_type == "MessageCreate"]
        items = [message_item(e, other_side(e, self._me), found.includes) for e in reversed(new)]
        ended = len(new) < len(found.data)
        return items, self._reached(reach, found.data, "" if ended else found.meta.next_token), self._now_ms

    # --- what was changed or taken away ----------------------------------------------------------------
    def _seen_again(self) -> tuple[list[Item], list[Tweet], int]:
        """(what is gone of the posts that were read, those that have another version now, when we looked)."""
        before, wanted = self._place.looked_ms, list(self._watched)[:WATCHED_MAX]
        if not wanted or self._is_going_on() or self._now_ms - before < WATCH_SECONDS * 1000:
            return [], [], before
        try:
            there = self._api.posts(wanted)
            changed = [p.newest for p in there.data if p.newest not in (p.id, self._watched[p.root].version)
                       if p.root in self._watched]  # fmt: skip
            again = self._api.posts(changed[:WATCHED_MAX]) if changed else Posts()
        except Later:
            return [], [], before
        self._remember(again.includes)
        known = {p.root for p in there.data} | {p.id for p in there.data}
        lost = {e.resource_id for e in there.errors if e.type.endswith("/resource-not-found")}
        gone = [self._watched[id] for id in wanted if id in lost and id not in known]
        return [gone_item(w.id, w.thread, w.who) for w in gone], again.data, self._now_ms

    def _watching(self, items: Iterable[Item], gone: set[str]) -> list[Watched]:
        """What was watched, with what is reported now in front, and without what is gone."""
        posts = [item.raw["post"] for item in reversed(list(items))]
        reported = [Watched(p["id"], p["edited"], p["thread"], p["who"]) for p in posts]
        new = {w.id for w in reported} | gone
        return [*reported, *(w for w in self._place.watched if w.id not in new)][:WATCHED_MAX]

    # --- how far ---------------------------------------------------------------------------------------
    def _get(self, path: str, params: dict[str, Any]) -> Posts:
        found = self._api.get(path, Posts, params)
        self._remember(found.includes)
        return found

    def _remember(self, beside: Included) -> None:
        """What came beside posts, for their items: authors, pictures, the posts that they quote."""
        had = self._beside
        self._beside = Included(
            users=[*had.users, *beside.users], tweets=[*had.tweets, *beside.tweets],
            media=[*had.media, *beside.media],
        )  # fmt: skip

    def _item(self, post: Tweet) -> Item:
        return post_item(post, self._beside)

    def _known(self, post: Tweet) -> bool:
        """Whether it was reported in this very version."""
        watched = self._watched.get(post.root)
        return watched is not None and watched.version == (post.id if post.id != post.root else "")

    def _of_others(self, posts: list[Tweet]) -> list[Tweet]:
        """Without our own, and without what was there before the channel was connected."""
        since = self._place.since_ms
        others = [p for p in posts if p.author_id != self._me and not p.other("retweeted")]
        return [p for p in others if ms_of(p.created_at) >= since]

    def _is_going_on(self) -> bool:
        """Whether the last look ended in the middle of a list: then that list alone is read on."""
        place = self._place
        return any(reach.page for reach in (place.mentions, place.search, place.messages))

    def _floor(self, reach: Reach) -> int:
        return max(reach.done_ms - OVERLAP_SECONDS * 1000, self._place.since_ms)

    def _from(self, reach: Reach, *, days: int = 0) -> str:
        """From when on to list; the search takes nothing that is older than its days."""
        oldest = self._now_ms - days * 86_400_000 + SEARCH_SPARE_SECONDS * 1000 if days else 0
        return moment_of(max(self._floor(reach), oldest, X_BEGAN_MS))

    def _reached(self, reach: Reach, items: Iterable[Any], next_page: str) -> Reach:
        top = max((reach.top_ms, *(ms_of(item.created_at) for item in items)), default=0)
        if next_page:
            return Reach(done_ms=reach.done_ms, top_ms=top, page=next_page)
        return Reach(done_ms=max(reach.done_ms, top))


def _in_order(post: Tweet) -> tuple[int, int, str]:
    """By time, and by number where that is the same."""
    return ms_of(post.created_at), len(post.id), post.id


X_BEGAN_MS = 1_288_834_974_657
"""4 November 2010: X lists nothing from before by time."""
