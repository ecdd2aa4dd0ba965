"""What anybody may read of an account: its public posts, and the answers under them.

Nothing here needs a grant, and nobody's name leaves a connector: a post is a moment, whether the account
wrote it, what it answers, and a language. Only the account's own words come along, for what they are for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from bankside.networks.declared import Declared


class Public(Declared, frozen=True):
    """How public posts of an account can be read without its owner's permission.

    `by`: through the network's own `interface`, from a `feed`, or `nothing`. `setting`: which setting of a
    connector holds where to ask: `at` when it is the same for all, else the `page` of the account, or the
    `server` of that page. `feed`: its address, with {handle} or {page}; `handle`: what the handle must look
    like for it (a regular expression with a group `handle`). `robots`: robots.txt is asked first. `answers`:
    answers can be seen, too. `note`: for people, how much it shows, or why nothing can be read.
    """

    by: Literal["interface", "feed", "nothing"]
    note: str
    setting: str = ""
    at: str = ""
    of: Literal["", "page", "server"] = ""
    feed: str = ""
    handle: str = ""
    robots: bool = False
    answers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How much is read: posts since a moment (UTC ms), at most so many, and answers under so many of them."""

    since_ms: int
    posts_max: int
    threads_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPost:
    """One post. `own`: the account wrote it; `answers`: the id of what it answers; `text`: of own ones."""

    id: str
    at_ms: int
    own: bool
    answers: str = ""
    lang: str = ""
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPosts:
    """What was read. From `since_ms` on every post of the account is there; `answers`: so are answers.

    `unread`: own posts that have answers which were not read.
    """

    posts: tuple[PublicPost, ...]
    since_ms: int
    answers: bool
    unread: int = 0


def listed_since(posts: Iterable[PublicPost], window: Window, *, whole: bool) -> int:
    """From when on a list is complete: the window's begin when all of it was read, else its oldest post."""
    oldest = min((post.at_ms for post in posts if post.own), default=window.since_ms)
    return window.since_ms if whole else max(oldest, window.since_ms)
