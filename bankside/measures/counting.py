"""What the expressions give for one question: sums and bands by span and group, each computed once.

A statement costs more than a few rows, so that what a page always asks for is computed together: sums by the
finest groups, added up here for any other, and bands for everything, each day and each network.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from typing import Final

import numpy as np

from bankside.measures import frames
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
TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {
    "first-answer": (WHOLE, "day", "network"),
    "resolution": (WHOLE,),
    "backlog": (WHOLE,),
    "waiting": (WHOLE,),
}


class Counted:
    """The frames of a question, and what the statements give for them."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        self._places = {place.obj: place for place in asked.places}
        self._engine = Engine()
        self._frames: dict[str, Frame] = {}
        self._cells: dict[str, Numbers] = {}
        self._ran: dict[tuple[str, str], list[Row]] = {}
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

    def bands(self, statement: str, group: str) -> dict[Spot, Row]:
        """Base, low, middle and high of a band, by span and key."""
        keys = self.frame("talks").keys[group]
        return {(row["span"], keys[row["grp"]]): row for row in self._run(statement, group)}

    def running(self, statement: str, group: str) -> dict[str, list[tuple[int, int]]]:
        """By key: (day, how many were open when it was over) for each day on which that changed, in order."""
        keys = self.frame("talks").keys[group]
        found: dict[str, list[tuple[int, int]]] = {}
        for row in sorted(self._run(statement, group), key=lambda row: row["day"]):
            found.setdefault(keys[row["grp"]], []).append((row["day"], row["open"]))
        return found

    def hits(self, id: str, table: str, frame: Frame) -> list[Row]:
        """The rows of a frame that a measure counts, one for each: its `n`, `part` and `base`."""
        self._engine.put(BEHIND, frame, {})
        return in_rows(self._engine.columns(f"{id}__rows", table, (WHOLE,), BEHIND))

    def close(self) -> None:
        """Lets go of what was read."""
        self._engine.close()

    def _run(self, statement: str, group: str) -> list[Row]:
        self.frame("talks")
        if (statement, group) not in self._ran:
            groups = TOGETHER[statement] if group in TOGETHER[statement] else (group,)
            rows = self._engine.run(statement, "talks", groups)
            for place, name in enumerate(groups):
                self._ran[statement, name] = [row for row in rows if row["kind"] == place]
        return self._ran[statement, group]

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


def open_then(changes: list[tuple[int, int]], day: int) -> int:
    """How many were open when this day was over, from what `Counted.running` gives."""
    place = bisect.bisect_right(changes, day, key=lambda one: one[0])
    return changes[place - 1][1] if place else 0
