"""You among your peers: nobody is hidden, the middle one is the median, joint places are joint."""

from __future__ import annotations

import statistics
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.charts import dots
from bankside.measures.charts.chart import NothingToDraw
from tests.measures.charts.drawn import all_of

PEERS = (2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 7)


def strip(you: float | None, peers: tuple[float, ...] = PEERS, **how: bool) -> dots.Strip:
    return dots.Strip(you, tuple((f"p{place}", float(one)) for place, one in enumerate(peers)), **how)


def test_joint_places_are_counted_as_in_sport() -> None:
    assert dots.rank(6, PEERS) == dots.Rank(2, True, 16)
    assert dots.rank(8, PEERS) == dots.Rank(1, False, 16)
    assert dots.rank(2, PEERS, lowest_first=True) == dots.Rank(1, True, 16)
    assert [dots.rank(one, [x for x in (4, 3, 3, 1) if x is not one][:3]).place for one in (4,)] == [1]
    assert dots.rank(1, [4, 3, 3]).place == 4 and dots.rank(3, [4, 3, 1]).place == 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=24), st.integers(0, 9), st.booleans())
def test_no_ring_hides_another_and_all_are_in_the_picture(peers: list[int], you: int, quick: bool) -> None:
    chart = dots.draw(strip(you, tuple(peers), quick_right=quick), label="x")
    rings = sorted(float(one["cx"]) for one in all_of(chart, "circle") if one.get("class") != "you")
    assert len(rings) == len(peers)
    assert all(b - a >= 10.9 for a, b in pairwise(rings))
    [mine] = [one for one in all_of(chart, "circle") if one.get("class") == "you"]
    assert 0 <= float(mine["cx"]) <= 790 and rings[-1] <= 790


def test_the_bar_is_at_the_median_of_the_peers_alone() -> None:
    assert dots.middle(PEERS) == statistics.median(PEERS) == 4
    chart = dots.draw(strip(7, (1, 2, 6)), label="x")
    [bar] = [one for one in all_of(chart, "line") if one["x1"] == one["x2"]]
    rings = sorted(float(one["cx"]) for one in all_of(chart, "circle") if one.get("class") != "you")
    assert float(bar["x1"]) == pytest.approx(rings[1], abs=0.1)
    assert chart.rows[-1] == ("middle peer", 2.0)


def test_quick_ones_to_the_right() -> None:
    def mine(**how: bool) -> float:
        chart = dots.draw(strip(1, (5, 9), **how), label="x")
        return next(float(one["cx"]) for one in all_of(chart, "circle") if one.get("class") == "you")

    assert mine() < 100 and mine(quick_right=True) > 690


def test_without_you_and_without_peers() -> None:
    assert len(all_of(dots.draw(strip(None), label="x"), "circle")) == len(PEERS)
    with pytest.raises(NothingToDraw):
        dots.draw(strip(3, ()), label="x")
