"""How wide words are, near enough to place them; a browser's own fonts are not known to the server."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

SIZE_PX: Final = 12.0
LINES_MAX: Final = 3
WIDTHS_KEPT: Final = 4_096
_NARROW: Final = frozenset("iIjltfr.,:;'|!()[]- ")
_WIDE: Final = frozenset("mwMW%@")
_PER_EM: Final = {"narrow": 0.33, "wide": 0.86, "capital": 0.68, "plain": 0.55, "square": 1.0}


@lru_cache(maxsize=WIDTHS_KEPT)
def width(words: str, size_px: float = SIZE_PX) -> float:
    """The width in px. Hangul and Han fill a square, Latin letters about half of one. Kept."""
    return sum(_PER_EM[_kind(letter)] for letter in words) * size_px


def wrapped(words: str, width_px: float, size_px: float = SIZE_PX, lines_max: int = LINES_MAX) -> list[str]:
    """Lines no wider than `width_px`, at most `lines_max`; what is cut off ends in an ellipsis.

    Cut between words, within Han anywhere, and within a word alone when it does not fit a line.
    """
    lines = [""]
    for piece in pieces(words):
        if width(lines[-1] + piece.rstrip(), size_px) <= width_px:
            lines[-1] += piece
            continue
        for part in _fitting(piece, width_px, size_px):
            lines.append(part)
    kept = [line.strip() for line in lines if line.strip()]
    if len(kept) > lines_max:
        kept = [*kept[: lines_max - 1], _cut(" ".join(kept[lines_max - 1 :]), width_px, size_px)]
    return kept or [""]


def _cut(words: str, width_px: float, size_px: float) -> str:
    while words and width(words + "…", size_px) > width_px:
        words = words[:-1]
    return words.rstrip() + "…"


def _fitting(piece: str, width_px: float, size_px: float) -> list[str]:
    """A piece that is wider than a line is cut where the line ends."""
    parts = [""]
    for letter in piece:
        if parts[-1] and width(parts[-1] + letter, size_px) > width_px and letter != " ":
            parts.append("")
        parts[-1] += letter
    return parts


def pieces(words: str) -> list[str]:
    """Where a line may break: after a space, and around every Han letter."""
    found = [""]
    for letter in words:
        if found[-1] and (found[-1].endswith(" ") or _is_han(letter) or _is_han(found[-1][-1])):
            found.append("")
        found[-1] += letter
    return found


def _is_han(letter: str) -> bool:
    return "一" <= letter <= "鿿"


def _kind(letter: str) -> str:
    if unicodedata.east_asian_width(letter) in "WF":
        return "square"
    if letter in _NARROW:
        return "narrow"
    if letter in _WIDE:
        return "wide"
    return "capital" if letter.isupper() else "plain"
