"""An entry on its way into a package: what each of its files says of it. Pure but for the row's type."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from bankside.record import clock
from bankside.record.package.opened import Words
from bankside.record.package.selecting import Row
from bankside.record.package.written import Author, Written

DIGITS: Final = 7
FILES_PER_FOLDER: Final = 1_000
PREFIX: Final = "BKS"


class Native(NamedTuple):
    """A file that belongs to an entry, as it was sent or shown, and where it lies in the package."""

    path: str
    name: str
    mime: str
    sha256: str
    size: int


class Item(NamedTuple):
    """One entry. Paths are within the package; `text` and `proof` are empty when there is no such file."""

    number: str
    row: Row
    leaf: dict[str, Any]
    words: Words
    author: Author
    written: list[Written]
    text: str
    text_path: str
    proof_path: str
    page: str
    natives: tuple[Native, ...] = ()

    @property
    def document(self) -> str:
        """Its control number in load files."""
        return f"{PREFIX}{self.number}"

    @property
    def channel(self) -> str:
        """The obj of the channel that its words name; empty when none is named, or they are not given."""
        data = self.words.said.get("data")
        return str(data.get("channel", "")) if isinstance(data, dict) else ""

    @property
    def title(self) -> str:
        """What its words have as title, or the name of its fact."""
        data = self.words.said.get("data")
        data = data if isinstance(data, dict) else {}
        for part in (data, data.get("seen"), data.get("words")):
            if isinstance(part, dict) and isinstance(part.get("title"), str) and part["title"]:
                return str(part["title"])
        return self.row.fact

    @property
    def at(self) -> str:
        """Our time, `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
        return clock.iso(self.row.t)


def number_of(place: int) -> str:
    """How the entry at this place (from 1) is called: seven digits, more when there are more."""
    return str(place).zfill(DIGITS)


def path_of(kind: str, place: int, suffix: str) -> str:
    """Where the file of an entry lies: at most 1,000 in one folder."""
    return f"{kind}/{place // FILES_PER_FOLDER:04d}/{number_of(place)}{suffix}"
