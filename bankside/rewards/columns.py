"""What offers may look at, of all members at once: an array per field, a row per member. No database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bankside.late import numpy as np
from bankside.rewards.rules.fields import MEMBER, clamped
from bankside.rewards.rules.standing import Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

INTERESTS_MAX: Final = 3
NO_WORD: Final = -1
TYPES: Final[Mapping[str, str]] = {
    "tier": "int8", "tenure": "int16", "spend": "int64", "active_days": "int8", "link_days": "int32",
    "language": "int32", "interest": "int32",
}  # fmt: skip
NUMBERS: Final = tuple(name for name, allowed in MEMBER.items() if allowed.type == "int")


class Columns:
    """Members in ascending order of their ids, and what is known of each.

    `values[name]` has a row per member: numbers within the range of their field, words as codes. `interest`
    has INTERESTS_MAX codes a row, NO_WORD where there is none. `changes[name]` goes up whenever a value of
    that column changed, so that whoever derived something from it knows.
    """

    def __init__(self, members: NDArray[np.int64], seeds: NDArray[np.uint64]) -> None:
        self.members, self.seeds = members, seeds
        self.words: dict[str, int] = {}
        self.changes: dict[str, int] = dict.fromkeys(TYPES, 0)
        self.values: dict[str, NDArray[np.signedinteger]] = {
            name: np.zeros(len(members), kind) for name, kind in TYPES.items() if name != "interest"
        }
        self.values["interest"] = np.full((len(members), INTERESTS_MAX), NO_WORD, np.int32, order="F")

    def __len__(self) -> int:
        return len(self.members)

    def code(self, word: str) -> int:
        """The number of a word in this process, given at first sight."""
        return self.words.setdefault(word, len(self.words))

    def put(self, name: str, rows: NDArray[np.intp], values: NDArray[np.int64]) -> None:
        """Numbers of a field for some rows, brought into its range."""
        allowed = MEMBER[name]
        self._set(name, rows, np.clip(values, allowed.low, allowed.high))

    def put_languages(self, rows: NDArray[np.intp], languages: Iterable[str]) -> None:
        """The language of some rows."""
        self._set("language", rows, np.array([self.code(word) for word in languages], np.int64))

    def put_interests(self, rows: NDArray[np.intp], interests: Iterable[Sequence[str]]) -> None:
        """What the members of some rows declared; what is beyond INTERESTS_MAX is not looked at."""
        codes = [[self.code(word) for word in declared[:INTERESTS_MAX]] for declared in interests]
        filled = [row + [NO_WORD] * (INTERESTS_MAX - len(row)) for row in codes]
        self._set("interest", rows, np.array(filled, np.int64).reshape(-1, INTERESTS_MAX))

    def rows_of(self, members: Iterable[int]) -> NDArray[np.intp]:
        """The rows of these members; who has none is left out."""
        wanted = np.unique(np.fromiter(members, np.int64))
        rows = np.searchsorted(self.members, wanted)
        there = rows < len(self.members)
        rows, wanted = rows[there], wanted[there]
        found: NDArray[np.intp] = rows[self.members[rows] == wanted]
        return found

    def row(self, member: int) -> Standing:
        """One member as a rule sees her. Raises KeyError for who has no row."""
        found = self.rows_of([member])
        if not len(found):
            raise KeyError(member)
        row, named = int(found[0]), list(self.words)
        declared = (int(code) for code in self.values["interest"][row])
        return Standing(
            **{name: int(self.values[name][row]) for name in NUMBERS},
            interest=tuple(named[code] for code in declared if code != NO_WORD),
            language=named[int(self.values["language"][row])] if named else "",
        )

    def _set(self, name: str, rows: NDArray[np.intp], values: NDArray[np.int64]) -> None:
        column = self.values[name]
        if np.array_equal(column[rows], values):
            return
        column[rows] = values
        self.changes[name] += 1


def within(standing: Standing) -> Standing:
    """The same with every number brought into the range of its field, as a rule reads it."""
    numbers = {
        name: clamped(getattr(standing, name), MEMBER[name].low, MEMBER[name].high) for name in NUMBERS
    }
    return Standing(**numbers, interest=standing.interest, language=standing.language)
