"""A drawn chart: its marks, its sentence, and the same figures as a table and as CSV."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final, Literal

from bankside.measures.charts.letters import SIZE_PX
from bankside.measures.charts.marks import Mark, n
from bankside.measures.charts.paints import PAGE, PRINT, Paints

Cell = str | int | float | None
Shape = Literal["round", "square", "ring", "bar", "band", "dots"]
TOLD_KEPT: Final = 4
# A cell that begins so would be reckoned with by a spreadsheet.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FONT: Final = "Instrument Sans, Noto Sans KR, Noto Sans CJK KR, Noto Sans SC, Noto Sans CJK SC, sans-serif"


class NothingToDraw(ValueError):
    """There is no row, or in no row a number."""


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: what a mark stands for."""

    shape: Shape
    paint: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`label` is a sentence that says what one sees; `width` and `height` are px; `rows` go under `head`."""

    label: str
    width: float
    height: float
    marks: tuple[Mark, ...]
    keys: tuple[Key, ...] = ()
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def svg(self, paints: Paints = PAGE, *, hidden: bool = False) -> str:
        """The picture with its sentence. `hidden`: the words beside it say the same, readers pass over it."""
        drawn = "".join(mark.svg(paints) for mark in self.marks)
        named = 'aria-hidden="true"' if hidden else f'role="img" aria-label="{escape(self.label)}"'
        told = "" if hidden else f"<title>{escape(self.label)}</title><desc>{escape(self._told())}</desc>"
        size = f' width="{n(self.width)}" height="{n(self.height)}"' if paints is PRINT else ""
        box = f'viewBox="0 0 {n(self.width)} {n(self.height)}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" {box}{size} {named}'
            f' font-family="{FONT}" font-size="{n(SIZE_PX)}">{told}{drawn}</svg>'
        )

    def csv(self) -> str:
        """The figures, RFC 4180; a text that a spreadsheet would reckon with has an apostrophe before it."""
        return as_csv(self.head, self.rows)

    def _told(self) -> str:
        return _told(self.head, self.rows)


@lru_cache(maxsize=TOLD_KEPT)
def _told(head: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]) -> str:
    """The figures in a sentence. Kept: the same ones are drawn wide for a desk and narrow for a phone."""
    each = ([(name, said(cell)) for name, cell in zip(head, row, strict=True)] for row in rows)
    return "; ".join(", ".join(f"{name} {cell}" for name, cell in row if cell) for row in each)


def as_csv(head: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]) -> str:
    """Rows under their head, RFC 4180 with CRLF, neutralised."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in head])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()


def neutral(cell: Cell) -> str:
    """A cell that is only read: numbers as they are, nothing for None, no text that is a formula."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip(" \ufeff").startswith(FORMULA) or cell.startswith(FORMULA) else cell
    return plain(cell)


def plain(value: float) -> str:
    """A number as it is: `3`, `3.25`, at most six digits behind the point."""
    if not math.isfinite(value):
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def said(cell: Cell) -> str:
    """A cell in the sentence for readers."""
    return cell if isinstance(cell, str) else "" if cell is None else plain(cell)
