"""What is counted for one question: sums and bands by span and group, each computed once.

Rows are added up once, by the finest groups (arrays.py), and these sums for any other; bands and what was
open are put in order here. A test holds all of it to what the expressions of the same name give on DuckDB,
which is asked for the rows behind a number.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bankside.late import numpy as np
from bankside.measures import arrays, frames
from bankside.measures.columns import EARLIER
from bankside.measures.engine import Engine, in_rows
from bankside.measures.frames import WHOLE, Frame, Numbers
from bankside.measures.question import Question

Spot = tuple[int, str]
"""A span, and the key of a group."""
Row = dict[str, int]
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


@dataclass(frozen=True, slots=True)
class Sums:
    """Of every measure of a table `<measure>__part` and `<measure>__base`, a number for each of `spots`:
    span times the number of keys, plus the place of a key."""

    keys: tuple[str, ...]
    spots: Numbers
    columns: dict[str, Numbers]

    def of(self, id: str) -> Iterator[tuple[Spot, int, int]]:
        """(span, key), part and base of a measure."""
        part, base = (self.columns[f"{id}__{name}"].tolist() for name in ("part", "base"))
        for spot, *both in zip(self.spots.tolist(), part, base, strict=True):
            span, place = divmod(spot, len(self.keys))
            yield (span, self.keys[place]), *both

    def now(self, id: str) -> tuple[Numbers, Numbers]:
        """Part and base of a measure in the period, a number for each key."""
        there = self.spots < len(self.keys)
        both = np.zeros((2, len(self.keys)), np.int64)
        for row, name in enumerate(("part", "base")):
            both[row, self.spots[there]] = self.columns[f"{id}__{name}"][there]
        return both[0], both[1]


class Counted:
    """The frames of a question, and what the statements give for them."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        self._places = {place.obj: place for place in asked.places}
        self._engine: Engine | None = None
        self._frames: dict[str, Frame] = {}
        self._cells: dict[str, Numbers] = {}
        self._ordered: dict[str, tuple[Numbers, Numbers]] = {}
        self._finest: dict[str, dict[str, Numbers]] = {}
        self._sums: dict[tuple[str, str], Sums] = {}

    def frame(self, table: str) -> Frame:
        """The rows of a logical table; read once."""
        if table not in self._frames:
            frame = frames.LOADED[table](self.asked)
            codes, self._cells[table] = frames.cells(frame, FINEST[table])
            self._finest[table] = arrays.added_up(table, frame, codes)
            self._frames[table] = frame
        return self._frames[table]

    def sums(self, table: str, group: str) -> Sums:
        """Parts and bases of every measure of a table that is summed, by span and key."""
        if (table, group) not in self._sums:
            self.frame(table)
            columns = self._finest[table]
            codes, keys = self._codes(table, group, columns["grp"])
            spots = columns["span"] * len(keys) + codes
            order, first = arrays.runs(spots)
            names = [name for name in columns if "__" in name]
            cells = np.stack([columns[name] for name in names], axis=1)[order]
            sums = np.add.reduceat(cells, first, axis=0) if len(first) else cells
            self._sums[table, group] = Sums(keys, spots[order[first]], dict(zip(names, sums.T, strict=True)))
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
        frame, first = self.frame("talks"), -len(self.asked.period.days) - 1
        asked = frame.columns["asked"] == 1
        days = 1 - 2 * first
        spots = frame.groups[group][asked] * days - first
        begun, ended = (
            np.bincount(spots + frame.columns[name][asked], minlength=len(frame.keys[group]) * days)
            for name in ("opened_day", DAYS[id])
        )
        found = dict[str, list[tuple[int, int]]]()
        for code, key in enumerate(frame.keys[group]):
            of_it = slice(code * days, (code + 1) * days)
            [changed] = np.nonzero(begun[of_it] + ended[of_it])
            still = np.cumsum(begun[of_it] - ended[of_it])[changed]
            if len(changed):
                found[key] = list(zip((changed + first).tolist(), still.tolist(), strict=True))
        return found

    def hits(self, id: str, table: str, frame: Frame) -> list[Row]:
        """The rows of a frame that a measure counts, one for each: its `n`, `part` and `base`."""
        self._engine = self._engine or Engine()
        self._engine.put(BEHIND, frame, {WHOLE: frame.groups[WHOLE]})
        return in_rows(self._engine.columns(f"{id}__rows", table, (WHOLE,), BEHIND))

    def close(self) -> None:
        """Lets go of what was read."""
        if self._engine is not None:
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

    `values` are in order.
    """
    order, first = arrays.runs(spots)
    spots, values = spots[order], values[order]
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
