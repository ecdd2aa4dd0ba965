"""What members spent, on its way out of the bank, as the API shows and takes it."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from bankside.people import exports
from bankside.rewards.partner_codes import CODE_CHARACTERS_MAX, CODES_MAX
from bankside.web.api.shapes import Taken
from bankside.web.api.shapes.members import Word

Kind = Literal["statement-credit", "gift"]
Reason = Annotated[
    str, StringConstraints(min_length=exports.REASON_CHARACTERS_MIN, max_length=exports.REASON_CHARACTERS_MAX)
]
# One more than a code may have: what is wrong with it is said with the number of its line.
Code = Annotated[str, StringConstraints(max_length=CODE_CHARACTERS_MAX + 1)]


class WaitingOut(Schema):
    """Lines that no file has taken yet. `totals`: in minor units, by currency."""

    kind: str
    lines: int
    totals: dict[str, int]


class StockOut(Schema):
    """Codes of a choice: how many are left, how many were given to members."""

    choice: str
    left: int
    given: int


class SpendingOut(Schema):
    """What waits, and what codes are left."""

    waiting: list[WaitingOut]
    codes: list[StockOut]


class FileIn(Taken):
    """Which lines go into the file."""

    kind: Kind


class MadeFileOut(Schema):
    """A file that was made. `totals`: in minor units, by currency; `year`: 0 for a file of lines."""

    obj: str
    kind: str
    rows: int
    totals: dict[str, int]
    year: int
    sha256: str
    by: str
    made: str | None


class MadeFiles(Schema):
    """Files, the newest first. `next`: the cursor of older ones."""

    items: list[MadeFileOut]
    next: str | None


class TakenAwayIn(Taken):
    """What the file is for. It goes into the record."""

    reason: Reason


class ValuesIn(Taken):
    """A year of the programme's zone, and what the file is for."""

    year: Annotated[int, Field(ge=2000, le=9999, strict=True)]
    reason: Reason


class CodesIn(Taken):
    """Codes of a partner for a choice, one a line."""

    choice: Word
    codes: Annotated[list[Code], Field(min_length=1, max_length=CODES_MAX)]


class CodesOut(Schema):
    """How many codes were new, and the lines (from 1 on) of those that were there already."""

    new: int
    known: list[int]
