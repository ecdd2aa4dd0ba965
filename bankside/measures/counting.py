"""What the expressions give for one question: sums and bands by span and group, each computed once.

To prepare a statement costs more than a page's rows do. So there is one for each table, by the finest groups,
and its sums are added up here for any other; bands and what was open are put in order here as well, and a
test holds them to what the expressions of the same name give.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from typing import Final

import numpy as np

from bankside.measures import frames
from bankside.measures.columns import EARLIER
from bankside.measures.engine import Engine, in_rows
from bankside.measures.frames import WHOLE, Frame, Numbers
from bankside.measures.question import Question

Spot = tuple[int, str]
"""A span, and the key of a group."""
Row = dict[str, int]
CELL: Final = "cell"
BEHIND: Final = "behind"
FINEST: Final[Mapping[str, tuple[str, ...]]] = {
    "talks": ("day", "channel", "lang"),
    "posts": ("day", "channel", "lang"),
    "acts": ("day", "channel", "lang"),
    "steps": ("day", "network"),
}
OF_CHANNEL: Final = frozenset({"network", "market"})
ENDS: Final[Mapping[str, str]] = {"first-answer": "answered_at", "resolution": "closed_at"}
"""When that which a band is of was over: as `expressions.first_answer` and `resolution` have it."""
DAYS: Final[Mapping[str, str]] = {"backlog": "closed_day", "waiting": "ended_day"}
SECOND_MS: Final = 1000


class Counted:
    """The frames of a question, and what the statements give for them."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        self._places = {place.obj: place for place in asked.places}
        self._engine = Engine()
        self._frames: dict[str, Frame] = {}
        self._cells: dict[str, Numbers] = {}
        self._ordered: dict[str, tuple[Numbers, Numbers]] = {}
        self._finest: dict[str, dict[str, Numbers]] = {}
        self._sums: dict[tuple[str, str], dict[Spot, Row]] = {}

    def frame(self, table: str) -> Frame:
        """The rows of a logical table; read once."""
        if table not in self._frames:
            frame = frames.LOADED[table](self.asked)
            codes, self._cells[table] = frames.cells(frame, FINEST[table])
            self._engine.put(table, frame, {CELL: codes})
            self._frames[table] = frame
        return self._frames[table]

    def sums(self, table: str, group: str) -> dict[Spot, Row]:
        """Parts and bases of every measure of a table that is summed, by span and key."""
        if (table, group) not in self._sums:
            columns = self._by_cell(table)
            codes, keys = self._codes(table, group, columns["grp"])
            places, inverse = np.unique(columns["span"] * len(keys) + codes, return_inverse=True)
            names = [name for name in columns if "__" in name]
            sums = np.zeros((len(places), len(names)), np.int64)
            np.add.at(sums, inverse, np.stack([columns[name] for name in names], axis=1))
            self._sums[table, group] = {
                (place // len(keys), keys[place % len(keys)]): dict(zip(names, row, strict=True))
                for place, row in zip(places.tolist(), sums.tolist(), strict=True)
            }
        return self._sums[table, group]

    def bands(self, id: str, group: str) -> dict[Spot, Row]:
        """Base, low, middle and high of a band, by span and key: whole seconds, by nearest rank."""
        keys, (there, seconds) = self.frame("talks").keys[group], self._in_order(id)
        spots = self.frame("talks").columns["span"][there] * len(keys)
        spots += self.frame("talks").groups[group][there]
        return {
            (spot // len(keys), keys[spot % len(keys)]): row for spot, row in ranked(spots, seconds).items()
        }

    def running(self, id: str, group: str) -> dict[str, list[tuple[int, int]]]:
        """By key: (day, how many were open when it was over) for each day on which that changed, in order."""
        frame, found = self.frame("talks"), dict[str, list[tuple[int, int]]]()
        asked = frame.columns["asked"] == 1
        begun, ended = frame.columns["opened_day"][asked], frame.columns[DAYS[id]][asked]
        codes = frame.groups[group][asked]
        for code in np.unique(codes).tolist():
            of_it = codes == code
            days, inverse = np.unique(np.concatenate([begun[of_it], ended[of_it]]), return_inverse=True)
            change = np.repeat(np.array([1, -1], np.int64), int(of_it.sum()))
            changes = np.zeros(len(days), np.int64)
            np.add.at(changes, inverse, change)
            found[frame.keys[group][code]] = list(
                zip(days.tolist(), np.cumsum(changes).tolist(), strict=True)
            )
        return found

    def hits(self, id: str, table: str, frame: Frame) -> list[Row]:
        """The rows of a frame that a measure counts, one for each: its `n`, `part` and `base`."""
        self._engine.put(BEHIND, frame, {WHOLE: frame.groups[WHOLE]})
        return in_rows(self._engine.columns(f"{id}__rows", table, (WHOLE,), BEHIND))

    def close(self) -> None:
        """Lets go of what was read."""
        self._engine.close()

    def _in_order(self, id: str) -> tuple[Numbers, Numbers]:
        """The rows that a band is of, shortest first, and the whole seconds of each."""
        if id not in self._ordered:
            columns = self.frame("talks").columns
            over = columns[ENDS[id]]
            rows = np.flatnonzero((columns["asked"] == 1) & (columns["span"] < EARLIER) & (over > 0))
            seconds = (over[rows] - columns["opened_at"][rows]) // SECOND_MS
            order = np.argsort(seconds)
            self._ordered[id] = rows[order], seconds[order]
        return self._ordered[id]

    def _by_cell(self, table: str) -> dict[str, Numbers]:
        if table not in self._finest:
            self.frame(table)
            self._finest[table] = self._engine.columns(table, table, (CELL,))
        return self._finest[table]

    def _codes(self, table: str, group: str, cells: Numbers) -> tuple[Numbers, tuple[str, ...]]:
        """To which group each cell belongs, and the keys of the groups."""
        finest, frame = FINEST[table], self.frame(table)
        if not group:
            return np.zeros(len(cells), np.int64), (WHOLE,)
        if group in finest:
            return self._cells[table][cells, finest.index(group)], frame.keys[group]
        of_channel = [str(getattr(self._places[obj], group)) for obj in frame.keys["channel"]]
        keys = tuple(dict.fromkeys(of_channel))
        by_channel = np.array([keys.index(key) for key in of_channel], np.int64)
        return by_channel[self._cells[table][cells, finest.index("channel")]], keys


def ranked(spots: Numbers, values: Numbers) -> dict[int, Row]:
    """For each spot how many values it has, and which one in ten, half and nine in ten of them are within.

    `values` are in order. Spots are few: in two bytes they are put in order without comparing.
    """
    narrow = spots.astype(np.int16) if len(spots) and spots.max() <= np.iinfo(np.int16).max else spots
    order = np.argsort(narrow, kind="stable")
    spots, values = spots[order], values[order]
    first = np.flatnonzero(np.diff(spots, prepend=-1))
    counts = np.diff(first, append=len(spots))
    # of n values in order the one at place n/10, n/2, 9n/10, rounded up, where the first is 1
    bands = [values[first + (counts * tenths + 9) // 10 - 1] for tenths in (1, 5, 9)]
    columns = (column.tolist() for column in (spots[first], counts, *bands))
    return {
        spot: {"base": base, "low": low, "middle": middle, "high": high}
        for spot, base, low, middle, high in zip(*columns, strict=True)
    }


def open_then(changes: list[tuple[int, int]], day: int) -> int:
    """How many were open when this day was over, from what `Counted.running` gives."""
    place = bisect.bisect_right(changes, day, key=lambda one: one[0])
    return changes[place - 1][1] if place else 0
