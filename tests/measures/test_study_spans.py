"""Every number lies in exactly one span, and there are few of them."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from bankside.measures.study.spans import SPANS_MAX, Span, spans_of

NUMBERS = some.lists(
    some.one_of(
        some.integers(-10_000, 10_000).map(Fraction),
        some.decimals(-1_000, 1_000, places=3).map(Fraction),
    ),
    min_size=1, max_size=60,
)  # fmt: skip


@given(NUMBERS)
def test_every_number_is_in_one_span(numbers: list[Fraction]) -> None:
    spans = spans_of(numbers)
    assert 1 <= len(spans) <= SPANS_MAX
    assert [one.count for one in spans] == [
        sum(1 for number in numbers if span.low <= number < span.high) for span in spans
    ]
    assert sum(one.count for one in spans) == len(numbers)
    assert len({one.high - one.low for one in spans}) == 1
    assert all(one.high == two.low for one, two in pairwise(spans))


def test_whole_numbers_have_whole_spans() -> None:
    people = [Fraction(one) for one in (2, 6, 6, 9, 15, 16)]
    assert spans_of(people)[0] == Span(Fraction(2), Fraction(4), 1)
    assert [one.count for one in spans_of(people)] == [1, 0, 2, 1, 0, 0, 1, 1]
    assert spans_of([Fraction(3)]) == (Span(Fraction(3), Fraction(4), 1),)
    assert spans_of([Fraction("0.25"), Fraction("0.5")])[0].low == Fraction("0.25")
    assert spans_of([]) == ()
