"""Numbers in spans of the same width, so that a picture can show how they are spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

SPANS_MAX: Final = 10
STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from `low` on and below `high`, and how many they are."""

    low: Fraction
    high: Fraction
    count: int


def spans_of(numbers: Sequence[Fraction]) -> tuple[Span, ...]:
    """At most SPANS_MAX spans that begin at multiples of 1, 2 or 5 times a power of ten; () for no numbers.

    Whole numbers have spans of whole numbers.
    """
    if not numbers:
        return ()
    least, most = min(numbers), max(numbers)
    steps = _steps(most - least, whole=is_whole(numbers))
    step = next(one for one in steps if _fits(least, most, one))
    first = step * math.floor(least / step)
    places = range(math.floor((most - first) / step) + 1)
    counts = [math.floor((one - first) / step) for one in numbers]
    return tuple(
        Span(first + step * place, first + step * (place + 1), counts.count(place)) for place in places
    )


def is_whole(numbers: Sequence[Fraction]) -> bool:
    """Whether none has a fraction."""
    return all(one.denominator == 1 for one in numbers)


def _fits(least: Fraction, most: Fraction, step: Fraction) -> bool:
    return math.floor(most / step) - math.floor(least / step) < SPANS_MAX


def _steps(range_: Fraction, *, whole: bool) -> Sequence[Fraction]:
    """Widths from narrow to wide; the last one is wide enough for two spans."""
    power = 0 if whole or not range_ else math.floor(math.log10(range_)) - 1
    wide = max(0, math.ceil(math.log10(range_))) if range_ else 0
    return [Fraction(10) ** at * size for at in range(power, wide + 1) for size in STEPS]
