"""Members with cards, a programme with offers, and card payments as a feed brings them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from bankside.record import clock
from bankside.rewards import offer, payment
from bankside.rewards.ledger import balance
from bankside.rewards.models import Card, Line, Member, OfferUse
from bankside.rewards.payments.transaction import CardTransaction, Kind
from tests.rewards import joined, living

NOW = clock.from_iso("2026-11-25T03:00:00Z")  # a Wednesday, at noon in Seoul
BEFORE = NOW - 60_000
BY = "s:card"
TEXT = """
[programme]
id = "social"
unit = "pt"
tz = "Asia/Seoul"
currency = "KRW"
worth = {points = 1, minor = 1}
hold = "72h"
life = "60M"
notice = "6M"

[[earn]]
id = "feedback"
class = "A"
on = "feedback"
points = "30"
cap = {points = 60, times = 2, per = "month"}

[[earn]]
id = "card-spend"
class = "A"
on = "purchase"
amount_unit = 1_000
points = "min(100, amount)"
cap = {points = 300, times = 20, per = "day"}

[[tier]]
id = "stream"
active_days = 2
title = {en = "Stream", ko = "시내", zh = "溪流", nl = "Beek"}

[[offer]]
id = "cafe"
title = {en = "5% back in cafés", ko = "카페 5%", zh = "咖啡馆 5%", nl = "5% terug in cafés"}
back = "5%"
max = 3_000
mcc = [5814]
when = 'interest in ["coffee"]'
freq = {times = 2, per = "week"}
fund = 100_000

[[offer]]
id = "market"
title = {en = "3% back at markets", ko = "시장 3%", zh = "市场 3%", nl = "3% terug op de markt"}
back = "3%"
max = 5_000
mcc = [5411]
freq = {times = 100, per = "day"}
fund = 1_000_000

[[offer]]
id = "train"
kind = "points"
title = {en = "500 points", ko = "500포인트", zh = "500 积分", nl = "500 punten"}
fixed = 500
mcc = [4112]
merchants = ["Hanul Rail", "rail-77"]
freq = {times = 1, per = "month"}
fund = 3_000
"""
_cards = count(1)


def noon() -> Iterator[None]:
    """It is noon, and the programme has been in force for a minute; a fixture of a test comes from this."""
    with clock.frozen(BEFORE):
        living.live(TEXT)
    with clock.frozen(NOW):
        yield


def with_cafe(**how: Any) -> Member:
    """A shopper who has added the offer of the cafés."""
    with clock.frozen(BEFORE):
        who = shopper(**how)
        offer.add(who, "cafe")
    return who


def shopper(**how: Any) -> Member:
    """A member with a card in use; agreed to everything and likes coffee unless told otherwise."""
    who = joined.member(**{"interests": ("coffee",), **how})
    number = next(_cards)
    Card.objects.create(
        member=who, token_ref=f"tok-{number}", theme="ink", name="MINJI PARK", state=Card.ACTIVE,
        code=f"code{number}", asked_at=0,
    )  # fmt: skip
    return who


def token_of(who: Member) -> str:
    return str(Card.objects.get(member=who).token_ref)


def message(
    who: Member | str, kind: Kind, ref: str, amount: int, original: str = "", **how: Any
) -> CardTransaction:
    """One message of a feed, at a café, now."""
    given: dict[str, Any] = {
        "ref": ref, "kind": kind, "token_ref": who if isinstance(who, str) else token_of(who),
        "amount": amount, "currency": "KRW", "mcc": 5814, "merchant": "Café Hanul", "at_ms": NOW,
        "original_ref": original,
    }  # fmt: skip
    return CardTransaction(**{**given, **how})


def take(*messages: CardTransaction) -> list[payment.Result]:
    return payment.take(messages, BY)


def outcomes(results: Iterable[payment.Result]) -> list[tuple[str, str]]:
    return [(one.outcome, one.reason) for one in results]


def money(who: Member, unit: str = "KRW") -> int:
    return balance.balance(who.pk, unit).available


def lines(who: Member) -> list[int]:
    return list(Line.objects.filter(member=who.pk).order_by("pk").values_list("amount", flat=True))


def the_use(who: Member, offer: str = "cafe") -> OfferUse:
    """The one use of an offer."""
    return OfferUse.objects.exclude(chain="").get(member=who, offer=offer)
