"""What could not be taken from a feed, where and why, and what a reader gives back. No value is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from bankside.said import Said

if TYPE_CHECKING:
    from bankside.rewards.payments.transaction import CardTransaction

FINDINGS_MAX: Final = 1_000
"""Findings that are kept of one feed; further ones are only counted."""

FILE_CHARACTERS_MAX: Final = 80


class NotTaken(ValueError):
    """One row, entry or message that cannot become a transaction: what is wrong, and in which column.

    The message never holds the value that stands there.
    """

    def __init__(self, why: Said, *, column: str) -> None:
        self.why, self.column = why, column
        super().__init__(Said("%(column)s: %(why)s", column=column, why=why))

    def without_trace(self) -> Self:
        """The same without a traceback, whose frames hold what was read."""
        return type(self)(self.why, column=self.column)


class CardNumber(NotTaken):
    """What looks like a card number stands where a reference should. The sender of the feed must replace
    it."""


class FeedRefused(ValueError):
    """A file as a whole cannot be read: no header, not XML, too large."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was not taken. `row` counts lines of a file, entries or messages from 1."""

    file: str
    row: int
    column: str
    why: Said
    card_number: bool = False

    @classmethod
    def of(cls, error: NotTaken, file: str, row: int) -> Self:
        return cls(file, row, error.column, error.why, isinstance(error, CardNumber))

    @property
    def said(self) -> Said:
        """One sentence for the operator."""
        return Said(
            "%(file)s, row %(row)s, %(column)s: %(why)s",
            file=self.file,
            row=str(self.row),
            column=self.column,
            why=self.why,
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is in order and no transaction of ours: a declined request, an entry without a card."""

    row: int


@dataclass(slots=True)
class Feed:
    """A whole feed: the good transactions, the first findings, and counts of all.

    `refused` counts every finding, `card_numbers` those among them that looked like a card number.
    """

    transactions: list[CardTransaction] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    refused: int = 0
    card_numbers: int = 0
    skipped: int = 0


def gather(items: Iterator[CardTransaction | Finding | Skipped]) -> Feed:
    """Everything that a reader yields, with at most FINDINGS_MAX findings. The reader limits the rest."""
    feed = Feed()
    for item in items:
        match item:
            case Finding():
                feed.refused += 1
                feed.card_numbers += item.card_number
                if len(feed.findings) < FINDINGS_MAX:
                    feed.findings.append(item)
            case Skipped():
                feed.skipped += 1
            case _:
                feed.transactions.append(item)
    return feed
