"""Digits in a text, in whatever script and however they are parted: the ground on which numbers are found.

Digits may be of any script, circled, mathematical, key caps or spoken; between them there may be invisible
characters, spaces, punctuation, line ends and the tags of HTML. A reading is the text without all that, and
knows of each of its characters where it stands in the text as it was given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from bankside.record.numbers import spoken_digits

INVISIBLE: Final = "\u200b"
MARK: Final = "\ufe0f"  # on the character before it: the frame of a key cap, and the like
GAP_CHARACTERS_MAX: Final = 6
TAG_CHARACTERS_MAX: Final = 500
REMEMBERED_CHARACTERS_MAX: Final = 20_000

# What looks like another character, and is not by the rules of Unicode: minus, the letters that Japanese and
# Korean keyboards give for a dash, points and bullets, quotes, brackets, bars, blanks that are letters.
_LOOKS_LIKE: Final = {
    **dict.fromkeys("\u2212\u30fc\u3161\u2043\u2500\u2501", "-"),
    **dict.fromkeys("\u2219\u22c5\u2027\u30fb\uff65\u318d", "\u00b7"),
    **dict.fromkeys("\u2022\u2023\u25e6\u25aa\u25a0\u25cf\u2605\u2192", "\u00b7"),
    **dict.fromkeys("\u2018\u2019\u201a\u00b4\u02b9\u02bc\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\u2033\u3003", '"'),
    **dict.fromkeys("\u300c\u300e\u3010\u3014\u3008\u300a", "["),
    **dict.fromkeys("\u300d\u300f\u3011\u3015\u3009\u300b", "]"),
    **dict.fromkeys("\u3002\uff61\u2025\u2026", "."),
    **dict.fromkeys("\u00d7\u00f7", "*"),
    **dict.fromkeys("\u2215\u2044", "/"),
    **dict.fromkeys("\u00a6\u2502\u2503\u2223", "|"),
    **dict.fromkeys("\u3164\u115f\u1160\uffa0\u2800", " "),
    **dict.fromkeys("\u2028\u2029\u0085\u000b\u000c", "\n"),
    "\u066b": ".", "\u066c": ",", "\u3001": ",", "\u301c": "~",
}  # fmt: skip
_GAP: Final = r"[\s.\-_/\u00b7,|*~:;+()\[\]'\"\\=>#]"
_RUN: Final = re.compile(rf"[0-9]+(?:{_GAP}{{1,{GAP_CHARACTERS_MAX}}}[0-9]+)*")
_GROUP: Final = re.compile(r"[0-9]+")
_UNSEEN: Final = f"[{INVISIBLE}{MARK}]"
_RUN_WITH_UNSEEN: Final = re.compile(
    rf"[0-9](?:(?:{_GAP}|{_UNSEEN}){{0,{GAP_CHARACTERS_MAX}}}[0-9])*{_UNSEEN}{{0,3}}"
)
_GROUP_WITH_UNSEEN: Final = re.compile(rf"[0-9](?:{_UNSEEN}{{0,3}}[0-9])*{_UNSEEN}{{0,3}}")
_WOVEN: Final = re.compile(
    rf"(?P<marked>[0-9]{MARK}+)|(?P<unseen>[{INVISIBLE}{MARK}]+)"
    rf"|(?P<inline></?(?:a|abbr|b|bdi|bdo|code|em|font|i|mark|s|small|span|strong|sub|sup|u|wbr)"
    rf"(?:\s[^<>]{{0,{TAG_CHARACTERS_MAX}}})?/?>)"
    rf"|(?P<tag></?[a-z][^<>]{{0,{TAG_CHARACTERS_MAX}}}>|<!--[^<>]{{0,{TAG_CHARACTERS_MAX}}}-->)"
    r"|&\#(?P<decimal>[0-9]{1,7});|&\#x(?P<hexadecimal>[0-9a-f]{1,6});"
    r"|(?P<blank>&(?:nbsp|ensp|emsp|thinsp|numsp|puncsp|Tab|NewLine);)"
    r"|(?P<joined>&(?:shy|zwnj|zwj|ZeroWidthSpace|NoBreak);)"
    r"|(?P<dash>&(?:ndash|mdash|minus|hyphen|dash);)",
    re.IGNORECASE,
)
_MAY_BE_WOVEN: Final = re.compile(f"[<&{INVISIBLE}{MARK}]")

Token = tuple[int, int, str]


class Group(NamedTuple):
    """Digits that stand together, and their place in the reading."""

    start: int
    stop: int
    digits: str


class Reading(NamedTuple):
    """A text as numbers are looked for in it. `starts` and `stops`: of each of its characters, where that
    begins and ends in the text as it was given; None when all places are the same."""

    plain: str
    starts: list[int] | None = None
    stops: list[int] | None = None

    def place(self, start: int, stop: int) -> tuple[int, int]:
        """Where in the text as it was given these characters stand, in code points."""
        if self.starts is None or self.stops is None:
            return start, stop
        return self.starts[start], self.stops[stop - 1]


def reading(text: str) -> Reading:
    """The text with ASCII digits, letters, dashes and spaces, without what is unseen, tags and entities."""
    plain = folded(text)
    tokens: list[Token] = []
    if _MAY_BE_WOVEN.search(plain):
        tokens += _woven(plain)
    tokens += spoken_digits.tokens(plain)
    return _without(plain, sorted(tokens)) if tokens else Reading(plain)


def folded(text: str) -> str:
    """The text with ASCII digits, letters, dashes and spaces; as many characters, so that places stay."""
    return text if text.isascii() and text.isprintable() else text.translate(_FOLDING)


def digits_in(plain: str) -> int:
    """How many digits a reading has."""
    return sum(map(plain.count, "0123456789"))


def runs_of(plain: str, characters_min: int = 1) -> Iterator[list[Group]]:
    """Groups of digits with nothing but separators between them, run by run. Takes a folded text as well."""
    if INVISIBLE in plain or MARK in plain:
        yield from _runs_with_unseen(plain)
        return
    for run in _RUN.finditer(plain):
        if run.end() - run.start() < characters_min:
            continue
        yield [Group(*g.span(), g.group()) for g in _GROUP.finditer(plain, run.start(), run.end())]


def _runs_with_unseen(plain: str) -> Iterator[list[Group]]:
    for run in _RUN_WITH_UNSEEN.finditer(plain):
        yield [
            Group(*g.span(), g.group().replace(INVISIBLE, "").replace(MARK, ""))
            for g in _GROUP_WITH_UNSEEN.finditer(plain, run.start(), run.end())
        ]


class _Folding(dict[int, str]):
    """What each character is read as, remembered for so many characters."""

    def __missing__(self, code: int) -> str:
        if len(self) >= REMEMBERED_CHARACTERS_MAX:
            self.clear()
        self[code] = read_as = _read_as(chr(code))
        return read_as


_FOLDING: Final = _Folding()


def _read_as(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() or character in "\t\n\r" else INVISIBLE
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character in _LOOKS_LIKE:
        return _LOOKS_LIKE[character]
    match unicodedata.category(character):
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Mn" | "Me":
            return MARK
        case "Cf" | "Cc":
            return INVISIBLE
        case _:
            same = unicodedata.normalize("NFKC", character)
            return same if len(same) == 1 and same.isascii() and same != "<" and same != "&" else character


def _woven(plain: str) -> Iterator[Token]:
    """What stands between or for digits, and what it is read as."""
    for found in _WOVEN.finditer(plain):
        start, stop = found.span()
        match found.lastgroup:
            case "marked":
                yield start, stop, plain[start]
            case "unseen" | "inline" | "joined":
                yield start, stop, ""
            case "tag":
                yield start, stop, "\n"
            case "blank":
                yield start, stop, " "
            case "dash":
                yield start, stop, "-"
            case "decimal":
                yield start, stop, _numbered(int(found["decimal"]))
            case _:
                yield start, stop, _numbered(int(found["hexadecimal"], 16))


def _numbered(code: int) -> str:
    """The character of a numeric entity, as it is read; no surrogates, nothing beyond Unicode."""
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return "?"
    read_as = _FOLDING[code]
    return "" if read_as in (INVISIBLE, MARK) else read_as


def _without(plain: str, tokens: Iterable[Token]) -> Reading:
    """The text with each token replaced; a character of what replaces it stands where the token stood."""
    parts: list[str] = []
    starts: list[int] = []
    stops: list[int] = []
    end = 0
    for start, stop, instead in tokens:
        if start < end:
            continue
        parts += [plain[end:start], instead]
        starts += [*range(end, start), *[start] * len(instead)]
        stops += [*range(end + 1, start + 1), *[stop] * len(instead)]
        end = stop
    parts.append(plain[end:])
    starts += range(end, len(plain))
    stops += range(end + 1, len(plain) + 1)
    return Reading("".join(parts), starts, stops)
