"""Arms are the same for ever, in numbers as in arrays; intervals are those of the books."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.rewards import holdout
from bankside.rewards.holdout import Arm, held_out, held_out_all, lift, of_means, of_shares, seed

objs = st.text("0123456789abcdef", min_size=32, max_size=32)


def test_arms_never_change() -> None:
    """Golden: if one of these changes, members move between groups and every lift is lost."""
    members = [f"{n:032x}" for n in range(2_000)]
    held = [n for n, obj in enumerate(members) if held_out(obj, "cafe-5", 1_000)]
    assert (held[:8], len(held)) == (GOLDEN_FIRST, GOLDEN_COUNT)


GOLDEN_FIRST, GOLDEN_COUNT = [19, 34, 43, 57, 58, 75, 85, 87], 200


@given(st.lists(objs, max_size=30), st.sampled_from(["cafe-5", "bookshop"]), st.integers(0, 10_000))
def test_one_member_and_all_members_agree(members: list[str], offer: str, share: int) -> None:
    seeds = np.array([seed(obj) for obj in members], np.uint64)
    assert held_out_all(seeds, offer, share).tolist() == [held_out(obj, offer, share) for obj in members]
    assert not any(held_out(obj, offer, 0) for obj in members)
    assert all(held_out(obj, offer, 10_000) for obj in members)


@given(objs, st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_larger_holdout_keeps_those_who_were_in_it(obj: str, one: int, other: int) -> None:
    if held_out(obj, "cafe", min(one, other)):
        assert held_out(obj, "cafe", max(one, other))


def test_the_share_is_kept_and_offers_are_independent_of_each_other() -> None:
    seeds = np.array([seed(f"{n:032x}") for n in range(50_000)], np.uint64)
    one, other = held_out_all(seeds, "one", 2_000), held_out_all(seeds, "other", 2_000)
    assert abs(one.mean() - 0.2) < 0.01 and abs(other.mean() - 0.2) < 0.01
    assert abs((one & other).mean() - 0.04) < 0.005


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe 1998, table II, method 10.
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_intervals_are_those_that_newcombe_printed(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    found = of_shares(*counts)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_means_are_compared_with_their_own_variances() -> None:
    """Against the same worked out by hand: 100 of 10 and 20, and 100 of 0 and 5."""
    offered = Arm(members=200, paid=200, spent=3_000, squares=100 * 100 + 100 * 400)
    held = Arm(members=200, paid=100, spent=500, squares=100 * 25)
    found = of_means(offered, held)
    error = (25 * 200 / 199 / 200 + 6.25 * 200 / 199 / 200) ** 0.5
    assert found.difference == 12.5 and found.high - found.difference == pytest.approx(1.959964 * error)
    assert found.low < 12.5 < found.high


def test_too_few_members_have_no_figure() -> None:
    spent = dict.fromkeys(range(60), 10) | {99: 0, 98: -5}
    few, many = holdout.arm_of({1: 50}, 99), holdout.arm_of(spent, 100)
    assert (many.paid, many.spent, many.squares) == (60, 600, 6_000)
    assert lift(many, few).rate is None and lift(few, many).spend is None
    assert lift(many, many).rate is not None and lift(holdout.NOBODY, holdout.NOBODY).rate is None
