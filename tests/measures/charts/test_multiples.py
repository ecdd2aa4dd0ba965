"""Small pictures share one scale, so that they can be compared."""

from __future__ import annotations

import pytest

from bankside.measures.charts import multiples
from bankside.measures.charts.chart import NothingToDraw
from tests.measures.charts.drawn import all_of, words

NAMES = ["Mon", "Tue", "Wed"]


def test_one_scale_for_all() -> None:
    chart = multiples.draw(
        [multiples.Panel("X", (10, 10, 10)), multiples.Panel("Y", (20, 20, 20))], names=NAMES, label="x"
    )
    low, high = (float(one["points"].split()[0].split(",")[1]) for one in all_of(chart, "polyline"))
    foot = max(float(one["y1"]) for one in all_of(chart, "line"))
    assert (foot - low) * 2 == pytest.approx(foot - high, abs=0.2)
    assert chart.head == ("Day", "X", "Y") and chart.rows[0] == ("Mon", 10, 20)


def test_a_gap_and_the_last_known_number() -> None:
    chart = multiples.draw([multiples.Panel("X", (3, None, 5))], names=NAMES, label="x")
    assert all_of(chart, "polyline") == [] and "5" in words(chart)
    with pytest.raises(NothingToDraw):
        multiples.draw([multiples.Panel("X", (None,) * 3)], names=NAMES, label="x")


def test_at_most_forty() -> None:
    many = [multiples.Panel(str(n), (1, 2, 3)) for n in range(60)]
    assert len(multiples.draw(many, names=NAMES, label="x").head) == 41


def test_the_scale_does_not_lie_on_the_last_number() -> None:
    high = multiples.draw([multiples.Panel("X", (10, 50, 98))], names=NAMES, label="x")
    assert "98" in words(high) and "100" not in words(high)
    low = multiples.draw([multiples.Panel("X", (98, 50, 10))], names=NAMES, label="x")
    assert "10" in words(low) and "100" in words(low)
