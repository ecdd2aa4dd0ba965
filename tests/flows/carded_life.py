"""A member of the card who has one of everything, so that it can be looked for after she was forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from bankside.channels import profiles
from bankside.record import clock
from bankside.rewards import (
    appeal,
    expiry_notice,
    link,
    offer,
    partner_codes,
    payment,
    programme,
    redemption,
    review,
)
from bankside.rewards.ledger import spend
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.models import Card, Fingerprint, Link, Member
from bankside.rewards.payments.transaction import CardTransaction, Kind
from tests.rewards import joined, living, paying
from tests.web import carded

# What names a member, or tells where she was, what she wrote and what she got.
OF_HER = {
    "name": "Sanne zeichen4721", "reference": "H-4722", "token": "tok-4723",
    "merchant": "Apotheek zeichen4724", "merchant id": "m-4725", "appeal": "klopt niet zeichen4726",
    "answer": "wel zeichen4727", "why": "twee keer zeichen4728", "code": "GESCHENK-4729", "key": "wens-4730",
    "handle": "@sanne4731", "address": "social.example/@sanne4731", "account": "id-sanne4732",
    "refused": "onleesbaar zeichen4733",
}  # fmt: skip
OF_ANOTHER = {what: f"other-{what.replace(' ', '-')}" for what in OF_HER}
PHARMACIES = """
[[offer]]
id = "health"
title = {en = "5% back", ko = "5% 캐시백", zh = "返现 5%", nl = "5% terug"}
back = "5%"
max = 3_000
mcc = [5912]
freq = {times = 2, per = "week"}
fund = 100_000
"""


def lived(words: Mapping[str, str] = OF_ANOTHER) -> Member:
    """Somebody who did and had everything, in these words."""
    if not programme.live():
        living.live(paying.TEXT + PHARMACIES)
    partner_codes.import_codes(living.person("administrator", "Sanne Runs"), "coffee", [words["code"]])
    one = joined.member(customer_ref=words["reference"], name=words["name"], language="nl")
    profile = profiles.Profile(
        network="practice", subject=words["account"], handle=words["handle"], account_since_ms=0,
        url=f"https://{words['address']}",
    )  # fmt: skip
    _cards(one, link.invented(one, profile), words)
    offer.add(one, "health")
    payment.take([paid(one, words, "clearing")], "s:card")
    _disputed(one, words)
    _spent(one, words)
    return one


def paid(one: Member, words: Mapping[str, str], kind: Kind) -> CardTransaction:
    """A payment at a pharmacy, or its refund."""
    return CardTransaction(
        ref=f"{kind}{one.pk}", kind=kind, token_ref=words["token"], amount=20_000, currency="KRW", mcc=5912,
        merchant=words["merchant"], merchant_id=words["merchant id"], at_ms=clock.now_ms() + 1,
        original_ref="" if kind == "clearing" else f"clearing{one.pk}",
    )  # fmt: skip


def _cards(one: Member, made: Link, words: Mapping[str, str]) -> None:
    for state, token in ((Card.REFUSED, None), (Card.ACTIVE, words["token"])):
        Card.objects.create(
            member=one, link=made, theme="ink", name=words["name"], handle=words["handle"], asked_at=0,
            line=words["address"], reason=words["refused"], state=state, code=f"{state}{one.pk}",
            token_ref=token,
        )  # fmt: skip


def _disputed(one: Member, words: Mapping[str, str]) -> None:
    second = living.approvers()[1]
    carded.acted(one, f"fb-{one.pk}")
    said = appeal.make(one, f"r:fb-{one.pk}", words["appeal"])
    appeal.answer(second, said.obj, words["answer"])
    review.raise_by_hand(second, one, f"r:fb-{one.pk}", why=words["why"])
    Fingerprint.objects.create(source=f"e:{one.pk}", member=one.pk, place="p" * 32, at=clock.now_ms())


def _spent(one: Member, words: Mapping[str, str]) -> None:
    now = clock.now_ms()
    expires = Calendar("Asia/Seoul").month(now) + 1
    with transaction.atomic():
        spend.credit(one.pk, "pt", 5_000, source=f"g:{one.pk}", rule="gift", at=now, expires=expires)
    redemption.redeem(one, "coffee", 4_500, words["key"])
    redemption.redeem(one, "statement", 100, f"{words['key']} again")
    expiry_notice.write(now)
