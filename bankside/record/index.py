"""Words as both databases index and find them: this file cuts, they only compare.

Korean, Chinese and Japanese are written without the spaces that an index wants, and an index of three
letters finds no word of two. So a run of Hangul, Han and kana becomes its overlapping pairs and its last
letter (신한카드 = 신한 한카 카드 드); everything else becomes whole words, without stemming. A query is cut
by the same rules, so that a run is found as an exact substring and a word as a whole word. One letter is
found too: every letter of a run begins a pair or is the last one.

Tokens hold letters, digits and marks alone. Change anything here and VERSION, and rebuild what holds tokens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

VERSION = 1

TEXT_CHARACTERS_MAX = 50_000
# Positions in PostgreSQL's tsvector end at 16,383; both databases hold the same tokens.
TOKENS_MAX = 16_000
WORD_CHARACTERS_MAX = 64
MARKS_MAX = 30  # in a row, as in the stream-safe format of https://unicode.org/reports/tr15/
QUERY_CHARACTERS_MAX = 200
PHRASES_MAX = 8

FIELD_BREAK = "¦"
"""Stands between the fields of a thing: no query holds it, so that no phrase reaches across."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that follow each other. `open`: the last one is a single letter and may begin a pair."""

    tokens: tuple[str, ...]
    open: bool = False


def tokens(*fields: str) -> list[str]:
    """What the index holds of a thing with these fields, at most TOKENS_MAX tokens."""
    cut: list[str] = []
    for field in fields:
        if cut and field:
            cut.append(FIELD_BREAK)
        for run, word in _expressions().piece.findall(normal(field)):
            if word:
                cut.append(word[:WORD_CHARACTERS_MAX])
            else:
                cut += _pairs(run)
                cut.append(run[-1])
    return cut[:TOKENS_MAX]


def phrases(query: str) -> tuple[Phrase, ...]:
    """What must all be in a thing: the words of a query, and what stands in quotes as one phrase.

    Empty when the query holds no letter and no digit.
    """
    found = (_phrase(text) for text in _asked(query))
    return tuple(dict.fromkeys(phrase for phrase in found if phrase.tokens))[:PHRASES_MAX]


def places(text: str, query: str) -> list[tuple[int, int]]:
    """Where the words of the query stand in the text: begin and end in its characters, in order, apart."""
    patterns = [pattern for asked in _asked(query) if (pattern := _pattern(asked))]
    if not patterns:
        return []
    plain, origin = _traced(text[:TEXT_CHARACTERS_MAX])
    found = re.finditer("|".join(patterns), plain)
    return _apart((origin[one.start()], origin[one.end()]) for one in found)


def normal(text: str) -> str:
    """The text as it is compared: composed, narrow, without case, and Latin without its marks."""
    text = text[:TEXT_CHARACTERS_MAX]
    if text.isascii():
        return text.lower()
    if _expressions().rare.search(text):
        text = _BEYOND.sub(_letter_or_space, _IGNORED.sub("", _expressions().many_marks.sub(r"\1", text)))
    text = unicodedata.normalize("NFKC", text).casefold()
    if not _MAY_BE_MARKED.search(text):
        return text[:TEXT_CHARACTERS_MAX]
    bare = _LATIN_MARKS.sub(r"\1", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFKC", bare)[:TEXT_CHARACTERS_MAX]


# --- cutting -------------------------------------------------------------------------------------------
def _pairs(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run) - 1)]


def _asked(query: str) -> list[str]:
    """The query at its quotes and its white space. A quote that is not closed runs to the end."""
    parts = _QUOTES.sub('"', query[:QUERY_CHARACTERS_MAX]).split('"')
    asked: list[str] = []
    for place, part in enumerate(parts):
        asked += [part] if place % 2 else part.split()
    return asked


def _phrase(text: str) -> Phrase:
    """A run in the middle keeps its last letter, as in the index; the run at the end may go on."""
    pieces = _expressions().piece.findall(normal(text))
    if not pieces:
        return Phrase(())
    before = tokens(" ".join(run or word for run, word in pieces[:-1]))
    run, word = pieces[-1]
    if word:
        return Phrase((*before, word[:WORD_CHARACTERS_MAX]))
    return Phrase((*before, *(_pairs(run) or [run])), open=len(run) == 1)


