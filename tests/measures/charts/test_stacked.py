"""Parts are as wide as their shares, two px apart, and every number is found: in its part or at the end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.charts import chart as charts
from bankside.measures.charts import stacked
from bankside.measures.charts.chart import NothingToDraw
from bankside.measures.charts.paints import PRINT, STEPS
from tests.measures.charts.drawn import all_of, contrast, grey, spans, words

PARTS = [("customer contact", None), ("PR", None), ("information", None)]


def test_parts_are_as_wide_as_their_shares() -> None:
    chart = stacked.draw([stacked.Row("X", (71, 17, 12))], parts=PARTS, label="x")
    (a, b), (c, d), (e, f) = spans(chart)
    room = 540 - a - 2
    assert [b - a, d - c, f - e] == pytest.approx([room * n / 100 - 2 for n in (71, 17, 12)], abs=0.2)
    assert c - b == pytest.approx(2, abs=0.11) and e - d == pytest.approx(2, abs=0.11)
    assert words(chart) == ["X", "71", "17", "12"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=3, max_size=3).filter(any))
def test_every_number_is_said_once_and_nothing_leaves_the_picture(counts: list[int]) -> None:
    values = tuple(round(100 * one / sum(counts), 1) for one in counts)
    chart = stacked.draw([stacked.Row("n", values)], parts=PARTS, label="x")
    said = [word for text in words(chart)[1:] for word in text.split(", ")]
    assert sorted(said) == sorted(charts.plain(one) for one in values if one)
    assert all(end <= 540.1 for _, end in spans(chart))


def test_a_small_part_has_its_number_at_the_end() -> None:
    chart = stacked.draw(
        [stacked.Row("n", (97, 2, 1)), stacked.Row("m", (50, 25, 25))], parts=PARTS, label="x"
    )
    assert "2, 1" in words(chart)


def test_steps_are_told_apart_in_grey_and_carry_readable_numbers() -> None:
    steps = [grey(PRINT[one]) for one in STEPS[:4]]
    assert all(b - a > 15 for a, b in pairwise(steps)), steps
    assert all(contrast(PRINT[one], PRINT[f"on-{one}"]) >= 4.5 for one in STEPS)
    chart = stacked.draw([stacked.Row("n", (20,) * 5 + (0,))], parts=[("p", None)] * 6, label="x")
    assert len(all_of(chart, "rect")) == 5


def test_long_names_take_more_lines_and_more_room() -> None:
    name = "조사에 참여한 금융 기관이 소셜 네트워크를 이용하는 가장 중요한 목적이 무엇인지에 대한 답변"
    tall = stacked.draw([stacked.Row(name, (100, 0, 0))], parts=PARTS, label="x")
    flat = stacked.draw([stacked.Row("X", (100, 0, 0))], parts=PARTS, label="x")
    assert tall.height > flat.height and len(words(tall)) >= 3


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(NothingToDraw):
        stacked.draw([stacked.Row("X", (0, None, 0))], parts=PARTS, label="x")
    with pytest.raises(NothingToDraw):
        stacked.draw([], parts=PARTS, label="x")
    with pytest.raises(ValueError, match="at most 6"):
        stacked.draw([stacked.Row("X", (1,) * 7)], parts=[("p", None)] * 7, label="x")
