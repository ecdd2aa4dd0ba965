"""The door: one side of one card, as a file of one kind.

`print` is a vector PDF of 91.6 x 59.98 mm with TrimBox and BleedBox; `proof` the same with every box drawn
and labelled; `raster` a PNG of 2100 x 1344 at 600 DPI for bureaus that take pictures; `wallet` a PNG of 1536
x 969 for phones; `svg` the outlines; `screen` a preview with chip and round corners. Nothing is done about
PDF/X-4, CMYK or spot colours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

from bankside.rewards.art import furniture, names, pdf, proof, raster, scenery, svg
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.back import back
from bankside.rewards.art.front import front
from bankside.rewards.art.sheet import (
    BLEED,
    CORNER_MM,
    RASTER,
    RASTER_DPI,
    RASTER_PX,
    RESERVES,
    TRIM,
    WALLET_PX,
    Box,
)
from bankside.rewards.art.themes import THEMES
from bankside.rewards.art.voices import VOICE_BYTES, VOICES_MAX

Side = Literal["front", "back"]
Kind = Literal["svg", "print", "proof", "raster", "wallet", "screen"]
Form = Literal["", "svg", "pdf", "png"]
SIDES: Final[tuple[Side, ...]] = ("front", "back")
# What each kind may be; the first is what it is when nothing is said.
FORMS: Final[dict[str, tuple[str, ...]]] = {
    "svg": ("svg",),
    "print": ("pdf",),
    "proof": ("pdf", "png", "svg"),
    "raster": ("png",),
    "wallet": ("png", "svg"),
    "screen": ("svg", "png"),
}
SMALL_PRINT_LINES_MAX: Final = 2
_PROOF_PX: Final = 1400
_SCREEN_PX: Final = 1280


def draw(art: Artwork, *, side: Side, kind: Kind, form: Form = "") -> bytes:
    """The file. `form` chooses among what the kind can be ("pdf", "png", "svg").

    TooLong, CannotBeRead, MixedScripts, LooksLikeANumber: words that cannot go onto a card. ValueError: an
    unknown theme, kind or side, or voices that are none. FontMissing, CairoMissing: what was not installed.
    """
    forms = FORMS.get(kind, ())
    wanted = form or "".join(forms[:1])
    if wanted not in forms or side not in SIDES:
        raise ValueError(f"there is no {kind} of the {side} as {form or 'a file'}")
    outlines = _PAGES[kind](checked(art), side, wanted)
    match wanted:
        case "pdf":
            return pdf.pdf(outlines)
        case "png":
            return raster.png(outlines, dpi=RASTER_DPI if kind == "raster" else 0, clear=kind == "screen")
        case _:
            return outlines.encode()


def checked(art: Artwork) -> Artwork:
    """The same with every word normalised, and without the address where it is too long to be read."""
    if art.theme not in THEMES:
        raise ValueError(f"there is no theme {art.theme!r}; there are: {', '.join(THEMES)}")
    if art.mark_reserve not in RESERVES:
        raise ValueError(f"the mark goes to one of: {', '.join(RESERVES)}")
    if not 1 <= len(art.voices) <= VOICES_MAX or any(len(v) != VOICE_BYTES for v in art.voices):
        raise ValueError(f"a card has 1 to {VOICES_MAX} voices of {VOICE_BYTES} bytes")
    if len(art.small_print) > SMALL_PRINT_LINES_MAX:
        raise ValueError(f"there is room for {SMALL_PRINT_LINES_MAX} lines of small print")
    line = names.personalisation(art.handle, art.address)
    plain = names.plain_text
    return replace(
        art, handle=line.handle, address=line.address, name=names.card_name(art.name), bank=plain(art.bank),
        product=plain(art.product), motto=plain(art.motto), caption=plain(art.caption),
        valid_label=plain(art.valid_label), code_label=plain(art.code_label),
        small_print=tuple(plain(words) for words in art.small_print),
    )  # fmt: skip


def _printed(art: Artwork, side: str, form: str) -> str:
    return page(art, side, BLEED)


def _proof(art: Artwork, side: str, form: str) -> str:
    width = _PROOF_PX if form == "png" else 0
    return page(art, side, BLEED, over=proof.overlay(art, side), width_px=width)


def _raster(art: Artwork, side: str, form: str) -> str:
    return page(art, side, RASTER, width_px=RASTER_PX[0], height_px=RASTER_PX[1])


def _wallet(art: Artwork, side: str, form: str) -> str:
    """Square corners; the picture is a hair flatter than the card, which is cut by it."""
    width, height = WALLET_PX
    cut = (TRIM.height - TRIM.width * height / width) / 2
    box = Box(0, cut, TRIM.width, TRIM.height - 2 * cut)
    return page(art, side, box, width_px=width, height_px=height, wallet=True)


def _screen(art: Artwork, side: str, form: str) -> str:
    return page(art, side, TRIM, width_px=_SCREEN_PX if form == "png" else 0, preview=True)


def page(
    art: Artwork, side: str, box: Box, *, over: list[str] | None = None, width_px: int = 0,
    height_px: int = 0, wallet: bool = False, preview: bool = False,
) -> str:  # fmt: skip
    """One side of a checked card seen through a box in mm, as a whole SVG; its size in pixels when given."""
    prefix, theme = scenery.prefix_of(art.voices), THEMES[art.theme]
    inside = front(art, prefix, wallet=wallet, preview=preview) if side == "front" else back(art, prefix)
    defs = scenery.paints(theme, prefix)
    if preview:
        corner = svg.rect(TRIM, "#000", corner_mm=CORNER_MM)
        defs += [furniture.chip_paint(prefix), f'<clipPath id="{prefix}-k">{corner}</clipPath>']
        inside = [f'<g clip-path="url(#{prefix}-k)">', *inside, "</g>"]
    height_px = height_px or round(width_px * box.height / box.width)
    size = {"width": str(width_px), "height": str(height_px)} if width_px else {}
    return svg.page(box, [*inside, *(over or [])], defs=defs, **size)


_PAGES: Final[dict[str, Callable[[Artwork, str, str], str]]] = {
    "svg": _printed,
    "print": _printed,
    "proof": _proof,
    "raster": _raster,
    "wallet": _wallet,
    "screen": _screen,
}
