"""What staff see of offers: what the fund gave, what became of uses, for how many they are, and what they do.

The lift compares members who could be shown an offer with those who were held out of it, by what both paid
where the offer holds since it began: as they stood when it began, so that what the offer changed is no
reason to be in one group. Only members who had agreed that payments are used are compared, in both groups;
for a personal offer only those who had agreed to be chosen for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from django.db import connection
from django.db.models import Count

from bankside.late import numpy as np
from bankside.record import clock
from bankside.rewards import chain, consent, holdout, traits
from bankside.rewards import programme as programmes
from bankside.rewards.columns import Columns
from bankside.rewards.holdout import Lift
from bankside.rewards.models import OfferUse
from bankside.rewards.offer_limits import given_of
from bankside.rewards.payments.money import decimal
from bankside.rewards.programme import Live
from bankside.rewards.rules.plain import PER
from bankside.rewards.rules.terms import Offer, Per, Programme
from bankside.rewards.targeting import Bitmaps, Targets, unpacked
from bankside.said import Said

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT_MS: Final = 10 * 60_000
"""How old what is read of all members may be."""
KEPT_MAX: Final = 500
T = TypeVar("T")
_PAID: Final = """
    select member_id, mcc, merchant, merchant_id, sum(case kind when 'clearing' then amount else -amount end)
    from rewards_payment
    where for_offers and kind in ('clearing', 'refund') and currency = %s and at >= %s and at < %s
    group by member_id, mcc, merchant, merchant_id"""
_AGREED: Final = """
    select member_id from rewards_consent
    where purpose = %s and given_at <= %s and (withdrawn_at = 0 or withdrawn_at > %s)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One offer in force, for so many `times` `per` day, week or month. `fund` and `used` in minor units of
    `currency`, or in points when that is empty.

    `eligible`: members who fit and are shown it; `held_out`: who fit and are not. `added`, `matched`,
    `credited`, `reversed`, `lapsed`: uses by state.
    """

    id: str
    title: str
    currency: str
    times: int
    per: Per
    fund: int
    used: int
    eligible: int
    held_out: int
    added: int
    matched: int
    credited: int
    reversed: int
    lapsed: int
    lift: Lift

    @property
    def fund_words(self) -> Said:
        """What was given of the fund, in words."""
        return Said("%(used)s of %(fund)s", used=self._sum(self.used), fund=self._sum(self.fund))

    @property
    def frequency_words(self) -> Said:
        """How often a member may use it, in words."""
        return Said("At most %(times)s × %(per)s.", times=self.times, per=PER[self.per])

    @property
    def lift_words(self) -> Said:
        """What the offer does, in words, with the interval."""
        if self.lift.rate is None:
            return Said("too few members yet (%(least)s in each group)", least=holdout.MEMBERS_MIN)
        rate = self.lift.rate
        return Said(
            "%(difference)s points of a hundred (%(low)s to %(high)s)", difference=_percent(rate.difference),
            low=_percent(rate.low), high=_percent(rate.high),
        )  # fmt: skip

    def _sum(self, amount: int) -> object:
        return f"{decimal(amount, self.currency)} {self.currency}" if self.currency else amount


def standing(now_ms: int | None = None) -> list[Figures]:
    """All offers in force, in the order of their programmes. What is read of all members is kept ten
    minutes."""
    now = clock.now_ms() if now_ms is None else now_ms
    found = []
    for live in programmes.live():
        audience = _kept("audience", live, now, partial(_audience, live, now))
        given = given_of(offer.id for offer in live.programme.offers)
        states = _states(offer.id for offer in live.programme.offers)
        for place, offer in enumerate(live.programme.offers):
            fits, held = audience[place]
            lift = _kept(offer.id, live, now, partial(lift_of, live, offer, now))
            found.append(_figures(offer, live, given, states, fits - held, held, lift))
    return found


def lift_of(live: Live, offer: Offer, now_ms: int) -> Lift:
    """What an offer did since it began, or since its programme did."""
    begin = max(offer.from_ms, live.row.live_from)
    end = min(now_ms + 1, offer.to_ms or now_ms + 1)
    if begin >= end or not offer.holdout:
        return holdout.lift(holdout.NOBODY, holdout.NOBODY)
    columns = traits.columns(live.programme, begin)
    among = _mask(columns, offer) & _agreed(columns, consent.SPEND, begin)
    if offer.personal:
        among &= _agreed(columns, consent.PERSONAL, begin)
    held = holdout.held_out_all(columns.seeds, offer.id, offer.holdout)
    spent = _spent(live.programme, offer, begin, end)
    return holdout.lift(
        _arm(spent, columns.members[among & ~held]), _arm(spent, columns.members[among & held])
    )


def _figures(
    offer: Offer, live: Live, given: dict[str, int], states: dict[str, dict[str, int]],
    eligible: int, held: int, lift: Lift,
) -> Figures:  # fmt: skip
    uses = states.get(offer.id, {})
    return Figures(
        id=offer.id, title=offer.title.get("en") or next(iter(offer.title.values()), offer.id),
        currency=live.programme.currency if offer.kind == "credit" else "", times=offer.freq_times,
        per=offer.per, fund=offer.fund, used=given.get(offer.id, 0), eligible=eligible, held_out=held,
        lift=lift,
        **{name: uses.get(name, 0) for name in ("added", "matched", "credited", "reversed", "lapsed")},
    )  # fmt: skip


def _states(offers: Iterable[str]) -> dict[str, dict[str, int]]:
    rows = OfferUse.objects.filter(offer__in=list(offers)).values_list("offer", "state")
    found: dict[str, dict[str, int]] = {}
    for offer, state, count in rows.annotate(count=Count("pk")).order_by():
        found.setdefault(offer, {})[state] = count
    return found


_known: dict[tuple[str, str], tuple[int, Any]] = {}


def _kept(name: str, live: Live, now: int, read: Callable[[], T]) -> T:
    """What was read of all members for a version not long ago, or is read now."""
    at, known = _known.get((live.row.obj, name), (0, None))
    if not 0 <= now - at < KEPT_MS:
        if len(_known) >= KEPT_MAX:
            _known.clear()
        known = read()
        _known[live.row.obj, name] = (now, known)
    return cast(T, known)


def _audience(live: Live, at_ms: int) -> tuple[tuple[int, int], ...]:
    """For each offer how many members fit, and how many of them are held out."""
    columns = traits.columns(live.programme, at_ms)
    targets = Targets([offer.when for offer in live.programme.offers])
    matched = Bitmaps(columns).evaluate(targets, keep=True)
    return tuple(
        (int(count), _held(columns, unpacked(bits, len(columns)), offer))
        for count, bits, offer in zip(matched.counts, matched.bitmaps, live.programme.offers, strict=True)
    )


def _held(columns: Columns, fits: NDArray[np.bool_], offer: Offer) -> int:
    if not offer.holdout:
        return 0
    return int((fits & holdout.held_out_all(columns.seeds, offer.id, offer.holdout)).sum())


def _mask(columns: Columns, offer: Offer) -> NDArray[np.bool_]:
    bits = Bitmaps(columns).evaluate(Targets([offer.when]), keep=True).bitmaps[0]
    return unpacked(bits, len(columns))


def _agreed(columns: Columns, purpose: str, at_ms: int) -> NDArray[np.bool_]:
    """Who agreed to a purpose at that moment, by row."""
    rows = columns.rows_of(member for (member,) in _asked(_AGREED, [purpose, at_ms, at_ms]))
    found = np.zeros(len(columns), np.bool_)
    found[rows] = True
    return found


def _spent(terms: Programme, offer: Offer, begin: int, end: int) -> dict[int, int]:
    """What each member spent where the offer holds, less what was given back."""
    spent: dict[int, int] = {}
    for member, mcc, merchant, merchant_id, amount in _asked(_PAID, [terms.currency, begin, end]):
        if chain.at_place(offer, mcc, merchant, merchant_id):
            spent[member] = spent.get(member, 0) + int(amount)
    return spent


def _arm(spent: dict[int, int], members: NDArray[np.int64]) -> holdout.Arm:
    there = {member: spent[member] for member in members.tolist() if member in spent}
    return holdout.arm_of(there, len(members))


def _asked(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _percent(share: float) -> str:
    return f"{100 * share:+.1f}"
