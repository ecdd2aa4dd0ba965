"""Korean resident registration numbers (RRN): six digits of a birth date, one of century and sex, six more.

Numbers given since October 2020 have no check digit, so a hyphen or a word before the number counts as well.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from bankside.record import clock
from bankside.record.digit_runs import Group

DIGITS: Final = 13
WORD_BEFORE_CHARACTERS_MAX: Final = 24

_SAYS_SO: Final = re.compile(
    r"주민|외국인|등록\s?번호|居民|登记号|登録|resident|registration|RRN", re.IGNORECASE
)
_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_WITHOUT_CHECK_SINCE: Final = date(2020, 10, 1)


def registration_at(plain: str, groups: list[Group], at: int) -> int:
    """The group after the registration number that begins with group `at`; 0 when none does."""
    first = groups[at]
    if len(first.digits) == DIGITS:
        return at + 1 if _is_one(first.digits, said=_said_before(plain, first.start), parted=False) else 0
    if at + 1 == len(groups) or (len(first.digits), len(groups[at + 1].digits)) != (6, 7):
        return 0
    second = groups[at + 1]
    said = "-" in plain[first.stop : second.start] or _said_before(plain, first.start)
    return at + 2 if _is_one(first.digits + second.digits, said=said, parted=True) else 0


def _is_one(number: str, *, said: bool, parted: bool) -> bool:
    """A living person's birth date and one more sign: `said` by hyphen or word, or the check digit.

    Without either, thirteen digits in one piece count when they are of somebody too young for a check
    digit. Times in milliseconds have thirteen digits as well; until 2033 they begin with 1, and as a
    number of somebody born in the 1910s they need the hyphen or the word.
    """
    born = _born(number)
    if born is None:
        return False
    if said:
        return True
    if born.year < 1920:
        return False
    return _checks(number) or (born >= _WITHOUT_CHECK_SINCE and not parted)


def _said_before(plain: str, start: int) -> bool:
    return _SAYS_SO.search(plain[max(0, start - WORD_BEFORE_CHARACTERS_MAX) : start]) is not None


def _born(number: str) -> date | None:
    """The birth date; None when there is no such day, it is yet to come, or its century is long past."""
    if number[6] in "90":
        return None
    century = "19" if number[6] in "1256" else "20"
    try:
        born = date.fromisoformat(f"{century}{number[:2]}-{number[2:4]}-{number[4:6]}")
    except ValueError:
        return None
    return born if born.toordinal() <= _today() else None


def _today() -> int:
    return date(1970, 1, 1).toordinal() + clock.now_ms() // 86_400_000


def _checks(number: str) -> bool:
    """The check digit of numbers given before October 2020; those of foreigners are turned by two."""
    rest = sum(int(digit) * weight for digit, weight in zip(number[:12], _WEIGHTS, strict=True)) % 11
    base = 13 if number[6] in "5678" else 11
    return (base - rest) % 10 == int(number[12])
