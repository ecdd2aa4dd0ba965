"""A report for the terminal: sentences first, then tables in columns that line up in every script."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from bankside.measures.study.findings import findings
from bankside.measures.study.report import Report
from bankside.measures.study.sections import Reader, Section, Table, sections, title_of
from bankside.said import Said

COLUMNS: Final = 100
NAME_COLUMNS_MAX: Final = 44
GAP: Final = "  "
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printed(report: Report, reader: Reader) -> str:
    """The whole report as text."""
    lines = [title_of(report, reader), ""]
    for sentence in findings(report, reader.language):
        lines += wrapped(f"- {reader.say(sentence)}", COLUMNS, "  ")
    for number, section in enumerate(sections(report, reader), 1):
        lines += ["", *_section(section, number)]
    if report.warnings:
        lines += ["", reader.say(Said("Not counted"))]
        lines += [
            line for one in report.warnings for line in wrapped(f"- {reader.say(one.said)}", COLUMNS, "  ")
        ]
    return "\n".join(calm(line).rstrip() for line in lines)


def calm(line: str) -> str:
    """The line without signs that move a terminal's cursor, colour it, or turn the direction of writing."""
    return "".join(" " if sign in _TURNING or unicodedata.category(sign) == "Cc" else sign for sign in line)


def _section(section: Section, number: int) -> Iterator[str]:
    yield from wrapped(f"{number}. {section.heading}", COLUMNS, "   ")
    yield from wrapped(section.asked, COLUMNS - 3, "", "   ")
    for sentence in section.sentences:
        yield from wrapped(f"- {sentence}", COLUMNS - 3, "  ", "   ")
    for table in section.tables:
        yield ""
        yield f"   {table.caption}"
        yield from (f"   {line}" for line in aligned(table))
        for note in table.notes:
            yield from wrapped(note, COLUMNS - 3, "", "   ")


def aligned(table: Table) -> Iterator[str]:
    """Words to the left, figures to the right; long words in several lines."""
    grid = [row for row in (table.head, *table.rows) if row]
    if not grid:
        return
    spans = [min(max(width(row[c]) for row in grid), NAME_COLUMNS_MAX) for c in range(len(grid[0]))]
    for row in grid:
        first, *more = wrapped(row[0], spans[0], "") or [""]
        figures = (_padded(cell, span, right=True) for cell, span in zip(row[1:], spans[1:], strict=True))
        yield GAP.join([_padded(first, spans[0]), *figures])
        yield from more


def width(text: str) -> int:
    """How many columns a terminal gives it: Hangul and Han take two, marks over letters none."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def wrapped(text: str, columns: int, hang: str, before: str = "") -> list[str]:
    """Lines of at most so many columns; those after the first begin with `hang`, all with `before`."""
    if width(text) == len(text):
        return textwrap.wrap(text, columns, initial_indent=before, subsequent_indent=before + hang)
    lines, line = [], ""
    for piece in _pieces(text):
        if line.strip() and width(line + piece.rstrip()) > columns:
            lines.append(before + line.rstrip())
            line = hang + piece.lstrip()
        else:
            line += piece
    return [*lines, before + line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> Sequence[str]:
    """Where a line may end: after a space, and around every Han character, but not within Hangul words."""
    pieces, piece = [], ""
    for sign in text:
        piece += sign
        if sign == " " or "一" <= sign <= "鿿":
            pieces.append(piece)
            piece = ""
    return [*pieces, piece]


def _padded(text: str, columns: int, *, right: bool = False) -> str:
    space = " " * max(0, columns - width(text))
    return space + text if right else text + space
