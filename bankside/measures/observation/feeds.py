"""Feeds that a page names: which are the site's own, which are of comments, which are only parts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit

LIKE: Final = re.compile(
    r"(?:/(?:rss|atom|feed)/?|[/._-](?:rss|atom|feed)(?:\.(?:xml|rss|atom|json))?|\.(?:rss|atom|rdf))$",
    re.IGNORECASE,
)
COMMENTS: Final = re.compile(r"comment|reacties|reaction|replies|댓글|评论|回复|/search|zoek", re.IGNORECASE)
TRACKING: Final = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|ref|ref_src|spm|from|source|igshid|mc_cid|mc_eid)$", re.IGNORECASE
)


def looks_like_one(href: str) -> bool:
    """Whether the address of a link is one of a feed, by its end."""
    if "rss" not in href and "feed" not in href and "atom" not in href:
        return False
    path = href.partition("?")[0].partition("#")[0]
    return len(path) < 500 and bool(LIKE.search(path)) and not COMMENTS.search(path)


def is_of_comments(href: str, title: str) -> bool:
    """Whether a feed carries what readers say, or what was searched for, and not what the site says."""
    return bool(COMMENTS.search(href) or COMMENTS.search(title))


def first_of_all(wanted: Iterable[tuple[str, str, str, Any]], base: str) -> list[tuple[str, str, str, Any]]:
    """Without those that are parts of another one of the page, such as /news/feed beside /feed."""
    every = list(wanted)
    paths = [urlsplit(urljoin(base, href)) for _, href, _, _ in every]
    return [
        one
        for one, mine in zip(every, paths, strict=True)
        if not any(_inside(mine, other) for other in paths)
    ]


def named(address: str) -> str:
    """The address of a feed as its name: without scheme, tracking, and the slash at its end."""
    parts = urlsplit(address)
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query) if not TRACKING.match(k)])
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}{'?' + query if query else ''}"


def _inside(mine: SplitResult, other: SplitResult) -> bool:
    if mine.netloc != other.netloc:
        return False
    here, there = mine.path.rstrip("/"), other.path.rstrip("/")
    folder, _, last = there.rpartition("/")
    return here != there and last == here.rpartition("/")[2] and here.startswith(f"{folder}/")
