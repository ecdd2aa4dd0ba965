"""What looks like a card number is found in whatever dress, and ids of machines are left alone."""

from __future__ import annotations

import random
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.payments import card_number

NUMBERS = [
    "4242424242424242",
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    "tok_4242424242424242",
    "4242424242424242=29121010000",
    "42424242424242422912",  # an expiry date behind it
    "４２４２４２４２４２４２４２４２",
    "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
    "4242\u200b4242\u200b4242\u200b4242",
    "378282246310005",
    "6212345678901232",
    "3056 930902 5904",
]


def with_check_digit(body: str) -> str:
    return next(body + last for last in "0123456789" if card_number.passes_luhn(body + last))


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_found_in_whatever_dress(text: str) -> None:
    assert card_number.in_token(text)
    assert card_number.in_reference(text)


def test_a_number_that_was_packed_and_filled_up_is_no_digest() -> None:
    packed = "4242424242424242" + "F" * 16
    assert card_number.in_token(packed)
    assert card_number.in_reference(packed)


@pytest.mark.parametrize(
    "text", ["tok_8f14e45f", "", "PAR-QWERTYUIOPASDFGHJKL", "123456789012345678901234x", "00000"]
)
def test_a_token_is_no_number(text: str) -> None:
    assert not card_number.in_token(text)


def test_ids_of_machines_are_left_alone() -> None:
    drawn = random.Random(8)
    for _ in range(20_000):
        made = uuid.UUID(int=drawn.getrandbits(128), version=4)
        assert not card_number.in_token(str(made)) or not set("abcdef") & set(str(made))
        assert not card_number.in_reference(made.hex) or made.hex.isdigit()


@settings(max_examples=100)
@given(st.integers(11, 18).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n)))
def test_a_token_of_12_to_19_digits_with_a_check_digit_is_always_refused(body: str) -> None:
    assert card_number.in_token(with_check_digit(body))
    assert card_number.in_token("-".join(with_check_digit(body)))


def test_references_that_are_common_are_taken() -> None:
    """A retrieval reference has 12 digits, an acquirer reference 23 with a check digit of its own."""
    drawn = random.Random(9)
    for _ in range(2_000):
        assert not card_number.in_reference(f"{drawn.randrange(10**12):012}")
        assert not card_number.in_reference(
            with_check_digit(f"{drawn.choice('2457')}{drawn.randrange(10**21):021}")
        )


def test_no_digit_of_a_number_stays_in_a_text() -> None:
    for text in NUMBERS:
        assert not any(
            character.isdigit() for character in card_number.without(f"Café {text}").partition("=")[0]
        )
    assert card_number.without("Café Hanul 12, 3층") == "Café Hanul 12, 3층"
