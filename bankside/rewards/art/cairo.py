"""Cairo draws our pages, as vectors or in pixels. It is a library of the system, loaded when first needed.

A page is SVG of the few elements that `svg.py`, `scenery.py` and `furniture.py` write, and nothing else is
understood here: a general reader takes three times as long. Paths are `M` with relative `l q c s` and `z`;
gradients are in user space; there is no text, no style, no picture and no reference outside.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS_PER_MM: Final = 72 / 25.4
BLOCKS_KEPT_MAX: Final = 8_192
_BLOCK_CHARACTERS_MAX: Final = 2_000  # letters are drawn again and again, lines once
_LINE_TO, _CURVE_TO, _CLOSE = 1, 2, 3
_COMMAND: Final = re.compile(r"([lqcsz])([^lqcsz]*)")
_TRANSFORM: Final = re.compile(r"(translate|scale)\(([^)]*)\)")
_ELEMENTS: Final = frozenset({"g", "path", "circle", "rect"})


class CairoMissing(RuntimeError):
    """The library that writes PDF and pictures is not on this machine."""


def vector(page: str) -> bytes:
    """A page whose size is in millimetres as a PDF, vectors only."""
    root, cairo, out = ElementTree.fromstring(page), _library(), io.BytesIO()  # noqa: S314  # our own words
    sides = (root.attrib[side].removesuffix("mm") for side in ("width", "height"))
    width, height = (float(side) * POINTS_PER_MM for side in sides)
    surface = cairo.PDFSurface(out, width, height)
    _Painter(root, cairo, surface, width, height).paint()
    surface.finish()
    return out.getvalue()


def pixels(page: str) -> NDArray[np.uint8]:
    """A page whose size is in pixels: (height, width, 4), blue, green, red, opacity."""
    root, cairo = ElementTree.fromstring(page), _library()  # noqa: S314  # our own words
    width, height = int(root.attrib["width"]), int(root.attrib["height"])
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, width, height)
    _Painter(root, cairo, surface, width, height).paint()
    surface.flush()
    data = np.frombuffer(bytes(surface.get_data()), dtype=np.uint8)
    return data.reshape(height, surface.get_stride() // 4, 4)[:, :width]


def _library() -> Any:
    try:
        import cairocffi
    except OSError as error:
        raise CairoMissing(
            "card files need the library libcairo2; install it (`apt install libcairo2`) and try again"
        ) from error
    return cairocffi


class _Painter:
    """Walks through a page, element by element, with what groups hand down."""

    def __init__(
        self, root: ElementTree.Element, cairo: Any, surface: Any, width: float, height: float
    ) -> None:
        self.cairo, self.context = cairo, cairo.Context(surface)
        x, y, wide, high = (float(n) for n in root.attrib["viewBox"].split())
        self.context.scale(width / wide, height / high)
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
        self.context.set_source(pattern)

    def _trace(self, element: ElementTree.Element) -> None:
        """Makes the outline of an element the current path."""
        self.context.new_path()
        match _tag(element):
            case "path":
                self._append(element.attrib["d"])
            case "circle":
                x, y, r = _numbers(element, "cx", "cy", "r")
                self.context.arc(x, y, r, 0, 2 * np.pi)
                self.context.close_path()
            case _:
                self._rectangle(*_numbers(element, "x", "y", "width", "height", "rx"))

    def _rectangle(self, x: float, y: float, width: float, height: float, corner: float) -> None:
        if not corner:
            self.context.rectangle(x, y, width, height)
            return
        quarter = np.pi / 2
        middles = (
            (x + width - corner, y + corner), (x + width - corner, y + height - corner),
            (x + corner, y + height - corner), (x + corner, y + corner),
        )  # fmt: skip
        for turn, (mx, my) in enumerate(middles):
            self.context.arc(mx, my, corner, (turn - 1) * quarter, turn * quarter)
        self.context.close_path()

    def _append(self, path: str) -> None:
        """Hands a whole path over at once, as Cairo keeps it."""
        blocks = []
        for part in path.split("M")[1:]:
            at = re.search("[lqcsz]", part)
            start = np.array([float(n) for n in part[: at.start() if at else None].split()])
            rest = part[at.start() :] if at else ""
            heads, rows = (_kept if len(rest) <= _BLOCK_CHARACTERS_MAX else _block)(rest)
            moved = rows + start
            moved[heads] = rows[heads]
            blocks.append(moved)
        if not blocks:
            return
        rows = np.ascontiguousarray(np.concatenate(blocks))
        ffi, library = self.cairo.ffi, self.cairo.cairo
        data = ffi.cast("cairo_path_data_t *", ffi.from_buffer(rows))
        whole = ffi.new("cairo_path_t *", {"status": 0, "data": data, "num_data": len(rows)})
        library.cairo_append_path(self.context._pointer, whole)


def _block(commands: str) -> tuple[NDArray[np.intp], Floats]:
    """Everything after one `M`, from (0, 0): which rows are heads, and the rows as Cairo keeps them."""
    parts = [_rows(0, np.zeros((1, 1, 2)))]
    at = mirror = np.zeros(2)
    for letter, numbers in _COMMAND.findall(commands):
        if letter == "z":
            parts.append(_rows(_CLOSE, np.zeros((1, 0, 2))))
            continue
        values = np.fromstring(numbers, sep=" ").reshape(-1, 2)
        match letter:
            case "l":
                points = at + np.cumsum(values, axis=0)
                parts.append(_rows(_LINE_TO, points[:, None]))
                at = mirror = points[-1]
            case "q":
                points, at = _quadratic(at, values.reshape(-1, 2, 2))
                parts.append(_rows(_CURVE_TO, points))
                mirror = at
            case _:
                points = _cubic(at, mirror, values, smooth=letter == "s")
                parts.append(_rows(_CURVE_TO, points))
                at = points[-1, 2]
                mirror = 2 * at - points[-1, 1]
    whole = np.concatenate(parts)
    heads = np.flatnonzero(np.concatenate([_heads(part) for part in parts]))
    return heads, whole


_kept = lru_cache(maxsize=BLOCKS_KEPT_MAX)(_block)


def _cubic(at: Floats, mirror: Floats, values: Floats, *, smooth: bool) -> Floats:
    """Curves of three points each, (n, 3, 2), absolute; of two with the first one mirrored when `smooth`."""
    steps = values.reshape(-1, 2 if smooth else 3, 2)
    ends = at + np.cumsum(steps[:, -1], axis=0)
    begins = np.concatenate([at[None], ends[:-1]])
    second = begins + steps[:, -2]
    first = np.concatenate([mirror[None], 2 * begins[1:] - second[:-1]]) if smooth else begins + steps[:, 0]
    return np.stack([first, second, ends], axis=1)


def _quadratic(at: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """The same curves with three points instead of two, and where the last one ends."""
    ends = at + np.cumsum(steps[:, 1], axis=0)
    begins = np.concatenate([at[None], ends[:-1]])
    control = begins + steps[:, 0]
    return np.stack([(begins + 2 * control) / 3, (ends + 2 * control) / 3, ends], axis=1), ends[-1]


def _rows(kind: int, points: Floats) -> Floats:
    """Points (n, m, 2) behind heads that hold a kind and a length, as two numbers of 32 bits."""
    count, each, _ = points.shape
    rows = np.zeros((count, each + 1, 2))
    rows[:, 1:] = points
    heads = rows.view(np.int32).reshape(count, each + 1, 4)
    heads[:, 0, 0], heads[:, 0, 1] = kind, each + 1
    return rows.reshape(-1, 2)


def _heads(rows: Floats) -> NDArray[np.bool_]:
    """Which rows of one kind are heads: the first of every so many."""
    length = int(rows.view(np.int32)[0, 1])
    first: NDArray[np.bool_] = np.arange(len(rows)) % length == 0
    return first


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
