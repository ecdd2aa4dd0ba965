"""The text of a code as a picture: error correction M, a quiet zone of four modules, UTF-8."""

from __future__ import annotations

import io
from typing import Final

from bankside.late import segno

MODULE_PIXELS: Final = 8
QUIET_MODULES: Final = 4
MARK_MODULES: Final = 8
"""The height of the line under a code that is marked."""


def png(text: str) -> bytes:
    """Eight pixels a module. Raises ValueError when the text is too long for any code."""
    file = io.BytesIO()
    _made(text).save(file, kind="png", scale=MODULE_PIXELS, border=QUIET_MODULES)
    return file.getvalue()


def svg(text: str, mark: str = "") -> bytes:
    """Eight pixels a module; `mark`, letters alone, stands in large type under it. Raises ValueError."""
    if mark and not mark.isalpha():
        raise ValueError("a mark is of letters alone")
    made = _made(text)
    width = int(made.symbol_size(border=QUIET_MODULES)[0])
    height = width + (MARK_MODULES if mark else 0)
    line = (
        f'<text x="{width / 2}" y="{width + MARK_MODULES / 2}" font-family="monospace" font-weight="bold"'
        f' font-size="{MARK_MODULES - 1}" text-anchor="middle">{mark}</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width * MODULE_PIXELS}" height="{height * MODULE_PIXELS}">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f"{made.svg_inline(border=QUIET_MODULES)}{line if mark else ''}</svg>\n"
    ).encode()


def _made(text: str) -> segno.QRCode:
    try:
        return segno.make(text, error="m", micro=False, encoding="utf-8")
    except segno.DataOverflowError:
        raise ValueError("the text is too long for a QR code") from None
