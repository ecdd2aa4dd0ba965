"""Words as outlines: shaped by HarfBuzz, so that a bureau needs no font and a file carries none.

A line is cut into runs of one font each: a Latin face first, then Hangul, then Han. Fonts are fetched at
set-up (`bin/front_end.py`) and lie beside this file; without one, `FontMissing` says what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from bankside.late import uharfbuzz as hb
from bankside.said import Said

FONTS: Final = Path(__file__).resolve().parent / "fonts"
SANS, MEDIUM, STRONG, MONO, SERIF = "sans", "medium", "strong", "mono", "serif"
_HANGUL: Final = "noto-sans-kr-500.otf"
_HAN: Final = "noto-sans-hans-500.otf"
FACES: Final = {
    SANS: "instrument-sans-400.ttf",
    MEDIUM: "instrument-sans-500.ttf",
    STRONG: "instrument-sans-600.ttf",
    MONO: "dm-mono-400.ttf",
    SERIF: "instrument-serif-400.ttf",
}
CHARACTERS_MAX: Final = 200
# Hangul and Han fill their square; beside Latin of the same size they would look larger than it.
_SQUARE_SCALE: Final = 0.92


GLYPHS_KEPT_MAX: Final = 8_000
_Contour = tuple[int, int, str]


class FontMissing(RuntimeError):
    """A font of the cards was not fetched."""


class NoLetter(ValueError):
    """No font has this letter, so it cannot be drawn."""


@dataclass(frozen=True)
class Outline:
    """A line of words as a path in whole thousandths of a millimetre, from its beginning on the baseline."""

    path: str
    width_mm: float


@dataclass(frozen=True)
class _Run:
    font: str
    text: str


def outline(text: str, face: str, size_mm: float, *, tracking: float = 0.0, lang: str = "en") -> Outline:
    """One line; `size_mm` is the em, `tracking` a part of it added after each letter.

    NoLetter when no font has a letter, FontMissing when a font is not there.
    """
    if len(text) > CHARACTERS_MAX:
        raise ValueError(f"a line on a card has at most {CHARACTERS_MAX} characters")
    parts: list[str] = []
    x = 0.0
    for run in _runs(text, face, lang):
        square = run.font in (_HANGUL, _HAN)
        font = _font(run.font)
        scale = size_mm * (_SQUARE_SCALE if square else 1.0) / font.upem
        x = _set(font, run.text, lang, scale, tracking * size_mm, x, parts)
    return Outline("".join(parts), max(0.0, x - tracking * size_mm))


def fitting(text: str, face: str, size_mm: float, width_mm: float, *, lang: str = "en") -> float:
    """The size, `size_mm` at most, at which a line is at most `width_mm` wide."""
    width = outline(text, face, size_mm, lang=lang).width_mm
    return size_mm if width <= width_mm else size_mm * width_mm / width


def missing(text: str, face: str) -> str:
    """The letters of a text that no font has."""
    return "".join(sorted({c for c in text if not any(ord(c) in _font(f).letters for f in _chain(face, ""))}))


def _chain(face: str, lang: str) -> tuple[str, str, str]:
    """The font of a face, then those that stand in; both have Han letters, in the forms of two countries."""
    return FACES[face], *((_HANGUL, _HAN) if lang.startswith("ko") else (_HAN, _HANGUL))


def _runs(text: str, face: str, lang: str) -> list[_Run]:
    """Runs of one font. A mark stays with its letter; a space or a sign stays in the run where it can."""
    runs: list[_Run] = []
    for character in text:
        if runs and not character.isalnum() and ord(character) in _font(runs[-1].font).letters:
            name = runs[-1].font
        else:
            chain = _chain(face, lang)
            name = next((f for f in chain if ord(character) in _font(f).letters), "")
        if not name:
            raise NoLetter(Said("The letter %(letter)s cannot be printed.", letter=character))
        if runs and runs[-1].font == name:
            runs[-1] = _Run(name, runs[-1].text + character)
        else:
            runs.append(_Run(name, character))
    return runs


def _set(
    font: _Font, text: str, lang: str, scale: float, tracking_mm: float, x: float, parts: list[str]
) -> float:
    """Shapes one run and adds its outlines; where the next one begins, in mm."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.language = lang
    hb.shape(font.font, buffer, {"liga": tracking_mm == 0})
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        if info.codepoint == 0:
            raise NoLetter(Said("The letter %(letter)s cannot be printed.", letter=text[info.cluster]))
        left, down = (x + place.x_offset * scale) * 1000, -place.y_offset * scale * 1000
        for start_x, start_y, rest in font.drawn(info.codepoint, scale * 1000):
            parts.append(f"M{round(left + start_x)} {round(down + start_y)}{rest}")
        x += place.x_advance * scale + tracking_mm
    return x


class _Font:
    """One font file: what HarfBuzz needs of it, its letters, and glyphs that were drawn before."""

    def __init__(self, name: str) -> None:
        file = FONTS / name
        if not file.is_file():
            raise FontMissing(
                f"the font {name} is not there; run `python3 bin/front_end.py`, or install the built wheel"
            )
        face = hb.Face(hb.Blob.from_file_path(str(file)))
        self.font, self.upem = hb.Font(face), int(face.upem)
        self.letters = frozenset(face.unicodes)
        self._glyphs: dict[tuple[int, float], tuple[_Contour, ...]] = {}

    def drawn(self, glyph: int, scale: float) -> tuple[_Contour, ...]:
        """The contours of a glyph at so many units per font unit; thousands of them are remembered."""
        found = self._glyphs.get((glyph, scale))
        if found is None:
            if len(self._glyphs) >= GLYPHS_KEPT_MAX:
                self._glyphs.clear()
            drawn: list[tuple[Any, ...]] = []
            self.font.draw_glyph(glyph, _pen(), drawn)
            found = self._glyphs[glyph, scale] = tuple(_contours(drawn, scale))
        return found


def _contours(drawn: list[tuple[Any, ...]], scale: float) -> Iterator[_Contour]:
    """Each contour from its first point on in steps, turned upside down because pages count downwards."""
    at, start, parts = (0, 0), (0, 0), list[str]()
    for letter, *numbers in drawn:
        points = [
            (round(x * scale), round(-y * scale)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)
        ]
        match letter:
            case "M":
                start = at = points[0]
                parts = []
            case "z":
                yield (*start, "".join([*parts, "z"]))
            case _:
                parts.append(letter + " ".join(f"{x - at[0]} {y - at[1]}" for x, y in points))
                at = points[-1]


@cache
def _font(name: str) -> _Font:
    return _Font(name)


@cache
def _pen() -> Any:
    """HarfBuzz's calls as commands of an SVG path."""
    pen = hb.DrawFuncs()
    pen.set_move_to_func(lambda x, y, drawn: drawn.append(("M", x, y)))
    pen.set_line_to_func(lambda x, y, drawn: drawn.append(("l", x, y)))
    pen.set_quadratic_to_func(lambda a, b, x, y, drawn: drawn.append(("q", a, b, x, y)))
    pen.set_cubic_to_func(lambda a, b, c, d, x, y, drawn: drawn.append(("c", a, b, c, d, x, y)))
    pen.set_close_path_func(lambda drawn: drawn.append(("z",)))
    return pen
