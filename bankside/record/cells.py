"""Tables that leave the desk as CSV: RFC 4180, and no cell that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
MARK: Final = b"\xef\xbb\xbf"
"""Of UTF-8, which spreadsheets ask for."""


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as CSV; lines end in CR LF. Whole numbers stay as they are, text cells are neutral."""
    file = io.StringIO()
    csv.writer(file).writerows(
        [cell if isinstance(cell, int) else neutral(str(cell)) for cell in row] for row in rows
    )
    return MARK + file.getvalue().encode()


def neutral(cell: str) -> str:
    """The cell, with an apostrophe in front when it begins with what begins a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
