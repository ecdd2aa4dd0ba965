"""Refuses what looks like a card number, where only references may stand.

Two rules. A token stands for one card for years, so anything of 12 to 19 digits that passes the check digit
is refused, whoever issued it. A reference of a transaction is often digits alone, so there the beginning
and length of a known issuer must fit as well: about one in forty random references of 16 digits does, and
is refused.
"""

from __future__ import annotations

import re
from typing import Final

from bankside.record.identifiers import mask
from bankside.record.numbers.card_numbers import Run, card_at
from bankside.record.numbers.digit_runs import Group, digits_in, folded, runs_of

TOKEN_DIGITS_MIN: Final = 12
DIGITS_MAX: Final = 19
REFERENCE_DIGITS_MIN: Final = 13
ACQUIRER_REFERENCE_DIGITS: Final = 23
"""An acquirer reference number (ARN): 23 digits, the last one a check digit. It is no card number."""

_MACHINE_ID: Final = re.compile(
    r"(?=.*[a-f])(?:[0-9a-f]{32,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE
)
_FILLED: Final = re.compile(r"[0-9]{13,19}([a-f])\1*", re.IGNORECASE)
_LAST_FOUR: Final = re.compile(r"•••• •••• •••• [0-9]{4}")


def in_token(text: str) -> bool:
    """Whether a token reference looks like, begins with, or holds a card number. UUIDs and digests do not."""
    if _has_fewer(text, TOKEN_DIGITS_MIN) or _is_machine_id(plain := folded(text)):
        return False
    return any(_token_run(groups) for groups in runs_of(plain))


def in_reference(text: str) -> bool:
    """Whether a reference or an id holds a card number of a known issuer, alone or with digits behind it."""
    if _has_fewer(text, REFERENCE_DIGITS_MIN) or _is_machine_id(plain := folded(text)):
        return False
    return any(_issued_run(groups) for groups in runs_of(plain))


def without(text: str) -> str:
    """A text for people with every card number in it as dots, the last four digits too."""
    if _has_fewer(text, REFERENCE_DIGITS_MIN):
        return text
    shown = _LAST_FOUR.sub("••••", mask(text).text)
    plain = folded(shown)
    if digits_in(plain) <= DIGITS_MAX:
        return shown
    hidden = [run for run in runs_of(plain) if _digits(run, DIGITS_MAX + 1) and _issued_run(run)]
    for run in reversed(hidden):
        shown = f"{shown[: run[0].start]}••••{shown[run[-1].stop :]}"
    return shown


def passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B, over ASCII digits."""
    return bool(digits) and Run([Group(0, len(digits), digits)]).holds(0, len(digits))


def _is_machine_id(plain: str) -> bool:
    """A UUID or a digest in hexadecimal; digits that are filled up with one letter are none."""
    return bool(_MACHINE_ID.fullmatch(plain)) and not _FILLED.fullmatch(plain)


def _has_fewer(text: str, digits: int) -> bool:
    """Digits of whatever script; what costs nothing is asked first."""
    return len(text) < digits or sum(map(str.isdigit, text)) < digits


def _digits(groups: list[Group], least: int) -> bool:
    return sum(len(group.digits) for group in groups) >= least


def _token_run(groups: list[Group]) -> bool:
    digits = "".join(group.digits for group in groups)
    if len(digits) <= DIGITS_MAX:
        return len(digits) >= TOKEN_DIGITS_MIN and passes_luhn(digits)
    return _begins_with_card(digits)


def _issued_run(groups: list[Group]) -> bool:
    digits = "".join(group.digits for group in groups)
    if len(digits) == ACQUIRER_REFERENCE_DIGITS and passes_luhn(digits):
        return False
    if len(digits) <= DIGITS_MAX:
        return len(digits) >= REFERENCE_DIGITS_MIN and _is_issued(digits)
    return _begins_with_card(digits)


def _begins_with_card(digits: str) -> bool:
    """A number with an expiry date, a sequence or a trace number written behind it."""
    lengths = range(REFERENCE_DIGITS_MIN, DIGITS_MAX + 1)
    return any(_is_issued(digits[:length]) for length in lengths)


def _is_issued(digits: str) -> bool:
    return bool(card_at(Run([Group(0, len(digits), digits)]), 0))
