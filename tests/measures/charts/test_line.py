"""The line goes through its medians, the band stands around it, and nobody there is a gap."""

from __future__ import annotations

import pytest

from bankside.measures.charts import line
from bankside.measures.charts.chart import NothingToDraw
from tests.measures.charts.drawn import all_of, words

WEEK = [("Mon", 8, 3, 21), ("Tue", 7, 3, 19), ("Wed", 9, 4, 24), ("Thu", 8, 3, 22), ("Fri", 10, 4, 27),
        ("Sat", 14, 6, 38), ("Sun", 12, 5, 31)]  # fmt: skip
POINTS = [line.Point(*one) for one in WEEK]


def y_of(value: float, highest: float = 40, height: float = 172) -> float:
    return (height - 26) + value / highest * (14 - (height - 26))


def test_every_median_is_where_its_number_is() -> None:
    chart = line.draw(POINTS, label="x", promise=15)
    dots = [float(one["cy"]) for one in all_of(chart, "circle")]
    assert dots == pytest.approx([y_of(one[1]) for one in WEEK], abs=0.06)
    [band] = all_of(chart, "polygon")
    tops = [float(point.split(",")[1]) for point in band["points"].split()]
    expected = [y_of(one[3]) for one in WEEK] + [y_of(one[2]) for one in reversed(WEEK)]
    assert tops == pytest.approx(expected, abs=0.06)
    [promise] = [one for one in all_of(chart, "line") if "stroke-dasharray" in one]
    assert float(promise["y1"]) == pytest.approx(y_of(15), abs=0.06)


def test_the_smallest_the_largest_and_the_last_are_named() -> None:
    said = words(line.draw(POINTS, label="x", promise=15))
    assert {"7", "14", "12", "promise", "9 in 10", "Mon", "Sun", "40"} <= set(said)
    assert "9" not in said and "30" in said


def test_a_day_with_nobody_is_a_gap_and_never_a_zero() -> None:
    points = [*POINTS[:3], line.Point("Thu", None), *POINTS[4:]]
    chart = line.draw(points, label="x")
    assert len(all_of(chart, "polyline")) == len(all_of(chart, "polygon")) == 2
    assert len(all_of(chart, "circle")) == 6
    assert chart.rows[3] == ("Thu", None, None, None)
    assert ",,," in chart.csv()


def test_many_days_have_as_many_names_as_there_is_room_for() -> None:
    many = [line.Point(f"{day} November", day % 7 + 1) for day in range(90)]
    chart = line.draw(many, label="x")
    shown = [one for one in words(chart) if one.endswith("November")]
    assert 2 <= len(shown) <= 9
    assert all_of(chart, "circle") == []


def test_the_words_at_the_side_do_not_lie_on_each_other() -> None:
    chart = line.draw([*POINTS[:-1], line.Point("Sun", 12, 5, 15)], label="x", promise=15)
    sides = {
        one["y"] for one in all_of(chart, "text") if "text-anchor" not in one and "font-weight" not in one
    }
    low, high = sorted(float(one) for one in sides)
    assert high - low >= 12


def test_a_number_is_not_crossed_by_the_dotted_line() -> None:
    chart = line.draw(
        [line.Point("Mon", 53), line.Point("Tue", 5), line.Point("Wed", 21)], label="x", promise=60
    )
    [promise] = [float(one["y1"]) for one in all_of(chart, "line") if "stroke-dasharray" in one]
    bold = [float(one["y"]) for one in all_of(chart, "text") if "font-weight" in one]
    assert all(not y - 10 < promise < y + 2 for y in bold)


def test_one_day_alone_and_none_at_all() -> None:
    assert len(all_of(line.draw(POINTS[:1], label="x"), "circle")) == 1
    with pytest.raises(NothingToDraw):
        line.draw([line.Point("Mon", None)], label="x")
    with pytest.raises(NothingToDraw):
        line.draw([], label="x")


def test_a_band_that_reaches_far_is_cut_and_says_where_it_ends() -> None:
    far = [line.Point("Mon", 8, 3, 20), line.Point("Tue", 9, 3, 900), line.Point("Wed", 7, 3, 21)]
    chart = line.draw(far, label="x", promise=15)
    [steps] = [[one for one in words(chart) if one in {"60", "80", "100"}]]
    assert "60" in steps and "900" in words(chart)
    band, sign = (one["points"].split() for one in all_of(chart, "polygon"))
    assert min(float(one.split(",")[1]) for one in band) == pytest.approx(14, abs=0.1)
    # the edge keeps its slope up to where it leaves the picture: two more corners than days
    assert len(band) == 2 * len(far) + 2 and len(sign) == 3
    assert chart.rows[1] == ("Tue", 3, 9, 900)
    assert "900" not in words(line.draw(POINTS, label="x"))
