"""HTML of posts in the form that Mastodon gives them, for the fake server (mastodon_fake.py)."""

from __future__ import annotations

import html
import re

LINK = re.compile(r"https?://[^\s<>]+")
NAMED = re.compile(r"(?<![\w/@])@([\w.-]*\w(?:@[\w.-]*\w)?)")


def rendered(text: str, url: str) -> str:
    """HTML as Mastodon makes it: names as short links, addresses in three pieces."""
    parts = []
    for paragraph in text.split("\n\n"):
        shown = html.escape(paragraph, quote=False)
        shown = LINK.sub(lambda m: _link(m[0]), shown)
        shown = NAMED.sub(lambda m: _name(m[1], url), shown)
        parts.append("<p>" + shown.replace("\n", "<br />") + "</p>")
    return "".join(parts)


def _link(address: str) -> str:
    scheme, rest = address.split("://")
    shown = f'<span class="invisible">{scheme}://</span><span class="ellipsis">{rest[:30]}</span>'
    rest = f'<span class="invisible">{rest[30:]}</span>'
    return f'<a href="{address}" target="_blank" rel="nofollow noopener noreferrer">{shown}{rest}</a>'


def _name(name: str, url: str) -> str:
    short, _, place = name.partition("@")
    at = f"https://{place}" if place else url
    return (
        f'<span class="h-card"><a href="{at}/@{short}" class="u-url mention">@<span>{short}</span></a></span>'
    )
