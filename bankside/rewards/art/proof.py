"""What a proof shows over the art: trim, bleed, safe area, what stays free, and the personal words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bankside.rewards.art import lettering, svg
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.sheet import BLEED, CHIP, CORNER_MM, PERSONAL, RESERVES, SAFE, STRIPE, TRIM, Box
from bankside.rewards.art.themes import THEMES

# Colours on a dark ground; on a light one frames take the darker sister.
_TRIM, _BLEED, _SAFE, _FREE, _PERSON = "#19d7f2", "#ff5cf0", "#9cf25c", "#ffd23f", "#ff9a5c"
_DARKER: Final = {
    _TRIM: "#0083a3", _BLEED: "#c21fb5", _SAFE: "#3a7d00", _FREE: "#9a6500", _PERSON: "#b34a12",
}  # fmt: skip
_LABEL_MM: Final = 1.45
_UNDER: Final = "#05070c"


@dataclass(frozen=True)
class _Marked:
    """A box, what is written about it and where: at the left or the right end, on a baseline in mm."""

    box: Box
    colour: str
    label: str
    at: tuple[float, float]
    align: float = svg.LEFT
    dashed: bool = True
    corner_mm: float = 0.0


def overlay(art: Artwork, side: str) -> list[str]:
    """Lines and labels for one side, in mm over trim and bleed. Labels are for the bureau, in English."""
    ground = THEMES[art.theme].ground[0][1]
    light = sum(bytes.fromhex(ground.removeprefix("#"))) > 3 * 128
    marked = [*_of_both(side), *(_of_front(art) if side == "front" else _of_back())]
    return [part for mark in marked for part in _drawn(mark, light=light)]


def _of_both(side: str) -> list[_Marked]:
    # On the back the stripe is where the label stands on the front.
    front = side == "front"
    at = (SAFE.x + 0.5, SAFE.y + 1.8) if front else (SAFE.right - 0.5, SAFE.bottom - 0.6)
    align = svg.LEFT if front else svg.RIGHT
    return [
        _Marked(TRIM, _TRIM, "trim 85.60 × 53.98 mm, r 3.18", (0, -1.0), dashed=False, corner_mm=CORNER_MM),
        _Marked(BLEED.grown(-0.08), _BLEED, "bleed 3 mm", (TRIM.right, -1.0), svg.RIGHT, dashed=False),
        _Marked(SAFE, _SAFE, "safe area, 3 mm", at, align),
    ]


def _of_front(art: Artwork) -> list[_Marked]:
    mark = RESERVES[art.mark_reserve]
    below = mark.y < TRIM.height / 2
    base = mark.bottom + 1.7 if below else mark.y - 0.6
    over = PERSONAL.y - 0.6
    return [
        _Marked(CHIP, _FREE, "chip keep-out (ISO/IEC 7816-2)", (CHIP.x, CHIP.bottom + 1.7)),
        _Marked(mark, _FREE, "scheme mark reserve", (mark.right, base), svg.RIGHT),
        _Marked(PERSONAL, _PERSON, "personalisation", (PERSONAL.right, over), svg.RIGHT),
    ]


def _of_back() -> list[_Marked]:
    words = f"magnetic stripe (ISO/IEC 7811), {STRIPE.y:.1f} mm from the top"
    return [_Marked(STRIPE, _FREE, words, (SAFE.x + 0.5, STRIPE.y + 2.2))]


def _drawn(mark: _Marked, *, light: bool) -> list[str]:
    """The frame, then the label on a dark plate, so that it is read on every theme."""
    stroke = _DARKER[mark.colour] if light else mark.colour
    dashes = ' stroke-dasharray=".9 .6"' if mark.dashed else ""
    line = f' stroke="{stroke}" stroke-width=".14"{dashes}'
    width = lettering.outline(mark.label, lettering.MEDIUM, _LABEL_MM).width_mm
    x, base = mark.at
    plate = Box(x - mark.align * width - 0.3, base - _LABEL_MM * 0.86, width + 0.6, _LABEL_MM * 1.2)
    return [
        svg.rect(mark.box, "none", corner_mm=mark.corner_mm, more=line),
        svg.rect(plate, _UNDER, corner_mm=0.3, more=' fill-opacity=".72"'),
        svg.words(mark.label, lettering.MEDIUM, _LABEL_MM, mark.at, mark.colour, align=mark.align),
    ]
