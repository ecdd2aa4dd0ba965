"""A page of SVG, put together from strings that we alone write: no word of a person ever stands in it."""

from __future__ import annotations

from collections.abc import Iterable

from bankside.rewards.art import lettering
from bankside.rewards.art.sheet import Box
from bankside.rewards.art.themes import Stop

LEFT, CENTRE, RIGHT = 0.0, 0.5, 1.0


def page(
    box: Box, inside: Iterable[str], *, defs: Iterable[str] = (), width: str = "", height: str = ""
) -> str:
    """A whole file in millimetres that shows `box`; `width` and `height` may say pixels instead."""
    size = f'width="{width or f"{box.width:.4g}mm"}" height="{height or f"{box.height:.4g}mm"}"'
    view = " ".join(number(n) for n in box)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{view}">'
    return "".join([head, "<defs>", *defs, "</defs>", *inside, "</svg>"])


def number(value: float) -> str:
    """A length with at most three decimals: a thousandth of a millimetre."""
    return f"{value:.3f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def words(
    text: str, face: str, size_mm: float, at: tuple[float, float], fill: str, *,
    align: float = LEFT, tracking: float = 0.0, lang: str = "en",
) -> str:  # fmt: skip
    """One line of outlines; `at` is its beginning, middle or end on the baseline in mm. No text, no path."""
    if not text:
        return ""
    drawn = lettering.outline(text, face, size_mm, tracking=tracking, lang=lang)
    x = at[0] - align * drawn.width_mm
    place = f'transform="translate({number(x)} {number(at[1])}) scale(.001)"'
    return f'<path fill="{fill}" {place} d="{drawn.path}"/>'


def rect(box: Box, fill: str, *, corner_mm: float = 0.0, more: str = "") -> str:
    """A rectangle, round at its corners when they have a radius."""
    sides = (
        f'x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" height="{number(box.height)}"'
    )
    corner = f' rx="{number(corner_mm)}"' if corner_mm else ""
    return f'<rect {sides}{corner} fill="{fill}"{more}/>'


def linear(name: str, start: tuple[float, float], end: tuple[float, float], stops: Iterable[Stop]) -> str:
    """A gradient along a line, in the units of what it paints."""
    line = f'x1="{number(start[0])}" y1="{number(start[1])}" x2="{number(end[0])}" y2="{number(end[1])}"'
    return (
        f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse" {line}>{_stops(stops)}</linearGradient>'
    )


def radial(name: str, stops: Iterable[Stop]) -> str:
    """A gradient from the middle of the unit circle to its edge."""
    circle = 'cx="0" cy="0" r="1" fx="0" fy="0"'
    units = 'gradientUnits="userSpaceOnUse"'
    return f'<radialGradient id="{name}" {units} {circle}>{_stops(stops)}</radialGradient>'


def cloud(name: str, middle: tuple[float, float], reach: tuple[float, float]) -> str:
    """The unit circle filled with a radial gradient, moved and stretched to an ellipse in mm."""
    place = f"translate({number(middle[0])} {number(middle[1])}) scale({number(reach[0])} {number(reach[1])})"
    return f'<circle transform="{place}" r="1" fill="url(#{name})"/>'


def _stops(stops: Iterable[Stop]) -> str:
    return "".join(
        f'<stop offset="{number(at)}" stop-color="{colour}" stop-opacity="{number(opacity)}"/>'
        for at, colour, opacity in stops
    )
