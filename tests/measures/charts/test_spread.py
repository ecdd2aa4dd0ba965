"""Columns are as tall as what lies in them."""

from __future__ import annotations

import pytest

from bankside.measures.charts import spread
from bankside.measures.charts.chart import NothingToDraw
from tests.measures.charts.drawn import all_of, words


def test_columns_are_as_tall_as_their_counts() -> None:
    chart = spread.draw(
        [spread.Bin("0-5", 100), spread.Bin("5-10", 50), spread.Bin("10-15", 0)], label="x", middle=1
    )
    tall = [float(one["height"]) for one in all_of(chart, "rect") if one["fill"] == "var(--c-pr)"]
    assert tall == pytest.approx([96, 48], abs=0.1)
    assert {"100", "50", "half"} <= set(words(chart)) and "0" not in words(chart)
    halo, middle = [one for one in all_of(chart, "line") if one["x1"] == one["x2"]]
    assert halo["stroke"] == "var(--sheet)" and halo["x1"] == middle["x1"]
    assert float(middle["x1"]) == pytest.approx(180)
    with pytest.raises(NothingToDraw):
        spread.draw([spread.Bin("a", 0)], label="x")
