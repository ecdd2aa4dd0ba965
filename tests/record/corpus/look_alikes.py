# ruff: noqa: E501 - one row of the corpus is one line
"""What looks like a number that may not be kept and is none."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.record.corpus.numbers import day, digits, fours


def order_of_day(chance: Random) -> str:
    return f"{day(chance, 2024, 2026):%Y%m%d}{chance.choice(('-', '', '-'))}{digits(chance, chance.choice((6, 7, 8)))}"


def order_with_letters(chance: Random) -> str:
    return f"{chance.choice(('ORD', 'A', 'INV', 'SO', 'PO'))}-{digits(chance, chance.choice((8, 10, 12)))}"


def order_long(chance: Random) -> str:
    return digits(chance, chance.choice((10, 11, 12, 14, 15, 16, 17, 18, 19)))


def order_in_fours(chance: Random) -> str:
    return fours(digits(chance, chance.choice((12, 16))), chance.choice((" ", "-")))


def order_of_marketplace(chance: Random) -> str:
    return f"{digits(chance, 3)}-{digits(chance, 7)}-{digits(chance, 7)}"


def order_short_day(chance: Random) -> str:
    return f"{day(chance, 2024, 2026):%y%m%d}-{digits(chance, 7)}"


def parcel_postal(chance: Random) -> str:
    return f"{chance.choice(('EE', 'RR', 'LX', 'CP'))}{digits(chance, 9)}{chance.choice(('KR', 'NL', 'CN', 'GB'))}"


def parcel_korean(chance: Random) -> str:
    number = digits(chance, chance.choice((10, 12, 13)))
    return chance.choice((number, fours(number, "-")))


def parcel_chinese(chance: Random) -> str:
    return f"{chance.choice(('SF', 'YT', 'JT', 'ZTO', 'JD'))}{digits(chance, chance.choice((12, 13, 15)))}"


def parcel_dutch(chance: Random) -> str:
    return f"3S{''.join(chance.choices('ABCDEFGHKLMN', k=4))}{digits(chance, 9)}"


def parcel_american(chance: Random) -> str:
    return chance.choice(
        (
            f"1Z{digits(chance, 16)}",
            digits(chance, 12),
            f"9400{digits(chance, 18)}",
            fours(f"9400{digits(chance, 18)}"),
        )
    )


def reference(chance: Random) -> str:
    return chance.choice(
        (
            digits(chance, 8),
            f"{digits(chance, 4)} {digits(chance, 4)} {digits(chance, 4)} {digits(chance, 4)}",
            f"2026/{digits(chance, 6)}",
            digits(chance, 16),
        )
    )


def amount(chance: Random) -> str:
    value = chance.randrange(10 ** chance.randrange(2, 13))
    return chance.choice(
        (
            f"₩{value:,}",
            f"{value:,}원",
            f"€ {value:,}".replace(",", ".") + ",50",
            f"${value:,}.99",
            f"¥{value}",
            f"{value:,}".replace(",", " ") + " EUR",
            f"{value}元",
        )
    )


def phone(chance: Random) -> str:
    a, b = digits(chance, 4), digits(chance, 4)
    return chance.choice((
        f"010-{a}-{b}", f"010{a}{b}", f"+82 10 {a} {b}", f"02-{a}-{b}", f"06-{a}{b}", f"06 {a} {b}", f"+31 6 {a}{b}",
        f"020 {a[:3]} {b}", f"138 {a} {b}", f"138{a}{b}", f"+86 139-{a}-{b}", f"(415) 555-{b}", f"+44 7700 {digits(chance, 6)}",
        f"1588-{a}", f"1588-{a}, 1599-{b}", f"1588-{a} / 1644-{b} / 1800-{digits(chance, 4)}", f"0800-{a}", f"+31 20 {a[:3]} {b} / +31 6 {digits(chance, 8)}",
    ))  # fmt: skip


def moment(chance: Random) -> str:
    d, clock = (
        day(chance, 2023, 2026),
        f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}",
    )
    return chance.choice((
        f"{d} {clock}", f"{d:%Y%m%d}{clock.replace(':', '')}", f"{d:%Y%m%d}{clock.replace(':', '')}{digits(chance, 3)}", f"{d:%d-%m-%Y}",
        f"{d}T{clock}.{digits(chance, 3)}Z", str(1_700_000_000_000 + chance.randrange(90_000_000_000)), str(1_700_000_000 + chance.randrange(90_000_000)),
        f"{d:%Y.%m.%d} {clock[:5]} ~ {d:%Y.%m.%d} {clock[:5]}", f"{d:%d/%m/%y} {clock[:5]}", f"{d:%y%m%d} {clock}", f"{1_700_000_000 + chance.randrange(90_000_000)}{digits(chance, 6)}",
    ))  # fmt: skip


def times(chance: Random) -> str:
    return chance.choice((", ", " ", " - ")).join(
        f"{chance.randrange(8, 22):02d}:{chance.choice((0, 15, 20, 30, 40, 45, 55)):02d}"
        for _ in range(chance.randrange(2, 9))
    )


def account_korean(chance: Random) -> str:
    shape = chance.choice(((3, 3, 6), (3, 2, 6), (6, 2, 6), (4, 2, 7), (3, 4, 4, 2), (4, 3, 6), (3, 6, 2, 3)))
    return "-".join(digits(chance, size) for size in shape)


def account_plain(chance: Random) -> str:
    return digits(chance, chance.choice((8, 9, 10, 11, 12)))


def business_korean(chance: Random) -> str:
    return f"{digits(chance, 3)}-{digits(chance, 2)}-{digits(chance, 5)}"


def business_dutch(chance: Random) -> str:
    return chance.choice(
        (digits(chance, 8), f"NL{digits(chance, 9)}B{digits(chance, 2)}", f"{digits(chance, 12)}")
    )


def business_chinese(chance: Random) -> str:
    return f"91{digits(chance, 6)}MA{''.join(chance.choices('0123456789ABCDEFGHJK', k=7))}{digits(chance, 1)}"


def postcode(chance: Random) -> str:
    return chance.choice(
        (
            f"{digits(chance, 4)} AB",
            f"(우){digits(chance, 5)}",
            digits(chance, 6),
            f"{digits(chance, 5)}-{digits(chance, 4)}",
        )
    )


def address(chance: Random) -> str:
    number = digits(chance, chance.choice((10, 16, 17, 18, 19)))
    return chance.choice((
        f"https://social.example/status/{number}", f"https://news.example/@hanul/{number}", f"shop.example/item/{number}?v={digits(chance, 6)}",
        f"https://m.example/{digits(chance, 10)}/{number}", f"www.example.com/p/{number}",
    ))  # fmt: skip


def hashtag(chance: Random) -> str:
    return chance.choice(
        (
            f"#{day(chance, 2024, 2026):%Y%m%d}",
            f"#hanul{digits(chance, 4)}",
            f"#{digits(chance, 3)}",
            "#2026",
            f"@user{digits(chance, 9)}",
        )
    )


def version(chance: Random) -> str:
    return chance.choice(
        (
            f"v{chance.randrange(20)}.{chance.randrange(99)}.{digits(chance, 4)}",
            f"iOS 18.{chance.randrange(9)}.1 build {digits(chance, 8)}",
            f"{digits(chance, 2)}.{digits(chance, 2)}.{digits(chance, 2)}.{digits(chance, 5)}",
        )
    )


def machine_id(chance: Random) -> str:
    letters = "0123456789abcdef"
    some = "".join(chance.choices(letters, k=32))
    return chance.choice(
        (
            some,
            f"{some[:8]}-{some[8:12]}-{some[12:16]}-{some[16:20]}-{some[20:]}",
            "".join(chance.choices(letters, k=64)),
        )
    )


def masked_already(chance: Random) -> str:
    last = digits(chance, 4)
    return chance.choice(
        (
            f"**** **** **** {last}",
            f"•••• •••• •••• {last}",
            f"xxxx-xxxx-xxxx-{last}",
            f"4242-****-****-{last}",
            f"(..{last})",
        )
    )


def wrong_card(chance: Random) -> str:
    """Sixteen digits in fours that begin like a card and have a wrong check digit."""
    body = chance.choice("45") + digits(chance, 14)
    total = sum(
        int(d) * 2 // 10 + int(d) * 2 % 10 if place % 2 == 0 else int(d)
        for place, d in enumerate(reversed(body))
    )
    return fours(body + str((10 - total % 10 + chance.randrange(1, 10)) % 10))


def book(chance: Random) -> str:
    return f"978-{digits(chance, 1)}-{digits(chance, 4)}-{digits(chance, 4)}-{digits(chance, 1)}"


def listed(chance: Random) -> str:
    return ", ".join(str(chance.randrange(1, 46)) for _ in range(chance.randrange(5, 9)))


def point(chance: Random) -> str:
    return f"37.{digits(chance, 6)}, 126.{digits(chance, 6)}"


Make = Callable[[Random], str]
KINDS: list[tuple[str, Make]] = [
    ("order", order_of_day), ("order", order_with_letters), ("order", order_long), ("order", order_in_fours),
    ("order", order_of_marketplace), ("order", order_short_day), ("tracking", parcel_postal), ("tracking", parcel_korean),
    ("tracking", parcel_chinese), ("tracking", parcel_dutch), ("tracking", parcel_american), ("reference", reference),
    *[("amount", amount)] * 3, *[("phone", phone)] * 3, *[("time", moment)] * 2, ("time", times),
    *[("account", account_korean)] * 2, ("account", account_plain), ("business", business_korean),
    ("business", business_dutch), ("business", business_chinese), ("other", postcode), *[("other", address)] * 2,
    ("other", hashtag), ("other", version), ("other", machine_id), ("other", masked_already), ("other", wrong_card),
    ("other", book), ("other", listed), ("other", point),
]  # fmt: skip
