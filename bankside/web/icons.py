"""Icons and network marks out of one sprite that is built at set-up (see vendor.toml)."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from markupsafe import Markup

from bankside.web.assets import place, static

SPRITE = "vendor/icons.svg"
SIZES = {"": "i", "s": "i s", "l": "i l"}


@lru_cache(maxsize=2_000)
def icon(name: str, size: str = "", label: str = "") -> Markup:
    """The SVG of an icon; `n-<network>` is a network's mark, or a neutral one when it has none.

    Sizes: "s" 14, "" 16, "l" 20 pixels; marks 14 and, with "l", 18. With a label the picture is named for
    people who do not see it; without one it is decoration beside a word.
    """
    voice = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    drawing, classes = _drawing(name, size)
    return Markup('<svg class="{}" {}><use href="{}#{}"/></svg>').format(
        classes, voice, static(SPRITE), drawing
    )


@cache
def known() -> frozenset[str]:
    """The names in the sprite; empty before set-up has fetched it."""
    path = place(SPRITE)
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', path.read_text())) if path.exists() else frozenset()


def _drawing(name: str, size: str) -> tuple[str, str]:
    if not name.startswith("n-"):
        return f"i-{name}", SIZES[size]
    large = " l" if size == "l" else ""
    return (name, f"net{large}") if name in known() else ("i-globe", f"net rss{large}")
