"""Charts read back from their SVG: what stands where, and in which paint."""

from __future__ import annotations

from xml.etree import ElementTree

from bankside.measures.charts.chart import Chart
from bankside.measures.charts.paints import PAGE, Paints

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>\"'&"


def root(chart: Chart, paints: Paints = PAGE) -> ElementTree.Element:
    """The picture; a mistake in it raises."""
    return ElementTree.fromstring(chart.svg(paints))


def all_of(chart: Chart, tag: str, paints: Paints = PAGE) -> list[dict[str, str]]:
    return [dict(one.attrib) for one in root(chart, paints).iter(f"{SVG}{tag}")]


def words(chart: Chart) -> list[str]:
    return [one.text or "" for one in root(chart).iter(f"{SVG}text")]


def spans(chart: Chart) -> list[tuple[float, float]]:
    """Where each bar begins and ends."""
    return [(float(r["x"]), float(r["x"]) + float(r["width"])) for r in all_of(chart, "rect")]


def grey(colour: str) -> float:
    """How light a colour is, 0 to 100 (CIE L*)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""

    def light(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
