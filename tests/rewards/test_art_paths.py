"""Paths as rows: the same numbers whether a path is read part by part or all at once."""

from __future__ import annotations

import numpy as np
import pytest

from bankside.rewards.art import paths

PARTS = ("M3 4l5 0 0 5z", "M-2.5 .5q1 1 2 0", "M10 20c1 2 3 4 5 6s7 8 9 10z", "M1 1l2 2")


def points(rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[tuple[int, list[float]]]:
    """What each head says, with the points behind it."""
    found, at = [], 0
    words = rows.view(np.int32)
    while at < len(rows):
        kind, length = int(words[at, 0]), int(words[at, 1])
        found.append((kind, rows[at + 1 : at + length].ravel().tolist()))
        at += length
    return found


def test_a_path_of_many_parts_is_its_parts() -> None:
    apart = [row for part in PARTS for row in points(paths.rows(part))]
    assert points(paths.rows("".join(PARTS))) == apart
    assert apart[:3] == [(0, [3.0, 4.0]), (1, [8.0, 4.0]), (1, [8.0, 9.0])]
    assert apart[3] == (3, [])


def test_a_mirrored_point_follows_the_last_curve() -> None:
    (_, first, second, _) = points(paths.rows(PARTS[2]))
    assert first == (2, [11.0, 22.0, 13.0, 24.0, 15.0, 26.0])
    assert second == (2, [17.0, 28.0, 22.0, 34.0, 24.0, 36.0])


@pytest.mark.parametrize("nothing", ["", "z"])
def test_nothing_is_no_rows(nothing: str) -> None:
    assert paths.rows(nothing).shape == (0, 2)
