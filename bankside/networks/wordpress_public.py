"""Public posts of a WordPress blog and the comments under them, by its interface, as a visitor sees them.

Whoever has published a post there answers for the blog; everybody else is a reader. Sources, read 2026-11-28:
developer.wordpress.org/rest-api/reference/posts and /comments. Tried against WordPress 6.1.9.
"""

from __future__ import annotations

import datetime
from typing import Any, TypeVar

import msgspec

from bankside.networks.contract import Gone, Later, NotAllowed, Reconnect, Refused
from bankside.networks.markup import text_of
from bankside.networks.public import PublicPost, PublicPosts, Window, listed_since
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

PAGE_ITEMS = 100
COMMENT_PAGES_MAX = 20
LOCAL_TIME_MS = 24 * 3_600_000
"""WordPress filters by the blog's local time: a day more is asked for, and cut off here."""
T = TypeVar("T")


class Shown(msgspec.Struct):
    rendered: str = ""


class Article(msgspec.Struct):
    """A post as a visitor sees it."""

    id: int
    date_gmt: str | None = None
    author: int = 0
    title: Shown = msgspec.field(default_factory=Shown)
    excerpt: Shown = msgspec.field(default_factory=Shown)


class Comment(msgspec.Struct):
    """A comment without anything of whoever wrote it but whether it is a user of the blog."""

    id: int
    post: int = 0
    parent: int = 0
    author: int = 0
    date_gmt: str = ""


def public_posts(wire: Wire, site: str, window: Window) -> PublicPosts:
    """Posts of the window, newest first, and comments under them. Raises Gone where there is no interface."""
    base = f"{site.rstrip('/')}/wp-json/wp/v2"
    try:
        articles, whole = _articles(wire, base, window)
    except (Gone, NotAllowed, Reconnect):
        raise Gone(Said("The blog shows no interface to visitors.")) from None
    comments, all_read = _comments(wire, base, window, articles)
    writers = {one.author for one in articles} - {0}
    said = [_article(one) for one in articles]
    under = [_comment(one, own=one.author in writers) for one in comments]
    unread = 0 if all_read else len(articles)
    since_ms = listed_since(said, window, whole=whole)
    return PublicPosts(posts=(*said, *under), since_ms=since_ms, answers=True, unread=unread)


def _articles(wire: Wire, base: str, window: Window) -> tuple[list[Article], bool]:
    found: list[Article] = []
    wanted = {"orderby": "date", "_fields": "id,date_gmt,author,title,excerpt", **_after(window)}
    for page in range(1, -(-window.posts_max // PAGE_ITEMS) + 1):
        listed = _listed(wire, f"{base}/posts", Article, {**wanted, "page": page})
        found += [one for one in listed if _ms(one.date_gmt or "") >= window.since_ms]
        if len(listed) < PAGE_ITEMS:
            return found[: window.posts_max], len(found) <= window.posts_max
    return found[: window.posts_max], False


def _comments(wire: Wire, base: str, window: Window, articles: list[Article]) -> tuple[list[Comment], bool]:
    """(comments under these posts, whether all of them are there)."""
    there, found = {one.id for one in articles}, list[Comment]()
    wanted = {"orderby": "date", "_fields": "id,post,parent,author,date_gmt", **_after(window)}
    for page in range(1, COMMENT_PAGES_MAX + 1) if articles else ():
        try:
            listed = _listed(wire, f"{base}/comments", Comment, {**wanted, "page": page})
        except (Later, Refused, Reconnect):  # some blogs show posts and no comments
            return found, False
        found += [one for one in listed if one.post in there]
        if len(listed) < PAGE_ITEMS:
            return found, True
    return found, not articles


def _listed(wire: Wire, url: str, kind: type[T], params: dict[str, Any]) -> list[T]:
    """A page of a list; behind its last page the interface answers 400."""
    answer = wire.get(url, params={"per_page": PAGE_ITEMS, "order": "desc", **params}, also=(400,))
    if answer.status == 400 and params["page"] > 1:
        return []
    if answer.status == 400:
        wire.raise_for(answer)
    return _understood(answer, kind)


def _understood(answer: WireAnswer, kind: type[T]) -> list[T]:
    try:
        return msgspec.convert(answer.json(), list[kind])  # type: ignore[valid-type]
    except msgspec.ValidationError as strange:
        raise answer.nonsense(
            Said("The blog answered something unknown: %(strange)s.", strange=str(strange))
        ) from None


def _article(one: Article) -> PublicPost:
    text = f"{text_of(one.title.rendered)}\n{text_of(one.excerpt.rendered)}"
    return PublicPost(id=f"post:{one.id}", at_ms=_ms(one.date_gmt or ""), own=True, text=text)


def _comment(one: Comment, *, own: bool) -> PublicPost:
    above = f"comment:{one.parent}" if one.parent else f"post:{one.post}"
    return PublicPost(id=f"comment:{one.id}", at_ms=_ms(one.date_gmt), own=own, answers=above)


def _after(window: Window) -> dict[str, str]:
    since = max(window.since_ms - LOCAL_TIME_MS, 1000) / 1000
    return {"after": datetime.datetime.fromtimestamp(since, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def _ms(moment: str) -> int:
    """UTC milliseconds; 0 for what is no moment."""
    try:
        return max(int(datetime.datetime.fromisoformat(f"{moment}+00:00").timestamp() * 1000), 0)
    except (ValueError, OverflowError):
        return 0
