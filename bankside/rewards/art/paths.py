"""Paths as Cairo keeps them: words of SVG turned into rows of numbers, all of a path at once.

A path is `M` with relative `l q c s` and `z`, as `svg.py`, `lettering.py` and `voices.py` write it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from bankside.late import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"

BLOCKS_KEPT_MAX: Final = 8_192
_BLOCK_CHARACTERS_MAX: Final = 2_000  # letters are drawn again and again, lines once
_LINE_TO, _CURVE_TO, _CLOSE = 1, 2, 3
_PART: Final = re.compile(r"M(-?[\d.]+) (-?[\d.]+)([^M]*)")
_COMMAND: Final = re.compile(r"([lqcsz])([^lqcsz]*)")


def rows(path: str) -> Floats:
    """All rows of a path, (n, 2): a head that holds a kind and a length, then its points; empty for none."""
    parts = _PART.findall(path)
    if not parts:
        return np.zeros((0, 2))
    begun = [(_kept if len(rest) <= _BLOCK_CHARACTERS_MAX else _block)(rest) for _, _, rest in parts]
    whole = np.concatenate([block for _, block in begun])
    lengths = [len(block) for _, block in begun]
    heads = np.concatenate([head for head, _ in begun])
    heads += np.repeat(np.cumsum([0, *lengths[:-1]]), [len(head) for head, _ in begun])
    moved: Floats = whole + np.repeat(np.array([(float(x), float(y)) for x, y, _ in parts]), lengths, axis=0)
    moved[heads] = whole[heads]  # no numbers but words of the library: a sum would break them
    return moved


def _block(commands: str) -> tuple[NDArray[np.intp], Floats]:
    """Everything after one `M`, from (0, 0): which rows are heads, and the rows as Cairo keeps them."""
    parts = [_rows(0, np.zeros((1, 1, 2)))]
    at = mirror = np.zeros(2)
    for letter, numbers in _COMMAND.findall(commands):
        if letter == "z":
            parts.append(_rows(_CLOSE, np.zeros((1, 0, 2))))
            continue
        values = np.fromstring(numbers, sep=" ").reshape(-1, 2)
        match letter:
            case "l":
                points = at + np.cumsum(values, axis=0)
                parts.append(_rows(_LINE_TO, points[:, None]))
                at = mirror = points[-1]
            case "q":
                points, at = _quadratic(at, values.reshape(-1, 2, 2))
                parts.append(_rows(_CURVE_TO, points))
                mirror = at
            case _:
                points = _cubic(at, mirror, values, smooth=letter == "s")
                parts.append(_rows(_CURVE_TO, points))
                at = points[-1, 2]
                mirror = 2 * at - points[-1, 1]
    whole = np.concatenate(parts)
    heads = np.flatnonzero(np.concatenate([_heads(part) for part in parts]))
    return heads, whole


_kept = lru_cache(maxsize=BLOCKS_KEPT_MAX)(_block)


def _cubic(at: Floats, mirror: Floats, values: Floats, *, smooth: bool) -> Floats:
    """Curves of three points each, (n, 3, 2), absolute; of two with the first one mirrored when `smooth`."""
    steps = values.reshape(-1, 2 if smooth else 3, 2)
    ends = at + np.cumsum(steps[:, -1], axis=0)
    begins = np.concatenate([at[None], ends[:-1]])
    second = begins + steps[:, -2]
    first = np.concatenate([mirror[None], 2 * begins[1:] - second[:-1]]) if smooth else begins + steps[:, 0]
    return np.stack([first, second, ends], axis=1)


def _quadratic(at: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """The same curves with three points instead of two, and where the last one ends."""
    ends = at + np.cumsum(steps[:, 1], axis=0)
    begins = np.concatenate([at[None], ends[:-1]])
    control = begins + steps[:, 0]
    return np.stack([(begins + 2 * control) / 3, (ends + 2 * control) / 3, ends], axis=1), ends[-1]


def _rows(kind: int, points: Floats) -> Floats:
    """Points (n, m, 2) behind heads that hold a kind and a length, as two numbers of 32 bits."""
    count, each, _ = points.shape
    rows = np.zeros((count, each + 1, 2))
    rows[:, 1:] = points
    heads = rows.view(np.int32).reshape(count, each + 1, 4)
    heads[:, 0, 0], heads[:, 0, 1] = kind, each + 1
    return rows.reshape(-1, 2)


def _heads(rows: Floats) -> NDArray[np.bool_]:
    """Which rows of one kind are heads: the first of every so many."""
    length = int(rows.view(np.int32)[0, 1])
    first: NDArray[np.bool_] = np.arange(len(rows)) % length == 0
    return first
