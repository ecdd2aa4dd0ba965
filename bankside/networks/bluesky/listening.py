"""One look at what is new: notifications, and beside them the threads of the account's own latest posts.

Notifications alone are not enough: a reply that was indexed before the post it answers is never announced.
So the threads under our latest posts are read whenever their number of replies has changed, and a few more
in turns. What only stands there is reported as unannounced. Threads are read before notifications, and what
is younger than a few seconds is left to the next look: nothing counts as unannounced that was merely quick.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from bankside.networks.bluesky.place import (
    THREADS_PER_LOOK,
    WATCHED_MAX,
    Place,
    Reach,
    short,
    uri_of,
)
from bankside.networks.bluesky.record import POST
from bankside.networks.bluesky.said import (
    WORDS,
    Feed,
    Notification,
    Notifications,
    Posts,
    PostView,
    Thread,
    act_item,
    gone_item,
    ms_of,
    post_item,
    said_ms,
)
from bankside.networks.bluesky.xrpc import Server
from bankside.networks.contract import Item, Page

NOTIFICATIONS_PER_PAGE = 100
OWN_POSTS = 100
POSTS_PER_CALL = 25
THREAD_DEPTH = 10
ANNOUNCED_SECONDS = 3
"""A notification follows within 0.5 s of its post (tried); until then a reply is not called unannounced."""

WORDS_OVERLAP_SECONDS = 600
ACTS_OVERLAP_SECONDS = 60
GONE = frozenset({"NotFound"})


class Look:
    """One call of `poll`. Keeps nothing beyond it."""

    def __init__(self, server: Server, me: str, place: Place) -> None:
        self._server, self._me, self._place = server, me, place
        self._now_ms = int(time.time() * 1000)
        self._watched = {uri_of(w, POST): w for w in place.watched}

    def page(self) -> Page:
        """Everything that is new behind the place: what is gone, words in their order, everything else."""
        if self._place.goes_on:
            return self._going_on()
        own, replies, seen = self._under_our_posts()
        told = self._told(self._place.words, WORDS)
        posts = {view.uri: view for view in (*own, *seen, *self._announced(told))}
        others = self._told(self._place.acts)
        gone = self._gone(posts)
        place = Place(
            since_ms=self._place.since_ms,
            words=self._reached(self._place.words, told, WORDS_OVERLAP_SECONDS),
            acts=self._reached(self._place.acts, others, ACTS_OVERLAP_SECONDS),
            replies=replies,
            watched=self._watching(posts.values(), {item.remote_id for item in gone}),
            turn=self._place.turn + 1,
        )
        in_order = sorted(posts.values(), key=lambda view: ms_of(view.indexed_at))
        items = (*gone, *map(post_item, in_order), *self._acts(others))
        return Page(
            items=items, cursor=str(place), more=place.goes_on, unannounced=self._unannounced(seen, told)
        )

    def _going_on(self) -> Page:
        """The next page of a long list of notifications, and nothing else."""
        words, acts = self._place.words, self._place.acts
        posts: list[PostView] = []
        done: list[Item] = []
        if words.page:
            told = self._told(words, WORDS)
            posts, words = self._announced(told), self._reached(words, told, WORDS_OVERLAP_SECONDS)
        if acts.page:
            others = self._told(acts)
            done, acts = self._acts(others), self._reached(acts, others, ACTS_OVERLAP_SECONDS)
        place = msgspec.structs.replace(
            self._place, words=words, acts=acts, watched=self._watching(posts, set())
        )
        items = (*map(post_item, posts), *done)
        return Page(items=items, cursor=str(place), more=place.goes_on)

    # --- our own posts and what stands under them ------------------------------------------------------
    def _under_our_posts(self) -> tuple[list[PostView], dict[str, int], list[PostView]]:
        """(our own answers that are new, the numbers of replies that are read now, what others answered)."""
        latest = self._latest()
        known = self._place.replies
        changed = [key for key, view in latest.items() if view.reply_count != known.get(key, 0)]
        changed = changed[:THREADS_PER_LOOK]
        again = self._place.threads_in_turn([k for k, v in latest.items() if v.reply_count])
        replies = {key: known.get(key, 0) for key in latest}
        found: dict[str, PostView] = {}
        for key in dict.fromkeys((*changed, *again)):
            under = list(self._thread(latest[key].uri))
            ripe = [v for v in under if ms_of(v.indexed_at) <= self._now_ms - ANNOUNCED_SECONDS * 1000]
            found |= {v.uri: v for v in ripe}
            if len(ripe) == len(under):
                replies[key] = latest[key].reply_count
        own = [v for key, v in latest.items() if key not in known and "reply" in v.record]
        return self._ours(own), replies, self._ours(found.values())

    def _latest(self) -> dict[str, PostView]:
        """The account's latest posts and answers, wherever they were typed, by key, newest first."""
        which = {"actor": self._me, "limit": OWN_POSTS, "filter": "posts_with_replies"}
        feed = self._server.get("app.bsky.feed.getAuthorFeed", Feed, which).feed
        mine = [item.post for item in feed if item.reason is None and item.post.author.did == self._me]
        return {view.uri.rpartition("/")[2]: view for view in mine}

    def _thread(self, uri: str) -> Iterator[PostView]:
        """Everything that others have written under it."""
        asked = {"uri": uri, "depth": THREAD_DEPTH, "parentHeight": 0}
        found = self._server.find("app.bsky.feed.getPostThread", Thread, asked, GONE)
        nodes = list(found.thread.replies) if found else []
        while nodes:
            node = nodes.pop()
            nodes += node.replies
            if node.post and node.post.author.did != self._me:
                yield node.post

    # --- what we were told ---------------------------------------------------------------------------
    def _told(self, reach: Reach, reasons: Iterable[str] = ()) -> Notifications:
        """A page of notifications. Words have a list of their own, so that likes do not crowd them out."""
        # priority=false: the account's own wish to be told of few people only does not hold for a bank.
        asked: dict[str, Any] = {"limit": NOTIFICATIONS_PER_PAGE, "priority": "false"}
        asked |= {"reasons": sorted(reasons)} if reasons else {}
        asked |= {"cursor": reach.page} if reach.page else {}
        return self._server.get("app.bsky.notification.listNotifications", Notifications, asked)

    def _announced(self, told: Notifications) -> list[PostView]:
        """The posts that are new to us, oldest first."""
        words = {n.uri: n for n in self._fresh(told) if self._watched.get(n.uri) != short(n.uri, n.cid)}
        there = {view.uri: view for view in self._posts(words)}
        return [there.get(uri) or notification.as_post() for uri, notification in words.items()]

    def _acts(self, told: Notifications) -> list[Item]:
        """Everything but words, oldest first; also kinds that nobody here knows."""
        return [act_item(n) for n in self._fresh(told) if n.reason not in WORDS]

    def _fresh(self, told: Notifications) -> list[Notification]:
        return [n for n in reversed(told.notifications) if ms_of(n.indexed_at) >= self._place.since_ms]

    def _reached(self, before: Reach, told: Notifications, overlap_seconds: int) -> Reach:
        """How far the list is read behind this page. What people do stands where their own clock has it, so
        that a late one may come in behind others: the last minutes are read again each time.
        """
        moments = [ms_of(n.indexed_at) for n in told.notifications]
        top = max((before.top_ms, *moments), default=0)
        floor = max(before.done_ms - overlap_seconds * 1000, self._place.since_ms)
        if told.cursor and moments and min(moments) >= floor:
            return Reach(done_ms=before.done_ms, top_ms=top, page=told.cursor)
        return Reach(done_ms=max(top, before.done_ms))

    def _unannounced(self, seen: list[PostView], told: Notifications) -> tuple[str, ...]:
        """What stands in a thread and would stand among these notifications, had anybody been told of it."""
        oldest = min((ms_of(n.indexed_at) for n in told.notifications), default=0) if told.cursor else 0
        known = {n.uri for n in told.notifications} | self._watched.keys()
        return tuple(sorted({v.uri for v in seen if said_ms(v) >= oldest} - known))

    # --- what was changed or taken away ----------------------------------------------------------------
    def _gone(self, posts: dict[str, PostView]) -> list[Item]:
        """Looks at some watched posts again. Adds those in other words to `posts`; those that are gone."""
        wanted = [uri_of(w, POST) for w in self._place.in_turn()]
        there = {view.uri: view for view in self._posts(w for w in wanted if w not in posts)}
        for uri, view in there.items():
            if short(uri, view.cid) != self._watched[uri]:
                posts[uri] = view
        return [gone_item(uri) for uri in wanted if uri not in there and uri not in posts]

    # --- what is looked at again -----------------------------------------------------------------------
    def _watching(self, posts: Iterable[PostView], gone: set[str]) -> list[str]:
        """What was watched, with what is reported now in front, and without what is gone."""
        in_order = sorted(posts, key=lambda view: ms_of(view.indexed_at), reverse=True)
        reported = [short(view.uri, view.cid) for view in in_order]
        new = {uri_of(w, POST) for w in reported} | gone
        return [*reported, *(w for uri, w in self._watched.items() if uri not in new)][:WATCHED_MAX]

    def _posts(self, uris: Iterable[str]) -> list[PostView]:
        """Those of them that are there, as everybody sees them."""
        wanted = list(dict.fromkeys(uris))
        found: dict[str, PostView] = {}
        for start in range(0, len(wanted), POSTS_PER_CALL):
            asked = {"uris": wanted[start : start + POSTS_PER_CALL]}
            found |= {v.uri: v for v in self._server.get("app.bsky.feed.getPosts", Posts, asked).posts}
        return [found[uri] for uri in wanted if uri in found]

    def _ours(self, views: Iterable[PostView]) -> list[PostView]:
        """Without what was there before the channel was connected."""
        return [v for v in views if ms_of(v.indexed_at) >= self._place.since_ms]
