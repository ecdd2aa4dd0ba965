"""Cards, offers and spending: what a member carries, what is meant for her, and what she gets for points."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router

from bankside.people import policy
from bankside.rewards import card as cards
from bankside.rewards import member as members
from bankside.rewards import offer as offers
from bankside.rewards import redemption
from bankside.rewards.models import Card, Redemption
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.members import (
    CardIn,
    CardOut,
    Cards,
    DecisionIn,
    OfferOut,
    Offers,
    RedemptionIn,
    RedemptionOut,
    SwitchIn,
    TokenIn,
    Word,
)

router = Router(tags=["cards"])

Side = Literal["front", "back"]
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
    return _card(cards.ask(row, theme=said.theme, link=said.link, on_line=said.on_line))


@operation(router, "GET", "/cards/{card}/art", "member.see", says=None)
def card_art(request: HttpRequest, card: Obj, side: Side = "front", kind: Kind = "svg") -> Any:
    """The drawing: PDF for print and proof, PNG for a wallet, else SVG."""
    row = cards.get_visible(staff_of(request), card)
    answer = HttpResponse(cards.drawn(row, side=side, kind=kind), content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="card-{side}-{kind}"'
    return answer


@operation(router, "POST", "/cards/{card}/decision", "card.decide", says=CardOut)
def card_decide(request: HttpRequest, card: Obj, said: DecisionIn) -> Any:
    """A person looked at what is to be printed."""
    return _card(cards.decide(staff_of(request), card, said.approved, said.reason))


@operation(router, "POST", "/cards/{card}/token", "member.manage", says=CardOut)
def card_bind(request: HttpRequest, card: Obj, said: TokenIn) -> Any:
    """Names the card in the bank's own token service; a card number is refused."""
    staff = staff_of(request)
    return _card(cards.bind(cards.get_visible(staff, card), said.token_ref, by=staff))


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


@operation(router, "POST", "/redemptions", "member.manage", says=RedemptionOut, status=201)
def redeem(request: HttpRequest, said: RedemptionIn) -> Any:
    """She spends points. The Idempotency-Key is that of the redemption, too, for ever."""
    staff = staff_of(request)
    policy.require(staff, "member.manage")
    row = members.get_visible(staff, said.member)
    key = request.headers.get("Idempotency-Key", "")
    return _redemption(row.obj, redemption.redeem(row, said.choice, said.points, key))


@operation(router, "GET", "/members/{member}/redemptions", "member.see", says=list[RedemptionOut])
def redemption_list(request: HttpRequest, member: Obj) -> Any:
    """What she spent, the newest first."""
    row = members.get_visible(staff_of(request), member)
    return [_redemption(row.obj, one) for one in redemption.redemptions_of(row)]


@operation(router, "POST", "/members/{member}/redemptions/{obj}/return", "member.manage", says=RedemptionOut)
def redemption_undo(request: HttpRequest, member: Obj, obj: Obj) -> Any:
    """Puts the points back into the same buckets, until the file went out."""
    row = members.get_visible(staff_of(request), member)
    return _redemption(row.obj, redemption.undo(row, obj))


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
    names = ("obj", "choice", "points", "value", "currency", "code", "state")
    return {name: getattr(row, name) for name in names} | {"member": member, "at": moment(row.at)}
