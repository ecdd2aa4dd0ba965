"""Cards, offers and spending: what a member carries, what is meant for her, and what she gets for points."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import StringConstraints

from bankside.people import exports, policy
from bankside.rewards import card as cards
from bankside.rewards import member as members
from bankside.rewards import merchant_code, redemption
from bankside.rewards import offer as offers
from bankside.rewards.models import Card, Redemption
from bankside.web.api.entrance import KEY_HEADER, staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.members import (
    CardDecisionIn,
    CardEndIn,
    CardIn,
    CardOut,
    Cards,
    MerchantCodeIn,
    MerchantCodeOut,
    OfferOut,
    Offers,
    RedeemedOut,
    RedemptionIn,
    RedemptionOut,
    SwitchIn,
    TokenIn,
    Word,
)

router = Router(tags=["cards"])

Side = Literal["front", "back"]
Reason = Annotated[
    str, StringConstraints(min_length=exports.REASON_CHARACTERS_MIN, max_length=exports.REASON_CHARACTERS_MAX)
]
Kind = Literal["print", "proof", "wallet", "svg", "screen"]
TYPES = {
    "print": "application/pdf", "proof": "application/pdf", "wallet": "image/png", "svg": "image/svg+xml",
    "screen": "image/svg+xml",
}  # fmt: skip


@operation(router, "GET", "/members/{member}/cards", "member.see", says=Cards)
def card_list(request: HttpRequest, member: Obj) -> Any:
    """Her cards, the newest first."""
    row = members.get_visible(staff_of(request), member)
    return {"items": [_card(one) for one in cards.of(row)]}


@operation(router, "POST", "/members/{member}/cards", "member.manage", says=CardOut, status=201)
def card_ask(request: HttpRequest, member: Obj, said: CardIn) -> Any:
    """Asks for a card; a person looks at it before it is printed."""
    row = members.get_visible(staff_of(request), member)
    return _card(cards.ask(row, theme=said.theme, link=said.link, on_line=said.on_line, name=said.name))


@operation(router, "GET", "/cards/{card}/art", "member.see", says=None)
def card_art(
    request: HttpRequest, card: Obj, side: Side = "front", kind: Kind = "svg",
    reason: Reason = "one card, by a program",
) -> Any:  # fmt: skip
    """The drawing: PDF for print and proof, PNG for a wallet, else SVG. A name is on it: that is recorded.

    `reason` says what it is for; a program that needs none of its own leaves the one that is there.
    """
    staff = staff_of(request)
    row = cards.get_visible(staff, card)
    drawn = cards.drawn(row, side=side, kind=kind)
    exports.told(staff, "card-art", reason, rows=1, obj=row.obj)
    answer = HttpResponse(drawn, content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="card-{side}-{kind}"'
    return answer


@operation(router, "POST", "/cards/{card}/decision", "card.decide", says=CardOut)
def card_decide(request: HttpRequest, card: Obj, said: CardDecisionIn) -> Any:
    """A person looked at what is to be printed."""
    return _card(cards.decide(staff_of(request), card, said.approved, said.reason))


@operation(router, "POST", "/cards/{card}/token", "member.manage", says=CardOut)
def card_bind(request: HttpRequest, card: Obj, said: TokenIn) -> Any:
    """Names the card in the bank's own token service; a card number is refused."""
    staff = staff_of(request)
    return _card(cards.bind(cards.get_visible(staff, card), said.token_ref, by=staff))


@operation(router, "POST", "/cards/{card}/activation", "member.manage", says=CardOut)
def card_activate(request: HttpRequest, card: Obj) -> Any:
    """The card reached its member: it is in use, and those that she had before end. Twice is once."""
    staff = staff_of(request)
    return _card(cards.activate(cards.get_visible(staff, card), by=staff))


@operation(router, "DELETE", "/cards/{card}", "member.manage", says=CardOut)
def card_end(request: HttpRequest, card: Obj, said: CardEndIn) -> Any:
    """The card is used no more, because it was lost for instance; its code leads nowhere. Twice is once."""
    staff = staff_of(request)
    return _card(cards.end(cards.get_visible(staff, card), by=staff, reason=said.reason))


