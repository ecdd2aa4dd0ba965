"""Where numbers lie on a picture, and the few round ones that stand at its side."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEPS_WANTED = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """From numbers `low`..`high` to px `start`..`end`; a number outside lies at the end."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The px of a number."""
        share = (value - self.low) / ((self.high - self.low) or 1)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def ticks(highest: float) -> list[float]:
    """Round numbers from 0 to at least `highest`: steps of 1, 2 or 5 times a power of ten, about four."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / STEPS_WANTED
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough * 0.999_999)
    return [step * number for number in range(math.ceil(highest / step - 1e-9) + 1)]


def known(values: Iterable[float | None]) -> list[float]:
    """The numbers that are there."""
    return [value for value in values if value is not None and math.isfinite(value)]
