"""Shares and their intervals, exactly: fractions until the last step, then rounded half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from typing import Final

# The 97.5% point of the normal distribution, which Wilson's interval of 95% takes.
Z: Final = Decimal("1.959963984540054")
DIGITS: Final = 50


def rounded(number: Fraction | int, places: int = 1) -> Decimal:
    """A number with so many decimals; a half goes up, and away from zero below it: 12.25 is 12.3."""
    ten: int = 10**places
    number = Fraction(number)
    whole = (2 * abs(number.numerator) * ten + number.denominator) // (2 * number.denominator)
    sign = -1 if number < 0 < whole else 1
    return (Decimal(sign * whole) / ten).quantize(Decimal(1).scaleb(-places))


def percent(count: int, base: int, places: int = 1) -> Decimal | None:
    """A share in per cent; None when nobody was asked, because there is no share of nobody."""
    return rounded(Fraction(100 * count, base), places) if base else None


def wilson(count: int, base: int, population: int | None = None) -> tuple[Decimal, Decimal] | None:
    """Wilson's interval of 95% in per cent, to one decimal; None when nobody was asked.

    Of a known population of N, n answers count as n(N-1)/(N-n); all of them leave nothing uncertain.
    E. B. Wilson, Probable inference, JASA 22 (1927), 209-212.
    """
    if not base:
        return None
    if population is not None and base >= population:
        point = rounded(Fraction(100 * count, base))
        return point, point
    size = Fraction(base) if population is None else Fraction(base * (population - 1), population - base)
    with localcontext(Context(prec=DIGITS)):
        n = Decimal(size.numerator) / Decimal(size.denominator)
        p = Decimal(count) / Decimal(base)
        z2 = Z * Z
        middle = p + z2 / (2 * n)
        reach = Z * (p * (1 - p) / n + z2 / (4 * n * n)).sqrt()
        whole = 1 + z2 / n
        return _in_percent((middle - reach) / whole), _in_percent((middle + reach) / whole)


def _in_percent(share: Decimal) -> Decimal:
    held = min(max(100 * share, Decimal(0)), Decimal(100))
    return held.quantize(Decimal("0.1"), ROUND_HALF_UP)
