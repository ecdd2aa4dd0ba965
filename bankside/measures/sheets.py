"""Tables as people take them away: CSV and XLSX, written so that no cell is a formula.

A cell is text. What a spreadsheet would compute gets an apostrophe in front, which `plain` takes away again
when the file comes back; a lone `-` and plain numbers stay as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from bankside.late import openpyxl

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE_CHARACTERS_MAX: Final = 31
CELL_CHARACTERS_MAX: Final = 32_000
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)?|-")
# What XML cannot hold, and so no workbook.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as CSV with a mark of UTF-8, which spreadsheets ask for; lines end in CR LF."""
    file = io.StringIO()
    csv.writer(file).writerows([neutral(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def as_xlsx(rows: Iterable[Sequence[str]], title: str) -> bytes:
    """The rows as a workbook of one sheet, every cell a text."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(
        re.sub(r"[\\/*?:\[\]']", " ", _CONTROL.sub("", title))[:TITLE_CHARACTERS_MAX] or "-"
    )
    for row in rows:
        sheet.append([neutral(_CONTROL.sub("", cell)[:CELL_CHARACTERS_MAX]) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def neutral(cell: str) -> str:
    """The cell with an apostrophe in front when a spreadsheet might compute it."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def plain(cell: str) -> str:
    """The cell without the apostrophe that `neutral` put there."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell[1:]) else cell
