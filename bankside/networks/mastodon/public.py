"""Public posts of an account and the answers under them, as its server shows them to anybody.

Without a token a server tells up to 60 answers of a thread, or asks everybody to sign in: then nothing can be
read. Sources, read 2026-11-28: docs.joinmastodon.org/methods/accounts (lookup, statuses) and
/methods/statuses (context). Never tried against a real server; see docs/networks/mastodon.md.
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from bankside.networks.contract import Gone, Later, NotAllowed, Refused
from bankside.networks.mastodon.server import (
    CONTEXT_BYTES_MAX,
    PAGE_ITEMS,
    Context,
    Status,
    ms_of,
    next_page,
    path_of,
    understood,
)
from bankside.networks.mastodon.words import plain
from bankside.networks.public import PublicPost, PublicPosts, Window, listed_since
from bankside.networks.wire import Wire
from bankside.said import Said


class Person(msgspec.Struct):
    """An account as everybody sees it. `noindex`: it asks not to be looked through."""

    id: str
    noindex: bool | None = None


def public_posts(wire: Wire, server: str, account: str, window: Window) -> PublicPosts:
    """What an account says, newest first, and what stands under the newest of it. Raises Gone, NotAllowed."""
    who = _person(wire, server, account)
    own, whole = _own(wire, server, who.id, window)
    found = {status.id: status for status in own}
    answered = [status for status in own if status.replies_count]
    read = 0
    for status in answered[: window.threads_max]:
        try:
            found |= {one.id: one for one in _under(wire, server, status.id)}
        except (Later, Refused):  # what was read until now is good
            break
        read += 1
    posts = tuple(_post(status, who.id) for status in found.values() if status.visibility == "public")
    since_ms = listed_since(posts, window, whole=whole)
    return PublicPosts(posts=posts, since_ms=since_ms, answers=True, unread=len(answered) - read)


def _person(wire: Wire, server: str, account: str) -> Person:
    name = account.removeprefix("@").partition("@")[0]
    answer = wire.get(f"{server}/api/v1/accounts/lookup?acct={quote(name, safe='')}", also=(404, 410))
    if answer.status != 200:
        raise Gone(Said("There is no such account."))
    who = understood(answer, Person)
    if who.noindex:
        raise NotAllowed(Said("The account asks not to be looked through by machines."))
    return who


def _own(wire: Wire, server: str, id: str, window: Window) -> tuple[list[Status], bool]:
    """(its public posts and answers of the window, whether all of them are there)."""
    found: list[Status] = []
    before = ""
    for _ in range(-(-window.posts_max // PAGE_ITEMS)):
        params: dict[str, str | int] = {"limit": PAGE_ITEMS, "exclude_reblogs": "true"}
        answer = wire.get(
            f"{server}/api/v1/accounts/{path_of(id)}/statuses",
            params=params | ({"max_id": before} if before else {}),
        )
        page = understood(answer, list[Status])
        found += [one for one in page if ms_of(one.created_at) >= window.since_ms and one.reblog is None]
        before = next_page(answer.headers.get("link", ""))
        if not page or not before or any(ms_of(one.created_at) < window.since_ms for one in page):
            return found[: window.posts_max], len(found) <= window.posts_max
    return found[: window.posts_max], False


def _under(wire: Wire, server: str, id: str) -> list[Status]:
    answer = wire.get(
        f"{server}/api/v1/statuses/{path_of(id)}/context", also=(404, 410), bytes_max=CONTEXT_BYTES_MAX
    )
    return understood(answer, Context).descendants if answer.status == 200 else []


def _post(status: Status, me: str) -> PublicPost:
    own = status.account.id == me
    return PublicPost(
        id=status.id, at_ms=ms_of(status.created_at), own=own, answers=status.in_reply_to_id or "",
        lang=status.language or "", text=plain(status.content) if own else "",
    )  # fmt: skip
