"""Shapes of texts: near copies are near, other texts are far, and parts find what is near."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.rewards import shape

TEXTS = [
    "How long does it take until the new card arrives by post? I asked on Monday and nobody could tell me.",
    "앱에서 한도를 올리려고 하는데 메뉴를 찾을 수가 없어요. 어디에 있는지 알려 주시면 감사하겠습니다.",
    "请问信用卡账单可以改成每月十五号出吗？在手机银行里没有找到这个选项，客服电话也一直占线。",
    "De app is traag sinds de update, vooral bij het overboeken naar een andere bank in het buitenland.",
]


def of(text: str) -> int:
    found = shape.of(text)
    assert found is not None
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_a_copy_with_other_marks_case_and_links_is_near(text: str) -> None:
    copied = f"{text.upper()} 😀!! @hanulbank https://hanul.example/{len(text)}"
    assert shape.distance(of(text), of(copied)) <= shape.DISTANCE_MAX


def test_other_texts_are_far() -> None:
    shapes = [of(text) for text in TEXTS]
    assert all(shape.distance(a, b) > 15 for a in shapes for b in shapes if a != b)


@pytest.mark.parametrize(
    "text", ["", "네", "thanks!", "https://hanul.example/a-long-address-and-nothing-else"]
)
def test_what_is_too_short_has_none(text: str) -> None:
    assert shape.of(text) is None


@given(st.text(max_size=200))
def test_a_shape_is_a_signed_number_of_64_bits_and_always_the_same(text: str) -> None:
    found = shape.of(text)
    assert found is None or -(2**63) <= found < 2**63
    assert shape.of(text) == found


@given(st.integers(-(2**63), 2**63 - 1), st.sets(st.integers(0, 63), max_size=3))
def test_what_differs_in_three_bits_shares_a_part(one: int, flipped: set[int]) -> None:
    other = one
    for bit in flipped:
        other ^= (1 << bit) - ((1 << 64) if bit == 63 else 0)
    assert shape.distance(one, other) == len(flipped)
    assert any(a == b for a, b in zip(shape.parts(one), shape.parts(other), strict=True))
