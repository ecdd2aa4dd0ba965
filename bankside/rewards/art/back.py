"""The back: stripe, dots where others print a number, motto, lost-card line, and the code with its caption.

No digit of a card number stands here, not even the last four.
"""

from __future__ import annotations

from typing import Final

from bankside.rewards.art import lettering, qr, scenery, svg
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.sheet import BLEED, MARGIN_MM, STRIPE, TRIM, Box
from bankside.rewards.art.themes import THEMES, Theme

STRIPE_COLOUR: Final = "#06070b"
_CODE_GROUND, _CODE_INK = "#fdfcf8", "#0a101c"
_CODE_TOP_MM: Final = 18.9
_RIGHT: Final = TRIM.width - MARGIN_MM
_BEHIND: Final = 0.36
_LINE_MM, _LINE_STEP_MM, _LINES_MAX = 1.72, 2.6, 2
_MOTTO_MM, _CAPTION_MM = 3.1, 1.4
_LABEL_MM, _LABEL_TRACKING = 1.35, 0.08


def back(art: Artwork, prefix: str) -> list[str]:
    """The elements, over trim and bleed in mm."""
    theme, drawn = THEMES[art.theme], scenery.coast_of(art.voices)
    stripe = Box(BLEED.x, STRIPE.y, BLEED.width, STRIPE.height)
    left_of_code, code = _code(art, theme)
    return [
        scenery.ground(theme, prefix),
        scenery.lines(drawn, prefix, strength=_BEHIND, mirrored=True),
        scenery.veil(prefix, Box(MARGIN_MM, 20.0, 46.0, 30.0), around_mm=6),
        svg.rect(stripe, STRIPE_COLOUR),
        *_dotted(art, theme),
        *_words(art, theme, left_of_code),
        *code,
    ]


def _dotted(art: Artwork, theme: Theme) -> list[str]:
    """Four groups of four dots, then two and two, then three: where the numbers of other cards stand."""
    starts = [MARGIN_MM + 0.7 + 10.6 * group for group in range(4)]
    parts = [_row_of_dots(x, 23.7, 4, 0.42, 1.95, theme.ink) for x in starts]
    left, right = MARGIN_MM, MARGIN_MM + 18.1
    for x, label in ((left, art.valid_label), (right, art.code_label)):
        parts.append(
            svg.words(
                label, lettering.MEDIUM, _LABEL_MM, (x, 30.4), theme.muted,
                tracking=_LABEL_TRACKING, lang=art.lang,
            )
        )  # fmt: skip
    if art.valid_label:
        parts.append(_row_of_dots(left + 0.5, 33.1, 2, 0.33, 1.5, theme.ink))
        slash = f'd="M{svg.number(left + 3.3)} 34.2l1.1 -2.3"'
        parts.append(f'<path {slash} stroke="{theme.ink}" stroke-width=".2" fill="none"/>')
        parts.append(_row_of_dots(left + 5.7, 33.1, 2, 0.33, 1.5, theme.ink))
    if art.code_label:
        parts.append(_row_of_dots(right + 0.5, 33.1, 3, 0.33, 1.5, theme.ink))
    return parts


def _row_of_dots(x: float, y: float, count: int, radius: float, step: float, colour: str) -> str:
    return "".join(
        f'<circle cx="{svg.number(x + step * n)}" cy="{svg.number(y)}" r="{radius}" fill="{colour}"/>'
        for n in range(count)
    )


def _words(art: Artwork, theme: Theme, left_of_code: float) -> list[str]:
    """Motto and small print, each as large as it fits."""
    width = left_of_code - 2.6 - MARGIN_MM
    size = _fitting(art.motto, lettering.SERIF, _MOTTO_MM, width, art.lang)
    parts = [svg.words(art.motto, lettering.SERIF, size, (MARGIN_MM, 42.2), theme.ink, lang=art.lang)]
    for n, line in enumerate(art.small_print[:_LINES_MAX]):
        fits = _fitting(line, lettering.SANS, _LINE_MM, _RIGHT - MARGIN_MM, art.lang)
        at = (MARGIN_MM, 47.0 + _LINE_STEP_MM * n)
        parts.append(svg.words(line, lettering.SANS, fits, at, theme.muted, lang=art.lang))
    return parts


def _code(art: Artwork, theme: Theme) -> tuple[float, list[str]]:
    """The code in its white box with the caption under it, and where it begins from the left."""
    if not art.qr_text:
        return _RIGHT, []
    drawn = qr.code(art.qr_text)
    side = drawn.side_mm
    box = Box(_RIGHT - side, _CODE_TOP_MM, side, side)
    inner = qr.QUIET_MODULES * qr.MODULE_MM
    place = f"translate({svg.number(box.x + inner)} {svg.number(box.y + inner)}) scale({qr.MODULE_MM})"
    modules = f'<path shape-rendering="crispEdges" transform="{place}" fill="{_CODE_INK}" d="{drawn.path}"/>'
    size = _fitting(art.caption, lettering.MEDIUM, _CAPTION_MM, side * 0.88, art.lang)
    at = (box.x + side / 2, box.bottom + 2.3)
    caption = svg.words(
        art.caption, lettering.MEDIUM, size, at, theme.muted, align=svg.CENTRE, tracking=0.09, lang=art.lang
    )
    return box.x, [svg.rect(box, _CODE_GROUND, corner_mm=1.2), modules, caption]


def _fitting(text: str, face: str, most_mm: float, width_mm: float, lang: str) -> float:
    return lettering.fitting(text, face, most_mm, width_mm, lang=lang) if text else most_mm
