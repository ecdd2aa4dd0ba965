"""Shares and intervals: rounding half up, Wilson's bounds, known populations."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.study.proportion import percent, rounded, wilson

sizes = st.integers(1, 400)


@pytest.mark.parametrize(
    ("number", "places", "comes"),
    [
        (Fraction(1225, 100), 1, "12.3"), (Fraction(5, 100), 1, "0.1"), (Fraction(4999, 100000), 1, "0.0"),
        (Fraction(1235, 100), 1, "12.4"), (Fraction(25, 10), 0, "3"), (Fraction(35, 10), 0, "4"),
        (Fraction(-1225, 100), 1, "-12.3"), (Fraction(-4, 100), 1, "0.0"), (Fraction(9995, 100), 1, "100.0"),
        (Fraction(1005, 1000), 2, "1.01"), (Fraction(2675, 1000), 2, "2.68"), (0, 1, "0.0"), (7, 2, "7.00"),
    ],
)  # fmt: skip
def test_a_half_goes_up(number: Fraction, places: int, comes: str) -> None:
    assert str(rounded(number, places)) == comes


@pytest.mark.parametrize(("count", "base", "comes"), [(1, 80, "1.3"), (49, 400, "12.3"), (9, 80, "11.3")])
def test_percents_that_a_float_rounds_down(count: int, base: int, comes: str) -> None:
    """1 of 80 is 1.25, 49 of 400 is 12.25, 9 of 80 is 11.25: exact halves, to the even in floats."""
    assert str(percent(count, base)) == comes
    assert round(100 * count / base, 1) != float(comes)


def test_of_nobody_there_is_no_share() -> None:
    assert percent(0, 0) is None
    assert wilson(0, 0) is None
    assert wilson(0, 0, 10) is None


@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    [
        # what prop.test(x, n, correct = FALSE)$conf.int is in R
        (10, 50, "11.2", "33.0"), (15, 18, "60.8", "94.2"), (0, 10, "0.0", "27.8"), (10, 10, "72.2", "100.0"),
        (1, 1, "20.7", "100.0"), (83, 100, "74.5", "89.1"), (5, 10, "23.7", "76.3"),
    ],
)  # fmt: skip
def test_known_intervals(count: int, base: int, low: str, high: str) -> None:
    assert [str(end) for end in wilson(count, base) or ()] == [low, high]


def test_a_known_population_makes_it_narrower_and_all_of_it_a_point() -> None:
    vast, small = wilson(15, 18), wilson(15, 18, 24)
    assert vast and small and vast[0] < small[0] < small[1] < vast[1]
    assert wilson(3, 24, 24) == (Decimal("12.5"), Decimal("12.5"))
    assert wilson(1, 1, 1) == (Decimal("100.0"), Decimal("100.0"))
    assert wilson(15, 18, 10**9) == vast


@settings(max_examples=100)
@given(sizes, st.data())
def test_the_interval_holds_the_share(base: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, base))
    population = data.draw(st.one_of(st.none(), st.integers(base, base + 500)))
    found = wilson(count, base, population)
    share = percent(count, base)
    assert found is not None and share is not None
    low, high = found
    assert 0 <= low <= share <= high <= 100
    assert (low == high == share) or population != base
    other = wilson(base - count, base, population)
    assert other is not None
    assert abs(100 - other[1] - low) <= Decimal("0.1")  # the mirror, but for halves that go up on both sides


@settings(max_examples=60)
@given(sizes, st.data())
def test_it_is_the_formula(base: int, data: st.DataObject) -> None:
    """Beside the textbook's line in floats, to a tenth."""
    count = data.draw(st.integers(0, base))
    population = data.draw(st.integers(base + 1, base + 500))
    n, p, z = base * (population - 1) / (population - base), count / base, 1.959963984540054
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    found = wilson(count, base, population)
    assert found is not None
    assert float(found[0]) == pytest.approx(100 * (middle - reach), abs=0.0500001)
    assert float(found[1]) == pytest.approx(100 * (middle + reach), abs=0.0500001)


@settings(max_examples=100)
@given(st.fractions(min_value=-1000, max_value=1000), st.integers(0, 3))
def test_rounding_is_off_by_a_half_at_most(number: Fraction, places: int) -> None:
    found = Fraction(rounded(number, places))
    assert abs(found - number) <= Fraction(1, 2 * 10**places)
    assert (found * 10**places).denominator == 1
    if abs(found - number) == Fraction(1, 2 * 10**places):
        assert abs(found) > abs(number)
