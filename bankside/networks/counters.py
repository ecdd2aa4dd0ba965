"""How long a text is, as each network counts it. One function per rule, all of them pure.

| function | rule |
|---|---|
| `weighted` | twitter-text v3: most letters 1, Hangul syllables, Han and emoji 2, an address 23 |
| `graphemes_and_bytes` | what a reader sees as one character (UAX #29), and UTF-8 bytes beside it |
| `graphemes_with_fixed_urls` | the same, every address a fixed length, `@user@domain` as `@user` |
| `utf16` | UTF-16 code units |
| `half_width` | Han, Hangul and the like 1, ASCII one half, rounded up |
| `emoji_bytes` | characters, an emoji as many as it has UTF-8 bytes |
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from bankside.late import compiled, regex
from bankside.networks.contract import Count
from bankside.said import Said

if TYPE_CHECKING:
    from bankside.networks.declared import Text

ADDRESS_LENGTH_MAX = 4096
"""An address longer than this is counted as plain text (twitter-text, MAX_URL_LENGTH)."""
SHORTENED_LENGTH_MAX = 40
"""Longest last part of an address that the network has shortened already (the same, MAX_TCO_SLUG_LENGTH)."""
WORD_LENGTH_MAX = 5000
"""Words are looked at in pieces of this length, so that a text without spaces takes no quadratic time."""
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
        case "emoji-bytes":
            return (emoji_bytes(text, limit=rule.limit),)
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
    note = Said("%(sign)s is not allowed.", sign=f"U+{ord(forbidden[0]):04X}") if forbidden else ""
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


def emoji_bytes(text: str, *, limit: int = 500) -> Count:
    """Code points; an emoji sequence counts its UTF-8 bytes ("emojis count as the number of UTF-8 bytes they
    are represented as", developers.facebook.com/docs/threads/posts, read 2026-04-14)."""
    used, position = 0, 0
    for emoji in _EMOJI.finditer(text):
        used += emoji.start() - position + len(emoji[0].encode("utf-8", "surrogatepass"))
        position = emoji.end()
    return _counted(used + len(text) - position, limit, "characters")


def _counted(used: int, limit: int, unit: str) -> Count:
    return Count(used=used, limit=limit, unit=unit, ok=not limit or used <= limit)


def _graphemes(text: str) -> int:
    return len(regex.findall(r"\X", text))


def _weight(point: int) -> int:
    light = point <= 0x10FF or 0x2000 <= point <= 0x200D or 0x2010 <= point <= 0x201F
    return 1 if light or 0x2032 <= point <= 0x2037 else 2


_NEVER = compiled("[\ufffe\ufeff\uffff]")

_EMOJI_PART = (
    r"(?:[\p{Extended_Pictographic}--[©®]]\uFE0E|"  # text style: counted below as a plain letter of weight 2
    r"[\p{Emoji_Presentation}\p{Extended_Pictographic}]\uFE0F?\p{Emoji_Modifier}?\uFE0F?)"
)
_EMOJI = compiled(
    rf"(?V1)(?:\p{{RI}}\p{{RI}}|[0-9#*]\uFE0F?\u20E3|{_EMOJI_PART}[\U000E0020-\U000E007E]*\U000E007F?"
    rf"(?:\u200D{_EMOJI_PART})*)"
)


# --- addresses in a text -----------------------------------------------------------------------------
def addresses(text: str) -> list[tuple[int, int]]:
    """(start, end) of every address that a microblog would turn into a link, written with http or not.

    The rules of twitter-text's extraction: a host needs a real top-level domain, and without http it must
    be an ASCII one; what follows a host in another script (`hanulbank.example에서`) is no part of it.
    """
    words = (word for word in _WORD.finditer(text) if _TOP_SOMEWHERE.search(word[0]))
    return [span for word in words for span in _in_word(text, *word.span())]


def _in_word(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    before = start
    for match in _ADDRESS.finditer(text, start, end):
        if match["scheme"]:
            found += _with_scheme(match)
        elif match.start() == before or text[match.start() - 1] not in "-_./":
            found += _without_scheme(match)
        before = match.end()
    return found


def _with_scheme(match: regex.Match[str]) -> list[tuple[int, int]]:
    start, end = match.span()
    if short := _SHORTENED.match(match[0]):
        if len(short["slug"]) > SHORTENED_LENGTH_MAX:
            return []
        end = start + short.end()
    return [(start, end)] if end - start <= ADDRESS_LENGTH_MAX and _host_fits(match["host"]) else []


def _without_scheme(match: regex.Match[str]) -> list[tuple[int, int]]:
    """Every ASCII host in what looks like one; the rest of the address belongs to the last of them."""
    shift = match.start("host")
    hosts = [m for m in _ASCII_HOST.finditer(match["host"]) if _host_fits(m[0])]
    spans = [(shift + m.start(), shift + m.end()) for m in hosts]
    if spans and match["path"]:
        spans[-1] = (spans[-1][0], match.end())
    return spans


def _host_fits(host: str) -> bool:
    """Every label has at most 63 characters in its ASCII form, and is not ASCII form already if it is not."""
    return all(
        len(part) <= LABEL_LENGTH_MAX
        if part.isascii()
        else not part.startswith("xn--") and len(part.encode("punycode")) + 4 <= LABEL_LENGTH_MAX
        for part in host.split(".")
    )


def _top_level_domains() -> list[str]:
    lines = (Path(__file__).resolve().parent / "tlds.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


_MARKS = r"\ufffe\ufeff\uffff"
_DIRECTIONS = r"\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_LATIN = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289"
    r"\u028B\u02BB\u0300-\u036F\u1E00-\u1EFF"
)
_IN_HOST = rf"[^!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~$\s{_MARKS}{_DIRECTIONS}]"
_TOP = r"(?:\L<tops>(?=[^0-9a-zA-Z@+-]|$)|xn--[-0-9a-z]{1,59})"
# A label or a host that is longer begins later: only its ASCII end counts, and no text takes quadratic time.
_LABEL = rf"{_IN_HOST}(?:[_-]{{0,9}}{_IN_HOST}){{0,80}}+\."
_HOST = rf"(?:{_LABEL}){{0,9}}{_IN_HOST}(?:-{{0,9}}{_IN_HOST}){{0,80}}+\.{_TOP}"
_IN_PATH = rf"[a-z\p{{Cyrillic}}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_BRACKETS = rf"\((?:{_IN_PATH}+|{_IN_PATH}*\({_IN_PATH}+\){_IN_PATH}*)\)"
_PATH = (
    rf"/(?:(?:{_IN_PATH}*(?:{_BRACKETS}{_IN_PATH}*)*(?:[+\-a-z\p{{Cyrillic}}0-9=_#/{_LATIN}]|{_BRACKETS}))"
    rf"|(?:@{_IN_PATH}+/))?"
)
_QUERY = r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"
_ADDRESS = compiled(
    rf"(?i)(?<![A-Za-z0-9@＠$#＃{_MARKS}])(?P<scheme>https?://)?(?P<host>{_HOST})(?::[0-9]+)?(?P<path>{_PATH})?"
    rf"(?:{_QUERY})?",
    tops=_top_level_domains,
)
_ASCII_HOST = compiled(rf"(?i)(?:[-a-z0-9{_LATIN}]+\.)+{_TOP}", tops=_top_level_domains)
_TOP_SOMEWHERE = compiled(rf"(?i)\.{_TOP}", tops=_top_level_domains)
_SHORTENED = compiled(rf"(?i)https?://t\.co/(?P<slug>[a-z0-9]+)(?:{_QUERY})?")
_WORD = compiled(rf"\S{{1,{WORD_LENGTH_MAX}}}")

_HTTP_ADDRESS = compiled(r"(?i)(?<![A-Za-z0-9@])https?://[^\s<>\"（）「」]+(?<![.,:;!?)])")
_MENTION = compiled(r"(?i)(?<![\w/])(@[a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?)@[\p{L}\p{N}][\p{L}\p{N}.-]*")
