"""Rows behind a number as lines of a page: when, what kind of thing, and the entries that stand for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bankside.record import reading
from bankside.web import sentences

if TYPE_CHECKING:
    from bankside.measures.behind import Behind

ENTRIES_SHOWN_MAX = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its time (UTC ms), its obj, and entries (number, what happened); `more` are not listed.

    `hit`: it is counted as the part, and not only in the base. `amount`: how much of the part it is.
    """

    at: int
    obj: str
    hit: bool
    amount: int
    entries: tuple[tuple[int, str], ...]
    more: int


def lines(found: Behind, zone: ZoneInfo) -> list[Line]:
    """The rows of a page."""
    wanted = [n for row in found.rows for n in row.entries[:ENTRIES_SHOWN_MAX]]
    facts = reading.facts_of(wanted)
    return [
        Line(
            at=row.at,
            obj=row.obj,
            hit=row.hit,
            amount=row.amount,
            entries=tuple((n, _said(facts.get(n, ""))) for n in row.entries[:ENTRIES_SHOWN_MAX]),
            more=max(0, len(row.entries) - ENTRIES_SHOWN_MAX),
        )
        for row in found.rows
    ]


def _said(fact: str) -> str:
    return str(sentences.FACTS.get(fact, fact))
