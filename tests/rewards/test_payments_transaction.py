"""A transaction holds no card number wherever one is put, and its errors never repeat one."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.rewards.payments.finding import CardNumber, Finding, NotTaken
from bankside.rewards.payments.transaction import CardTransaction, kind_of, mcc_of, merchant_text
from tests.rewards.test_payments_card_number import NUMBERS

MADE = CardTransaction(
    ref="a123r900000000001", kind="auth", token_ref="tok_7Q2", amount=4500, currency="KRW", mcc=5814,
    merchant="카페 소리 Café Sori", at_ms=1_772_323_200_000, merchant_id="M-1",
)  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("column", ["ref", "token_ref", "original_ref", "merchant_id", "merchant"])
def test_a_card_number_is_refused_in_every_text_and_never_repeated(column: str, number: str) -> None:
    with pytest.raises(CardNumber) as told:
        replace(MADE, **{column: number})
    finding = Finding.of(told.value, "feed.csv", 7)
    assert finding.card_number
    assert finding.column == column
    for said in (str(told.value), finding.said):
        assert not any(character.isdigit() for character in said.replace("row 7", ""))
    assert finding.said.startswith("feed.csv, row 7")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount", 0), ("amount", -1), ("amount", 10**16), ("currency", "WON"), ("mcc", -1), ("mcc", 10_000),
        ("kind", "sale"), ("ref", ""), ("ref", "a b"), ("ref", "é"), ("ref", "a" * 81), ("token_ref", ""),
        ("token_ref", "토큰"), ("at_ms", 0), ("at_ms", 10**14), ("merchant", "x" * 81), ("original_ref", " "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_column(column: str, value: object) -> None:
    with pytest.raises(NotTaken) as told:
        replace(MADE, **{column: value})  # type: ignore[arg-type]
    assert told.value.column in (column, "at")


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        MADE.amount = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Café   Sori\tSeoul ", "Café Sori Seoul"),
        ("콩나물국밥\u202e반대", "콩나물국밥 반대"),
        ("A\x00B\nC", "A B C"),
        ("Shop 4242 4242 4242 4242 Seoul", "Shop •••• Seoul"),
        ("x" * 500, "x" * 80),
        ("", ""),
    ],
)
def test_the_name_of_a_place_is_one_line_without_numbers(text: str, kept: str) -> None:
    assert merchant_text(text) == kept


@given(st.text(max_size=600))
def test_any_name_can_be_kept(text: str) -> None:
    assert replace(MADE, merchant=merchant_text(text)).merchant == merchant_text(merchant_text(text))


def test_kinds_and_categories() -> None:
    assert (kind_of("refund"), mcc_of(""), mcc_of("0742")) == ("refund", 0, 742)
    for wrong in ("58145", "abc", "５８１４", "-1"):
        with pytest.raises(NotTaken):
            mcc_of(wrong)
    with pytest.raises(NotTaken):
        kind_of("sale")
