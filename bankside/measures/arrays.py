"""What each row adds (each_row.py) over the columns of a frame, added up: how a page counts.

To prepare a statement costs an engine more than all rows of a page. A test holds this to what the expressions
give on DuckDB.
"""

from __future__ import annotations

from typing import Any, Final

from bankside.late import numpy as np
from bankside.measures import each_row
from bankside.measures.columns import EARLIER
from bankside.measures.frames import Frame, Numbers

SPANS: Final = EARLIER + 1


def added_up(table: str, frame: Frame, groups: Numbers) -> dict[str, Numbers]:
    """`<measure>__part` and `<measure>__base` of each span and group that has rows, beside `span` and `grp`.

    `groups`: the code of the group of each row.
    """
    spots = groups * SPANS + frame.columns["span"]
    rows = np.arange(len(spots))
    if table == "talks":
        rows = np.flatnonzero((frame.columns["asked"] == 1) & (frame.columns["span"] < EARLIER))
        spots = spots[rows]
    order, first = runs(spots)
    counts = getattr(each_row, table)(_Rows(frame, rows[order]), _either)
    sums = {
        f"{id}__{name}": np.add.reduceat(values, first, dtype=np.int64)
        for id, both in counts.items()
        for name, values in zip(("part", "base"), both, strict=True)
    }
    grp, span = np.divmod(spots[order[first]], SPANS)
    return {"span": span, "grp": grp, **sums}


def runs(codes: Numbers) -> tuple[Numbers, Numbers]:
    """The order in which equal codes lie together, and where in it each of them begins.

    Codes of two bytes are put in order without comparing them.
    """
    order = np.argsort(narrow(codes), kind="stable")
    return order, np.flatnonzero(np.diff(codes[order], prepend=-1))


def narrow(codes: Numbers) -> Any:
    """Codes that are not below 0, in two bytes when they fit."""
    return codes.astype(np.int16) if len(codes) and codes.max() <= np.iinfo(np.int16).max else codes


class _Rows:
    """The rows of a frame in an order, as each_row.py asks for them."""

    def __init__(self, frame: Frame, order: Numbers) -> None:
        self._frame, self._order = frame, order

    def __getattr__(self, name: str) -> Any:
        values = self._frame.columns[name]
        there: Any = np.asarray(values)[self._order]
        if isinstance(values, np.ma.MaskedArray):
            there = _Missing(there, np.ma.getmaskarray(values)[self._order])
        setattr(self, name, there)
        return there


class _Missing:
    """A column of which some is not known."""

    def __init__(self, values: Numbers, missing: Any) -> None:
        self._values, self._missing = values, missing

    def fill_null(self, other: Any) -> Any:
        """With another value, or that of another column, where it is not known."""
        return np.where(self._missing, other, self._values)

    def notnull(self) -> Any:
        """Where it is known."""
        return ~self._missing


def _either(condition: Any, amount: Any) -> Any:
    """What is true counts as 1: it need not be written as a number."""
    return condition if isinstance(amount, int) and amount == 1 else np.where(condition, amount, 0)
