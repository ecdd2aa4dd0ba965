"""Which of a member's offers hold at the shop whose code she scanned: those that a payment would match."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.record import clock
from bankside.rewards import chain, consent, holdout, merchant_code, offer
from bankside.rewards.merchant_code import Scanned, holds, scanned
from bankside.rewards.models import Member, OfferUse
from bankside.rewards.payments import emv_mpm
from bankside.rewards.payments.emv_mpm import Field, MerchantCode, generate
from bankside.rewards.payments.transaction import merchant_text
from tests.rewards import living, paying
from tests.rewards.paying import BEFORE, NOW, message, shopper, take, the_use
from tests.rewards.test_payments_emv_mpm import EMVCO, PROMPTPAY

EVERYWHERE = """
[[offer]]
id = "everywhere"
title = {en = "1% back", ko = "1%", zh = "返现 1%", nl = "1% terug"}
back = "1%"
max = 1_000
freq = {times = 100, per = "day"}
fund = 1_000_000
"""
SHOP: dict[str, Any] = {
    "mcc": 5814, "currency": "KRW", "country": "KR", "name": "Café Hanul", "city": "Seoul",
}  # fmt: skip


@pytest.fixture
def who(db: None) -> Iterator[Member]:
    with clock.frozen(BEFORE):
        living.live(paying.TEXT + EVERYWHERE)
    with clock.frozen(NOW):
        yield shopper()


def code(merchant: str = "M-77", **other: Any) -> str:
    account = Field.of("26", Field("00", "bank.example"), Field("01", merchant))
    return generate(emv_mpm.merchant_code(accounts=[account], **{**SHOP, **other}))


def ids(found: Scanned) -> list[str]:
    return [one.offer.id for one in found.offers]


def test_what_the_code_says_is_told(who: Member) -> None:
    found = scanned(who, f"\n {code(amount=4_500)} ")
    assert (found.name, found.city, found.country) == ("Café Hanul", "Seoul", "KR")
    assert (found.mcc, found.currency, found.amount, found.personal) == (5814, "KRW", 4_500, True)
    assert scanned(who, EMVCO).name == "BEST TRANSPORT"
    Member.objects.filter(pk=who.pk).update(language="zh-hans")
    who.refresh_from_db()
    assert scanned(who, EMVCO).name == "最佳运输"


def test_offers_hold_by_kind_of_shop_by_name_and_by_id(who: Member) -> None:
    assert ids(scanned(who, code())) == ["cafe", "everywhere"]
    assert ids(scanned(who, code(mcc=5411))) == ["market", "everywhere"]
    assert ids(scanned(who, code(mcc=4112))) == ["everywhere"]
    assert ids(scanned(who, code(mcc=4112, name="HANUL rail"))) == ["train", "everywhere"]
    assert ids(scanned(who, code("RAIL-77", mcc=4112))) == ["train", "everywhere"]
    assert ids(scanned(who, code("rail-77"))) == ["cafe", "everywhere"]


def test_a_code_that_says_neither_kind_nor_currency_leaves_what_holds_everywhere(who: Member) -> None:
    thin = Field.of("26", Field("00", "bank.example"), Field("01", "rail-77"))
    text = generate(MerchantCode((Field("00", "01"), thin)))
    assert ids(scanned(who, text)) == ["everywhere"]
    assert ids(scanned(who, PROMPTPAY[0])) == []  # baht, and the programme pays in won


def test_she_sees_at_a_shop_no_more_than_on_her_page(who: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    consent.withdraw(who, "personal")
    found = scanned(who, code())
    assert (found.personal, ids(found)) == (False, ["everywhere"])
    consent.give(who, "personal")
    monkeypatch.setattr(holdout, "held_out", lambda obj, name, share: name == "cafe")
    assert ids(scanned(who, code())) == ["everywhere"]


def test_what_is_on_her_card_says_so(who: Member) -> None:
    offer.add(who, "cafe")
    on_card, other = scanned(who, code()).offers
    assert on_card.use and on_card.use.state == OfferUse.ADDED and other.use is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("A\u202egnp.exe\u2066", "A gnp.exe"), ("\u200b\u200d\ufeff", ""), ("Cafe\u0301", "Café"),
        ("4242 4242 4242 4242", "••••"), ("<b>\"'</b>", "<b>\"'</b>"), ("  a  \u00a0 b ", "a b"),
    ],
)  # fmt: skip
def test_what_is_hidden_in_a_name_is_taken_out(who: Member, name: str, shown: str) -> None:
    found = scanned(who, code(name=name, city=name[:15]))
    assert found.name == shown and len(found.city) <= 15


def test_a_payment_at_that_shop_is_matched_with_what_was_shown(who: Member) -> None:
    for one in scanned(who, code(mcc=4112, name="Hanul Rail")).offers:
        offer.add(who, one.offer.id)
    take(message(who, "auth", "a1", 4_500, mcc=4112, merchant="Hanul Rail"))
    assert the_use(who, "train").state == OfferUse.MATCHED


PLACES = st.sampled_from(["", "Hanul Rail", "HANUL RAIL", "rail-77", "Café Hanul", "x"])


@settings(max_examples=200)
@given(
    name=PLACES.filter(bool), merchant=PLACES.filter(bool), mcc=st.sampled_from([0, 4112, 5814, 5411]),
    asked=st.tuples(st.sampled_from([(), (4112,), (5814, 5411)]), st.lists(PLACES.filter(bool), max_size=2)),
)  # fmt: skip
def test_a_code_and_a_payment_are_judged_alike(
    name: str, merchant: str, mcc: int, asked: tuple[tuple[int, ...], list[str]]
) -> None:
    """What the feed would tell of a shop, and what its code tells, make the same offers hold."""
    terms: Any = SimpleNamespace(mcc=asked[0], merchants=tuple(asked[1]), from_ms=0, to_ms=0)
    shown: Any = SimpleNamespace(offer=terms, programme=SimpleNamespace(currency="KRW"))
    paid: Any = SimpleNamespace(mcc=mcc, merchant=merchant_text(name), merchant_id=merchant, at=1)
    read = emv_mpm.parse(code(merchant, mcc=mcc, name=name))
    assert holds(shown, read) == chain.fits(terms, paid)


def test_nothing_is_written(who: Member, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12) as asked:
        merchant_code.scanned(who, code())
    assert {one["sql"].split()[0].lower() for one in asked.captured_queries} == {"select"}
