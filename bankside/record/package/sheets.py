"""Tables of a package: CSV for people, and a Concordance load file for review platforms. Pure.

A cell of the CSV never begins as a formula does. In the load file every field stands between thorns (U+00FE),
fields are parted by U+0014, a line end within a field is U+00AE; UTF-8 with its mark, lines end with CR LF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bankside.record.package.item import Item
from bankside.record.shards import name_of

THORN, PARTED, LINE, MARK = "\xfe", "\x14", "\xae", "\ufeff"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
CELL_CHARACTERS_MAX: Final = 32_000
# Most cells have none of these, which is quickly seen.
_UNUSUAL: Final = re.compile(r'^[\s\u200b]*[=+\-@\t\r]|["\x00]')
_PARTING: Final = re.compile(f"[{THORN}{PARTED}\r\n\0]")
COLUMNS: Final = (
    "DOCID", "GROUP", "DATE", "SOURCEDATE", "TYPE", "FACT", "ACTOR", "AUTHOR", "HANDLE", "SUBJECT", "CHANNEL",
    "TITLE", "STATE", "RETENTION", "LANE", "YEAR", "INDEX", "ENTRYID", "NATIVESHA256", "NATIVELINK",
    "TEXTLINK", "PROOFLINK", "PAGELINK",
)  # fmt: skip


def values_of(item: Item) -> tuple[str, ...]:
    """The fields of an entry, in the order of COLUMNS."""
    row, leaf = item.row, item.leaf
    return (
        item.document, row.obj, item.at, str(leaf.get("src_t", "")), str(leaf["type"]), row.fact, row.actor,
        item.author.name, item.author.handle, row.subj, item.channel, item.title, item.words.state,
        str(leaf["ret"]), str(row.lane), name_of(row.year), str(row.seq), row.id,
        ";".join(native.sha256 for native in item.natives), ";".join(native.path for native in item.natives),
        item.text_path, item.proof_path, item.page,
    )  # fmt: skip


def csv_head() -> str:
    """The mark and the names of the columns; the last one holds the words themselves."""
    return MARK + csv_line((*COLUMNS, "TEXT"))


def csv_of(item: Item) -> str:
    """The line of an entry; of very long words the beginning, the whole lies in its text file."""
    return csv_line((*values_of(item), item.text[:CELL_CHARACTERS_MAX]))


def csv_line(cells: Iterable[str]) -> str:
    """RFC 4180, every cell quoted and none a formula."""
    return ",".join(f'"{_inert(cell)}"' for cell in cells) + "\r\n"


def dat_head() -> str:
    """The mark and the names of the fields."""
    return MARK + dat_line(COLUMNS)


def dat_of(item: Item) -> str:
    """The line of an entry."""
    return dat_line(values_of(item))


def dat_line(fields: Iterable[str]) -> str:
    """What parts fields may not stand in one: it becomes U+FFFD."""
    return PARTED.join(f"{THORN}{_of_one_line(field)}{THORN}" for field in fields) + "\r\n"


def _inert(cell: str) -> str:
    if not _UNUSUAL.search(cell):
        return cell
    cell = cell.replace("\0", "\ufffd")
    if cell.lstrip(" \n\xa0\u200b").startswith(FORMULA) or cell.startswith(FORMULA):
        cell = f"'{cell}"
    return cell.replace('"', '""')


def _of_one_line(field: str) -> str:
    if not _PARTING.search(field):
        return field
    for bad in (THORN, PARTED, "\0"):
        field = field.replace(bad, "\ufffd")
    return field.replace("\r\n", LINE).replace("\r", LINE).replace("\n", LINE)
