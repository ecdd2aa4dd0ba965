"""Cairo draws our pages, as vectors or in pixels. It is a library of the system, loaded when first needed.

A page is SVG of the few elements that `svg.py`, `scenery.py` and `furniture.py` write, and nothing else is
understood here: a general reader takes three times as long. Gradients are in user space; there is no text,
no style, no picture and no reference outside.

In pixels two things are drawn more cheaply than they could be, and no eye sees it: a gradient is painted at
an eighth of the size and stretched, and where pixels are small enough, lines with a gradient have sixteen
steps of grey at their edges. Words, codes and all of a PDF are drawn as exactly as the library can.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

from bankside.late import numpy as np
from bankside.rewards.art import paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS_PER_MM: Final = 72 / 25.4
_STRETCHED: Final = 8  # colours of a gradient change over hundreds of pixels
_SMALL_PIXELS_PER_MM_MIN: Final = 16  # the finest lines are three of them wide
_TRANSFORM: Final = re.compile(r"(translate|scale)\(([^)]*)\)")
_ELEMENTS: Final = frozenset({"g", "path", "circle", "rect"})


class CairoMissing(RuntimeError):
    """The library that writes PDF and pictures is not on this machine."""


def vector(page: str) -> bytes:
    """A page whose size is in millimetres as a PDF, vectors only."""
    return document([page])


def document(pages: Sequence[str]) -> bytes:
    """Pages whose sizes are in millimetres as one PDF, vectors only."""
    cairo, out = _library(), io.BytesIO()
    surface = cairo.PDFSurface(out, 1, 1)
    for page in pages:
        root = ElementTree.fromstring(page)  # noqa: S314  # our own words
        sides = (root.attrib[side].removesuffix("mm") for side in ("width", "height"))
        width, height = (float(side) * POINTS_PER_MM for side in sides)
        surface.set_size(width, height)
        _Painter(root, cairo, surface, width, height).paint()
        surface.show_page()
    surface.finish()
    return out.getvalue()


def pixels(page: str) -> NDArray[np.uint8]:
    """A page whose size is in pixels: (height, width, 4), blue, green, red, opacity."""
    root, cairo = ElementTree.fromstring(page), _library()  # noqa: S314  # our own words
    width, height = int(root.attrib["width"]), int(root.attrib["height"])
    data = np.zeros((height, width, 4), dtype=np.uint8)
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, width, height, data.data.cast("B"), 4 * width)
    _Painter(root, cairo, surface, width, height, small=(width, height)).paint()
    surface.finish()
    return data


def _library() -> Any:
    try:
        import cairocffi
    except OSError as error:
        raise CairoMissing(
            "card files need the library libcairo2; install it (`apt install libcairo2`) and try again"
        ) from error
    return cairocffi


class _Painter:
    """Walks through a page, element by element, with what groups hand down; `small` as in `_stretched`."""

    def __init__(
        self, root: ElementTree.Element, cairo: Any, surface: Any, width: float, height: float,
        *, small: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        self.cairo, self.context = cairo, cairo.Context(surface)
        self.small = small and (small[0] // _STRETCHED + 2, small[1] // _STRETCHED + 2)
        x, y, wide, high = (float(n) for n in root.attrib["viewBox"].split())
        self.context.scale(width / wide, height / high)
        self.fine = small is not None and width / wide >= _SMALL_PIXELS_PER_MM_MIN
        self.context.translate(-x, -y)
        named = (child for defs in root if _tag(defs) == "defs" for child in defs)
        self.defs = {element.attrib["id"]: element for element in named}
        self.shown = [element for element in root if _tag(element) != "defs"]

    def paint(self) -> None:
        """All elements, from back to front."""
        for element in self.shown:
            self._element(element, {})

    def _element(self, element: ElementTree.Element, above: dict[str, str]) -> None:
        tag = _tag(element)
        if tag not in _ELEMENTS:
            raise ValueError(f"a page of a card holds no {tag}")
        look = {**above, **element.attrib}
        look.pop("transform", "")
        with self.context:
            self._move(element.attrib.get("transform", ""))
            if clip := element.attrib.get("clip-path"):
                look.pop("clip-path")
                self._trace(self.defs[_reference(clip)][0])
                self.context.clip()
            if tag == "g":
                for child in element:
                    self._element(child, look)
                return
            self._trace(element)
            self._fill_and_stroke(look)

    def _move(self, transform: str) -> None:
        for kind, numbers in _TRANSFORM.findall(transform):
            x, *rest = (float(n) for n in numbers.split())
            if kind == "translate":
                self.context.translate(x, rest[0] if rest else 0)
            else:
                self.context.scale(x, rest[0] if rest else x)

    def _fill_and_stroke(self, look: dict[str, str]) -> None:
        context = self.context
        if (fill := look.get("fill", "#000000")) != "none":
            self._source(fill, float(look.get("fill-opacity", 1)))
            crisp = look.get("shape-rendering") == "crispEdges"
            context.set_antialias(self.cairo.ANTIALIAS_NONE if crisp else self.cairo.ANTIALIAS_DEFAULT)
            context.fill_preserve()
        if (stroke := look.get("stroke", "none")) != "none":
            self._source(stroke, float(look.get("stroke-opacity", 1)))
            fast = self.fine and stroke.startswith("url(")
            context.set_antialias(self.cairo.ANTIALIAS_FAST if fast else self.cairo.ANTIALIAS_DEFAULT)
            context.set_line_width(float(look.get("stroke-width", 1)))
            context.set_dash([float(n) for n in look.get("stroke-dasharray", "").split()])
            round_join, round_cap = look.get("stroke-linejoin"), look.get("stroke-linecap")
            context.set_line_join(self.cairo.LINE_JOIN_ROUND if round_join else self.cairo.LINE_JOIN_MITER)
            context.set_line_cap(self.cairo.LINE_CAP_ROUND if round_cap else self.cairo.LINE_CAP_BUTT)
            context.stroke_preserve()
        context.new_path()

    def _source(self, paint: str, opacity: float) -> None:
        if not paint.startswith("url("):
            self.context.set_source_rgba(*_colour(paint), opacity)
            return
        gradient = self.defs[_reference(paint)]
        if _tag(gradient) == "linearGradient":
            pattern = self.cairo.LinearGradient(*_numbers(gradient, "x1", "y1", "x2", "y2"))
        else:
            x, y, r = _numbers(gradient, "cx", "cy", "r")
            pattern = self.cairo.RadialGradient(x, y, 0, x, y, r)
        for stop in gradient:
            offset, alpha = _numbers(stop, "offset", "stop-opacity")
            pattern.add_color_stop_rgba(offset, *_colour(stop.attrib["stop-color"]), alpha * opacity)
        self.context.set_source(self._stretched(pattern, *self.small) if self.small else pattern)

    def _stretched(self, gradient: Any, width: int, height: int) -> Any:
        """The same colours in the same places, from a small picture of the whole page."""
        picture = self.cairo.ImageSurface(self.cairo.FORMAT_ARGB32, width, height)
        there = self.context.get_matrix() * self.cairo.Matrix(1 / _STRETCHED, 0, 0, 1 / _STRETCHED)
        painter = self.cairo.Context(picture)
        painter.set_matrix(there)
        painter.set_source(gradient)
        painter.paint()
        pattern = self.cairo.SurfacePattern(picture)
        pattern.set_matrix(there)
        pattern.set_extend(self.cairo.EXTEND_PAD)
        pattern.set_filter(self.cairo.FILTER_BILINEAR)
        return pattern

    def _trace(self, element: ElementTree.Element) -> None:
        """Makes the outline of an element the current path."""
        self.context.new_path()
        match _tag(element):
            case "path":
                self._append(element.attrib["d"])
            case "circle":
                x, y, r = _numbers(element, "cx", "cy", "r")
                self.context.arc(x, y, r, 0, math.tau)
                self.context.close_path()
            case _:
                self._rectangle(*_numbers(element, "x", "y", "width", "height", "rx"))

    def _rectangle(self, x: float, y: float, width: float, height: float, corner: float) -> None:
        if not corner:
            self.context.rectangle(x, y, width, height)
            return
        quarter = math.pi / 2
        middles = (
            (x + width - corner, y + corner), (x + width - corner, y + height - corner),
            (x + corner, y + height - corner), (x + corner, y + corner),
        )  # fmt: skip
        for turn, (mx, my) in enumerate(middles):
            self.context.arc(mx, my, corner, (turn - 1) * quarter, turn * quarter)
        self.context.close_path()

    def _append(self, path: str) -> None:
        """Hands a whole path over at once, as Cairo keeps it."""
        rows = paths.rows(path)
        if not len(rows):
            return
        ffi, library = self.cairo.ffi, self.cairo.cairo
        data = ffi.cast("cairo_path_data_t *", ffi.from_buffer(rows))
        whole = ffi.new("cairo_path_t *", {"status": 0, "data": data, "num_data": len(rows)})
        library.cairo_append_path(self.context._pointer, whole)


def _numbers(element: ElementTree.Element, *names: str) -> list[float]:
    return [float(element.attrib.get(name, 0)) for name in names]


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _reference(paint: str) -> str:
    return paint.removeprefix("url(#").removesuffix(")")


@lru_cache(maxsize=256)
def _colour(text: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red / 255, green / 255, blue / 255
