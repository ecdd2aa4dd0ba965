"""A4 pages in vectors: lines of words as outlines, tables and charts, from the top of a page to its foot.

Words are shaped by HarfBuzz, as those of cards are (`rewards/art/lettering.py`): whoever gets the file needs
no Korean or Chinese font. A letter that no font has is drawn as a middle dot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from bankside.measures.charts.chart import Chart, Key
from bankside.measures.charts.letters import pieces
from bankside.measures.charts.marks import Columns, Dot, Line, Mark, Path, Rect, Words
from bankside.measures.charts.paints import OUTLINED, PRINT
from bankside.rewards.art import cairo, lettering, svg
from bankside.rewards.art.lettering import MEDIUM, SANS, SERIF, STRONG
from bankside.said import Said

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 210.0, 297.0, 18.0
FOOT_MM = 16.0
PAGES_MAX = 60
INK, MUTED, LINE = PRINT["ink"], PRINT["muted"], PRINT["line-2"]
SMALL_MM, PLAIN_MM, HEAD_MM, TITLE_MM = 2.7, 3.2, 3.8, 8.6
LEADING = 1.42
SERIF_LANGS: Final = frozenset({"en", "nl"})  # beside Hangul and Han its digits would stand out
CELL_GAP_MM, KEY_SCALE = 3.0, 0.25
_FACES: Final = {400: SANS, 500: MEDIUM, 600: STRONG}
_ALIGN: Final = {"start": svg.LEFT, "middle": svg.CENTRE, "end": svg.RIGHT}


class TooLong(RuntimeError):
    """A report would have more than 60 pages."""


class Paper:
    """Pages that fill from the top; what does not fit goes on a new one."""

    def __init__(self, lang: str, running: str) -> None:
        """`running` stands in the foot of each page."""
        self.lang, self.running = lang, running
        self._pages: list[list[str]] = [[]]
        self.y = MARGIN_MM

    @property
    def room(self) -> float:
        """The width between the margins in mm."""
        return WIDTH_MM - 2 * MARGIN_MM

    def title(self, text: str) -> None:
        """The sentence of the report, large."""
        self._lines(text, SERIF if self.lang in SERIF_LANGS else SANS, TITLE_MM, INK, leading=1.16)
        self.gap(2)

    def heading(self, text: str, keep_mm: float = 24) -> None:
        """A heading that stays with at least so much of what follows it."""
        self.need(keep_mm)
        self.gap(5)
        self._lines(text, STRONG, HEAD_MM, INK)
        self.gap(1)

    def say(self, text: str, *, small: bool = False, strong: bool = False, muted: bool = False) -> None:
        """A paragraph."""
        face, size = (STRONG if strong else SANS), (SMALL_MM if small else PLAIN_MM)
        self._lines(text, face, size, MUTED if muted else INK)

    def chart(self, chart: Chart) -> None:
        """A chart over the whole width, with its legend above it."""
        scale = self.room / chart.width
        self.need(chart.height * scale + 8)
        self._keys(chart)
        self._page.extend(_drawn(mark, scale, MARGIN_MM, self.y, self.lang) for mark in chart.marks)
        self.y += chart.height * scale + 3

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
        """Rows of words under their head, again on each page. `widths` are parts of the width; the first
        column begins at the left, the others end at the right."""
        wide = [share / sum(widths) * self.room for share in widths]
        self._row(head, wide, MEDIUM, MUTED)
        for row in rows:
            if self._row_height(row, wide) > self.left:
                self.turn()
                self._row(head, wide, MEDIUM, MUTED)
            self._row(row, wide, SANS, INK)
        self.gap(2)

    def gap(self, mm: float) -> None:
        """So much paper left empty."""
        self.y += mm

    def need(self, mm: float) -> None:
        """Turns the page when less than this is left of it."""
        if self.left < mm:
            self.turn()

    @property
    def left(self) -> float:
        """What is left of the page in mm."""
        return HEIGHT_MM - MARGIN_MM - FOOT_MM - self.y

    def turn(self) -> None:
        """A new page; TooLong after the 60th."""
        if len(self._pages) >= PAGES_MAX:
            raise TooLong(Said("A report has at most %(n)s pages.", n=PAGES_MAX))
        self._pages.append([])
        self.y = MARGIN_MM

    def pdf(self) -> bytes:
        """The file."""
        count = len(self._pages)
        return cairo.document([self._whole(number, count) for number in range(1, count + 1)])

    @property
    def pages(self) -> int:
        """How many there are."""
        return len(self._pages)

    @property
    def _page(self) -> list[str]:
        return self._pages[-1]

    def _whole(self, number: int, count: int) -> str:
        foot = HEIGHT_MM - MARGIN_MM + 4
        inside = [
            f'<rect x="0" y="0" width="{WIDTH_MM}" height="{HEIGHT_MM}" fill="#FFFFFF"/>',
            *self._pages[number - 1],
            _line(MARGIN_MM, foot - 5, WIDTH_MM - MARGIN_MM, foot - 5, LINE, 0.15),
            _words(self.running, SANS, SMALL_MM, (MARGIN_MM, foot), MUTED, self.lang),
            _words(
                f"{number} / {count}", SANS, SMALL_MM, (WIDTH_MM - MARGIN_MM, foot), MUTED, self.lang,
                svg.RIGHT,
            ),
        ]  # fmt: skip
        size = f'width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm" viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(inside)}</svg>'

    def _lines(self, text: str, face: str, size: float, fill: str, leading: float = LEADING) -> None:
        for line in wrapped(text, face, size, self.room, self.lang):
            self.need(size * leading)
            self.y += size * leading
            self._page.append(_words(line, face, size, (MARGIN_MM, self.y - size * 0.3), fill, self.lang))

    def _keys(self, chart: Chart) -> None:
        x, y = MARGIN_MM, self.y + 3
        for key in chart.keys:
            self._page.append(_drawn(_sign(key), KEY_SCALE, x, y - 2.5, self.lang))
            self._page.append(_words(key.words, SANS, SMALL_MM, (x + 3.6, y), MUTED, self.lang))
            x += 3.6 + width(key.words, SANS, SMALL_MM, self.lang) + 5
        if chart.keys:
            self.y += 6

    def _row_height(self, cells: Sequence[str], wide: Sequence[float]) -> float:
        lines = max(len(self._wrapped(cell, mm, SANS)) for cell, mm in zip(cells, wide, strict=True))
        return lines * SMALL_MM * LEADING + 2.2

    def _wrapped(self, cell: str, mm: float, face: str) -> list[str]:
        return wrapped(cell, face, SMALL_MM, mm - CELL_GAP_MM, self.lang) if cell else [""]

    def _row(self, cells: Sequence[str], wide: Sequence[float], face: str, fill: str) -> None:
        self.need(self._row_height(cells, wide))
        x, tall = MARGIN_MM, self._row_height(cells, wide)
        for place, (cell, mm) in enumerate(zip(cells, wide, strict=True)):
            right = place > 0
            for number, line in enumerate(self._wrapped(cell, mm, face)):
                at = (x + mm if right else x, self.y + 3.4 + number * SMALL_MM * LEADING)
                align = svg.RIGHT if right else svg.LEFT
                self._page.append(_words(line, face, SMALL_MM, at, fill, self.lang, align))
            x += mm
        self.y += tall
        self._page.append(_line(MARGIN_MM, self.y, WIDTH_MM - MARGIN_MM, self.y, LINE, 0.12))


def wrapped(text: str, face: str, size: float, width_mm: float, lang: str) -> list[str]:
    """Lines that fit; a piece wider than a line is cut within itself."""
    lines = [""]
    for piece in pieces(text):
        if width(lines[-1] + piece.rstrip(), face, size, lang) <= width_mm or not lines[-1]:
            lines[-1] += piece
        else:
            lines.append(piece)
        while width(lines[-1].rstrip(), face, size, lang) > width_mm and len(lines[-1]) > 1:
            kept = _cut(lines[-1], face, size, width_mm, lang)
            lines[-1:] = [kept, lines[-1][len(kept) :]]
    return [line.strip() for line in lines if line.strip()] or [""]


@lru_cache(maxsize=20_000)
def width(text: str, face: str, size: float, lang: str) -> float:
    """The width of a line in mm."""
    return lettering.outline(printable(text, face), face, size, lang=lang).width_mm if text else 0.0


@lru_cache(maxsize=5_000)
def printable(text: str, face: str) -> str:
    """The text with a middle dot for each letter that no font has, and at most a line of it."""
    missing = set(lettering.missing(text, face))
    return "".join("·" if letter in missing else letter for letter in text)[: lettering.CHARACTERS_MAX]


def _cut(text: str, face: str, size: float, width_mm: float, lang: str) -> str:
    end = len(text) - 1
    while end > 1 and width(text[:end], face, size, lang) > width_mm:
        end -= 1
    return text[:end]


def _words(
    text: str, face: str, size: float, at: tuple[float, float], fill: str, lang: str, align: float = svg.LEFT
) -> str:
    return svg.words(printable(text, face), face, size, at, fill, align=align, lang=lang)


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, wide: float, dash: str = "") -> str:
    path = f"M{x1:.3f} {y1:.3f}l{x2 - x1:.3f} {y2 - y1:.3f}"
    return f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{wide:.3f}"{dash}/>'


def _drawn(mark: Mark, scale: float, left: float, top: float, lang: str) -> str:
    """One mark of a chart as an element of a page in mm."""
    match mark:
        case Rect():
            edge = f' stroke="{PRINT[mark.edge]}" stroke-width="{scale:.3f}"' if mark.edge else ""
            return (
                f'<rect x="{left + mark.x * scale:.3f}" y="{top + mark.y * scale:.3f}" '
                f'width="{mark.width * scale:.3f}" height="{mark.height * scale:.3f}" '
                f'rx="{mark.corner * scale:.3f}" fill="{PRINT[mark.fill]}"{edge}/>'
            )
        case Line():
            dots = " ".join(f"{one * scale:.3f}" for one in mark.dash)
            dash = f' stroke-dasharray="{dots}"' if dots else ""
            ends = (
                left + mark.x1 * scale,
                top + mark.y1 * scale,
                left + mark.x2 * scale,
                top + mark.y2 * scale,
            )
            return _line(*ends, PRINT[mark.stroke], mark.width * scale, dash)
        case Path():
            return _path(mark, scale, left, top)
        case Dot():
            return (
                f'<circle cx="{left + mark.x * scale:.3f}" cy="{top + mark.y * scale:.3f}" '
                f'r="{mark.r * scale:.3f}" fill="{PRINT[mark.fill]}" stroke="{PRINT[mark.stroke]}" '
                f'stroke-width="{mark.width * scale:.3f}"/>'
            )
        case Columns():
            each = (Rect(x, y, mark.width, mark.foot - y, mark.fill, mark.corner) for x, y in mark.tops)
            return "".join(_drawn(one, scale, left, top, lang) for one in each)
        case Words():
            at = (left + mark.x * scale, top + mark.y * scale)
            face, size = _FACES[mark.weight], mark.size * scale
            return _words(mark.text, face, size, at, PRINT[mark.fill], lang, _ALIGN[mark.anchor])


def _sign(key: Key) -> Mark:
    """The mark of a legend, in the px of charts."""
    if key.shape == "bar":
        return Line(5, 0, 5, 12, key.paint, 1.6)
    if key.shape in {"round", "ring"}:
        return Dot(5, 6, 4.5, "sheet" if key.shape == "ring" else key.paint, key.paint, 1.2)
    return Rect(0.5, 1.5, 9, 9, key.paint, 2, "edge" if key.paint in OUTLINED else "")


def _path(mark: Path, scale: float, left: float, top: float) -> str:
    (x, y), *rest = [(left + px * scale, top + py * scale) for px, py in mark.points]
    steps, at = [], (x, y)
    for point in rest:
        steps.append(f"{point[0] - at[0]:.3f} {point[1] - at[1]:.3f}")
        at = point
    path = f"M{x:.3f} {y:.3f}l{' '.join(steps)}" + ("z" if mark.fill else "")
    if mark.fill:
        return f'<path d="{path}" fill="{PRINT[mark.fill]}"/>'
    look = f'stroke="{PRINT[mark.stroke]}" stroke-width="{mark.width * scale:.3f}" stroke-linejoin="round"'
    return f'<path d="{path}" fill="none" {look}/>'
