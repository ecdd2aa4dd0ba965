"""No artefact holds what could be the number of a card, whatever goes in."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.art import draw, names
from tests.rewards import pictured
from tests.rewards.pictured import sample

pytestmark = pictured.drawn

KINDS = [(kind, form) for kind, forms in draw.FORMS.items() for form in forms]
CARDS = ("4111111111111111", "5555555555554444", "378282246310005", "6212345678901232", "9440111122223337")
SEPARATORS = ("", " ", "-", ".", "/", "_", "\u00a0", "\u2009")
FIELDS = (
    "handle",
    "address",
    "name",
    "bank",
    "product",
    "motto",
    "caption",
    "valid_label",
    "code_label",
    "qr_text",
)


@pytest.mark.parametrize(("kind", "form"), KINDS)
def test_no_artefact_holds_a_number(kind: Any, form: Any) -> None:
    for number in range(3):
        for side in draw.SIDES:
            art = sample(f"scan {number}", 1 + 2 * number, ("en", "ko", "zh")[number])
            data = draw.draw(art, side=side, kind=kind, form=form)  # type: ignore[arg-type]
            assert pictured.numbers_of_cards(data) == []


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CARDS), st.sampled_from(SEPARATORS), st.integers(1, 8), st.sampled_from(FIELDS),
    st.sampled_from((0, 0xFEE0, 0x0660 - 0x30)), st.text(alphabet="abc한李 ", max_size=4),
)  # fmt: skip
def test_a_number_in_any_field_is_refused(
    card: str, separator: str, size: int, field: str, shift: int, before: str
) -> None:
    """In groups of any size, with any separator, in ASCII, full-width or Arabic digits."""
    digits = "".join(chr(ord(digit) + shift) for digit in card)
    written = before + separator.join(digits[at : at + size] for at in range(0, len(digits), size))
    with pytest.raises(names.Unprintable):
        draw.draw(sample(**{field: written}), side="back", kind="svg")


def test_small_print_may_hold_a_telephone_number_and_no_card() -> None:
    assert draw.draw(sample(small_print=("lost card 1588-0000",)), side="back", kind="svg")
    with pytest.raises(names.LooksLikeANumber):
        draw.draw(sample(small_print=("call", "4111 1111 1111 1111")), side="back", kind="svg")


def test_the_scan_finds_what_is_planted() -> None:
    """In a file as it is, and in what a PDF has packed."""
    import io

    import pikepdf

    out = io.BytesIO()
    with pikepdf.new() as file:
        file.add_blank_page()
        file.pages[0].contents_add(b"% " + CARDS[0].encode())
        file.save(out, compress_streams=True)
    assert zlib.compress(CARDS[0].encode()) != CARDS[0].encode()
    assert CARDS[0].encode() not in out.getvalue()
    assert set(pictured.numbers_of_cards(out.getvalue())) == {CARDS[0]}
    assert pictured.numbers_of_cards(b"x" + CARDS[1].encode() + b"y") == [CARDS[1]]
    assert pictured.numbers_of_cards(b"100000000000") == []
