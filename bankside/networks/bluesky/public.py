"""Public posts of an account and the answers under them, from the server that shows Bluesky to everybody.

Who asks is not signed in. An account that asks not to be shown to such people is left alone.
Sources, read 2026-11-28: lexicons app.bsky.feed.getAuthorFeed, getPostThread and com.atproto.label.defs
(`!no-unauthenticated`), as @atproto/dev-env 0.6.7 has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from bankside.networks.bluesky.said import ms_of
from bankside.networks.bluesky.xrpc import Server
from bankside.networks.contract import Gone, Later, NotAllowed, Refused
from bankside.networks.public import PublicPost, PublicPosts, Window, listed_since
from bankside.said import Said

PAGE_POSTS = 100
THREAD_DEPTH = 10
NOT_FOR_ALL = "!no-unauthenticated"
ABSENT = frozenset({"InvalidRequest", "NotFound", "AccountTakedown", "AccountDeactivated"})


class Author(msgspec.Struct):
    """Who wrote a post; nothing of it is kept."""

    did: str
    labels: list[dict[str, Any]] = []


class View(msgspec.Struct, rename="camel"):
    """A post as in app.bsky.feed.defs#postView, as far as it is counted."""

    uri: str
    author: Author
    record: dict[str, Any]
    indexed_at: str
    reply_count: int = 0


class Item(msgspec.Struct):
    """A post in a feed; with a `reason` it is somebody's who was shared, or pinned."""

    post: View
    reason: dict[str, Any] | None = None


class Feed(msgspec.Struct):
    """Answer of app.bsky.feed.getAuthorFeed."""

    feed: list[Item]
    cursor: str = ""


class Node(msgspec.Struct):
    """A post in its thread; without `post` it is blocked or gone."""

    post: View | None = None
    replies: list[Node] = []


class Thread(msgspec.Struct):
    """Answer of app.bsky.feed.getPostThread."""

    thread: Node


def public_posts(server: Server, account: str, window: Window) -> PublicPosts:
    """What an account says, newest first, and what stands under the newest of it. Raises Gone, NotAllowed."""
    own, whole = _own(server, account.removeprefix("@"), window)
    found = {view.uri: view for view in own}
    answered = [view for view in own if view.reply_count]
    read = 0
    for view in answered[: window.threads_max]:
        try:
            found |= {one.uri: one for one in _under(server, view.uri)}
        except (Later, Refused):  # what was read until now is good
            break
        read += 1
    me = own[0].author.did if own else ""
    posts = tuple(_post(view, me) for view in found.values())
    since_ms = listed_since(posts, window, whole=whole)
    return PublicPosts(posts=posts, since_ms=since_ms, answers=True, unread=len(answered) - read)


def _own(server: Server, account: str, window: Window) -> tuple[list[View], bool]:
    """(its posts and answers of the window, whether all of them are there)."""
    found: dict[str, View] = {}
    cursor = ""
    for _ in range(-(-window.posts_max // PAGE_POSTS)):
        asked = {"actor": account, "limit": PAGE_POSTS, "filter": "posts_with_replies"}
        page = server.find(
            "app.bsky.feed.getAuthorFeed", Feed, asked | ({"cursor": cursor} if cursor else {}), ABSENT
        )
        if page is None:
            raise Gone(Said("There is no such account."))
        mine = [item.post for item in page.feed if item.reason is None]
        _refuse_hidden(mine)
        found |= {view.uri: view for view in mine if _at(view) >= window.since_ms}
        if not page.cursor or not page.feed or any(_at(view) < window.since_ms for view in mine):
            return list(found.values())[: window.posts_max], len(found) <= window.posts_max
        cursor = page.cursor
    return list(found.values())[: window.posts_max], False


def _under(server: Server, uri: str) -> Iterator[View]:
    """What stands in a thread under a post, whoever wrote it."""
    asked = {"uri": uri, "depth": THREAD_DEPTH, "parentHeight": 0}
    told = server.find("app.bsky.feed.getPostThread", Thread, asked, ABSENT)
    nodes = list(told.thread.replies) if told else []
    while nodes:
        node = nodes.pop()
        nodes += node.replies
        if node.post:
            yield node.post


def _refuse_hidden(views: Iterable[View]) -> None:
    if any(label.get("val") == NOT_FOR_ALL for view in views for label in view.author.labels):
        raise NotAllowed(Said("The account asks not to be shown to people who are not signed in."))


def _post(view: View, me: str) -> PublicPost:
    record, own = view.record, view.author.did == me
    reply, langs = record.get("reply"), record.get("langs")
    parent = reply.get("parent") if isinstance(reply, dict) else None
    above = parent.get("uri") if isinstance(parent, dict) else ""
    lang = langs[0] if isinstance(langs, list) and langs else ""
    text = record.get("text") if own else ""
    return PublicPost(
        id=view.uri, at_ms=_at(view), own=own, answers=above if isinstance(above, str) else "",
        lang=lang if isinstance(lang, str) else "", text=text if isinstance(text, str) else "",
    )  # fmt: skip


def _at(view: View) -> int:
    """When it was said, by its author's clock, but never after everybody saw it."""
    said, seen = ms_of(str(view.record.get("createdAt", ""))), ms_of(view.indexed_at)
    return min(said, seen) if said else seen
