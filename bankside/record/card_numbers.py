"""Payment card numbers (PAN): the beginning and length of a known issuer, the check digit, a card's groups.

People write cards in one piece, in fours, in pairs, digit by digit, or as Amex and Diners print them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from typing import Final

from bankside.record.digit_runs import Group

DIGITS_MIN: Final = 13
DIGITS_MAX: Final = 19

# Beginnings (from, to) and lengths in digits, in the manner of ISO/IEC 7812-1. The standard's register is not
# public; these are the ranges that the card networks make known. 94 begins domestic cards of Korea.
_ANY: Final = range(DIGITS_MIN, DIGITS_MAX + 1)
_LONG: Final = range(16, DIGITS_MAX + 1)
_ISSUERS: Final[tuple[tuple[str, str, Sequence[int]], ...]] = (
    ("4", "4", (13, 16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("300", "305", range(14, 20)),
    ("309", "309", range(14, 20)),
    ("36", "36", range(14, 20)),
    ("38", "39", range(14, 20)),
    ("3528", "3589", _LONG),
    ("6011", "6011", _LONG),
    ("644", "659", _LONG),
    ("62", "62", _LONG),
    ("8100", "8299", _LONG),
    ("2200", "2204", _LONG),
    ("50", "50", _ANY),
    ("56", "58", _ANY),
    ("60", "60", (16,)),
    ("63", "63", _ANY),
    ("67", "67", _ANY),
    ("94", "94", (16,)),
    ("9792", "9792", (16,)),
)
_PRINTED: Final = frozenset({(4, 6, 5), (4, 6, 4), (6, 10)})


class Run:
    """A run of groups with the check sums of every part of it, so that a long one costs a single pass."""

    def __init__(self, groups: list[Group]) -> None:
        self.groups = groups
        self.digits = "".join(g.digits for g in groups)
        self.ends = [0, *accumulate(len(g.digits) for g in groups)]
        values = [int(digit) for digit in self.digits]
        doubled = [value * 2 - 9 if value > 4 else value * 2 for value in values]
        pairs = list(enumerate(zip(values, doubled, strict=True)))
        self._even = [0, *accumulate(v if place % 2 == 0 else d for place, (v, d) in pairs)]
        self._odd = [0, *accumulate(v if place % 2 else d for place, (v, d) in pairs)]

    def holds(self, start: int, stop: int) -> bool:
        """Luhn: the last digit counts once, the one before it twice, and so on to the left."""
        sums = self._odd if stop % 2 == 0 else self._even
        return (sums[stop] - sums[start]) % 10 == 0


def card_at(run: Run, at: int) -> int:
    """The group after the longest card that begins with group `at`; 0 when none does."""
    start, longest = run.ends[at], 0
    lengths = _lengths_of(run.digits[start : start + 4])
    for until in range(at + 1, len(run.groups) + 1) if lengths else ():
        stop = run.ends[until]
        if stop - start > DIGITS_MAX:
            break
        if stop - start in lengths and run.holds(start, stop) and _as_written(run.groups[at:until]):
            longest = longest if _chinese_identity(run.digits[start:stop]) else until
    return longest


def without_others(plain: str) -> str:
    """The text, as long as before, without bank account numbers (IBAN) and ids and digests in hexadecimal."""
    return _IBAN.sub(_without_iban, _HEX.sub(_blank, plain))


def _blank(found: re.Match[str]) -> str:
    return "x" * len(found.group())


def _without_iban(found: re.Match[str]) -> str:
    """Takes out as many groups as make a valid number; the words that follow it are not part of it."""
    text = found.group()
    for stop in reversed([space.start() for space in re.finditer(r" |$", text)]):
        if _iban_checks(text[:stop].replace(" ", "").upper()):
            return "x" * stop + text[stop:]
    return text


def _lengths_of(beginning: str) -> frozenset[int]:
    found: set[int] = set()
    for low, high, lengths in _ISSUERS:
        if low <= beginning[: len(low)] <= high:
            found.update(lengths)
    return frozenset(found)


def _as_written(groups: list[Group]) -> bool:
    """Whether people write a card in such groups; amounts (threes) and lists of phone numbers are not."""
    sizes = tuple(len(g.digits) for g in groups)
    if len(sizes) == 1 or sizes in _PRINTED:
        return True
    *first, last = sizes
    even = len(set(first)) == 1 and first[0] in (1, 2, 4, 8) and last <= first[0]
    return even or (all(size % 4 == 0 for size in first) and (last <= 4 or last % 4 == 0))


_IBAN: Final = re.compile(
    r"\b[A-Z]{2}[0-9]{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)\b", re.IGNORECASE
)
_HEX: Final = re.compile(
    r"\b(?=[0-9-]{0,127}[a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,128})\b",
    re.IGNORECASE,
)


def _iban_checks(iban: str) -> bool:
    if not (15 <= len(iban) <= 34 and iban.isascii()):
        return False
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _chinese_identity(number: str) -> bool:
    """A resident identity number: region, birth date, order, and the check digit of ISO 7064 MOD 11-2."""
    if len(number) != 18:
        return False
    try:
        date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    except ValueError:
        return False
    return sum(int(digit) << (17 - place) for place, digit in enumerate(number)) % 11 == 1