@operation(router, "POST", "/members/{member}/code", "member.manage", says=CardOut)
def code_switch(request: HttpRequest, member: Obj, said: SwitchIn) -> Any:
    """Turns the code on her card on or off; no new card is needed."""
    return _card(cards.switch_code(members.get_visible(staff_of(request), member), said.on))


@operation(router, "GET", "/members/{member}/offers", "member.see", says=Offers)
def offer_list(request: HttpRequest, member: Obj) -> Any:
    """What she is shown: offers chosen for her, or everybody's when she switched that off."""
    shown = offers.offers_for(members.get_visible(staff_of(request), member))
    return {"personal": shown.personal, "items": [_offer(one) for one in shown.offers]}


@operation(router, "POST", "/members/{member}/offers/{offer}", "member.manage", says=OfferOut)
def offer_add(request: HttpRequest, member: Obj, offer: Word) -> Any:
    """Puts an offer on her card; twice is once."""
    row = members.get_visible(staff_of(request), member)
    offers.add(row, offer)
    return next(_offer(one) for one in offers.offers_for(row).offers if one.offer.id == offer)


@operation(router, "DELETE", "/members/{member}/offers/{offer}", "member.manage", says=None, status=204)
def offer_take_off(request: HttpRequest, member: Obj, offer: Word) -> Any:
    """Takes an offer off her card, while nothing was paid with it."""
    offers.take_off(members.get_visible(staff_of(request), member), offer)


@operation(router, "POST", "/members/{member}/merchant-codes:read", "member.see", says=MerchantCodeOut)
def merchant_code_read(request: HttpRequest, member: Obj, said: MerchantCodeIn) -> Any:
    """What a shop's code says, and which of her offers hold there. It pays nothing and is not kept."""
    found = merchant_code.scanned(members.get_visible(staff_of(request), member), said.text)
    names = ("name", "city", "country", "mcc", "currency", "amount", "personal")
    return {name: getattr(found, name) for name in names} | {"items": [_offer(one) for one in found.offers]}


@operation(router, "POST", "/redemptions", "member.manage", says=RedeemedOut, status=201, keyed=True)
def redeem(request: HttpRequest, said: RedemptionIn) -> Any:
    """She spends points. The Idempotency-Key is that of the redemption, too, for ever, for this caller.

    Who has left is spent for; `account` is then the bank's reference of where money goes, which is forgotten.
    """
    staff = staff_of(request)
    policy.require(staff, "member.manage")
    row, key = members.get_visible(staff, said.member), request.headers[KEY_HEADER]
    done = redemption.redeem(row, said.choice, said.points, key, by=staff, account=said.account)
    return _redemption(row.obj, done) | {"code": done.code}


@operation(router, "GET", "/members/{member}/redemptions", "member.see", says=list[RedemptionOut])
def redemption_list(request: HttpRequest, member: Obj) -> Any:
    """What she spent, the newest first. Codes that she was given are for her alone and not in it."""
    row = members.get_visible(staff_of(request), member)
    return [_redemption(row.obj, one) for one in redemption.redemptions_of(row, with_codes=False)]


@operation(router, "POST", "/members/{member}/redemptions/{obj}/return", "member.manage", says=RedemptionOut)
def redemption_undo(request: HttpRequest, member: Obj, obj: Obj) -> Any:
    """Puts the points back into the same buckets, until the file went out."""
    staff = staff_of(request)
    row = members.get_visible(staff, member)
    return _redemption(row.obj, redemption.undo(row, obj, by=staff))


def _card(row: Card) -> dict[str, Any]:
    names = ("obj", "theme", "handle", "line", "name", "state", "reason", "qr")
    shown = {name: getattr(row, name) for name in names}
    return shown | {"member": row.member.obj, "asked": moment(row.asked_at)}


def _offer(one: offers.OnShow) -> dict[str, Any]:
    terms = {name: getattr(one.offer, name) for name in ("id", "kind", "back", "fixed", "max")}
    state = one.use.state if one.use else ""
    return terms | {
        "title": one.title, "left": one.left, "state": state, "until": moment(one.until_ms),
    }  # fmt: skip


def _redemption(member: str, row: Redemption) -> dict[str, Any]:
    names = ("obj", "choice", "points", "value", "currency", "state")
    return {name: getattr(row, name) for name in names} | {"member": member, "at": moment(row.at)}
