"""One unit and one currency for all programmes in force, and for points that are still to be spent.

A member has one balance, which is shown and spent in the unit of one programme, and a payment earns in one
currency.
"""

from __future__ import annotations

from collections.abc import Mapping

from bankside.rewards.models import Bucket
from bankside.rewards.rules.terms import Programme
from bankside.said import Said


class OtherUnit(ValueError):
    """Points of members lie in another unit, or are worth another currency: they could not be spent."""


def is_held(terms: Programme) -> bool:
    """Whether members have points in the unit of these terms, or will have."""
    return Bucket.objects.filter(unit=terms.unit, points__gt=0).exists()


def refuse_other(terms: Programme, there: Mapping[str, Programme]) -> None:
    """Raises OtherUnit unless terms have the unit and currency of all that are there, by their names."""
    for name, other in there.items():
        if (terms.unit, terms.currency) != (other.unit, other.currency):
            raise OtherUnit(
                Said("Points of the programme %(name)s are counted in %(unit)s and worth %(currency)s. Write"
                     " the same unit and currency here, or members could not spend what they have.",
                     name=name, unit=other.unit, currency=other.currency)
            )  # fmt: skip
