"""Plain bars with their number, and whiskers for the 95% interval."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bankside.measures.charts import letters
from bankside.measures.charts.chart import Chart, Key, NothingToDraw, plain
from bankside.measures.charts.marks import Line, Mark, Rect
from bankside.measures.charts.marks import Words as Text
from bankside.measures.charts.scale import Scale, known

HEIGHT_PX, ROW_PX, LINE_PX, CORNER_PX = 14.0, 26.0, 14.0, 2.0
NAMES_SHARE_MAX = 0.42
WHISKER_PX = 4.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A value, the ends of its interval, and how many stand behind it. `you`: the one that is yours."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    count: int | None = None
    you: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the legend and the table, in the reader's language."""

    percent: str = "per cent"
    interval: str = "interval, 95 per cent"
    count: str = "count"


def draw(
    rows: Sequence[Bar],
    *,
    label: str,
    first: str = "Answer",
    words: Words | None = None,
    most: float | None = 100.0,
    number: Callable[[float], str] = plain,
    width: float = 540,
) -> Chart:
    """The chart; `most` is the end of the scale, None for the largest. NothingToDraw without a number."""
    said = words or Words()
    values = known(value for row in rows for value in (row.value, row.high))
    if not values:
        raise NothingToDraw("no bar has a value")
    left = min(max(letters.width(row.name) for row in rows), width * NAMES_SHARE_MAX) + 12
    beside = max(letters.width(number(value)) for value in values) + 10
    scale = Scale(0, most or max(values) or 1, left, width - beside)
    marks: list[Mark] = []
    y = 2.0
    for row in rows:
        lines = letters.wrapped(row.name, left - 12)
        tall = max(ROW_PX, len(lines) * LINE_PX + 8)
        marks += _row(row, lines, scale, y + tall / 2, number)
        y += tall
    marks.append(Line(left, 0, left, y, "line-2"))
    intervals = any(row.low is not None for row in rows)
    return Chart(
        label=label, width=width, height=y + 2, marks=tuple(marks),
        keys=(Key("bar", "ink", said.interval),) if intervals else (),
        head=(first, said.count, said.percent, f"{said.interval} <", f"{said.interval} >"),
        rows=tuple((row.name, row.count, row.value, row.low, row.high) for row in rows),
    )  # fmt: skip


def _row(
    row: Bar, lines: list[str], scale: Scale, middle: float, number: Callable[[float], str]
) -> Iterator[Mark]:
    for place, line in enumerate(lines):
        y = middle + 4 + (place - (len(lines) - 1) / 2) * LINE_PX
        yield Text(0, y, line, fill="ink", weight=600 if row.you else 400)
    if row.value is None:
        return
    end = scale.at(row.value)
    wide = max(0.0, end - scale.start)
    if wide:
        fill = "you" if row.you else "pr"
        yield Rect(scale.start, middle - HEIGHT_PX / 2, wide, HEIGHT_PX, fill, min(CORNER_PX, wide / 2))
    if row.low is not None and row.high is not None:
        low, high = scale.at(row.low), scale.at(row.high)
        # a light line under the dark one, so that it is seen on the bar and beside it
        yield Line(low, middle, high, middle, "sheet", 3.4)
        yield Line(low, middle, high, middle, "ink", 1.4)
        for x in (low, high):
            yield Line(x, middle - WHISKER_PX, x, middle + WHISKER_PX, "ink", 1.4)
        end = max(end, high)
    yield Text(end + 6, middle + 4, number(row.value), fill="ink", weight=600)
