"""What a page shows of an account, and how much that is worth. Plain values, the same on every machine."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Evidence = Literal[
    "rel-me", "same-as", "meta", "link", "feed", "script", "attribute", "generator",
    "embed", "text", "author", "picture", "post",
]  # fmt: skip
Around = Literal["", "frame", "article", "quoted", "byline", "partner", "comment"]

STRENGTH: Final[dict[str, int]] = {
    "rel-me": 3, "same-as": 3, "meta": 3, "link": 3, "feed": 3, "script": 2, "attribute": 2, "generator": 2,
    "embed": 1, "text": 1, "author": 1, "picture": 1, "post": 1,
}  # fmt: skip
"""3: the page says that the account is its owner's. 2: it very likely is. 1: a trace, no more."""
OF_OTHERS: Final = frozenset({"quoted", "byline", "partner", "comment"})


class Finding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One trace of an account on one page.

    `handle` as the network writes it, `key` the same for all ways to write it, empty when the page tells only
    that there is an account. `shows`: account, person, post or short. `where`: the element and attribute;
    `byte` (from 0, of the body as it came) and `line` (from 1) where it stands, -1 when it cannot be told.
    `around`: what it stands in. `said`: the address or the words as they stand there. `times`: how often.
    """

    network: str
    key: str
    handle: str
    address: str
    shows: str
    evidence: Evidence
    around: Around
    where: str
    byte: int
    line: int
    strength: int
    said: str
    times: int = 1


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One page: its address, when it was captured (UTC ms, 0 unknown), SHA-256 of its body, findings.

    `file`: where the body lies, with the byte at which its record begins. `cut`: it was too long to be read
    whole.
    """

    address: str
    at_ms: int
    sha256: str
    size: int
    encoding: str
    findings: tuple[Finding, ...]
    file: str = ""
    offset: int = 0
    cut: bool = False