def _pattern(text: str) -> str:
    """A regular expression for the phrase in a normal text: a run anywhere, a word as a whole."""
    made = _expressions()
    alone = rf"(?<![{made.word}{made.marks}])%s(?![{made.word}{made.marks}])"
    pieces = made.piece.findall(normal(text))
    return r"[\W_]*".join(re.escape(run) if run else alone % re.escape(word) for run, word in pieces)


def _traced(text: str) -> tuple[str, list[int]]:
    """The normal text, and for each of its characters (and its end) where it began in the text."""
    whole = normal(text)
    if len(whole) == len(text) and not _expressions().rare.search(text):  # nothing was joined
        return whole, list(range(len(text) + 1))
    plain: list[str] = []
    origin: list[int] = []
    for found in _expressions().unit.finditer(text):
        made = normal(found.group())
        plain.append(made)
        origin += [found.start()] * len(made)
    return "".join(plain), [*origin, len(text)]


def _apart(found: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for begin, end in found:
        if end > begin and (not kept or begin >= kept[-1][1]):
            kept.append((begin, end))
    return kept


# --- characters ----------------------------------------------------------------------------------------
def _letter_or_space(found: re.Match[str]) -> str:
    """What of the second plane is a letter, a digit or a mark; pictures are none."""
    return found.group() if unicodedata.category(found.group())[0] in "LNM" else " "


def _ranges(wanted: Callable[[str], bool], last: int = 0xFFFF) -> str:
    """Such characters as the inside of a regular expression's brackets."""
    parts: list[list[int]] = []
    for n in (*range(0x30, 0xD800), *range(0xE000, last + 1)):
        if not wanted(chr(n)):
            continue
        if parts and parts[-1][1] == n - 1:
            parts[-1][1] = n
        else:
            parts.append([n, n])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in parts)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


class _Expressions(NamedTuple):
    """What needs to know every mark and letter there is."""

    marks: str
    word: str
    rare: re.Pattern[str]
    many_marks: re.Pattern[str]
    piece: re.Pattern[str]
    unit: re.Pattern[str]


@cache
def _expressions() -> _Expressions:
    """Made when the first words are cut: it takes a tenth of a second, which few commands have to wait.

    Python looks a character of the first plane up in a table, and tries those beyond range by range: so the
    expressions that see every text hold few ranges beyond.
    """
    marks, every_mark = _ranges(_is_mark), _ranges(_is_mark, 0x1FFFF)
    word = _ranges(lambda c: c.isalnum() and not _LETTER.match(c)) + _PLANE
    return _Expressions(
        marks=marks,
        word=word,
        rare=re.compile(f"[{marks}\u00ad{_PLANE}\U000e0100-\U000e01ef]"),
        many_marks=re.compile(f"([{every_mark}]{{{MARKS_MAX}}})[{every_mark}]+"),
        piece=re.compile(f"([{_LETTERS}]+)|([{word}][{word}{marks}]*)"),
        unit=re.compile(rf"(?s:.)[{marks}\u1160-\u11ff\uff9e\uff9f\u00ad]*"),
    )


_PLANE = "\U00010000-\U0001ffff"
_BEYOND = re.compile(f"[{_PLANE}]")
# Jamo, kana, Hangul, Han with its extensions, and the signs that repeat or stand for Han. The middle dot
# and the double hyphen among the kana are no letters.
_LETTERS = (
    "\u1100-\u11ff\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3130-\u318f"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
)
_LETTER = re.compile(f"[{_LETTERS}]")
# Soft hyphens and the selectors of a picture or a variant: nobody types them.
_IGNORED = re.compile("[\u00ad\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_LATIN = "a-z\u00df-\u024f\u0250-\u02af\u1e00-\u1eff"
_LATIN_MARKS = re.compile(rf"([{_LATIN}])[\u0300-\u036f]+")
_MAY_BE_MARKED = re.compile("[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]")
_QUOTES = re.compile("[“”„«»「」『』＂]")
