"""Payment card numbers (PAN): the beginning and length of a known issuer, the check digit, a card's groups.

People write cards in one piece, in fours, in pairs, digit by digit, or as Amex and Diners print them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from bankside.record.numbers.digit_runs import Group

DIGITS_MIN: Final = 12
DIGITS_MAX: Final = 19

# Beginnings (from, to), the lengths in digits that cards of it have, and those that are so rare, or so common
# among other numbers, that a word for cards must stand near. In the manner of ISO/IEC 7812-1; its register
# is not public, these are the ranges that the card networks make known. 94 begins domestic cards of Korea.
_NONE: Final[Sequence[int]] = ()
_LONG: Final = range(16, DIGITS_MAX + 1)
_OLD: Final = (12, 13, 14, 15, 17, 18, 19)
_ISSUERS: Final[tuple[tuple[str, str, Sequence[int], Sequence[int]], ...]] = (
    ("4", "4", (16, 19), (13,)),
    ("51", "55", (16,), _NONE),
    ("2221", "2720", (16,), _NONE),
    ("34", "34", (15,), _NONE),
    ("37", "37", (15,), _NONE),
    ("300", "305", (14,), _LONG),
    ("3095", "3095", (14,), _LONG),
    ("309", "309", _NONE, (14, *_LONG)),
    ("36", "36", (14,), _LONG),
    ("38", "39", (14,), _LONG),
    ("3528", "3589", (16,), (17, 18, 19)),
    ("6011", "6011", (16, 19), (17, 18)),
    ("644", "659", (16, 19), (17, 18)),
    ("62", "62", _LONG, _NONE),
    ("8100", "8299", _LONG, _NONE),
    ("2200", "2205", (16,), (17, 18, 19)),
    ("50", "50", (16,), _OLD),
    ("56", "58", (16,), _OLD),
    ("60", "60", (16,), (17, 18, 19)),
    ("63", "63", (16,), _OLD),
    ("67", "67", (16,), _OLD),
    ("8600", "8600", (16,), _NONE),
    ("9860", "9860", (16,), _NONE),
    ("94", "94", (16,), _NONE),
    ("95", "99", _NONE, (16,)),
    ("9704", "9704", (16,), (19,)),
    ("9792", "9792", (16,), _NONE),
    ("1", "1", _NONE, (15,)),
)
_PRINTED: Final = frozenset(
    {(4, 6, 5), (4, 6, 4), (6, 10), (6, 13), (8, 11), (4, 12), (4, 4, 8), (12, 4), (8, 8)}
)
_PLAIN_GAPS: Final = frozenset({" ", "-", ".", "/", "_", "\u00b7", "", ","})
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


class Candidate(NamedTuple):
    """A number that may be a card's: the group behind it, and whether only a word near can make it one."""

    until: int
    needs_word: bool


class Run:
    """A run of groups of digits."""

    def __init__(self, groups: list[Group]) -> None:
        self.groups = groups
        self.digits = "".join([g.digits for g in groups])
        self.ends = ends = [0]
        for group in groups:
            ends.append(ends[-1] + len(group.digits))

    def holds(self, start: int, stop: int) -> bool:
        """Luhn: the last digit counts once, the one before it twice, and so on to the left."""
        return luhn(self.digits[start:stop])


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B, over ASCII digits."""
    values = [ord(digit) - 48 for digit in reversed(digits)]
    return (sum(values[::2]) + sum([_DOUBLED[value] for value in values[1::2]])) % 10 == 0


def card_at(run: Run, at: int) -> int:
    """The group after the longest number that begins with group `at` and may be a card's; 0 for none."""
    return max((one.until for one in candidates(run, at)), default=0)


def candidates(run: Run, at: int, plain: str = "") -> Iterator[Candidate]:
    """Numbers that begin with group `at` and may be a card's, the shortest first.

    Without the text (`plain`) nothing is known of what stands between the groups.
    """
    start, ends = run.ends[at], run.ends
    strong, weak = _lengths_of(run.digits[start : start + 4])
    if not strong and not weak:
        return
    for until in range(at + 1, len(ends)):
        length = ends[until] - start
        if length > DIGITS_MAX:
            return
        if (length in strong or length in weak) and luhn(run.digits[start : start + length]):
            yield Candidate(until, length not in strong or not _as_written(run, at, until, plain))


@lru_cache(maxsize=10_000)
def _lengths_of(beginning: str) -> tuple[frozenset[int], frozenset[int]]:
    strong: set[int] = set()
    weak: set[int] = set()
    for low, high, lengths, rare in _ISSUERS:
        if low <= beginning[: len(low)] <= high:
            strong.update(lengths)
            weak.update(rare)
    return frozenset(strong), frozenset(weak - strong)


def _as_written(run: Run, at: int, until: int, plain: str) -> bool:
    """Whether people write a card in such groups; amounts (threes) and lists of phone numbers are not."""
    groups = run.groups[at:until]
    sizes = tuple([len(g.digits) for g in groups])
    if len(sizes) == 1:
        return True
    gaps = {_gap(plain[one.stop : two.start]) for one, two in pairwise(groups)} if plain else {" "}
    alone = until - at == len(run.groups)
    if alone and gaps <= _PLAIN_GAPS and sizes[0] in (4, 6) and min(sizes[:-1]) >= 4:
        return True
    if alone and gaps <= _PLAIN_GAPS and max(sizes) == 1:
        return True
    return len(gaps) == 1 and (sizes in _PRINTED or _is_even(sizes))


def _is_even(sizes: tuple[int, ...]) -> bool:
    *first, last = sizes
    even = len(set(first)) == 1 and first[0] in (1, 2, 4, 5, 8) and last <= first[0]
    return even or (all(size % 4 == 0 for size in first) and (last <= 4 or last % 4 == 0))


def _gap(between: str) -> str:
    """What parts two groups, however many spaces stand around it."""
    return between.strip() or " "
