"""One column a day."""

from __future__ import annotations

import pytest

from bankside.measures.charts import days
from bankside.measures.charts.chart import NothingToDraw
from tests.measures.charts.drawn import all_of


def test_one_column_for_each_day_that_has_something() -> None:
    chart = days.draw([4, 0, None, 2], names=list("abcd"), label="x", width=400)
    first, last = all_of(chart, "rect")
    assert float(first["height"]) == pytest.approx(2 * float(last["height"]), abs=0.2)
    assert float(last["x"]) > 300
    assert chart.rows == (("a", 4), ("b", 0), ("c", None), ("d", 2))
    with pytest.raises(NothingToDraw):
        days.draw([None], names=["a"], label="x")
