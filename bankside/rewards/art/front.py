"""The front: whose card it is. The field of the chip and the place of the scheme's mark stay free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bankside.rewards.art import furniture, lettering, names, scenery, svg
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.sheet import MARGIN_MM, PERSONAL, RESERVES, TRIM, Box
from bankside.rewards.art.themes import THEMES

_HEAD_BASE_MM: Final = 9.65
_BANK_MM, _BANK_WIDTH_MM = 3.55, 36.0
_PRODUCT_MM, _PRODUCT_WIDTH_MM = 2.85, 26.0
_NAME_MM, _NAME_SQUARE_MM, _NAME_TRACKING = 2.1, 2.55, 0.05
_NAME_BASE_MM: Final = 49.8
_RIGHT: Final = TRIM.width - MARGIN_MM


def front(art: Artwork, prefix: str, *, wallet: bool = False, preview: bool = False) -> list[str]:
    """The elements, over trim and bleed in mm. `wallet`: no chip, name or profile, no gradient on the ground,
    and room for the mark in the upper right corner; `preview`: with a chip for the eye."""
    theme, drawn = THEMES[art.theme], scenery.coast_of(art.voices)
    upper = wallet or art.mark_reserve == "upper right"
    behind = [
        scenery.ground(theme, prefix, flat=wallet),
        scenery.lines(drawn, prefix),
        scenery.veil(prefix, RESERVES["upper right" if upper else "lower right"]),
        scenery.dots(drawn, theme),
    ]
    words = [*_bank(art), *_product(art, prefix, low=upper)]
    if wallet:
        return [*behind, *words]
    person = _person(art, prefix)
    chip = [furniture.chip(prefix)] if preview else []
    return [*behind, *person, *words, furniture.contactless(theme.ink), *chip]


def _bank(art: Artwork) -> list[str]:
    ink = THEMES[art.theme].ink
    x = MARGIN_MM + furniture.MARK_MM + 1.25
    size = lettering.fitting(art.bank, lettering.STRONG, _BANK_MM, _BANK_WIDTH_MM, lang=art.lang)
    return [
        furniture.mark((MARGIN_MM, _HEAD_BASE_MM - 3.65), ink),
        svg.words(art.bank, lettering.STRONG, size, (x, _HEAD_BASE_MM), ink, lang=art.lang),
    ]


def _product(art: Artwork, prefix: str, *, low: bool) -> list[str]:
    """Upper right, or lower right where the upper corner belongs to the scheme."""
    if not art.product:
        return []
    base = _NAME_BASE_MM if low else _HEAD_BASE_MM
    size = lettering.fitting(art.product, lettering.MEDIUM, _PRODUCT_MM, _PRODUCT_WIDTH_MM, lang=art.lang)
    width = lettering.outline(art.product, lettering.MEDIUM, size, lang=art.lang).width_mm
    return [
        scenery.veil(prefix, Box(_RIGHT - width, base - 2.4, width, 3.0), around_mm=5),
        svg.words(
            art.product, lettering.MEDIUM, size, (_RIGHT, base), THEMES[art.theme].ink,
            align=svg.RIGHT, lang=art.lang,
        ),
    ]  # fmt: skip


def _person(art: Artwork, prefix: str) -> list[str]:
    """Handle, address and name, one under the other, each as large as it fits."""
    theme = THEMES[art.theme]
    rows = list(_rows(art))
    widest = max(lettering.outline(r[0], r[1], r[2], tracking=r[5], lang=art.lang).width_mm for r in rows)
    top = rows[0][3] - rows[0][2] * 0.75
    box = Box(MARGIN_MM, top, widest, _NAME_BASE_MM - top + 0.6)
    colours = {"ink": theme.ink, "soft": theme.soft, "muted": theme.muted}
    drawn = [
        svg.words(text, face, size, (MARGIN_MM, base), colours[colour], tracking=tracking, lang=art.lang)
        for text, face, size, base, colour, tracking in rows
    ]
    return [scenery.veil(prefix, box, around_mm=3.5), *drawn]


def _rows(art: Artwork) -> Iterator[tuple[str, str, float, float, str, float]]:
    """Words, face, em in mm, baseline in mm, colour, tracking."""
    handle_mm = names.size(art.handle, lettering.MEDIUM, names.HANDLE_MM)
    yield art.handle, lettering.MEDIUM, handle_mm, 41.5 if art.address else 44.9, "ink", 0.0
    if art.address:
        yield (
            art.address,
            lettering.MONO,
            names.size(art.address, lettering.MONO, names.ADDRESS_MM),
            45.75,
            "soft",
            0.0,
        )
    capitals = art.name.upper() if len(art.name.upper()) == len(art.name) else art.name
    wanted = _NAME_MM if any(c.isascii() for c in capitals.replace(" ", "")) else _NAME_SQUARE_MM
    width = lettering.outline(capitals, lettering.SANS, wanted, tracking=_NAME_TRACKING).width_mm
    size = wanted * min(1.0, PERSONAL.width / width)
    yield capitals, lettering.SANS, size, _NAME_BASE_MM, "muted", _NAME_TRACKING
