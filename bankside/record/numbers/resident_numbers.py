"""Korean resident registration numbers (RRN): six digits of a birth date, one of century and sex, six more.

Numbers given since October 2020 have no check digit, so a hyphen or a word before the number counts as well.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from bankside.record import clock
from bankside.record.numbers import number_labels
from bankside.record.numbers.digit_runs import Group

DIGITS: Final = 13
WORD_BEFORE_CHARACTERS_MAX: Final = 30
WORD_AFTER_CHARACTERS_MAX: Final = 16
TIMES_FROM_MS: Final = 1_700_000_000_000
YEAR_MS: Final = 366 * 86_400_000
AGE_YEARS_MAX: Final = 106  # of somebody whose number only a hyphen shows; numbers of companies look older

_SAYS_SO: Final = re.compile(
    r"주민|민번|외국인|(?<!사업자)(?<!법인)(?<!차량)등록\s?번호|居民登|住民|登记号|登録|外国人"
    r"|resident|registration (?:no|num|card)|(?<![a-z])RRN(?![a-z])|(?<![a-z])ARC(?![a-z])|registratienummer",
    re.IGNORECASE,
)
_AN_ID: Final = re.compile(r"(?<![a-z])ID\W{0,4}$|ID[- ]?(?:number|no|nummer)", re.IGNORECASE)
_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_WITHOUT_CHECK_SINCE: Final = date(2020, 10, 1)
_PARTED: Final = ((6, 7), (6, 1, 6))


def registration_at(plain: str, groups: list[Group], at: int) -> int:
    """The group after the registration number that begins with group `at`; 0 when none does."""
    first = groups[at]
    if len(first.digits) > DIGITS or (
        len(first.digits) == 1 and at and groups[at - 1].stop + 1 == first.start
    ):
        return 0  # in the middle of a row of single digits
    until, digits = at, ""
    while until < len(groups) and len(digits) < DIGITS:
        digits += groups[until].digits
        until += 1
    if len(digits) != DIGITS or (born := _born(digits)) is None:
        return 0
    sizes = tuple([len(g.digits) for g in groups[at:until]])
    start, stop = first.start, groups[until - 1].stop
    if _said_near(plain, start, stop):
        return until
    if number_labels.names_another(plain, start, stop) and not _AN_ID.search(
        plain, max(0, start - 12), start
    ):
        return 0
    parted = sizes in _PARTED
    hyphen = parted and "-" in plain[first.stop : groups[at + 1].start]
    return until if (parted or len(sizes) == 1) and _is_one(digits, born, hyphen=hyphen, parted=parted) else 0


def _is_one(number: str, born: date, *, hyphen: bool, parted: bool) -> bool:
    """A living person's birth date and one more sign: a hyphen, or the check digit.

    Without either, thirteen digits in one piece count when they are of somebody too young for a check
    digit. Times in milliseconds have thirteen digits as well; what may be one of these years needs the
    hyphen or a word.
    """
    if hyphen:
        return born.year >= _year() - AGE_YEARS_MAX
    if born.year < 1920:
        return False
    if not parted and TIMES_FROM_MS < int(number) < clock.now_ms() + YEAR_MS:
        return False
    return _checks(number) or (born >= _WITHOUT_CHECK_SINCE and not parted)


def _said_near(plain: str, start: int, stop: int) -> bool:
    begin = max(0, start - WORD_BEFORE_CHARACTERS_MAX)
    end = stop + WORD_AFTER_CHARACTERS_MAX
    return bool(_SAYS_SO.search(plain, begin, start) or _SAYS_SO.search(plain, stop, end))


def _born(number: str) -> date | None:
    """The birth date; None when there is no such day, it is yet to come, or its century is long past."""
    if number[6] in "90" or number[2] > "1" or number[4] > "3":
        return None
    century = 1900 if number[6] in "1256" else 2000
    try:
        born = date(century + int(number[:2]), int(number[2:4]), int(number[4:6]))
    except ValueError:
        return None
    return born if born.toordinal() <= _today() else None


def _today() -> int:
    return date(1970, 1, 1).toordinal() + clock.now_ms() // 86_400_000


def _year() -> int:
    return date.fromordinal(_today()).year


def _checks(number: str) -> bool:
    """The check digit of numbers given before October 2020; those of foreigners are turned by two."""
    rest = sum([int(digit) * weight for digit, weight in zip(number[:12], _WEIGHTS, strict=True)]) % 11
    base = 13 if number[6] in "5678" else 11
    return (base - rest) % 10 == int(number[12])
