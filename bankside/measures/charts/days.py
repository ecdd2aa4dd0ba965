"""A thin strip beside a number: one column for each day, so that its course is seen and not only its sum."""

from __future__ import annotations

from collections.abc import Sequence

from bankside.measures.charts.chart import Chart, NothingToDraw
from bankside.measures.charts.marks import Columns, Line
from bankside.measures.charts.scale import known

HEIGHT_PX, FOOT_PX = 22.0, 19.0
GAP_SHARE, COLUMN_PX_MAX = 0.3, 12.0


def draw(
    values: Sequence[float | None],
    *,
    names: Sequence[str],
    label: str,
    head: tuple[str, str] = ("Day", "Value"),
    width: float = 790,
) -> Chart:
    """The strip; a day without a value has no column. NothingToDraw when no day has one."""
    there = known(values)
    if not there:
        raise NothingToDraw("no day has a value")
    each = width / len(values)
    wide = max(1.0, min(COLUMN_PX_MAX, each * (1 - GAP_SHARE)))
    up = (FOOT_PX - 1) / (max(there) or 1)
    aside = (each - wide) / 2
    tops = tuple(
        (place * each + aside, min(FOOT_PX - value * up, FOOT_PX - 1))
        for place, value in enumerate(values)
        if value
    )
    foot = Line(0, FOOT_PX + 1, width, FOOT_PX + 1, "line-2")
    marks = (foot, Columns(tops, wide, FOOT_PX, "peer", 1)) if tops else (foot,)
    return Chart(
        label=label, width=width, height=HEIGHT_PX, marks=marks, head=head,
        rows=tuple(zip(names, values, strict=True)),
    )  # fmt: skip
