"""Which elements of a page are looked at: one selector, so that the parser picks them out. Pure.

Most of a page is menus, pictures and links within the site. The parser passes over them faster than each can
be asked in Python; what it picks is a little too much rather than too little.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from selectolax.lexbor import LexborCSSSelector

CODES: Final = ("qr", "二维码", "二維碼", "큐알")
"""What a picture of a code to scan is called."""
QUIET: Final = frozenset({"script", "style", "template"})
"""Elements whose words are not for people."""
LEADING_OUT: Final = ('[href*="//"]', r"[xlink\:href]")
"""Links that lead out of the site."""
WWW: Final = "www."
WORDS: Final = {
    WWW: '[href*="www." i]', "rss": '[href*="rss"]', "feed": '[href*="feed"]', "atom": '[href*="atom"]',
}  # fmt: skip
"""Words in links that lead out of the site, or that may be feeds, with the selector of such links."""
ESCAPED: Final = '[href*="\\\\"]'
ENCODED: Final = '[href*="%2f%2f" i]'
"""Links that hold another address."""
NAMED_IN: Final = ("alt", "src", "data-src", "title")
OFTEN: Final = ("link", "meta", "script")
RARE: Final = ("area", "iframe", "embed", "object", "style", "template")
"""One selector more is tried on every element of a page, so these are asked for where they may be."""


class Held(NamedTuple):
    """What may stand in a page: which of RARE, a `\\`, a `%`, and which of WORDS and CODES."""

    rare: tuple[str, ...]
    escaped: bool
    encoded: bool
    words: tuple[str, ...]
    codes: tuple[str, ...]


class _Own(threading.local):
    """A parser of selectors for each thread; a new one for every page would cost a part of its time."""

    def __init__(self) -> None:
        self.selector: Any = LexborCSSSelector()  # type: ignore[no-untyped-call]


_own: Final = _Own()


def picked(tree: Any, wanted: str) -> list[Any]:
    """The elements of a page that a selector names, in the order of the page."""
    root = tree.root
    return _own.selector.find(wanted, root) if root is not None else []


def selector(odd: Iterable[str], held: Held) -> str:
    """Of everything looked at in a page that may hold so much. `odd`: attributes that few networks have."""
    links = [*LEADING_OUT, *(WORDS[word] for word in held.words)]
    links += [ESCAPED] * held.escaped + [ENCODED] * held.encoded
    names = (f"[{name}]" for name in sorted(set(odd)))
    return ",".join([f"a:is({','.join(links)})", *OFTEN, *held.rare, *_pictures(held.codes), *names])


def _pictures(codes: tuple[str, ...]) -> list[str]:
    """Pictures that are called a code to scan; none when no page could call them so."""
    every = [f'[{name}*="{one}"{" i" if one.isascii() else ""}]' for name in NAMED_IN for one in codes]
    return [f"img:is({','.join(every)})"] if every else []
