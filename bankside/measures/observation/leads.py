"""Which other pages of a site may show its accounts: contact, about, and pages of channels. Pure."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from bankside.measures.observation import decoding

LINKS_MAX: Final = 5_000
LEADS_MAX: Final = 10
BEST: Final = re.compile(
    r"social|\bsns\b|follow|channels?\b|소셜|채널|社交|新媒体|volg-|volg ons", re.IGNORECASE
)
GOOD: Final = re.compile(
    r"contact|about|press|media|company|고객센터|회사소개|은행소개|홍보|联系|关于|新闻|over-ons|over ons"
    r"|pers\b|klantenservice",
    re.IGNORECASE,
)
PASSED: Final = re.compile(
    r"^(?:#|mailto:|tel:|javascript:)|\.(?:pdf|zip|jpe?g|png|docx?|xlsx?|mp4)(?:$|\?)", re.IGNORECASE
)


def leads(body: bytes, content_type: str = "") -> list[str]:
    """Addresses, as they stand there, of at most ten pages, the likeliest first."""
    text, _ = decoding.decoded(body, content_type)
    best, good = dict[str, None](), dict[str, None]()
    for node in LexborHTMLParser(text).css("a[href]")[:LINKS_MAX]:
        href = (node.attributes.get("href") or "").strip()
        if not href or PASSED.search(href):
            continue
        words = f"{href} {node.text(deep=True)[:80]}"
        if BEST.search(words):
            best[href] = None
        elif GOOD.search(words):
            good[href] = None
    return list(best | good)[:LEADS_MAX]
