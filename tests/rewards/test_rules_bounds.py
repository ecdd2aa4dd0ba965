"""Bounds: narrow where a condition narrows, refused where there is none, and never passed."""

from __future__ import annotations

import pytest

from bankside.rewards.rules.bounds import AWARD_POINTS_MAX, SATURATED, VALUE_MAX, NeverTrue, Payout, payout
from bankside.rewards.rules.expression import Expression, ExpressionWrong, parse
from bankside.rewards.rules.fields import ACT, MONEY_MAX


def bounds(points: str, when: str = "") -> Payout:
    return payout(condition(when) if when else None, parse(points, ACT, "int"))


def condition(text: str) -> Expression:
    return parse(text, ACT, "bool")


@pytest.mark.parametrize(
    ("points", "when", "least", "most"),
    [
        ("min(20, 5 + 2 * depth)", "", 5, 20),
        ("5 + 2 * depth", "", 5, 45),
        ("5 + 2 * depth", "depth <= 3", 5, 11),
        ("5 + 2 * depth", "3 >= depth && depth >= 1", 7, 11),
        ("depth", "depth > 4 && depth < 6", 5, 5),
        ("depth", "depth == 7", 7, 7),
        ("depth", "depth in [3, 9]", 3, 9),
        ("depth", "depth < 3 || depth == 9", 0, 9),
        ("depth", "!(depth > 3)", 0, 3),
        ("depth", "!(depth > 3 || quality < 10)", 0, 3),
        ("depth", "depth < quality && quality < 5", 0, 3),
        ("quality - depth", "", 0, 100),
        ("-depth + 3", "", 0, 3),
        ("max(depth, 3) * 2", "", 6, 40),
        ("1", "kind == 'reply' && own_thread", 1, 1),
    ],
)
def test_bounds_follow_the_condition(points: str, when: str, least: int, most: int) -> None:
    assert bounds(points, when) == Payout(least, most)


@pytest.mark.parametrize(
    ("points", "says", "column"),
    [
        ("amount", "One act could bring 1,000,000,000,000 points; 1,000,000 is the most.", 1),
        ("text_len * text_len", "One act could bring 10,000,000,000 points; 1,000,000 is the most.", 1),
        ("min(5, amount * amount)", "This has no bound that can be counted on: it could reach", 15),
        ("0 - depth", "This never pays: it is at most 0.", 1),
    ],
)
def test_what_is_unbounded_or_pays_nothing_is_refused(points: str, says: str, column: int) -> None:
    with pytest.raises(ExpressionWrong) as caught:
        bounds(points)
    assert str(caught.value.message).startswith(says)
    assert caught.value.column == column


@pytest.mark.parametrize(
    "when",
    [
        "depth > 20", "depth < 0", "depth == 3 && depth == 4", "depth in [21]", "false", "!true",
        "depth > 3 && depth < 4", "(depth > 20) || false", "hour >= 24", "depth != depth && false",
    ],
)  # fmt: skip
def test_a_condition_that_is_never_true_is_found(when: str) -> None:
    with pytest.raises(NeverTrue):
        bounds("1", when)


def test_a_condition_is_bounded_too() -> None:
    with pytest.raises(ExpressionWrong, match="no bound"):
        bounds("1", "amount * amount > 5")


def test_large_products_do_not_grow_for_ever() -> None:
    with pytest.raises(ExpressionWrong) as caught:
        bounds(" * ".join(["amount"] * 90))
    assert str(caught.value.message).endswith(f"{SATURATED:,}.")


def test_the_limits_fit_into_what_every_engine_counts_exactly() -> None:
    assert AWARD_POINTS_MAX < MONEY_MAX < VALUE_MAX < 2**53
