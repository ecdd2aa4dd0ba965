"""Card art: the time of one card of each kind on one core, and whether codes are read after a bad print.

Kinds are drawn warm, each card with voices and words of its own, so that nothing but letters is remembered.
"""

from __future__ import annotations

import hashlib
import statistics
import time
from typing import Any

TIMED_CARDS = 24
WARM_CARDS = 3
PRINTER_DPI = 300
BLUR_PIXELS = 2.0
KINDS = ("print", "proof", "wallet", "raster", "screen", "svg")
SIDES = ("front", "back")


def measure(size: int) -> dict[str, float]:
    """`card-art-<kind>`: median milliseconds of the processor for one side of a card, the slower side;
    `card-art-read`: the share of `size` codes that are read at 300 DPI after a Gaussian blur of 2 pixels."""
    from bankside.rewards.art.draw import draw

    figures = {}
    for kind in KINDS:
        sides = []
        for side in SIDES:
            spent = [_spent(draw, _card(f"{kind} {side} {n}", n), side, kind) for n in range(TIMED_CARDS)]
            sides.append(statistics.median(spent[WARM_CARDS:]))
        figures[f"card-art-{kind}"] = 1000 * max(sides)
    figures["card-art-read"] = sum(_is_read(number) for number in range(size)) / size
    return figures


def _card(seed: str, number: int) -> Any:
    from bankside.rewards.art.artwork import Artwork

    names = (
        ("@minji.park", "Park Minji"),
        ("@민지", "박민지"),
        ("@李晓明", "李晓明"),
        ("@zoë", "Zoë Brûlée"),
    )
    handle, name = names[number % len(names)]
    return Artwork(
        bank="Hanul Bank",
        product="Social Card",
        handle=handle,
        address=f"social.example/@member.{number}",
        name=name,
        theme=("ink", "paper", "forest")[number % 3],
        voices=tuple(hashlib.sha256(f"{seed} {n}".encode()).digest() for n in range(1 + number % 6)),
        qr_text=_link(number),
        motto="Points thank you for taking part, never for praise.",
        small_print=("Hanul Bank · lost card 1588-0000", "If found, drop it in any branch."),
        caption="SCAN TO SAY HELLO",
        valid_label="GOOD THRU",
        code_label="CODE",
    )


def _link(number: int) -> str:
    letters = "abcdefghjkmnpqrstuvwxyz"
    token = "".join(letters[number // len(letters) ** place % len(letters)] for place in range(8))
    return f"https://hanul.example/c/{token}"


def _spent(draw: Any, art: Any, side: str, kind: str) -> float:
    started = time.process_time()
    draw(art, side=side, kind=kind)
    return time.process_time() - started


def _is_read(number: int) -> bool:
    """Whether the code is read from the whole back, printed at 300 DPI and out of focus."""
    import numpy as np
    import zxingcpp
    from PIL import Image, ImageFilter

    from bankside.rewards.art import cairo, draw
    from bankside.rewards.art.sheet import BLEED, MM_PER_INCH

    art = draw.checked(_card(f"read {number}", number))
    page = draw.page(art, "back", BLEED, width_px=round(BLEED.width / MM_PER_INCH * PRINTER_DPI))
    image = Image.fromarray(np.ascontiguousarray(cairo.pixels(page)[..., 2::-1])).convert("L")
    found = zxingcpp.read_barcodes(image.filter(ImageFilter.GaussianBlur(BLUR_PIXELS)))
    return [one.text for one in found] == [_link(number)]
