"""What the bytes of a page can hold at all, so that the parsed page is asked for no more than that. Pure.

Words are looked for many bytes at a time. What that tells is a little too much rather than too little: the
parser, or a pattern, looks again at what may be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from typing import Final

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from bankside.measures.observation.picking import CODES, RARE, WORDS, WWW, Held

TOLD_BY_LETTERS: Final = 3
"""So many letters behind `<` tell that an element may be there; all of them would be too many words."""
SLASHES: Final = (b"//", b"/\\/")
ONE_MORE: Final = (b"/", b"\\")
WRITTEN: Final = re.compile(rb"&(?:#|bsol|percnt|period)")
"""How HTML writes letters, `\\`, `%` or `.` otherwise; then any of them may be there."""


class Skim:
    """What stands in the bytes (UTF-8) of one page. `slashes`: where two stand, or `/\\/`, in order."""

    def __init__(self, raw: bytes) -> None:
        found = _first.find_matches_as_indexes(raw)
        self._raw = raw
        self.slashes: list[int] = []
        for which, at, end in found:
            if which < len(SLASHES):
                # what is found does not overlap, but of three slashes the last two may be meant
                self.slashes += (at, end - 1) if raw[end : end + 1] in ONE_MORE else (at,)
        self._rare = {_tags[which][1] for which, _, _ in found if which >= len(SLASHES)}

    def held(self) -> Held:
        """What elements, attributes and words may be there."""
        raw, rare = self._raw, tuple(name for name in RARE if name in self._rare)
        if b"&" in raw and WRITTEN.search(raw):
            return Held(rare, escaped=True, encoded=True, words=tuple(WORDS), codes=CODES)
        # behind two slashes the slashes tell enough
        places = _in_links.find_matches_as_indexes(raw)
        words = {_words[which][1] for which, at, _ in places if not raw.endswith(SLASHES[0], 0, at)}
        codes = {_codes[which][1] for which, _, _ in _on_pictures.find_matches_as_indexes(raw)}
        return Held(
            rare, escaped=b"\\" in raw, encoded=b"%" in raw,
            words=tuple(one for one in WORDS if one in words),
            codes=tuple(one for one in CODES if one in codes),
        )  # fmt: skip


class Names:
    """Names that are looked for as they stand."""

    def __init__(self, names: Iterable[str]) -> None:
        self._found = _searched(name.encode() for name in names)

    def may_be_in(self, raw: bytes) -> bool:
        """Whether one of them stands anywhere."""
        return bool(self._found.find_matches_as_indexes(raw))


def _in_any_case(words: Iterable[tuple[str, str]]) -> list[tuple[bytes, str]]:
    """(bytes, name) for each way to write a word in small letters and capitals."""
    ways = ((product(*(sorted({sign, sign.upper()}) for sign in word)), name) for word, name in words)
    return [("".join(way).encode(), name) for every, name in ways for way in every]


def _searched(words: Iterable[bytes]) -> BytesAhoCorasick:
    return BytesAhoCorasick(list(words), matchkind=MatchKind.LeftmostFirst)


_tags: Final = [(one, "") for one in SLASHES] + _in_any_case(
    ("<" + name[:TOLD_BY_LETTERS], name) for name in RARE
)
_words: Final = _in_any_case([(WWW, WWW)]) + [(word.encode(), word) for word in WORDS if word != WWW]
_codes: Final = _in_any_case((code, code) for code in CODES)
_first, _in_links, _on_pictures = (_searched(b for b, _ in every) for every in (_tags, _words, _codes))
