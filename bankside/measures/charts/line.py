"""A line of medians in its band from 1 in 10 to 9 in 10, with the promise as a dotted line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bankside.measures.charts import letters
from bankside.measures.charts.chart import Chart, Key, NothingToDraw, plain
from bankside.measures.charts.marks import DOTTED, Dot, Line, Mark, Path
from bankside.measures.charts.marks import Words as Text
from bankside.measures.charts.scale import Scale, known, ticks

TOP, FOOT = 14.0, 26.0
GAP = 8.0
NAMES_APART_PX = 12.0
LABELS_APART_PX = 13.0
LETTERS_PX = 10.0


@dataclass(frozen=True, slots=True)
class Point:
    """One day, week or month: the median, and the values of 1 in 10 and 9 in 10. None: nobody was there."""

    name: str
    median: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the picture and its table, in the reader's language."""

    median: str = "half of customers"
    band: str = "from 1 in 10 to 9 in 10"
    low: str = "1 in 10"
    high: str = "9 in 10"
    promise: str = "promise"
    when: str = "Day"


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the points lie."""

    x: tuple[float, ...]
    y: Scale
    left: float
    right: float
    promise: float | None = None


def draw(
    points: Sequence[Point],
    *,
    label: str,
    words: Words | None = None,
    promise: float | None = None,
    number: Callable[[float], str] = plain,
    width: float = 540,
    height: float = 172,
) -> Chart:
    """The chart; NothingToDraw when no point has a median."""
    said = words or Words()
    if not known(point.median for point in points):
        raise NothingToDraw("no point has a median")
    banded = any(point.high is not None for point in points)
    highest = max(known([*(v for p in points for v in (p.median, p.high)), promise]))
    steps = ticks(highest)
    frame = _framed(points, steps, said, number, width, height, promise)
    marks = [
        *_grid(steps, frame, number),
        *_band(points, frame),
        *_promise(promise, frame),
        *_medians(points, frame),
        *_names(points, frame, height),
        *_numbers(points, frame, number),
        *_beside(points, frame, said, promise, banded=banded),
    ]
    keys = (Key("round", "ink", said.median), *([Key("band", "band", said.band)] if banded else []))
    return Chart(
        label=label, width=width, height=height, marks=tuple(marks), keys=keys,
        head=(said.when, said.low, said.median, said.high),
        rows=tuple((point.name, point.low, point.median, point.high) for point in points),
    )  # fmt: skip


def _framed(
    points: Sequence[Point], steps: list[float], said: Words, number: Callable[[float], str], width: float,
    height: float, promise: float | None,
) -> _Frame:  # fmt: skip
    left = max(letters.width(number(step)) for step in steps) + GAP + 8
    beside = max(letters.width(said.promise), letters.width(said.high)) + 6
    right = width - beside
    first, last = left + 22, right - 16
    apart = (last - first) / max(1, len(points) - 1)
    middle = (first + last) / 2
    x = tuple(first + apart * place if len(points) > 1 else middle for place in range(len(points)))
    y = Scale(0, steps[-1], height - FOOT, TOP)
    return _Frame(x, y, left, right, None if promise is None else y.at(promise))


def _grid(steps: list[float], frame: _Frame, number: Callable[[float], str]) -> Iterator[Mark]:
    for step in steps:
        y = frame.y.at(step)
        yield Line(frame.left, y, frame.right, y, "line" if step else "line-2")
        yield Text(frame.left - GAP, y + 4, number(step), anchor="end")


def _band(points: Sequence[Point], frame: _Frame) -> Iterator[Mark]:
    """An area for each run of points that have both ends."""
    for run in _runs([point.low is not None and point.high is not None for point in points]):
        upper = [(frame.x[place], frame.y.at(points[place].high or 0)) for place in run]
        lower = [(frame.x[place], frame.y.at(points[place].low or 0)) for place in reversed(run)]
        if len(run) == 1:  # a single day is a column
            upper = [(upper[0][0] - 5, upper[0][1]), (upper[0][0] + 5, upper[0][1])]
            lower = [(lower[0][0] + 5, lower[0][1]), (lower[0][0] - 5, lower[0][1])]
        yield Path((*upper, *lower), fill="band")


def _promise(promise: float | None, frame: _Frame) -> Iterator[Mark]:
    if promise is not None:
        y = frame.y.at(promise)
        yield Line(frame.left, y, frame.right, y, "ink", dash=DOTTED)


def _medians(points: Sequence[Point], frame: _Frame) -> Iterator[Mark]:
    for run in _runs([point.median is not None for point in points]):
        path = tuple((frame.x[place], frame.y.at(points[place].median or 0)) for place in run)
        if len(run) > 1:
            yield Path(path, stroke="ink")
        if len(points) <= 31:
            yield from (Dot(x, y, 3.2, "ink", "sheet", 1.5) for x, y in path)


def _names(points: Sequence[Point], frame: _Frame, height: float) -> Iterator[Mark]:
    """Names under the points, as many as have room."""
    widest = max(letters.width(point.name) for point in points) + NAMES_APART_PX
    apart = frame.x[1] - frame.x[0] if len(frame.x) > 1 else widest
    every = max(1, -int(-widest // apart))
    for place in range(0, len(points), every):
        yield Text(frame.x[place], height - 8, points[place].name, anchor="middle")


def _numbers(points: Sequence[Point], frame: _Frame, number: Callable[[float], str]) -> Iterator[Mark]:
    """The largest, the smallest and the last median carry their number."""
    there = [(place, point.median) for place, point in enumerate(points) if point.median is not None]
    last = there[-1]
    most, least = max(there, key=lambda one: one[1]), min(there, key=lambda one: one[1])
    for place, value in dict.fromkeys(one for one in (most, least) if one != last):
        yield _number(frame, place, value, number, 9)
    yield (
        Text(frame.x[last[0]] + 7, frame.y.at(last[1]) + 13, number(last[1]), fill="ink", weight=600)
        if last[0] == len(points) - 1
        else _number(frame, *last, number, 9)
    )


def _number(frame: _Frame, place: int, value: float, number: Callable[[float], str], above: float) -> Text:
    y = frame.y.at(value) - above
    if frame.promise is not None and y - LETTERS_PX < frame.promise < y + 2:
        # the dotted line would cross it above the point
        return Text(frame.x[place] + 8, frame.y.at(value) + 5, number(value), fill="ink", weight=600)
    return Text(frame.x[place], y, number(value), fill="ink", anchor="middle", weight=600)


def _beside(
    points: Sequence[Point], frame: _Frame, said: Words, promise: float | None, *, banded: bool
) -> Iterator[Mark]:
    """What stands right of the picture: the name of the promise, and of the upper edge of the band."""
    high = points[-1].high
    wanted = [] if promise is None else [frame.y.at(promise) + 4]
    if promise is not None:
        yield Text(frame.right + 6, wanted[0], said.promise)
    if banded and high is not None:
        y = frame.y.at(high) + 4
        if wanted and abs(y - wanted[0]) < LABELS_APART_PX:
            y = wanted[0] + (LABELS_APART_PX if y > wanted[0] else -LABELS_APART_PX)
        yield Text(frame.right + 6, y, said.high)


def _runs(there: Sequence[bool]) -> list[list[int]]:
    """The places that follow on each other without a gap."""
    runs: list[list[int]] = []
    for place, is_there in enumerate(there):
        if is_there and runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        elif is_there:
            runs.append([place])
    return runs
