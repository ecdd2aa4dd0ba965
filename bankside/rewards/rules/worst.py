"""The worst case of a programme, proved from its text: what one member, and all together, can cost at most.

The sum over all rules is taken, though hardly any member can reach every cap at once; so it holds whatever
members do. A month has 31 days here and a day 25 hours, as when clocks are set back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from bankside.rewards.rules.terms import Earn, Offer, Programme

MEMBERS: Final = 1_000_000
DAYS_OF_MONTH_MAX: Final = 31
DAY_MS_MAX: Final = 25 * 3_600_000
USES_OF_MONTH_MAX: Final = {"day": DAYS_OF_MONTH_MAX, "week": 6, "month": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWorst:
    """One rule's worst case for one member, in points; `fund` is all it may ever pay to everybody, 0
    without limit."""

    rule: str
    once: int
    day: int
    month: int
    fund: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWorst:
    """One offer's worst case for one member in a month, and its fund, in points or minor units as `kind`
    says."""

    offer: str
    kind: str
    month: int
    fund: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """The worst case for one member. `ceiling` is the attack ceiling: a month in minor units of the
    currency."""

    rules: tuple[RuleWorst, ...]
    offers: tuple[OfferWorst, ...]
    day: int
    month: int
    ceiling: int
    members: int

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values, with what all `members` together can cost in a month."""
        together = {"programme": self.programme(self.members), "credits": self.credits(self.members)}
        return {**asdict(self), **together}

    def programme(self, members: int) -> int:
        """The points of a month for so many members; a fund stops its rule."""
        return sum(_with_fund(rule.month * members, rule.fund) for rule in self.rules)

    def credits(self, members: int) -> int:
        """The minor units that offers can give such members in a month."""
        given = (o for o in self.offers if o.kind == "credit")
        return sum(_with_fund(offer.month * members, offer.fund) for offer in given)


def worst(programme: Programme, members: int = MEMBERS) -> Worst:
    """The worst case of a programme."""
    rules = tuple(_rule(rule) for rule in programme.earn)
    month = sum(rule.month for rule in rules)
    return Worst(
        rules=rules, offers=tuple(_offer(offer) for offer in programme.offers), month=month,
        day=sum(rule.day for rule in rules), ceiling=programme.money(month), members=members,
    )  # fmt: skip


def _rule(rule: Earn) -> RuleWorst:
    times_a_day = rule.cap_times
    if rule.cooldown_ms:
        times_a_day = min(times_a_day, DAY_MS_MAX // rule.cooldown_ms + 1)
    day = min(rule.cap_points, times_a_day * rule.most)
    month = day * DAYS_OF_MONTH_MAX
    if rule.per == "month":
        month = min(rule.cap_points, rule.cap_times * rule.most, month)
    return RuleWorst(
        rule=rule.id, once=min(rule.most, rule.cap_points), day=_with_fund(day, rule.fund),
        month=_with_fund(month, rule.fund), fund=rule.fund,
    )  # fmt: skip


def _offer(offer: Offer) -> OfferWorst:
    month = offer.max * offer.freq_times * USES_OF_MONTH_MAX[offer.per]
    return OfferWorst(offer=offer.id, kind=offer.kind, month=_with_fund(month, offer.fund), fund=offer.fund)


def _with_fund(points: int, fund: int) -> int:
    return min(points, fund) if fund else points
