"""Digits that are written as words, one word a digit: English, Dutch, Korean and Chinese.

Only long rows of them are read, of which a number might be made; a single word is left a word. What people
say in tens and hundreds (forty-two, 사십이) is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

ROW_WORDS_MIN: Final = 9  # digits and words together
WORDS_MIN: Final = 5
ROW_CHARACTERS_MIN: Final = 30
GAP_CHARACTERS_MAX: Final = 3

_LATIN: Final = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
    "nul": "0", "een": "1", "één": "1", "twee": "2", "drie": "3", "vier": "4", "vijf": "5", "zes": "6",
    "zeven": "7", "acht": "8", "negen": "9",
}  # fmt: skip
_HAN: Final = {
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)),
    "〇": "0", "○": "0", "幺": "1", "两": "2",
}  # fmt: skip
_HANGUL: Final = {**dict(zip("영일이삼사오육칠팔구", "0123456789", strict=True)), "공": "0", "륙": "6"}
_SIGNS: Final = _HAN | _HANGUL
_ALL_SIGNS: Final = frozenset(_SIGNS)

_ANY_LATIN: Final = "|".join(sorted(_LATIN, key=len, reverse=True))
_BETWEEN: Final = rf"[\s,.\-/_]{{0,{GAP_CHARACTERS_MAX}}}"


def _row(one: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{one})(?:{_BETWEEN}(?:{one})){{{ROW_WORDS_MIN - 1},}}", re.IGNORECASE)


_ROW_OF_HAN: Final = _row(f"[{''.join(_HAN)}0-9]")
# 이 may be the beginning of the word behind the number (이에요, 이라고).
_ROW_OF_HANGUL: Final = _row(f"[{''.join(_HANGUL)}0-9](?<!이(?=[에라야고며었]))")
_ROW_OF_WORDS: Final = _row(f"{_ANY_LATIN}|[0-9]")
_SIGN: Final = re.compile(f"[{''.join(_SIGNS)}]")
_WORD: Final = re.compile(_ANY_LATIN, re.IGNORECASE)


def tokens(plain: str) -> Iterator[tuple[int, int, str]]:
    """Where a word of a row stands, and the digit that it says."""
    if len(plain) < ROW_WORDS_MIN:
        return
    if not plain.isascii() and _may_have_signs(plain):
        for row in (*_ROW_OF_HAN.finditer(plain), *_ROW_OF_HANGUL.finditer(plain)):
            for sign in _SIGN.finditer(plain, *row.span()):
                yield (*sign.span(), _SIGNS[sign.group()])
    if len(plain) >= ROW_CHARACTERS_MIN and _may_have_words(plain):
        for row in _ROW_OF_WORDS.finditer(plain):
            for word in _WORD.finditer(plain, *row.span()):
                yield (*word.span(), _LATIN[word.group().lower()])


def _may_have_signs(plain: str) -> bool:
    """The plainest of questions, because every text is asked."""
    present = _ALL_SIGNS.intersection(plain)
    return len(present) > 1 and sum(map(plain.count, present)) >= WORDS_MIN


def _may_have_words(plain: str) -> bool:
    words = plain.replace(",", " ").replace("-", " ").replace(".", " ").lower().split()
    return len(words) >= WORDS_MIN and sum(map(_LATIN.__contains__, words)) >= WORDS_MIN
