"""Which offers hold at the shop whose code was scanned."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bankside.rewards.payments import offer_on_qr
from bankside.rewards.payments.emv_mpm import parse
from bankside.rewards.payments.offer_on_qr import attached
from tests.rewards.test_payments_emv_mpm import EMVCO, PROMPTPAY


@dataclass(frozen=True)
class Offer:
    id: str
    mcc: frozenset[int] = field(default=frozenset())
    merchant_ids: frozenset[str] = field(default=frozenset())


OFFERS = [
    Offer("buses", mcc=frozenset({4111, 4131})),
    Offer("cafes", mcc=frozenset({5814})),
    Offer("this shop", merchant_ids=frozenset({"12345678"})),
    Offer("another shop", merchant_ids=frozenset({"87654321"})),
    Offer("buses of another", mcc=frozenset({4111}), merchant_ids=frozenset({"87654321"})),
    Offer("everywhere"),
]


def test_offers_hold_by_category_and_by_merchant() -> None:
    assert attached(parse(EMVCO), OFFERS) == ("buses", "this shop", "everywhere")


def test_a_code_without_a_category_has_none_of_any() -> None:
    zero = Offer("zero", mcc=frozenset({0}))
    assert attached(parse(PROMPTPAY[0]), [*OFFERS, zero]) == ("everywhere",)


def test_offers_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offer_on_qr, "OFFERS_MAX", 5)
    with pytest.raises(ValueError, match="more offers"):
        attached(parse(EMVCO), OFFERS)
