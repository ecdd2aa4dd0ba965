"""Tests for change that are exact for small numbers: sums of whole numbers, not approximations."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

RANKED_MAX: Final = 40  # above, the sum of ranks is taken as normal, which it then is to a hundredth


def mcnemar(up: int, down: int) -> Fraction:
    """The two-sided p of so many pairs that changed one way and the other; also the sign test.

    Q. McNemar, Psychometrika 12 (1947), 153-157; exact by the binomial distribution.
    """
    changed = up + down
    way = tail = 1
    for k in range(min(up, down)):
        way = way * (changed - k) // (k + 1)
        tail += way
    return min(Fraction(1), Fraction(2 * tail, 2**changed))


def fisher(first: int, of_first: int, second: int, of_second: int) -> Fraction:
    """The two-sided p of Fisher's exact test: all tables that are no more likely than this one, as in R."""
    both = first + second
    least = max(0, both - of_second)
    way = math.comb(of_first, least) * math.comb(of_second, both - least)
    ways = []
    for k in range(least, min(both, of_first) + 1):
        ways.append(way)
        way = way * (of_first - k) * (both - k) // ((k + 1) * (of_second - both + k + 1))
    as_rare = sum(one for one in ways if one <= ways[first - least])
    return Fraction(as_rare, math.comb(of_first + of_second, both))


def ranks(first: Sequence[Fraction], second: Sequence[Fraction]) -> float:
    """The two-sided p of the rank sum test of Wilcoxon, Mann and Whitney, ties at their middle rank.

    Exact up to RANKED_MAX numbers: of all ways to part them, the share whose sum is as far from its mean.
    """
    doubled = _doubled_ranks([*first, *second])
    mine = sum(doubled[: len(first)])
    far = abs(2 * mine - len(first) * 2 * (len(doubled) + 1))
    if len(doubled) <= RANKED_MAX:
        return float(_exactly(doubled, len(first), far))
    return _normally(doubled, len(first), far)


def holm(found: Sequence[float]) -> tuple[float, ...]:
    """p-values corrected for asking several times: S. Holm, Scand. J. Statist. 6 (1979), 65-70."""
    order = sorted(range(len(found)), key=lambda place: found[place])
    corrected, most = [0.0] * len(found), 0.0
    for step, place in enumerate(order):
        most = max(most, min(1.0, (len(found) - step) * found[place]))
        corrected[place] = most
    return tuple(corrected)


def _doubled_ranks(numbers: Sequence[Fraction]) -> list[int]:
    """Twice the rank of each, so that middle ranks are whole."""
    times, below, rank = Counter(numbers), 0, {}
    for number in sorted(times):
        rank[number] = 2 * below + times[number] + 1
        below += times[number]
    return [rank[number] for number in numbers]


def _exactly(doubled: Sequence[int], size: int, far: int) -> Fraction:
    """Counts all choices of `size` ranks by their sum, one rank after the other."""
    ways: list[Counter[int]] = [Counter({0: 1}), *(Counter() for _ in range(size))]
    for rank in doubled:
        for taken in range(size, 0, -1):
            for total, count in ways[taken - 1].items():
                ways[taken][total + rank] += count
    middle = size * 2 * (len(doubled) + 1)
    as_far = sum(count for total, count in ways[size].items() if abs(2 * total - middle) >= far)
    return Fraction(as_far, math.comb(len(doubled), size))


def _normally(doubled: Sequence[int], size: int, far: int) -> float:
    """The normal approximation with ties counted and a half taken off for continuity."""
    whole = len(doubled)
    ties = sum(times**3 - times for times in Counter(doubled).values())
    spread = size * (whole - size) / 12 * ((whole + 1) - ties / (whole * (whole - 1)))
    if spread <= 0:
        return 1.0
    return math.erfc(max(0.0, far / 4 - 0.5) / math.sqrt(2 * spread))
