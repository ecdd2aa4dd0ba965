"""How long a text is, as each network counts it. One function per rule, all of them pure.

| function | rule |
|---|---|
| `weighted` | twitter-text v3: most letters 1, Hangul syllables, Han and emoji 2, an address 23 |
| `graphemes_and_bytes` | what a reader sees as one character (UAX #29), and UTF-8 bytes beside it |
| `graphemes_with_fixed_urls` | the same, every address a fixed length, `@user@domain` as `@user` |
| `utf16` | UTF-16 code units |
| `half_width` | Han, Hangul and the like 1, ASCII one half, rounded up |
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import regex

from bankside.networks.contract import Count

if TYPE_CHECKING:
    from bankside.networks.catalogue import Text

ADDRESS_LENGTH_MAX = 4096
"""An address longer than this is counted as plain text (twitter-text, MAX_URL_LENGTH)."""
LABEL_LENGTH_MAX = 63
"""Longest label of a host name, in its ASCII form (RFC 1035, 2.3.4)."""


def count(rule: Text, text: str) -> tuple[Count, ...]:
    """Counts a text by the rule in a network's data file; `(…,)` holds one count, or two with bytes."""
    match rule.rule:
        case "weighted":
            return (weighted(text, limit=rule.limit, url_length=rule.url_length or 23),)
        case "graphemes-bytes":
            return graphemes_and_bytes(text, limit=rule.limit, bytes_limit=rule.bytes_limit)
        case "graphemes-url":
            return (graphemes_with_fixed_urls(text, limit=rule.limit, url_length=rule.url_length),)
        case "utf16":
            return (utf16(text, limit=rule.limit),)
        case "half-width":
            return (half_width(text, limit=rule.limit),)
        case "none":
            return (_counted(len(text), rule.limit, rule.unit),)


# --- one function per rule ---------------------------------------------------------------------------
def weighted(text: str, *, limit: int = 280, url_length: int = 23) -> Count:
    """twitter-text v3 (github.com/twitter/twitter-text, config/v3.json, read 2026-11-22).

    The text is NFC first. Weight 1 for U+0000-10FF, 2000-200D, 2010-201F, 2032-2037, otherwise 2; an
    emoji sequence 2; an address `url_length`. Three code points make a text invalid whatever its length.
    """
    text = unicodedata.normalize("NFC", text)
    used, position = 0, 0
    spans = dict(addresses(text))
    while position < len(text):
        if position in spans:
            used, position = used + url_length, spans[position]
        elif emoji := _EMOJI.match(text, position):
            used, position = used + 2, emoji.end()
        else:
            used, position = used + _weight(ord(text[position])), position + 1
    forbidden = _NEVER.search(text)
    note = f"U+{ord(forbidden[0]):04X} is not allowed." if forbidden else ""
    return Count(used=used, limit=limit, unit="characters", ok=0 < used <= limit and not note, note=note)


def graphemes_and_bytes(text: str, *, limit: int = 300, bytes_limit: int = 3000) -> tuple[Count, Count]:
    """Grapheme clusters (UAX #29, as `\\X` of the regex module) and UTF-8 bytes; both must fit."""
    return (
        _counted(_graphemes(text), limit, "characters"),
        _counted(len(text.encode("utf-8", "surrogatepass")), bytes_limit, "bytes"),
    )


def graphemes_with_fixed_urls(text: str, *, limit: int = 500, url_length: int = 23) -> Count:
    """Grapheme clusters; an http(s) address counts `url_length`, `@user@domain` counts as `@user`.

    Rule of StatusLengthValidator (github.com/mastodon/mastodon, read 2026-11-22). Only addresses that
    are written with http:// or https:// are shortened.
    """
    shortened = _MENTION.sub(r"\1", _HTTP_ADDRESS.sub("x" * url_length, text))
    return _counted(_graphemes(shortened), limit, "characters")


