"""Tests for change, beside known examples and beside counting all cases."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.study.exact_tests import RANKED_MAX, fisher, holm, mcnemar, ranks


@pytest.mark.parametrize(
    ("up", "down", "p"),
    [
        # by hand: 9 and 1 is 2 (1 + 10) / 1024, 8 and 3 is 2 (1 + 11 + 55 + 165) / 2048
        (0, 0, 1.0), (1, 0, 1.0), (5, 0, 0.0625), (6, 0, 0.03125), (9, 1, 0.02148438), (8, 3, 0.2265625),
        (13, 4, 0.04904175),
    ],
)  # fmt: skip
def test_mcnemar(up: int, down: int, p: float) -> None:
    assert float(mcnemar(up, down)) == pytest.approx(p, rel=1e-6)


@pytest.mark.parametrize(
    ("table", "p"),
    [
        # The examples of R's fisher.test: the lady tasting tea (two-sided), and the convicted twins.
        ((3, 4, 1, 4), 0.4857143), ((2, 12, 15, 18), 0.0005367241),
        ((0, 5, 5, 5), 2 / 252), ((0, 3, 0, 4), 1.0),
    ],
)  # fmt: skip
def test_fisher(table: tuple[int, int, int, int], p: float) -> None:
    assert float(fisher(*table)) == pytest.approx(p, rel=1e-6)


@settings(max_examples=60)
@given(st.integers(0, 7), st.integers(0, 7))
def test_mcnemar_counts_all_throws(up: int, down: int) -> None:
    throws = list(product((0, 1), repeat=up + down))
    far = sum(abs(2 * sum(throw) - len(throw)) >= abs(up - down) for throw in throws)
    assert mcnemar(up, down) == Fraction(far, len(throws))


@settings(max_examples=60)
@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_fisher_counts_all_ways(of_first: int, of_second: int, data: st.DataObject) -> None:
    first, second = data.draw(st.integers(0, of_first)), data.draw(st.integers(0, of_second))
    chose = first + second
    seen = [
        sum(place < of_first for place in way) for way in combinations(range(of_first + of_second), chose)
    ]
    rare = [k for k in seen if seen.count(k) <= seen.count(first)]
    assert fisher(first, of_first, second, of_second) == Fraction(len(rare), len(seen))


@settings(max_examples=60)
@given(
    st.lists(st.integers(1, 5).map(Fraction), min_size=1, max_size=5),
    st.lists(st.integers(1, 5).map(Fraction), min_size=1, max_size=5),
)
def test_ranks_count_all_ways(first: list[Fraction], second: list[Fraction]) -> None:
    both = [*first, *second]
    rank = [Fraction(sum(o < x for o in both)) + Fraction(both.count(x) + 1, 2) for x in both]
    middle = Fraction(len(first) * (len(both) + 1), 2)
    far = abs(sum(rank[: len(first)]) - middle)
    ways = list(combinations(rank, len(first)))
    as_far = sum(abs(sum(way) - middle) >= far for way in ways)
    assert ranks(first, second) == pytest.approx(as_far / len(ways))


def test_ranks_of_many_take_the_normal_distribution() -> None:
    """By hand: 25 of 50, the sum of ranks 200 below its mean of 637.5, ties of two for 15 numbers."""
    first, second = [Fraction(n) for n in range(1, 26)], [Fraction(n) for n in range(11, 36)]
    assert len(first) + len(second) > RANKED_MAX
    deviation = 25 * 25 / 12 * (51 - 15 * (8 - 2) / (50 * 49))
    assert ranks(first, second) == pytest.approx(math.erfc(199.5 / math.sqrt(2 * deviation)))
    assert ranks(first, first) == 1.0
    assert ranks([Fraction(3)] * 30, [Fraction(3)] * 30) == 1.0


def test_holm() -> None:
    """By hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 0.04 is raised to the one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()
    assert holm([0.9, 0.8]) == (1.0, 1.0)


def test_large_numbers_end_soon() -> None:
    assert float(mcnemar(3000, 3100)) == pytest.approx(0.2050, abs=2e-3)
    assert 0 < fisher(300, 1000, 400, 1000) < Fraction(1, 10_000)
