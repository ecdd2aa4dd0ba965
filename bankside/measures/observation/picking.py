"""Which elements of a page are looked at: one selector, so that the parser picks them out. Pure.

Most of a page is menus, pictures and links within the site. The parser passes over them faster than each can
be asked in Python; what it picks is a little too much rather than too little.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, Final

from selectolax.lexbor import LexborCSSSelector

CODES: Final = ("qr", "二维码", "二維碼", "큐알")
"""What a picture of a code to scan is called."""
QUIET: Final = frozenset({"script", "style", "template"})
"""Elements whose words are not for people."""
LINKS: Final = (
    'a:is([href*="//"],[href*="www." i],[href*="\\\\"],[href*="%2f%2f" i],'
    r'[href*="rss"],[href*="feed"],[href*="atom"],[xlink\:href])'
)
"""Links that lead out of the site, that hold another address, or that may be feeds."""
PICTURES: Final = ",".join(
    f'[{name}*="{word}"{" i" if word.isascii() else ""}]'
    for name in ("alt", "src", "data-src", "title")
    for word in CODES
)
OTHERS: Final = "area,link,meta,iframe,embed,object"
"""One selector more is tried on every element of a page, so there are few."""


class _Own(threading.local):
    """A parser of selectors for each thread; a new one for every page would cost a part of its time."""

    def __init__(self) -> None:
        self.selector: Any = LexborCSSSelector()  # type: ignore[no-untyped-call]


_own: Final = _Own()


def picked(tree: Any, wanted: str) -> list[Any]:
    """The elements of a page that a selector names, in the order of the page."""
    root = tree.root
    return _own.selector.find(wanted, root) if root is not None else []


def selector(odd: Iterable[str]) -> str:
    """Of everything looked at. `odd`: attributes of elements that only some networks have."""
    names = (f"[{name}]" for name in sorted(set(odd)))
    return ",".join([LINKS, OTHERS, *sorted(QUIET), f"img:is({PICTURES})", *names])
