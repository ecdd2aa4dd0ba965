"""Tables as people save them: CSV of any usual make, or the first sheet of an XLSX file, as rows of texts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from bankside.measures.study.trouble import NOTHING, ResponsesWrong, Trouble
from bankside.said import Said

BODY_BYTES_MAX: Final = 20_000_000
ROWS_MAX: Final = 20_000
COLUMNS_MAX: Final = 400
CELL_CHARACTERS_MAX: Final = 100_000
UNPACKED_BYTES_MAX: Final = 200_000_000
_BEGINS_XLSX: Final = b"PK\x03\x04"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def table_of(body: bytes, file: str) -> list[list[str]]:
    """The rows of a file, blank ones too, so that they count as in the spreadsheet; or ResponsesWrong."""
    if len(body) > BODY_BYTES_MAX:
        raise _wrong(file, Said("The file is larger than %(most)s bytes.", most=BODY_BYTES_MAX))
    return _from_xlsx(body, file) if body.startswith(_BEGINS_XLSX) else _from_csv(_decoded(body, file), file)


def _wrong(file: str, message: Said, hint: Said = NOTHING, row: int = 0) -> ResponsesWrong:
    return ResponsesWrong([Trouble(file=file, message=message, hint=hint, row=row)])


def _decoded(body: bytes, file: str) -> str:
    encoding = "utf-16" if body.startswith(_UTF_16) else "utf-8-sig"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        row = body[: error.start].count(b"\n") + 1
        hint = Said("Save it as “CSV UTF-8”.")
        raise _wrong(file, Said("This is not UTF-8."), hint, row) from None


def _from_csv(text: str, file: str) -> list[list[str]]:
    """Parted by commas, semicolons or tabs: whichever the row of headings is parted by."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=lambda sign: (len(_headings(first, sign)), sign == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return list(_limited(reader, file))


def _headings(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _limited(rows: Any, file: str) -> Iterator[list[str]]:
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            if number > ROWS_MAX:
                raise _wrong(file, Said("There are more than %(most)s rows.", most=ROWS_MAX))
            if len(row) > COLUMNS_MAX:
                raise _wrong(
                    file, Said("There are more than %(most)s columns.", most=COLUMNS_MAX), row=number
                )
            yield row
    except csv.Error:
        hint = Said("A cell that begins with a quotation mark must end with one.")
        raise _wrong(file, Said("The row cannot be parted into cells."), hint, number + 1) from None


def _from_xlsx(body: bytes, file: str) -> list[list[str]]:
    """Values alone, never formulas; numbers as they would be typed."""
    import zipfile

    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_BYTES_MAX:
                raise _wrong(file, Said("The file is larger than %(most)s bytes.", most=UNPACKED_BYTES_MAX))
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_row=ROWS_MAX + 1, max_col=COLUMNS_MAX)
        return list(_limited(([_typed(cell) for cell in row] for row in rows), file))
    except ResponsesWrong:
        raise
    except Exception:  # whatever a broken or hostile file makes the library raise
        raise _wrong(file, Said("This is not an XLSX file that can be read.")) from None


def _typed(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**15 else repr(cell)
    return str(cell)[:CELL_CHARACTERS_MAX]
