"""Digits in a text, in whatever script and however they are parted: the ground on which numbers are found.

Digits may be of any script, circled or key caps, with invisible characters between them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

INVISIBLE: Final = "\u200b"
BETWEEN_CHARACTERS_MAX: Final = 6

_DASHES: Final = "\u2212\u30fc\u3161\u2043"  # minus, and the letters that Japanese and Korean keyboards give
_BETWEEN: Final = rf"[ \t\r\n.\-_/·{INVISIBLE}]{{0,{BETWEEN_CHARACTERS_MAX}}}"
_RUN: Final = re.compile(rf"[0-9](?:{_BETWEEN}[0-9])*{INVISIBLE}{{0,3}}")
_GROUP: Final = re.compile(rf"[0-9](?:{INVISIBLE}{{0,3}}[0-9])*{INVISIBLE}{{0,3}}")


class Group(NamedTuple):
    """Digits that stand together, and their place in the text."""

    start: int
    stop: int
    digits: str


def folded(text: str) -> str:
    """The text with ASCII digits, dashes and spaces; as many characters, so that places stay the same."""
    if text.isascii():
        return text
    return text.translate({ord(c): _folded(c) for c in set(text) if not c.isascii()})


def digits_in(plain: str) -> int:
    """How many digits a folded text has."""
    return sum(map(plain.count, "0123456789"))


def runs_of(plain: str) -> Iterator[list[Group]]:
    """Groups of digits with nothing but separators between them, run by run."""
    for run in _RUN.finditer(plain):
        yield [
            Group(g.start(), g.end(), g.group().replace(INVISIBLE, ""))
            for g in _GROUP.finditer(plain, run.start(), run.end())
        ]


def _folded(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    match unicodedata.category(character):
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Cf" | "Mn" | "Me":  # zero width, variation selectors, the frame of a key cap
            return INVISIBLE
        case _:
            return "-" if character in _DASHES else character
