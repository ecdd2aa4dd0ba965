"""Chinese resident identity numbers (CNID), GB 11643: region, birth date, order, check digit; 18 places.

Those of before 1999 have 15 places, two digits for the year and no check digit: a word must stand near them.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Final

from bankside.record import clock
from bankside.record.numbers import number_labels
from bankside.record.numbers.digit_runs import Group

DIGITS: Final = 18
OLD_DIGITS: Final = 15
GROUPS_MAX: Final = 18
GROUPS_OF_ANY_GAP_MAX: Final = 4
NEAR_CHARACTERS_MAX: Final = 40

# The first two digits: provinces, autonomous regions, municipalities (GB/T 2260); 83: Taiwan residents.
_REGIONS: Final = frozenset(
    """11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65
    71 81 82 83""".split()  # noqa: SIM905 - read with the standard beside it
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_LETTER: Final = re.compile(r"[\s.\-_/]{0,3}[xX](?![a-zA-Z0-9])")
_SAYS_SO: Final = re.compile(
    r"身份证|身分证|证件号|居民证|证号|신분증|identity|(?<![a-z])ID[- ]?(?:card|number|no)|identiteit",
    re.IGNORECASE,
)


def identity_at(plain: str, groups: list[Group], at: int) -> tuple[int, int]:
    """The group after the identity number that begins with group `at`, and where it ends; (0, 0) for none."""
    if groups[at].digits[:2] not in _REGIONS and len(groups[at].digits) > 1:
        return 0, 0
    digits = ""
    for until in range(at + 1, min(at + GROUPS_MAX, len(groups)) + 1):
        last = groups[until - 1]
        digits += last.digits
        if len(digits) > DIGITS:
            break
        stop = _end(plain, digits, groups[at].start, last.stop)
        if stop and _as_written(plain, groups[at:until]):
            return until, stop
    return 0, 0


def _as_written(plain: str, groups: list[Group]) -> bool:
    """In few groups, or in many with the same between all of them; lists of times are not."""
    if len(groups) <= GROUPS_OF_ANY_GAP_MAX:
        return True
    return len({plain[one.stop : two.start] for one, two in pairwise(groups)}) == 1


def _end(plain: str, digits: str, start: int, stop: int) -> int:
    """Where the number of these digits, or these and an X, ends; 0 when there is none."""
    match len(digits):
        case 18:
            return stop if _holds(digits) else 0
        case 17 if (letter := _LETTER.match(plain, stop)) and _holds(f"{digits}X"):
            return letter.end()
        case 15:
            return stop if _is_old(digits) and _said_near(plain, start, stop) else 0
        case _:
            return 0


def _holds(number: str) -> bool:
    """The check digit of ISO 7064 MOD 11-2, after a region and a day that has been."""
    if number[:2] not in _REGIONS or not _was(int(number[6:10]), number[10:14]):
        return False
    total = sum([int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True)])
    return _CHECKS[total % 11] == number[17]


def _is_old(number: str) -> bool:
    return number[:2] in _REGIONS and _was(1900 + int(number[6:8]), number[8:12])


def _said_near(plain: str, start: int, stop: int) -> bool:
    if _SAYS_SO.search(plain, max(0, start - NEAR_CHARACTERS_MAX), start) is None:
        return False
    return not number_labels.names_another(plain, start, stop)


def _was(year: int, day: str) -> bool:
    if year < 1880:
        return False
    try:
        born = date(year, int(day[:2]), int(day[2:]))
    except ValueError:
        return False
    return born.toordinal() <= date(1970, 1, 1).toordinal() + clock.now_ms() // 86_400_000
