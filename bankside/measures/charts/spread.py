"""How values are spread: a column for each span of them, and a line where the middle one lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bankside.measures.charts import letters
from bankside.measures.charts.chart import Chart, NothingToDraw, plain
from bankside.measures.charts.marks import Line, Mark, Rect
from bankside.measures.charts.marks import Words as Text
from bankside.measures.charts.scale import Scale

TOP_PX, FOOT_PX, GAP_PX = 30.0, 24.0, 2.0


@dataclass(frozen=True, slots=True)
class Bin:
    """A span of values and how many lie in it."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the picture and its table, in the reader's language."""

    count: str = "customers"
    middle: str = "half"
    first: str = "Minutes"


def draw(
    bins: Sequence[Bin],
    *,
    label: str,
    words: Words | None = None,
    middle: float | None = None,
    number: Callable[[float], str] = plain,
    width: float = 540,
    height: float = 150,
) -> Chart:
    """The chart; `middle`: where the middle value lies, in bins from the left. NothingToDraw when all 0."""
    said = words or Words()
    most = max((one.count for one in bins), default=0)
    if not most:
        raise NothingToDraw("no bin has anything in it")
    up, each = Scale(0, most, height - FOOT_PX, TOP_PX), width / len(bins)
    marks: list[Mark] = [Line(0, height - FOOT_PX, width, height - FOOT_PX, "line-2")]
    numbers = max(letters.width(number(one.count)) for one in bins) + 2 <= each
    every = max(1, -int(-(max(letters.width(one.name) for one in bins) + 8) // each))
    for place, one in enumerate(bins):
        if one.count:
            tall = max(1.0, height - FOOT_PX - up.at(one.count))
            marks.append(Rect(place * each, height - FOOT_PX - tall, each - GAP_PX, tall, "pr", 2))
    if middle is not None:
        marks += _middle(middle * each, said.middle, width, height)
    for place, one in enumerate(bins):
        top, centre = up.at(one.count), (place + 0.5) * each
        if numbers and one.count:
            # on a plate, so that the line of the middle does not cross it
            half = letters.width(number(one.count)) / 2 + 2
            marks.append(Rect(centre - half, top - 16, 2 * half, 15, "sheet"))
            marks.append(Text(centre, top - 4, number(one.count), fill="ink", anchor="middle", weight=500))
        if place % every == 0:
            marks.append(Text(centre, height - 8, one.name, anchor="middle"))
    return Chart(
        label=label, width=width, height=height, marks=tuple(marks),
        head=(said.first, said.count), rows=tuple((one.name, one.count) for one in bins),
    )  # fmt: skip


def _middle(x: float, words: str, width: float, height: float) -> Iterator[Mark]:
    """The line where the middle value lies, with a light edge to be seen on a column; its name above it."""
    right = x > width / 2
    yield Line(x, 12, x, height - FOOT_PX, "sheet", 4)
    yield Line(x, 12, x, height - FOOT_PX, "ink", 1.6)
    yield Text(x - 5 if right else x + 5, 9, words, fill="ink", anchor="end" if right else "start")
