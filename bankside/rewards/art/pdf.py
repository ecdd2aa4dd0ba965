"""A page of SVG as a vector PDF with its boxes, the same bytes for the same page."""

from __future__ import annotations

import io
import re
from typing import Final

from bankside.late import pikepdf
from bankside.rewards.art import cairo
from bankside.rewards.art.cairo import POINTS_PER_MM
from bankside.rewards.art.sheet import BLEED, TRIM

# The id of a file is a hash; written with letters alone it cannot hold what looks like the number of a card.
_LETTERS: Final = bytes.maketrans(b"0123456789", b"abcdefabcd")
_ID: Final = re.compile(rb"/ID \[<[0-9a-f]+><[0-9a-f]+>\]")


def pdf(page: str) -> bytes:
    """One page of 91.6 x 59.98 mm with TrimBox and BleedBox, without fonts, dates and a producer.

    CairoMissing: not installed. Colours stay sRGB. Not done: PDF/X-4 (an output intent and a preflight),
    CMYK, spot colours.
    """
    drawn = cairo.vector(page)
    with pikepdf.open(io.BytesIO(drawn)) as file:
        _boxes(file.pages[0])
        if "/Info" in file.trailer:
            del file.trailer["/Info"]
        out = io.BytesIO()
        file.save(out, deterministic_id=True, compress_streams=True)
    return _ID.sub(lambda found: found.group().translate(_LETTERS), out.getvalue())


def _boxes(page: pikepdf.Page) -> None:
    whole = [0, 0, _points(BLEED.width), _points(BLEED.height)]
    inset_x, inset_y = TRIM.x - BLEED.x, TRIM.y - BLEED.y
    trim = [
        _points(inset_x), _points(inset_y), _points(inset_x + TRIM.width), _points(inset_y + TRIM.height),
    ]  # fmt: skip
    page.mediabox = page.cropbox = page.bleedbox = pikepdf.Array(whole)
    page.trimbox = pikepdf.Array(trim)


def _points(mm: float) -> float:
    return round(mm * POINTS_PER_MM, 3)
