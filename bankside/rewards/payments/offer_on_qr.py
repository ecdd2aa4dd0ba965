"""Which offers belong to the shop whose code was scanned. Decided from the code and the offers alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Protocol

from bankside.rewards.payments.emv_mpm import MerchantCode

OFFERS_MAX: Final = 100_000


class OfferPlaces(Protocol):
    """What of an offer says where it holds: categories (ISO 18245) and ids of merchants. An empty one asks
    nothing."""

    @property
    def id(self) -> str: ...
    @property
    def mcc(self) -> Collection[int]: ...
    @property
    def merchant_ids(self) -> Collection[str]: ...


def attached(code: MerchantCode, offers: Iterable[OfferPlaces]) -> tuple[str, ...]:
    """Ids of the offers that hold at this shop, in their order. Whether the member has them is not decided
    here.

    An offer that names categories does not hold where the code tells none. Raises ValueError after
    OFFERS_MAX.
    """
    category, merchant_ids = code.mcc, code.merchant_ids
    found = []
    for number, offer in enumerate(offers):
        if number >= OFFERS_MAX:
            raise ValueError("more offers than one programme can have")
        if _holds(offer, category, merchant_ids):
            found.append(offer.id)
    return tuple(found)


def _holds(offer: OfferPlaces, category: int, merchant_ids: frozenset[str]) -> bool:
    in_category = not offer.mcc or (category != 0 and category in offer.mcc)
    at_merchant = not offer.merchant_ids or not merchant_ids.isdisjoint(offer.merchant_ids)
    return in_category and at_merchant
