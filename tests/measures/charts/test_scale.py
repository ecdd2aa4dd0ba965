"""Round numbers at the side, the largest value below the last of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.charts.scale import Scale, known, ticks


@settings(max_examples=100, deadline=None)
@given(st.floats(0.001, 1e9))
def test_the_ticks_reach_the_largest_value_and_are_few(highest: float) -> None:
    steps = ticks(highest)
    assert steps[0] == 0 and steps[-1] >= highest * 0.999_999 and 2 <= len(steps) <= 7


def test_known_ticks() -> None:
    assert ticks(38) == [0, 10, 20, 30, 40] and ticks(0) == [0, 1]
    assert known([1, None, float("nan"), 2]) == [1, 2]


def test_a_number_outside_lies_at_the_end() -> None:
    scale = Scale(0, 10, 100, 200)
    assert [scale.at(one) for one in (-5, 0, 5, 99)] == pytest.approx([100, 100, 150, 200])
