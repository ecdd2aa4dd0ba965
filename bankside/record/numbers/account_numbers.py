"""International bank account numbers (IBAN, ISO 13616): country, two check digits, and the account.

Whether they are masked is a choice of each desk: customers write them where a bank has to know them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

GAP_CHARACTERS_MAX: Final = 3
DIGITS_PERCENT_MIN: Final = 30
SAID_BEFORE_CHARACTERS_MAX: Final = 24

# Places in all, by country: the registry that SWIFT publishes for ISO 13616 (release 99 of December 2024).
_REGISTRY: Final = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28
    EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26
    IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28
    NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25
    SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
_PLACES: Final = {entry[:2]: int(entry[2:]) for entry in _REGISTRY.split()}
_BEGINS: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:IBAN[:\s.-]{0,3})?([A-Za-z]{2})[\s.\-]{0,2}[0-9]{2}", re.IGNORECASE
)
_PIECE: Final = re.compile(r"[A-Za-z0-9]+")
_SAYS_SO: Final = re.compile(r"iban|rekening|account|계좌|账户|账号", re.IGNORECASE)
_ENDS: Final = re.compile(r"[A-Za-z]?[0-9]")
_VALUES: Final = {character: str(int(character, 36)) for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def accounts_in(plain: str) -> Iterator[tuple[int, int]]:
    """Places of all account numbers, from left to right."""
    end = 0
    for found in _BEGINS.finditer(plain):
        places = _PLACES.get(found[1].upper())
        if places is None or found.start() < end:
            continue
        number, stop = _taken(plain, found.start(1), places)
        if len(number) == places and _is_one(plain, found.start(1), number, stop):
            end = stop
            yield found.start(1), stop


def _is_one(plain: str, start: int, number: str, stop: int) -> bool:
    """Check digits hold, there are digits enough, and it is in one piece or in fours unless it is said."""
    if sum(map(str.isdigit, number)) * 100 < len(number) * DIGITS_PERCENT_MIN or _goes_on(plain, stop):
        return False
    if not _checks(number):
        return False
    pieces = _PIECE.findall(plain, start, stop)
    even = all(len(piece) % 4 == 0 for piece in pieces[:-1])
    return even or _SAYS_SO.search(plain, max(0, start - SAID_BEFORE_CHARACTERS_MAX), start) is not None


def _taken(plain: str, start: int, places: int) -> tuple[str, int]:
    """So many letters and digits with short gaps between, and where they end; else "" and 0."""
    found = _row_of(places).match(plain, start)
    return ("".join(_PIECE.findall(found.group())).upper(), found.end()) if found else ("", 0)


@lru_cache(maxsize=64)
def _row_of(places: int) -> re.Pattern[str]:
    gap = rf"[\s.\-_/\u00b7]{{0,{GAP_CHARACTERS_MAX}}}"
    return re.compile(rf"[A-Za-z0-9](?:{gap}[A-Za-z0-9]){{{places - 1}}}")


def _checks(number: str) -> bool:
    turned = number[4:] + number[:4]
    return int("".join([_VALUES[character] for character in turned])) % 97 == 1


def _goes_on(plain: str, stop: int) -> bool:
    """Whether digits follow at once: then it was the beginning of something longer."""
    return _ENDS.match(plain, stop) is not None
