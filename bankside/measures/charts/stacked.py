"""Bars of parts that make up a whole, each with its number; a part too small for it has it at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bankside.measures.charts import letters
from bankside.measures.charts.chart import Chart, Key, NothingToDraw, plain
from bankside.measures.charts.marks import Line, Mark, Rect
from bankside.measures.charts.marks import Words as Text
from bankside.measures.charts.paints import OUTLINED, STEPS

GAP_PX, HEIGHT_PX, ROW_PX, CORNER_PX = 2.0, 20.0, 28.0, 3.0
LINE_PX = 14.0
INDENT_PX = 8.0
NAMES_SHARE_MAX = 0.36
STRIPE_PX = 5.0
PARTS_MAX = len(STEPS)

Part = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A bar: one value for each part, in per cent. None or 0: that part is left out."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class _Where:
    """The room for bars: from `left`, `room` px wide, for values up to `whole`."""

    left: float
    room: float
    whole: float


def draw(
    rows: Sequence[Row],
    *,
    parts: Sequence[Part],
    label: str,
    first: str = "Network",
    number: Callable[[float], str] = plain,
    width: float = 540,
) -> Chart:
    """The chart; NothingToDraw without a number, ValueError with more than six parts."""
    if len(parts) > PARTS_MAX:
        raise ValueError(f"a stack has at most {PARTS_MAX} parts")
    if not any(value for row in rows for value in row.values):
        raise NothingToDraw("no bar has a part")
    paints = [paint or STEPS[place] for place, (_, paint) in enumerate(parts)]
    widest = min(max(letters.width(row.name) for row in rows), width * NAMES_SHARE_MAX)
    where = _where(rows, paints, number, max(72.0, widest) + 12, width)
    marks: list[Mark] = []
    y = 4.0
    for row in rows:
        lines = letters.wrapped(row.name, where.left - 12)
        marks += _named(lines, y)
        marks += _bar(row, paints, number, where, y)
        y += max(ROW_PX, len(lines) * LINE_PX + 8)
    return Chart(
        label=label, width=width, height=y, marks=tuple(marks),
        keys=tuple(Key("square", paint, name) for paint, (name, _) in zip(paints, parts, strict=True)),
        head=(first, *(name for name, _ in parts)),
        rows=tuple((row.name, *row.values) for row in rows),
    )  # fmt: skip


def _where(
    rows: Sequence[Row], paints: list[str], number: Callable[[float], str], left: float, width: float
) -> _Where:
    whole = max(100.0, *(sum(value or 0 for value in row.values) for row in rows))
    room = width - left - 2
    where = _Where(left, room, whole)
    aside = max(letters.width(_aside(row, number, where)) for row in rows)
    return where if not aside else _Where(left, room - aside - 6, whole)


def _named(lines: list[str], y: float) -> Iterator[Mark]:
    top = y + HEIGHT_PX / 2 + 4 - (len(lines) - 1) * LINE_PX / 2
    for place, line in enumerate(lines):
        yield Text(0, max(top, y + 10) + place * LINE_PX, line, fill="ink")


def _bar(
    row: Row, paints: list[str], number: Callable[[float], str], where: _Where, y: float
) -> Iterator[Mark]:
    x = where.left
    for paint, value in zip(paints, row.values, strict=True):
        if not value:
            continue
        wide = value / where.whole * where.room
        yield from _part(paint, x, y, max(1.0, wide - GAP_PX))
        if _fits(number(value), wide):
            indent = INDENT_PX if wide - GAP_PX > letters.width(number(value)) + 2 * INDENT_PX else 4
            yield Text(x + indent, y + 14.5, number(value), fill=f"on-{paint}", weight=500)
        x += wide
    if aside := _aside(row, number, where):
        yield Text(x + 4, y + 14.5, aside)


def _part(paint: str, x: float, y: float, wide: float) -> Iterator[Mark]:
    inner = min(CORNER_PX, wide / 2)
    if paint not in OUTLINED:
        yield Rect(x, y, wide, HEIGHT_PX, paint, inner)
        return
    yield Rect(x + 0.5, y + 0.5, max(0.5, wide - 1), HEIGHT_PX - 1, paint, inner, edge="edge")
    if paint == "striped":
        for step in range(1, int(wide // STRIPE_PX)):
            at = x + step * STRIPE_PX
            yield Line(at, y + HEIGHT_PX - 5, at, y + HEIGHT_PX - 1, "edge")


def _aside(row: Row, number: Callable[[float], str], where: _Where) -> str:
    """The numbers of parts that are too small to carry them, in the order of the parts."""
    small = [number(v) for v in row.values if v and not _fits(number(v), v / where.whole * where.room)]
    return ", ".join(small)


def _fits(words: str, wide: float) -> bool:
    return letters.width(words) + 10 <= wide - GAP_PX
