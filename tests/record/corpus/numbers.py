# ruff: noqa: E501 - one row of the corpus is one line
"""Numbers with valid check digits, and others that only look like them, drawn by chance from a seed."""

from __future__ import annotations

import string
from datetime import date, timedelta
from random import Random

# Beginnings of cards with the places they have in all, by what schemes and processors publish for merchants.
CARDS = [
    *[("4", 16)] * 8, ("4", 19), ("51", 16), ("52", 16), ("53", 16), ("54", 16), ("55", 16),
    ("2223", 16), ("2450", 16), ("2699", 16), ("340", 15), ("371", 15), ("378", 15),
    ("3014", 14), ("3600", 14), ("3852", 14), ("3530", 16), ("3566", 16), ("6011", 16), ("6445", 16), ("6510", 16),
    ("620", 16), ("6212", 19), ("6222", 19), ("6228", 19), ("6259", 16), ("6240", 17), ("5018", 16), ("6759", 16),
    ("6304", 16), ("5893", 16), ("2202", 16), ("9410", 16), ("9430", 16), ("8171", 16),
]  # fmt: skip
# Countries with the shape of what follows their check digits: n digits, a letters, c either.
ACCOUNTS = {
    "NL": "aaaannnnnnnnnn", "DE": "n" * 18, "BE": "n" * 12, "FR": "n" * 10 + "c" * 11 + "nn",
    "GB": "aaaa" + "n" * 14, "ES": "n" * 20, "IT": "a" + "n" * 10 + "c" * 12, "AT": "n" * 16, "IE": "aaaa" + "n" * 14,
    "CH": "n" * 5 + "c" * 12, "PL": "n" * 24, "PT": "n" * 21, "LU": "nnn" + "c" * 13, "SE": "n" * 20, "DK": "n" * 14,
    "NO": "n" * 11, "FI": "n" * 14, "TR": "n" * 6 + "c" * 16, "AE": "n" * 19, "MT": "aaaannnnn" + "c" * 18,
}  # fmt: skip
PROVINCES = [
    "110101",
    "120103",
    "130104",
    "210102",
    "310115",
    "320106",
    "330102",
    "350203",
    "370102",
    "410105",
    "420106",
    "440106",
    "440305",
    "500103",
    "510107",
    "610113",
]


def digits(chance: Random, count: int) -> str:
    """So many digits by chance."""
    return "".join(chance.choices(string.digits, k=count))


def card(chance: Random) -> str:
    """A card number with its check digit."""
    begins, places = chance.choice(CARDS)
    return with_luhn(begins + digits(chance, places - len(begins) - 1))


def with_luhn(body: str) -> str:
    """The body and the digit that makes the sum divide by ten."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return body + str((10 - total % 10) % 10)


def day(chance: Random, first: int, last: int) -> date:
    """A day from the first of January of one year to the last of December of another."""
    begin, end = date(first, 1, 1), date(last, 12, 31)
    return begin + timedelta(days=chance.randrange((end - begin).days + 1))


def korean(chance: Random) -> str:
    """Thirteen digits; of those born since October 2020, and one in four others, the last one by chance."""
    born = day(chance, 1935, 2023)
    foreign = chance.random() < 0.12
    sex = (
        chance.choice((5, 6) if foreign else (1, 2))
        if born.year < 2000
        else chance.choice((7, 8) if foreign else (3, 4))
    )
    body = f"{born:%y%m%d}{sex}" + digits(chance, 5)
    if born >= date(2020, 10, 1) or chance.random() < 0.25:
        return body + digits(chance, 1)
    total = sum(int(d) * w for d, w in zip(body, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], strict=True))
    return body + str(((13 if foreign else 11) - total % 11) % 10)


def has_korean_check(number: str) -> bool:
    """Whether the last of thirteen digits is the check digit."""
    total = sum(int(d) * w for d, w in zip(number[:12], [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], strict=True))
    return ((13 if number[6] in "5678" else 11) - total % 11) % 10 == int(number[12])


def chinese(chance: Random) -> str:
    """Eighteen places: region, birth date, order, check digit or X."""
    body = chance.choice(PROVINCES) + f"{day(chance, 1940, 2015):%Y%m%d}" + digits(chance, 3)
    total = sum(int(d) * pow(2, 17 - place, 11) for place, d in enumerate(body))
    check = (12 - total) % 11
    return body + ("X" if check == 10 else str(check))


def chinese_old(chance: Random) -> str:
    """Fifteen digits, as they were until 1999."""
    return chance.choice(PROVINCES) + f"{day(chance, 1940, 1985):%y%m%d}" + digits(chance, 3)


def dutch(chance: Random) -> str:
    """Nine digits that pass the eleven test."""
    while True:
        body = chance.choice("123456789") + digits(chance, 7)
        check = sum((9 - place) * int(d) for place, d in enumerate(body)) % 11
        if check < 10:
            return body + str(check)


def account(chance: Random) -> str:
    """An IBAN without spaces."""
    country, shape = chance.choice(sorted(ACCOUNTS.items()))
    letters = string.ascii_uppercase
    rest = "".join(
        chance.choice({"n": string.digits, "a": letters, "c": string.digits * 3 + letters}[s]) for s in shape
    )
    value = 0
    for character in f"{rest}{country}00":
        number = ord(character) - 48 if character.isdigit() else ord(character) - 55
        value = (value * (10 if number < 10 else 100) + number) % 97
    return f"{country}{98 - value:02d}{rest}"


def fours(number: str, gap: str = " ") -> str:
    """In groups of four from the left."""
    return gap.join(number[i : i + 4] for i in range(0, len(number), 4))


def printed(number: str, gap: str = " ") -> str:
    """As it stands on the card: 4-6-5 and 4-6-4, all others in fours."""
    if len(number) in (14, 15):
        return gap.join((number[:4], number[4:10], number[10:]))
    return fours(number, gap)
