"""What is wrong in a study's files, and where: file, row and column as a spreadsheet shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from bankside.said import Said, joined

TROUBLES_MAX: Final = 100
NEAR: Final = 0.6  # of difflib's ratio: what is less alike is not suggested
NOTHING: Final = Said(template="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong. `row` and `column` count from 1; 0 means the whole file, or the whole row."""

    file: str
    message: Said
    row: int = 0
    column: int = 0
    name: str = ""
    hint: Said = NOTHING

    @property
    def where(self) -> Said:
        """Its place: `responses.csv, row 7, column E (networks)`."""
        row, letters = str(self.row), letters_of(self.column)
        if self.row and self.column:
            return Said(
                "%(file)s, row %(row)s, column %(letters)s (%(name)s)",
                file=self.file, row=row, letters=letters, name=self.name,
            )  # fmt: skip
        if self.row:
            return Said("%(file)s, row %(row)s", file=self.file, row=row)
        if self.name:
            return Said("%(file)s, %(name)s", file=self.file, name=self.name)
        return joined([self.file])

    @property
    def said(self) -> Said:
        """Place, message and what to do, for people."""
        whole = joined([self.where, self.message], ": ")
        return joined([whole, self.hint]) if self.hint else whole

    @property
    def line(self) -> str:
        """The same in English, one line."""
        return " ".join(str(self.said).split())


class Troubles(ValueError):
    """A study's files are not as they must be; `troubles` holds everything that was found, up to a limit."""

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self.troubles = tuple(troubles)
        super().__init__("\n".join(trouble.line for trouble in self.troubles))


class DefinitionWrong(Troubles):
    """The definition of a study cannot be used."""


class ResponsesWrong(Troubles):
    """The answers of a study cannot be used."""


def letters_of(column: int) -> str:
    """The letters that a spreadsheet puts over a column: 1 is A, 27 is AA; "" for 0."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def near(word: str, known: Iterable[str]) -> Said:
    """ "Did you mean" the nearest of what is known, else what there is to choose from."""
    among = list(dict.fromkeys(known))
    found = get_close_matches(word.casefold(), [one.casefold() for one in among], n=1, cutoff=NEAR)
    if found:
        meant = next(one for one in among if one.casefold() == found[0])
        return Said("Did you mean “%(word)s”?", word=meant)
    if not among:
        return NOTHING
    return Said("It can be: %(choices)s.", choices=", ".join(among[:20]))
