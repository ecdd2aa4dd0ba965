"""A bar ends at its number, and its whiskers at the ends of the interval."""

from __future__ import annotations

import pytest

from bankside.measures.charts import bars
from bankside.measures.charts.chart import NothingToDraw
from bankside.measures.charts.paints import PRINT
from tests.measures.charts.drawn import all_of, spans, words


def test_bar_and_whiskers_lie_on_one_scale() -> None:
    chart = bars.draw([bars.Bar("a", 50, 40, 60), bars.Bar("b", 100)], label="x")
    (left, half), (_, whole) = spans(chart)
    assert (half - left) * 2 == pytest.approx(whole - left, abs=0.2)
    ends = sorted({float(one["x1"]) for one in all_of(chart, "line") if one["x1"] == one["x2"]})
    assert ends == pytest.approx([left, left + (whole - left) * 0.4, left + (whole - left) * 0.6], abs=0.2)
    assert words(chart) == ["a", "50", "b", "100"]


def test_nothing_is_a_zero_and_not_known_is_empty() -> None:
    chart = bars.draw([bars.Bar("a", 0, 0, 8), bars.Bar("b", None), bars.Bar("c", 3, you=True)], label="x")
    assert words(chart) == ["a", "0", "b", "c", "3"]
    assert len(all_of(chart, "rect")) == 1
    assert all_of(chart, "rect", PRINT)[0]["fill"] == PRINT["you"]
    with pytest.raises(NothingToDraw):
        bars.draw([bars.Bar("b", None)], label="x")


def test_the_scale_may_end_at_the_largest() -> None:
    [(left, right)] = spans(bars.draw([bars.Bar("a", 4000)], label="x", most=None))
    assert right - left > 400
