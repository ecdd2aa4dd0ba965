"""Which cells of a table must not be shown, so that a small one is neither read nor computed from the rest.

The sums of rows and columns are public. A cell is small when it counts fewer institutions than the limit, but
some. Others are hidden with it until no hidden cell has one possible value alone, given all that is shown and
that counts are whole. What follows from the sums alone is hidden too when it is small, and can be computed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import product
from typing import Final

Counts = Sequence[Sequence[int]]  # rows of equal length
Cell = tuple[int, int]  # row, column
CELLS_MAX: Final = 2_000


class TableTooLarge(ValueError):
    """A table has more cells than can be looked through."""


def hidden(counts: Counts, least: int) -> frozenset[Cell]:
    """The cells to hide of a table of counts: the small ones, and what would give them away."""
    cells = frozenset((row, column) for row, line in enumerate(counts) for column in range(len(line)))
    if len(cells) > CELLS_MAX:
        raise TableTooLarge
    found = {cell for cell in cells if 0 < counts[cell[0]][cell[1]] < least}
    if not found:
        return frozenset()
    open_anyway = cells - may_vary(counts, cells)
    for _ in cells:
        known = found - open_anyway - may_vary(counts, found)
        if not known:
            break
        found |= _with(counts, found, min(known)) - open_anyway or cells - open_anyway
    return frozenset(found)


def may_vary(counts: Counts, secret: AbstractSet[Cell]) -> set[Cell]:
    """The cells of a secret set that could have another value, with all sums and all other cells the same.

    One more here is one less elsewhere in the row, one more in that column, and so on round to where it
    began; or the other way round.
    """
    lines: dict[str, dict[int, list[Cell]]] = {"row": {}, "column": {}}
    for row, column in secret:
        lines["row"].setdefault(row, []).append((row, column))
        lines["column"].setdefault(column, []).append((row, column))
    return {cell for cell in secret if any(_comes_round(counts, lines, cell, up=up) for up in (True, False))}


def _comes_round(counts: Counts, lines: dict[str, dict[int, list[Cell]]], start: Cell, *, up: bool) -> bool:
    """True when one can be added to the cell, or taken from it, and all sums be kept by changing others."""
    if not up and not counts[start[0]][start[1]]:
        return False
    seen, waiting = {("column", start[1])}, deque([("column", start[1])])
    while waiting:
        kind, at = waiting.popleft()
        takes = (kind == "column") == up  # what was added in a column is taken from it at another row
        for row, column in lines[kind][at]:
            there = ("row", row) if kind == "column" else ("column", column)
            if (row, column) == start or there in seen or (takes and not counts[row][column]):
                continue
            if there == ("row", start[0]):
                return True
            seen.add(there)
            waiting.append(there)
    return False


def _with(counts: Counts, secret: AbstractSet[Cell], cell: Cell) -> set[Cell]:
    """The fewest cells more to hide, so that the cell may vary with those of a second row and column."""
    row, column = cell
    best: tuple[int, int, int, int] | None = None
    for other, across in product(range(len(counts)), range(len(counts[row]))):
        if other == row or across == column:
            continue
        more = {(row, across), (other, column), (other, across)} - secret
        down = counts[row][column] and counts[other][across]
        if not down and not (counts[row][across] and counts[other][column]):
            continue
        cost = (len(more), sum(counts[r][c] for r, c in more), other, across)
        best = cost if best is None else min(best, cost)
    return {(row, best[3]), (best[2], column), (best[2], best[3])} if best else set()
