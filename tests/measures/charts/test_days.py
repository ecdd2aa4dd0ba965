"""One column a day."""

from __future__ import annotations

import re

import pytest

from bankside.measures.charts import days
from bankside.measures.charts.chart import NothingToDraw
from tests.measures.charts.drawn import all_of


def test_one_column_for_each_day_that_has_something() -> None:
    chart = days.draw([4, 0, None, 2], names=list("abcd"), label="x", width=400)
    [drawn] = all_of(chart, "path")
    columns = re.findall(r"M([\d.]+) ([\d.]+)q0-1 1-1h10q1 0 1 1V19h-12z", drawn["d"])
    assert "".join(f"M{x} {y}q0-1 1-1h10q1 0 1 1V19h-12z" for x, y in columns) == drawn["d"]
    (first, high), (last, low) = columns
    # the corner is the first px of a column
    assert 19 - float(high) + 1 == pytest.approx(2 * (19 - float(low) + 1), abs=0.2)
    assert float(first) == 44 and float(last) == 344
    assert chart.rows == (("a", 4), ("b", 0), ("c", None), ("d", 2))
    with pytest.raises(NothingToDraw):
        days.draw([None], names=["a"], label="x")
