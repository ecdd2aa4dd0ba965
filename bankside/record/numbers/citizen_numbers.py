"""Dutch citizen service numbers (BSN, once sofi number): nine digits that pass the eleven test.

One in eleven numbers of nine digits passes it, so a word must stand near that says what the number is.
"""

from __future__ import annotations

import re
from typing import Final

from bankside.record.numbers.digit_runs import Group

DIGITS: Final = 9
GROUPS_MAX: Final = 9
BEFORE_CHARACTERS_MAX: Final = 60
AFTER_CHARACTERS_MAX: Final = 32

_SAYS_SO: Final = re.compile(
    r"(?<![a-z])b\.?s\.?n(?![a-z])|bsn-?(?:nummer|nr)|burger\s?-?service|(?<![a-z])sofi|persoonsnummer"
    r"|citizen service|시민\s?서비스|公民服务|dutch (?:id|tax|social)|social fiscal",
    re.IGNORECASE,
)
_PARTS: Final = ("bsn", "b.s", "burger", "sofi", "persoonsn", "citizen", "시민", "公民", "dutch", "fiscal")


def may_say_so(lower: str) -> bool:
    """Whether the text, in lower case, may speak of citizen service numbers: every text is asked."""
    return any(map(lower.__contains__, _PARTS))


def citizen_at(plain: str, groups: list[Group], at: int) -> int:
    """The group after the citizen service number that begins with group `at`; 0 when none does."""
    digits = ""
    for until in range(at + 1, min(at + GROUPS_MAX, len(groups)) + 1):
        digits += groups[until - 1].digits
        if len(digits) > DIGITS:
            return 0
        ends = until == len(groups) or len(digits) == DIGITS
        if ends and _holds(digits.zfill(DIGITS)) and _said_near(plain, groups[at], groups[until - 1]):
            return until
    return 0


def _holds(number: str) -> bool:
    """The eleven test: nine times the first, eight times the second ... less the last, divides by eleven."""
    if len(number) != DIGITS or number.startswith("00"):
        return False
    total = sum([int(digit) * (DIGITS - place) for place, digit in enumerate(number[:8])]) - int(number[8])
    return total % 11 == 0


def _said_near(plain: str, first: Group, last: Group) -> bool:
    begin = max(0, first.start - BEFORE_CHARACTERS_MAX)
    end = last.stop + AFTER_CHARACTERS_MAX
    return bool(_SAYS_SO.search(plain, begin, first.start) or _SAYS_SO.search(plain, last.stop, end))
