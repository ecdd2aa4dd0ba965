"""How numbers lie: mean, median and quartiles of a scale or a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bankside.measures.study.proportion import rounded

PLACES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Of `count` numbers, each rounded half up to two decimals; None when there are no numbers.

    `lower` and `upper` are the quartiles of type 7 in Hyndman and Fan, Sample quantiles in statistical
    packages, American Statistician 50 (1996), 361-365: what R and spreadsheets give unless told otherwise.
    """

    count: int
    mean: Decimal | None = None
    least: Decimal | None = None
    lower: Decimal | None = None
    median: Decimal | None = None
    upper: Decimal | None = None
    most: Decimal | None = None


def spread_of(numbers: Sequence[Fraction]) -> Spread:
    """The spread of these numbers."""
    if not numbers:
        return Spread(count=0)
    order = sorted(numbers)
    least, lower, median, upper, most = (rounded(quantile(order, Fraction(q, 4)), PLACES) for q in range(5))
    mean = rounded(sum(order, Fraction(0)) / len(order), PLACES)
    return Spread(
        count=len(order), mean=mean, least=least, lower=lower, median=median, upper=upper, most=most
    )


def quantile(order: Sequence[Fraction], share: Fraction) -> Fraction:
    """The quantile of type 7 of sorted numbers, at least one: between neighbours in a straight line."""
    place = (len(order) - 1) * share
    below = place.numerator // place.denominator
    above = min(below + 1, len(order) - 1)
    return order[below] + (place - below) * (order[above] - order[below])
