"""A line of medians in its band from 1 in 10 to 9 in 10, with the promise as a dotted line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
# A band that reaches further than so many times the medians and the promise is cut, and says where it ends:
# one slow day would else press everything else flat.
CUT_TIMES = 4


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
    top: float
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
    steps = ticks(_highest(points, promise))
    frame = _framed(points, steps, said, number, width, height, promise)
    marks = [
        *_grid(steps, frame, number),
        *_band(points, frame),
        *_cut(points, frame, number),
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


def _highest(points: Sequence[Point], promise: float | None) -> float:
    """The number up to which is drawn."""
    within = CUT_TIMES * max(known([*(point.median for point in points), promise]))
    return min(within, max(known([*(v for p in points for v in (p.median, p.high)), promise]))) or 1


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
    return _Frame(x, y, left, right, steps[-1], None if promise is None else y.at(promise))


def _grid(steps: list[float], frame: _Frame, number: Callable[[float], str]) -> Iterator[Mark]:
    for step in steps:
        y = frame.y.at(step)
        yield Line(frame.left, y, frame.right, y, "line" if step else "line-2")
        yield Text(frame.left - GAP, y + 4, number(step), anchor="end")


def _band(points: Sequence[Point], frame: _Frame) -> Iterator[Mark]:
    """An area for each run of points that have both ends."""
    for run in _runs([point.low is not None and point.high is not None for point in points]):
        upper = _edge([(frame.x[place], points[place].high or 0) for place in run], frame)
        lower = [(frame.x[place], frame.y.at(points[place].low or 0)) for place in reversed(run)]
        if len(run) == 1:  # a single day is a column
            upper = [(upper[0][0] - 5, upper[0][1]), (upper[0][0] + 5, upper[0][1])]
            lower = [(lower[0][0] + 5, lower[0][1]), (lower[0][0] - 5, lower[0][1])]
        yield Path((*upper, *lower), fill="band")


def _edge(values: Sequence[tuple[float, float]], frame: _Frame) -> list[tuple[float, float]]:
    """The upper edge of the band; where it leaves the picture it is cut, and keeps its slope."""
    edge = [(values[0][0], frame.y.at(values[0][1]))]
    for (x, value), (x2, value2) in pairwise(values):
        if (value > frame.top) != (value2 > frame.top):
            edge.append((x + (x2 - x) * (frame.top - value) / (value2 - value), frame.y.at(frame.top)))
        edge.append((x2, frame.y.at(value2)))
    return edge


def _cut(points: Sequence[Point], frame: _Frame, number: Callable[[float], str]) -> Iterator[Mark]:
    """Above a band that is cut its furthest number, with a sign that it goes on."""
    for run in _runs([(point.high or 0) > frame.top for point in points]):
        place = max(run, key=lambda one: points[one].high or 0)
        x, y = frame.x[place], frame.y.at(frame.top)
        yield Path(((x - 4, y + 7), (x + 4, y + 7), (x, y + 2)), fill="ink")
        yield Text(x, y - 4, number(points[place].high or 0), fill="ink", anchor="middle")


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
        yield _number(frame, place, number(value), frame.y.at(value))
    if last[0] == len(points) - 1:
        yield _last(frame, number(last[1]), frame.y.at(last[1]))
    else:
        yield _number(frame, last[0], number(last[1]), frame.y.at(last[1]))


def _number(frame: _Frame, place: int, words: str, point: float) -> Text:
    """Above its point; above the dotted line, too, where that would cross it."""
    y = point - 9
    if frame.promise is not None and y - LETTERS_PX - 2 < frame.promise < y + 3:
        y = min(y, frame.promise - 4)
    return Text(frame.x[place], y, words, fill="ink", anchor="middle", weight=600)


def _last(frame: _Frame, words: str, point: float) -> Text:
    """Right of the last point and a little under it; beside it where the foot is near."""
    low = point + LABELS_APART_PX > frame.y.start
    return Text(frame.x[-1] + (9 if low else 7), point + (4 if low else 13), words, fill="ink", weight=600)


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
