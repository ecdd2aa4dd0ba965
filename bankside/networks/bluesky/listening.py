"""One look at what is new: notifications, and beside them the threads of the account's own latest posts.

Notifications alone are not enough: a reply that was indexed before the post it answers is never announced.
So the threads under our latest posts are read whenever their number of replies has changed, and a few more
in turns. What only stands there is reported as unannounced. Threads are read before notifications, and what
is younger than a few seconds is left to the next look: nothing counts as unannounced that was merely quick.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import msgspec

from bankside.networks.bluesky.place import (
    THREADS_PER_LOOK,
    WATCHED_MAX,
    Place,
    short,
    uri_of,
)
from bankside.networks.bluesky.record import POST
from bankside.networks.bluesky.said import (
    WORDS,
    Feed,
    Notifications,
    Posts,
    PostView,
    Thread,
    act_item,
    gone_item,
    ms_of,
    post_item,
)
from bankside.networks.bluesky.xrpc import Server
from bankside.networks.contract import Item, Page

NOTIFICATIONS_PER_PAGE = 100
OWN_POSTS = 100
POSTS_PER_CALL = 25
THREAD_DEPTH = 10
ANNOUNCED_SECONDS = 3
"""A notification follows within 0.5 s of its post (tried); until then a reply is not called unannounced."""

GONE = frozenset({"NotFound"})


class Look:
    """One call of `poll`. Keeps nothing beyond it."""

    def __init__(self, server: Server, me: str, place: Place) -> None:
        self._server, self._me, self._place = server, me, place
        self._now_ms = int(time.time() * 1000)
        self._watched = {uri_of(w, POST): w for w in place.watched}

    def page(self) -> Page:
        """Everything that is new behind the place, oldest first within each source."""
        if self._place.page:
            return self._going_on()
        own, replies, seen = self._under_our_posts()
        told = self._told()
        announced, acts = self._announced(told)
        posts = {view.uri: view for view in (*own, *seen, *announced)}
        gone = self._gone(posts)
        unannounced = {v.uri for v in seen} - {n.uri for n in told.notifications} - self._watched.keys()
        in_order = sorted(posts.values(), key=lambda view: ms_of(view.indexed_at))
        items = (*gone, *map(post_item, in_order), *acts)
        place = self._after(told, in_order, {item.remote_id for item in gone})
        place = msgspec.structs.replace(place, replies=replies, turn=self._place.turn + 1)
        found = tuple(sorted(unannounced))
        return Page(items=items, cursor=str(place), more=bool(place.page), unannounced=found)

    def _going_on(self) -> Page:
        """The next page of a long list of notifications, and nothing else."""
        told = self._told()
        announced, acts = self._announced(told)
        place = self._after(told, announced, set())
        items = (*(post_item(v) for v in announced), *acts)
        return Page(items=items, cursor=str(place), more=bool(place.page))

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
    def _told(self) -> Notifications:
        # priority=false: the account's own wish to be told of few people only does not hold for a bank.
        asked: dict[str, str | int] = {"limit": NOTIFICATIONS_PER_PAGE, "priority": "false"}
        asked |= {"cursor": self._place.page} if self._place.page else {}
        return self._server.get("app.bsky.notification.listNotifications", Notifications, asked)

    def _announced(self, told: Notifications) -> tuple[list[PostView], list[Item]]:
        """(posts that are new to us, everything else), oldest first."""
        fresh = [n for n in reversed(told.notifications) if ms_of(n.indexed_at) >= self._place.since_ms]
        words = {
            n.uri: n for n in fresh if n.reason in WORDS and self._watched.get(n.uri) != short(n.uri, n.cid)
        }
        there = {view.uri: view for view in self._posts(words)}
        posts = [there.get(uri) or told_of.as_post() for uri, told_of in words.items()]
        return posts, [act_item(n) for n in fresh if n.reason not in WORDS]

    # --- what was changed or taken away ----------------------------------------------------------------
    def _gone(self, posts: dict[str, PostView]) -> list[Item]:
        """Looks at some watched posts again. Adds those in other words to `posts`; those that are gone."""
        wanted = [uri_of(w, POST) for w in self._place.in_turn()]
        there = {view.uri: view for view in self._posts(w for w in wanted if w not in posts)}
        for uri, view in there.items():
            if short(uri, view.cid) != self._watched[uri]:
                posts[uri] = view
        return [gone_item(uri) for uri in wanted if uri not in there and uri not in posts]

    # --- the place behind this look ------------------------------------------------------------------
    def _after(self, told: Notifications, posts: Iterable[PostView], gone: set[str]) -> Place:
        moments = [ms_of(n.indexed_at) for n in told.notifications]
        top = max((self._place.top_ms, *moments), default=0)
        floor = max(self._place.done_ms, self._place.since_ms)
        reached = not told.cursor or not moments or min(moments) < floor
        done = max(top, self._place.done_ms) if reached else self._place.done_ms
        reported = [short(v.uri, v.cid) for v in posts]
        new = {uri_of(w, POST) for w in reported} | gone
        watched = [*reversed(reported), *(w for uri, w in self._watched.items() if uri not in new)]
        return msgspec.structs.replace(
            self._place,
            done_ms=done,
            top_ms=0 if reached else top,
            page="" if reached else told.cursor,
            watched=watched[:WATCHED_MAX],
        )

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
