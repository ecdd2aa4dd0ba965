"""What a chart is made of: a few marks in named paints, which become SVG here and vectors in a report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final, Literal

from bankside.measures.charts.letters import SIZE_PX
from bankside.measures.charts.paints import Paints

Anchor = Literal["start", "middle", "end"]
Weight = Literal[400, 500, 600]
DOTTED: Final = (2.0, 3.0)
LENGTHS_KEPT: Final = 8_192


@dataclass(frozen=True, slots=True)
class Rect:
    """A bar or a part of one, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    corner: float = 0.0
    edge: str = ""

    def svg(self, paints: Paints) -> str:
        """The element."""
        corner = f' rx="{n(self.corner)}"' if self.corner else ""
        edge = f' stroke="{paints[self.edge]}" stroke-width="1"' if self.edge else ""
        return (
            f'<rect x="{n(self.x)}" y="{n(self.y)}" width="{n(self.width)}" height="{n(self.height)}"'
            f'{corner} fill="{paints[self.fill]}"{edge}/>'
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    stroke: str
    width: float = 1.0
    dash: tuple[float, ...] = ()

    def svg(self, paints: Paints) -> str:
        """The element."""
        dash = f' stroke-dasharray="{" ".join(n(one) for one in self.dash)}"' if self.dash else ""
        return (
            f'<line x1="{n(self.x1)}" x2="{n(self.x2)}" y1="{n(self.y1)}" y2="{n(self.y2)}"'
            f' stroke="{paints[self.stroke]}" stroke-width="{n(self.width)}"{dash}/>'
        )


@dataclass(frozen=True, slots=True)
class Path:
    """Points joined by straight lines: an area when `fill`, a line when `stroke`."""

    points: tuple[tuple[float, float], ...]
    fill: str = ""
    stroke: str = ""
    width: float = 2.0

    def svg(self, paints: Paints) -> str:
        """The element."""
        points = " ".join(f"{n(x)},{n(y)}" for x, y in self.points)
        if self.fill:
            return f'<polygon points="{points}" fill="{paints[self.fill]}"/>'
        look = f'stroke="{paints[self.stroke]}" stroke-width="{n(self.width)}" stroke-linejoin="round"'
        return f'<polyline points="{points}" fill="none" {look}/>'


@dataclass(frozen=True, slots=True)
class Dot:
    """A point: filled, or a ring whose inside is the sheet."""

    x: float
    y: float
    r: float
    fill: str
    stroke: str
    width: float
    name: str = ""

    def svg(self, paints: Paints) -> str:
        """The element."""
        name = f' class="{self.name}"' if self.name else ""
        return (
            f'<circle{name} cx="{n(self.x)}" cy="{n(self.y)}" r="{n(self.r)}" fill="{paints[self.fill]}"'
            f' stroke="{paints[self.stroke]}" stroke-width="{n(self.width)}"/>'
        )


@dataclass(frozen=True, slots=True)
class Words:
    """One line of words on its baseline."""

    x: float
    y: float
    text: str
    fill: str = "muted"
    anchor: Anchor = "start"
    weight: Weight = 400
    size: float = SIZE_PX

    def svg(self, paints: Paints) -> str:
        """The element; what people wrote is escaped."""
        anchor = f' text-anchor="{self.anchor}"' if self.anchor != "start" else ""
        weight = f' font-weight="{self.weight}"' if self.weight != 400 else ""
        return (
            f'<text x="{n(self.x)}" y="{n(self.y)}"{anchor} font-size="{n(self.size)}"{weight}'
            f' fill="{paints[self.fill]}">{escape(self.text)}</text>'
        )


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one width that stand on one foot, each by the upper left corner: a single element, because a
    page has hundreds of them."""

    tops: tuple[tuple[float, float], ...]
    width: float
    foot: float
    fill: str
    corner: float = 0.0

    def svg(self, paints: Paints) -> str:
        """The element. A column that is narrow has no round corners."""
        corner = self.corner if self.width > 3 * self.corner else 0.0
        back = f"V{n(self.foot)}h-{n(self.width)}z"
        over = f"h{n(self.width - 2 * corner)}"
        if corner:
            c = n(corner)
            up, down = f"q0-{c} {c}-{c}", f"q{c} 0 {c} {c}"
            columns = (f"M{n(x)} {n(y + corner)}{up}{over}{down}{back}" for x, y in self.tops)
        else:
            columns = (f"M{n(x)} {n(y)}{over}{back}" for x, y in self.tops)
        return f'<path d="{"".join(columns)}" fill="{paints[self.fill]}"/>'


Mark = Rect | Line | Path | Dot | Words | Columns


@lru_cache(maxsize=LENGTHS_KEPT)
def n(value: float) -> str:
    """A length to a tenth of a px, without a tail of zeros. Kept: columns share most of theirs."""
    return f"{value:.1f}".removesuffix(".0").replace("-0.0", "0")