def utf16(text: str, *, limit: int = 5000) -> Count:
    """UTF-16 code units: two for everything outside the basic plane, most emoji among it."""
    return _counted(len(text.encode("utf-16-le", "surrogatepass")) // 2, limit, "characters")


def half_width(text: str, *, limit: int = 140) -> Count:
    """ASCII counts one half, everything else one, rounded up: 140 汉字 are 280 Latin letters."""
    halves = sum(1 if ord(c) < 128 else 2 for c in text)
    return _counted((halves + 1) // 2, limit, "characters")


def _counted(used: int, limit: int, unit: str) -> Count:
    return Count(used=used, limit=limit, unit=unit, ok=not limit or used <= limit)


def _graphemes(text: str) -> int:
    return len(regex.findall(r"\X", text))


def _weight(point: int) -> int:
    light = point <= 0x10FF or 0x2000 <= point <= 0x200D or 0x2010 <= point <= 0x201F
    return 1 if light or 0x2032 <= point <= 0x2037 else 2


_NEVER = regex.compile("[\ufffe\ufeff\uffff]")

_EMOJI_PART = (
    r"(?:[\p{Extended_Pictographic}--[©®]]\uFE0E|"  # text style: counted below as a plain letter of weight 2
    r"[\p{Emoji_Presentation}\p{Extended_Pictographic}]\uFE0F?\p{Emoji_Modifier}?\uFE0F?)"
)
_EMOJI = regex.compile(
    rf"(?:\p{{RI}}\p{{RI}}|[0-9#*]\uFE0F?\u20E3|{_EMOJI_PART}[\U000E0020-\U000E007E]*\U000E007F?"
    rf"(?:\u200D{_EMOJI_PART})*)",
    regex.V1,
)


# --- addresses in a text -----------------------------------------------------------------------------
def addresses(text: str) -> list[tuple[int, int]]:
    """(start, end) of every address that a microblog would turn into a link, written with http or not.

    A host needs a real top-level domain. Without http only ASCII hosts count, and an address may not
    touch a letter, a digit or one of @ # $ before it.
    """
    found = []
    for match in _ADDRESS.finditer(text):
        if match.end() - match.start() > ADDRESS_LENGTH_MAX or not _host_fits(match["host"]):
            continue
        if match["scheme"] or (match["host"].isascii() and not _touches(text, match.start())):
            found.append(match.span())
    return found


def _touches(text: str, start: int) -> bool:
    return start > 0 and text[start - 1] in "-_./"


def _host_fits(host: str) -> bool:
    try:
        return all(
            len(part.encode("punycode")) + 4 <= LABEL_LENGTH_MAX + 4 * part.isascii()
            for part in host.split(".")
        )
    except UnicodeError:
        return False


@cache
def _top_level_domains() -> str:
    lines = (Path(__file__).resolve().parent / "tlds.txt").read_text("utf-8").splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    return "|".join(sorted(names, key=len, reverse=True))


_LETTER = r"[^\s\p{P}\p{S}\p{C}\p{Z}]"
_PATH = r"[\p{L}\p{M}\p{N}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_ADDRESS = regex.compile(
    rf"(?<![A-Za-z0-9@＠$#＃\ufffe\ufeff\uffff])(?P<scheme>https?://)?"
    rf"(?P<host>(?:(?:{_LETTER}(?:[_-]|{_LETTER})*)?{_LETTER}\.)+(?:{_top_level_domains()}|xn--[-0-9a-z]+))"
    rf"(?=$|[^0-9A-Za-z@_+-]|[^\x00-\x7f])(?::[0-9]+)?"
    rf"(?P<path>/(?:{_PATH}*(?:\({_PATH}*\){_PATH}*)*(?<=[\p{{L}}\p{{M}}\p{{N}}=_#/+\-)]))?)?"
    rf"(?P<query>\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[A-Za-z0-9\-_&=#/])?",
    regex.IGNORECASE,
)
_HTTP_ADDRESS = regex.compile(
    rf"(?<![A-Za-z0-9@])https?://{_LETTER}[^\s<>\"（）「」]*[^\s<>\"（）「」.,;:!?)]"
)
_MENTION = regex.compile(
    r"(?<![\w/])(@[a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?)@[\p{L}\p{N}][\p{L}\p{N}.-]*", regex.I
)
