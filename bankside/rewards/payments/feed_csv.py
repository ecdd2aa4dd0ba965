"""Card transactions from a CSV feed, row by row. What is wrong with a row is told, and the others are taken.

Columns, in any order, named in the first line (others are never read):

| column | what |
|---|---|
| `ref` | natural key of the transaction |
| `kind` | `auth`, `clearing` or `refund` |
| `token_ref` | opaque reference of the card |
| `amount` or `amount_minor` | `12.50`, or `1250` minor units; one of the two |
| `currency` | ISO 4217, `EUR` or `978` |
| `mcc` | ISO 18245, four digits; may be empty |
| `merchant` | name of the place; may be left out |
| `at` | ISO 8601 with its offset, `2026-03-01T09:30:00+09:00` |
| `original_ref`, `merchant_id` | may be left out or empty |

UTF-8, with or without a byte order mark; parted by comma, semicolon or tab; quoted as RFC 4180 says, but a
row is one line, so that a lost quotation mark costs one row and not the rest of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Final

from bankside.rewards.payments import card_number
from bankside.rewards.payments.finding import (
    FILE_CHARACTERS_MAX,
    Feed,
    FeedRefused,
    Finding,
    NotTaken,
    gather,
)
from bankside.rewards.payments.money import currency_of, minor_units, whole_units
from bankside.rewards.payments.transaction import CardTransaction, kind_of, mcc_of, merchant_text
from bankside.said import Said

ROWS_MAX: Final = 2_000_000
LINE_BYTES_MAX: Final = 4_096
COLUMNS_MAX: Final = 64
DELIMITERS: Final = (",", ";", "\t")
REQUIRED: Final = frozenset({"ref", "kind", "token_ref", "currency", "mcc", "at"})
AMOUNTS: Final = frozenset({"amount", "amount_minor"})
KNOWN: Final = REQUIRED | AMOUNTS | {"merchant", "original_ref", "merchant_id"}

_BOM: Final = b"\xef\xbb\xbf"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def read_all(stream: BinaryIO, *, file: str, rows_max: int = ROWS_MAX) -> Feed:
    """The whole feed in memory: about 600 bytes a row. Raises FeedRefused; see `read`."""
    return gather(read(stream, file=file, rows_max=rows_max))


def read(stream: BinaryIO, *, file: str, rows_max: int = ROWS_MAX) -> Iterator[CardTransaction | Finding]:
    """Transactions and findings in the order of the file, without holding more than a row.

    `file`: its name, for findings. Raises FeedRefused when there is no header with the columns above, or
    after `rows_max` rows; what was yielded before stands.
    """
    name = card_number.without(file)[-FILE_CHARACTERS_MAX:]
    columns, delimiter = _header(stream.readline(LINE_BYTES_MAX + 1), name)
    made = _maker(columns)
    for row, line in enumerate(_lines(stream), 2):
        if row > rows_max + 1:
            raise FeedRefused(Said("%(file)s has more than %(most)s rows.", file=name, most=rows_max))
        if line is not None and not line.strip():
            continue
        try:
            yield made(_cells(line, delimiter, len(columns)))
        except NotTaken as error:
            yield Finding.of(error, name, row)


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Line after line; None for one that is too long, of which no more than the limit is held at once."""
    while line := stream.readline(LINE_BYTES_MAX + 1):
        if len(line) <= LINE_BYTES_MAX or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LINE_BYTES_MAX + 1)
        yield None


def _header(line: bytes, file: str) -> tuple[list[str], str]:
    """The names of the columns and what parts them: the first delimiter that makes the needed names."""
    try:
        text = line.removeprefix(_BOM).decode().strip()
    except UnicodeDecodeError:
        raise FeedRefused(Said("%(file)s is not in UTF-8.", file=file)) from None
    for delimiter in DELIMITERS:
        names = [name.strip().strip('"').lower() for name in text.split(delimiter)]
        known = [name for name in names if name in KNOWN]
        needed = set(known) >= REQUIRED and len(AMOUNTS & set(known)) == 1
        if needed and len(known) == len(set(known)) and len(names) <= COLUMNS_MAX:
            return names, delimiter
    raise FeedRefused(
        Said(
            "The first line of %(file)s must name these columns, each once: %(names)s.",
            file=file,
            names="ref, kind, token_ref, amount, currency, mcc, at",
        )
    )


def _cells(line: bytes | None, delimiter: str, count: int) -> list[str]:
    if line is None:
        raise NotTaken(Said("The row is longer than %(most)s bytes.", most=LINE_BYTES_MAX), column="-")
    try:
        text = line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise NotTaken(Said("The row is not in UTF-8."), column="-") from None
    try:
        cells = text.split(delimiter) if '"' not in text else next(_quoted(text, delimiter))
    except (csv.Error, StopIteration):
        raise NotTaken(Said("The quotation marks of this row do not close."), column="-") from None
    if len(cells) != count:
        raise NotTaken(
            Said("The row has %(found)s cells, the header %(named)s.", found=len(cells), named=count),
            column="-",
        )
    return cells


def _quoted(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader((text,), delimiter=delimiter, strict=True)


def _maker(columns: list[str]) -> Callable[[list[str]], CardTransaction]:
    """A function from the cells of a row to its transaction; places of columns are looked up once."""
    place = {name: at for at, name in enumerate(columns) if name in KNOWN}
    ref, kind, token, code, mcc, at = (
        place[name] for name in ("ref", "kind", "token_ref", "currency", "mcc", "at")
    )
    major, minor = place.get("amount"), place.get("amount_minor", 0)
    merchant, original, shop = (place.get(name) for name in ("merchant", "original_ref", "merchant_id"))

    def made(cells: list[str]) -> CardTransaction:
        currency = currency_of(cells[code].strip())
        amount = cells[minor if major is None else major].strip()
        return CardTransaction(
            ref=cells[ref].strip(),
            kind=kind_of(cells[kind].strip().lower()),
            token_ref=cells[token].strip(),
            amount=whole_units(amount, column="amount_minor")
            if major is None
            else minor_units(amount, currency),
            currency=currency,
            mcc=mcc_of(cells[mcc].strip()),
            merchant=merchant_text(cells[merchant]) if merchant is not None else "",
            at_ms=at_ms_of(cells[at].strip()),
            original_ref=cells[original].strip() if original is not None else "",
            merchant_id=cells[shop].strip() if shop is not None else "",
        )

    return made


def at_ms_of(text: str) -> int:
    """Milliseconds since 1970 in UTC of an ISO 8601 time that names its offset. Raises NotTaken."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError
        return ms_of(at)
    except (ValueError, OverflowError):
        raise NotTaken(
            Said("This is not a time with its offset from UTC, between 2000 and 2100."), column="at"
        ) from None


def ms_of(at: datetime) -> int:
    """Milliseconds since 1970 in UTC of a time with a zone, exactly."""
    return (at - _EPOCH) // _MILLISECOND
