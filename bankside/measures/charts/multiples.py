"""The same small picture for each of several things, all on one scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bankside.measures.charts import letters
from bankside.measures.charts.chart import Chart, NothingToDraw, plain
from bankside.measures.charts.marks import Dot, Line, Mark, Path
from bankside.measures.charts.marks import Words as Text
from bankside.measures.charts.scale import Scale, known, ticks

PANEL_PX, GAP_PX = 84.0, 18.0
HEAD_PX, FOOT_PX = 20.0, 18.0
PANELS_MAX = 40
NUMBERS_APART_PX = 12.0  # nearer to it the last value stands alone, and says as much


@dataclass(frozen=True, slots=True)
class Panel:
    """One thing and its values, one for each name; None is a gap."""

    name: str
    values: tuple[float | None, ...]


def draw(
    panels: Sequence[Panel],
    *,
    names: Sequence[str],
    label: str,
    when: str = "Day",
    columns: int = 3,
    number: Callable[[float], str] = plain,
    width: float = 540,
) -> Chart:
    """The chart, at most 40 panels; NothingToDraw without a number."""
    shown = panels[:PANELS_MAX]
    values = known(value for panel in shown for value in panel.values)
    if not values or not names:
        raise NothingToDraw("no panel has a value")
    highest = ticks(max(values))[-1]
    wide = (width - GAP_PX * (columns - 1)) / columns
    marks: list[Mark] = []
    for place, panel in enumerate(shown):
        x, y = (place % columns) * (wide + GAP_PX), (place // columns) * (PANEL_PX + GAP_PX)
        marks += _panel(panel, names, x, y, wide, highest, number)
    tall = -(-len(shown) // columns) * (PANEL_PX + GAP_PX) - GAP_PX
    return Chart(
        label=label, width=width, height=tall, marks=tuple(marks), head=(when, *(p.name for p in shown)),
        rows=tuple((name, *(panel.values[at] for panel in shown)) for at, name in enumerate(names)),
    )  # fmt: skip


def _panel(
    panel: Panel, names: Sequence[str], x: float, y: float, wide: float, highest: float,
    number: Callable[[float], str],
) -> Iterator[Mark]:  # fmt: skip
    top, foot = y + HEAD_PX, y + PANEL_PX - FOOT_PX
    across = Scale(0, max(1, len(names) - 1), x + 4, x + wide - 30)
    up = Scale(0, highest, foot, top)
    yield Text(x, y + 11, letters.wrapped(panel.name, wide, lines_max=1)[0], fill="ink", weight=600)
    yield Line(x, foot, x + wide - 26, foot, "line-2")
    yield Line(x, top, x + wide - 26, top, "line")
    last = next((value for value in reversed(panel.values) if value is not None), None)
    if last is None or up.at(last) > top + NUMBERS_APART_PX:
        yield Text(x + wide, top + 4, number(highest), anchor="end")
    points = [(across.at(at), up.at(v)) if v is not None else None for at, v in enumerate(panel.values)]
    for run in _runs(points):
        yield Path(tuple(run), stroke="ink", width=1.6) if len(run) > 1 else Dot(*run[0], 2, "ink", "ink", 0)
    there = [(at, v) for at, v in enumerate(panel.values) if v is not None]
    if there:
        at, value = there[-1]
        yield Dot(across.at(at), up.at(value), 2.8, "ink", "sheet", 1.2)
        yield Text(across.at(at) + 5, up.at(value) + 4, number(value), fill="ink", weight=600)
    yield Text(x, y + PANEL_PX - 3, names[0])
    if len(names) > 1:
        yield Text(x + wide - 26, y + PANEL_PX - 3, names[-1], anchor="end")


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]
