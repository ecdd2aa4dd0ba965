"""How much there is in a text, from 0 to 100: its length, its variety, and nothing about what it thinks.

Praise and complaint of the same words score the same: no list of good or bad words is read, in any language
(card sheet, section 1). The same text always has the same measure, and `explain` says how it came about.

- 60 for length: full from 60 Latin letters or 24 signs of Hangul or Han on, which say about as much.
- 40 for variety: different words (pairs of signs in Hangul and Han) among all of them.
- At most 20 for a greeting or thanks alone, for addresses, names and hashtags alone, and for the same again
  and again.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from bankside.late import compiled
from bankside.said import Said

CHARACTERS_READ_MAX: Final = 4_000
LENGTH_POINTS, VARIETY_POINTS, POOR_MAX = 60, 40, 20
LATIN_PER_FULL, WEIGHT_OF_A_SIGN = 60, 2.5
VARIETY_FULL_SHARE = 0.6
LONG_WORD = 12
UNITS_FULL = 5  # fewer words than that are never varied enough

_NO_WORDS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+|[@#＠＃][\w.-]+")
_WORD = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"[\uac00-\ud7a3\u4e00-\u9fff\u3400-\u4dbf\u3040-\u30ff]+")
_RUN = re.compile(r"(.{1,12}?)\1{3,}", re.DOTALL)  # the same said four times or more is said once
_MAY_RUN = re.compile(r"(.)\1\1\1", re.DOTALL)
_CLUSTERS = compiled(r"\X")
_PLAIN = re.compile(r"[\x20-\x7e\u00a1-\u02ff\u3131-\u318e\u4e00-\u9fff\uac00-\ud7a3，。！？、：；（）]*")


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What people say when they say nothing more. Not praise: a greeting is worth as much whoever is greeted.
_GREETINGS: Final = _list("""
    hi hello hey good morning afternoon evening night thanks thank you thx ty ok okay yes no bye
    hallo hoi dag goedemorgen goedemiddag goedenavond bedankt dank je u wel oke ja nee doei groetjes
    안녕 안녕하세요 안녕하십니까 감사 감사합니다 고맙습니다 고마워요 네 넵 예 아니요 수고하세요
    你好 您好 早 早上好 晚上好 大家好 谢谢 谢谢你 谢谢您 感谢 好 好的 是 是的 嗯 再见
""")


class Measured(NamedTuple):
    """The measure and its parts. `poor` says why it is 20 at most: links, greeting, repeated, or ""."""

    quality: int
    length: int
    variety: int
    poor: str


def measure(text: str) -> int:
    """0 to 100, of the first 4,000 characters."""
    return measured(text).quality


@lru_cache(maxsize=2048)
def measured(text: str) -> Measured:
    """The measure with its parts."""
    said = unicodedata.normalize("NFKC", text[:CHARACTERS_READ_MAX]).lower()
    if "@" in said or "#" in said or "://" in said or "www." in said:
        said = _NO_WORDS.sub(" ", said)
    words, pairs = _units(said)
    greets = _GREETINGS.issuperset(words) and _GREETINGS.issuperset(_WORD.findall(said))
    said_once = said
    if _may_repeat(words) or _may_repeat(pairs) or _MAY_RUN.search(said):
        said_once = _RUN.sub(r"\1", said)
        words, pairs = _units(said_once)
    weight = sum(map(len, words)) + WEIGHT_OF_A_SIGN * len(pairs)
    length = min(LENGTH_POINTS, int(LENGTH_POINTS * weight / LATIN_PER_FULL))
    variety = _variety(words, pairs)
    poor = "greeting" if greets else "repeated" if len(said_once) * 2 < len(said.strip()) else ""
    if not words and not pairs:
        poor = "links" if text.strip() else ""
    return Measured(min(length + variety, POOR_MAX) if poor else length + variety, length, variety, poor)


def length(text: str) -> int:
    """Characters as a reader sees them: a family emoji, or a letter with its accents, is one."""
    if _PLAIN.fullmatch(text):
        return len(text)
    return sum(1 for _ in _CLUSTERS.finditer(text))


def explain(text: str) -> tuple[tuple[Said, int], ...]:
    """The parts of the measure in words, each with its number; what was cut has a number below 0."""
    found = measured(text)
    parts = [(Said("Length"), found.length), (Said("Different words"), found.variety)]
    if found.poor:
        parts.append((POOR[found.poor], found.quality - found.length - found.variety))
    return tuple(parts)


POOR: Final = {
    "links": Said("Only links, names or hashtags"),
    "greeting": Said("A greeting or thanks alone"),
    "repeated": Said("The same again and again"),
}


def _units(text: str) -> tuple[list[str], list[str]]:
    """Latin and other words; and pairs of neighbouring signs of Hangul, Han and Kana, one for each sign.

    Chinese has no spaces, and a Korean word has many endings.
    """
    if text.isascii():
        return _WORD.findall(text), []
    pairs = [run[at : at + 2] for run in _SIGNS.findall(text) for at in range(len(run))]
    return _WORD.findall(_SIGNS.sub(" ", text)), pairs


def _may_repeat(units: list[str]) -> bool:
    """Few different ones among many, or one so long that it may be a short one again and again."""
    return len(set(units)) * 2 < len(units) or max(map(len, units), default=0) >= LONG_WORD


def _variety(words: list[str], pairs: list[str]) -> int:
    count = len(words) + len(pairs)
    share = (len(set(words)) + len(set(pairs))) / max(count, UNITS_FULL)
    return min(VARIETY_POINTS, int(VARIETY_POINTS * share / VARIETY_FULL_SHARE))
