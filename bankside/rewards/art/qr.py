"""The square code on the back: error correction Q, modules of 0.57 mm, a quiet zone of four of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bankside.late import segno
from bankside.rewards.art import names
from bankside.said import Said

MODULE_MM: Final = 0.57
QUIET_MODULES: Final = 4
VERSION_MAX: Final = 5  # 37 modules, 25.7 mm with the quiet zone: the most that the back has room for


@dataclass(frozen=True)
class Code:
    """Dark modules as a path of which one unit is a module, and the side with the quiet zone in mm."""

    path: str
    modules: int

    @property
    def side_mm(self) -> float:
        """Both quiet zones included."""
        return (self.modules + 2 * QUIET_MODULES) * MODULE_MM


def code(text: str) -> Code:
    """The code of a short link; TooLong when it would need smaller modules, LooksLikeANumber as always."""
    names.no_number(text)
    try:
        made = segno.make(text, error="q", boost_error=False, micro=False)
    except segno.DataOverflowError:
        made = None
    if made is None or int(made.version) > VERSION_MAX:
        raise names.TooLong(Said("The short link is too long for the code on a card."))
    rows = [bytes(row) for row in made.matrix]
    return Code("".join(_row(y, row) for y, row in enumerate(rows)), len(rows))


def _row(y: int, row: bytes) -> str:
    """Neighbouring dark modules as one bar, so that no hairline can show between them."""
    bars, x = [], 0
    while x < len(row):
        length = 0
        while x + length < len(row) and row[x + length]:
            length += 1
        if length:
            bars.append(f"M{x} {y}l{length} 0 0 1 {-length} 0z")
        x += max(1, length)
    return "".join(bars)
