"""One look at what is new: notifications, and beside them the threads of the account's own latest posts."""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec

from bankside.networks.contract import Item, Page
from bankside.networks.mastodon.said import RawMedia, RawPost, act_item, author, gone_item
from bankside.networks.mastodon.server import (
    DIRECT,
    PAGE_ITEMS,
    SPARE_CALLS,
    Account,
    Notification,
    Server,
    Status,
    full_name,
    ms_of,
)

THREADS_PER_LOOK = 20
THREADS_IN_TURN = 3
WATCHED_MAX = 100
WATCHED_PER_LOOK = 10
OVERLAP_SECONDS = 600
ANNOUNCED_SECONDS = 5
MENTIONS_MAX = 50
SHOWN_MAX = 20
WORDS = frozenset({"mention", "quote"})


class Watched(msgspec.Struct, frozen=True, array_like=True):
    """A post that was reported: its version, its thread, and who wrote it."""

    id: str
    version: str
    thread: str
    who: str


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where reading stands. Notifications up to `done_ms` are read; in the middle of a long list, `page` is
    where it goes on and `top_ms` what will be done at its end. `me`: our number on the server. `replies`: our
    latest posts, with the number of replies under which their threads were read. `turn` counts the looks.
    """

    since_ms: int = 0
    done_ms: int = 0
    top_ms: int = 0
    page: str = ""
    me: str = ""
    replies: dict[str, int] = {}
    watched: list[Watched] = []
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

    Notifications alone are not enough: an answer that does not name us is never announced. So the threads
    under our own latest posts are read when their number of replies has changed, and a few more in turns.
    Threads are read before notifications, and what is younger than a few seconds is left to the next look.
    """

    def __init__(self, server: Server, me: str, place: Place) -> None:
        self._server, self._me, self._place = server, me, place
        self._now_ms = int(time.time() * 1000)
        self._home = me.partition("@")[2]
        self._watched = {w.id: w for w in place.watched}
        self._threads = {w.id: w.thread for w in place.watched}

    def page(self) -> Page:
        """Everything that is new behind the place: what is gone, words in their order, everything else."""
        if self._place.page:
            return self._going_on()
        number = self._place.me or self._server.get("/api/v1/accounts/verify_credentials", Account).id
        own, replies, seen = self._under_our_posts(number)
        told, page = self._server.told("")
        posts = {s.id: s for s in (*own, *seen, *self._announced(told))}
        gone = self._gone(posts)
        items = [self._post_item(s) for s in sorted(posts.values(), key=lambda s: ms_of(s.created_at))]
        place = msgspec.structs.replace(
            self._reached(told, page), me=number, replies=replies, turn=self._place.turn + 1,
            watched=self._watching(items, {item.remote_id for item in gone}),
        )  # fmt: skip
        return Page(
            items=(*gone, *items, *self._acts(told)), cursor=str(place), more=bool(place.page),
            unannounced=self._unannounced(seen, told),
        )  # fmt: skip

    def _going_on(self) -> Page:
        """The next page of a long list of notifications, and nothing else."""
        told, page = self._server.told(self._place.page)
        items = [self._post_item(s) for s in self._announced(told)]
        place = msgspec.structs.replace(self._reached(told, page), watched=self._watching(items, set()))
        return Page(items=(*items, *self._acts(told)), cursor=str(place), more=bool(place.page))

    # --- our own posts and what stands under them ------------------------------------------------------
    def _under_our_posts(self, number: str) -> tuple[list[Status], dict[str, int], list[Status]]:
        """(our own answers that are new, the numbers of replies that are read now, what others answered)."""
        latest = {s.id: s for s in self._server.own(number, "")[0] if s.reblog is None}
        known = self._place.replies
        changed = [id for id, s in latest.items() if s.replies_count != known.get(id, 0)]
        again = self._in_turn([id for id, s in latest.items() if s.replies_count], THREADS_IN_TURN)
        replies = {id: known.get(id, 0) for id in latest}
        found: dict[str, Status] = {}
        for id in dict.fromkeys((*changed[:THREADS_PER_LOOK], *again)):
            under = self._thread(latest[id])
            ripe = [s for s in under if ms_of(s.created_at) <= self._now_ms - ANNOUNCED_SECONDS * 1000]
            found |= {s.id: s for s in ripe}
            if len(ripe) == len(under):
                replies[id] = latest[id].replies_count
        own = [
            s for s in latest.values() if s.id not in known and (s.in_reply_to_id or s.visibility == "direct")
        ]
        return self._ours(own), replies, self._changed(self._ours(found.values()))

    def _thread(self, ours: Status) -> list[Status]:
        """What others have written under a post of ours. Remembers to which thread it all belongs."""
        context = self._server.context(ours.id)
        root = next((s.id for s in context.ancestors), ours.in_reply_to_id or ours.id)
        under = [s for s in context.descendants if self._whose(s) != self._me]
        self._threads |= dict.fromkeys((ours.id, *(s.id for s in context.descendants)), root)
        return under

    # --- what we were told ---------------------------------------------------------------------------
    def _announced(self, told: list[Notification]) -> list[Status]:
        """Words to us that are new or in another version, oldest first."""
        words = [n.status for n in self._fresh(told) if n.type in WORDS and n.status]
        return self._changed([s for s in words if self._whose(s) != self._me])

    def _acts(self, told: list[Notification]) -> list[Item]:
        """Everything but words, oldest first; also kinds that nobody here knows."""
        return [act_item(n, self._home) for n in self._fresh(told) if n.type not in WORDS]

    def _fresh(self, told: list[Notification]) -> list[Notification]:
        return [n for n in reversed(told) if ms_of(n.created_at) >= self._place.since_ms]

    def _reached(self, told: list[Notification], page: str) -> Place:
        """How far the list is read behind this page. The last minutes are read again each time, because what
        a server numbers first need not be there first."""
        before = self._place
        moments = [ms_of(n.created_at) for n in told]
        top = max((before.top_ms, *moments), default=0)
        floor = max(before.done_ms - OVERLAP_SECONDS * 1000, before.since_ms)
        if page and moments and min(moments) >= floor:
            return msgspec.structs.replace(before, top_ms=top, page=page)
        return msgspec.structs.replace(before, done_ms=max(top, before.done_ms), top_ms=0, page="")

    def _unannounced(self, seen: list[Status], told: list[Notification]) -> tuple[str, ...]:
        """What stands in a thread and would stand among these notifications, had anybody been told of it."""
        oldest = min((ms_of(n.created_at) for n in told), default=0) if len(told) == PAGE_ITEMS else 0
        known = {n.status.id for n in told if n.status} | self._watched.keys()
        return tuple(sorted({s.id for s in seen if ms_of(s.created_at) >= oldest} - known))

    # --- what was changed or taken away ----------------------------------------------------------------
    def _gone(self, posts: dict[str, Status]) -> list[Item]:
        """Looks at some watched posts again. Adds those in other words to `posts`; those that are gone."""
        if self._server.left < SPARE_CALLS:
            return []
        wanted = [id for id in self._in_turn(list(self._watched), WATCHED_PER_LOOK) if id not in posts]
        there = self._server.statuses(wanted)
        posts |= {s.id: s for s in self._changed(there.values())}
        return [
            gone_item(id, self._watched[id].thread, self._watched[id].who) for id in wanted if id not in there
        ]

    def _watching(self, items: Iterable[Item], gone: set[str]) -> list[Watched]:
        """What was watched, with what is reported now in front, and without what is gone."""
        posts = [item.raw["post"] for item in reversed(list(items))]
        reported = [Watched(p["id"], p["edited"], p["thread"], p["who"]) for p in posts]
        new = {w.id for w in reported} | gone
        return [*reported, *(w for w in self._place.watched if w.id not in new)][:WATCHED_MAX]

    def _changed(self, statuses: Iterable[Status]) -> list[Status]:
        """Without those that were reported in this very version."""
        known = self._watched
        return [s for s in statuses if s.id not in known or known[s.id].version != (s.edited_at or "")]

    def _in_turn(self, ids: list[str], number: int) -> list[str]:
        """Some of these, so that each has its turn; none when the server is short of calls."""
        if not ids or self._server.left < SPARE_CALLS:
            return []
        start = self._place.turn * number % len(ids)
        return (ids[start:] + ids[:start])[:number]

    def _ours(self, statuses: Iterable[Status]) -> list[Status]:
        """Without what was there before the channel was connected."""
        return [s for s in statuses if ms_of(s.created_at) >= self._place.since_ms]

    # --- as items --------------------------------------------------------------------------------------
    def _post_item(self, status: Status) -> Item:
        kept = RawPost(
            **author(status.account, self._home),
            id=status.id,
            edited=status.edited_at or "",
            content=status.content,
            warning=status.spoiler_text,
            lang=status.language or "",
            thread=self._thread_of(status),
            parent=status.in_reply_to_id or "",
            url=status.url or "",
            private=status.visibility == "direct",
            published_ms=ms_of(status.created_at),
            mentions=[full_name(m.acct, self._home).lower() for m in status.mentions[:MENTIONS_MAX]],
            shown=[
                RawMedia(type=m.type, url=m.url or "", alt=m.description or "")
                for m in status.media_attachments[:SHOWN_MAX]
            ],
        )
        return Item(remote_id=status.id, version=kept.edited, raw={"post": msgspec.to_builtins(kept)})

    def _thread_of(self, status: Status) -> str:
        """The root of its thread, or the other side of a private exchange."""
        if status.visibility == "direct":
            people = (self._whose(status), *(full_name(m.acct, self._home).lower() for m in status.mentions))
            return DIRECT + next((p for p in people if p != self._me), self._me)
        above = status.in_reply_to_id
        if not above:
            return status.id
        if status.id not in self._threads and above in self._threads:
            self._threads[status.id] = self._threads[above]
        if status.id not in self._threads:
            ancestors = self._server.context(status.id).ancestors
            self._threads |= {s.id: ancestors[0].id for s in (*ancestors, status) if ancestors}
        return self._threads.get(status.id, above)

    def _whose(self, status: Status) -> str:
        return full_name(status.account.acct, self._home).lower()
