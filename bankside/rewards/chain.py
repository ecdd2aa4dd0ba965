"""A card payment from its authorisation to its last refund, and what an offer owes for it. Pure arithmetic.

What is owed hangs on the messages that came, never on the order in which they came. A refund takes back its
share of what was credited: `credited * refunded // cleared`, rounded down, in favour of the member; a full
refund takes back all of it to the last unit, and nothing can take back more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from bankside.rewards.rules.terms import Offer

AUTH, CLEARING, REFUND = "auth", "clearing", "refund"


class Message(Protocol):
    """What is asked of a payment's row."""

    kind: str
    amount: int
    currency: str
    mcc: int
    merchant: str
    merchant_id: str
    for_offers: bool
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What was authorised, cleared and refunded of one payment, in minor units of one currency."""

    authorised: int = 0
    cleared: int = 0
    refunded: int = 0

    @property
    def undone(self) -> bool:
        """Everything that was cleared was refunded."""
        return 0 < self.cleared <= self.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a use of an offer comes to: `entitled` for what was cleared, `held` of the fund, `net` to the
    member."""

    entitled: int
    held: int
    net: int


NOTHING: Final = Owed(entitled=0, held=0, net=0)


def sums_of(messages: Iterable[Message], currency: str, *, for_offers: bool = True) -> Sums:
    """Sums in a currency. With `for_offers` what may not be used for offers is left out; refunds always
    count."""
    total = {AUTH: 0, CLEARING: 0, REFUND: 0}
    for one in messages:
        counts = one.kind == REFUND or one.for_offers or not for_offers
        if one.currency == currency and counts:
            total[one.kind] += one.amount
    return Sums(authorised=total[AUTH], cleared=total[CLEARING], refunded=total[REFUND])


def kept(credited: int, sums: Sums) -> int:
    """What of a credit the member keeps after refunds."""
    if not sums.cleared:
        return 0
    return credited - credited * min(sums.refunded, sums.cleared) // sums.cleared


def owed(sums: Sums, reward: Callable[[int], int], *, left: int, entitled: int = 0, held: int = 0) -> Owed:
    """What is owed now. `left`: what others have left in the fund; `entitled`, `held`: as they stood before.
    While nothing is cleared the reward of what was authorised is held for the member, as far as the fund
    goes.
    """
    there = left + held
    if not sums.cleared:
        return Owed(entitled=0, held=min(reward(sums.authorised), there), net=0)
    most = max(entitled, min(reward(sums.cleared), there))
    net = min(kept(most, sums), there)
    return Owed(entitled=most, held=net, net=net)


def fits(offer: Offer, message: Message) -> bool:
    """Whether an offer holds where and when this was paid."""
    if not offer.from_ms <= message.at or (offer.to_ms and message.at >= offer.to_ms):
        return False
    return at_place(offer, message.mcc, message.merchant, message.merchant_id)


def at_place(offer: Offer, mcc: int, *names: str) -> bool:
    """Whether an offer holds at a place that has these names and ids; merchants are named as in the feed."""
    if offer.mcc and mcc not in offer.mcc:
        return False
    known = {name.casefold() for name in names} - {""}
    return not offer.merchants or any(name.casefold() in known for name in offer.merchants)
