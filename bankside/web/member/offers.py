"""Offers: added to the card, taken off it, and why each is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from bankside.rewards import consent, offer, wallet
from bankside.rewards.models import Member, OfferUse
from bankside.rewards.offer import OnShow
from bankside.rewards.rules.terms import Offer
from bankside.web import pages
from bankside.web.member import days
from bankside.web.member.frame import member_page, show
from bankside.web.moments import number
from bankside.web.spoken import why

BECAUSE = {
    "interest": gettext_noop("the interests you named"),
    "tier": gettext_noop("how often you take part"),
    "active_days": gettext_noop("how often you take part"),
    "link_days": gettext_noop("how long a profile is linked"),
    "spend": gettext_noop("what you pay with your card"),
    "tenure": gettext_noop("how long you are with us"),
    "language": gettext_noop("your language"),
}
OFTEN = {
    "day": (gettext_noop("Once a day."), gettext_noop("%(num)s times a day.")),
    "week": (gettext_noop("Once a week."), gettext_noop("%(num)s times a week.")),
    "month": (gettext_noop("Once a month."), gettext_noop("%(num)s times a month.")),
}
STATES = {
    "matched": (gettext_noop("a payment waits to clear"), "wait", "hourglass"),
    "credited": (gettext_noop("paid to your statement"), "ok", "check"),
    "reversed": (gettext_noop("taken back with your refund"), "no", "undo-2"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One offer on the page; `state`: words, tone and mark."""

    id: str
    title: str
    terms: str
    why: str
    state: tuple[str, str, str] | None
    can_add: bool
    can_take_off: bool
    added: bool


@member_page
@require_safe
def offers(request: HttpRequest, member: Member) -> HttpResponse:
    """Those chosen for her, or everyone's; never one that she is held out of."""
    shown = offer.offers_for(member)
    context = {
        "personal": shown.personal, "spends": consent.has(member, consent.SPEND),
        "offers": [told(one) for one in shown.offers],
    }  # fmt: skip
    return show(request, "offers", context, member=member)


@member_page
@require_POST
def addition(request: HttpRequest, member: Member, number: str) -> HttpResponse:
    """Puts an offer on her card; twice is once."""
    try:
        offer.add(member, number)
    except consent.ConsentMissing as missing:
        return pages.go(request, "member-settings", said=why(missing), tone="wait")
    return pages.go(
        request, "member-offers", said=gettext("The offer is on your card. Pay with it as always.")
    )


@member_page
@require_POST
def removal(request: HttpRequest, member: Member, number: str) -> HttpResponse:
    """Takes it off, while nothing was paid with it."""
    taken = offer.take_off(member, number)
    said = (
        gettext("The offer is off your card.") if taken else gettext("Something was paid with it; it stays.")
    )
    return pages.go(request, "member-offers", said=said, tone="ok" if taken else "wait")


def told(one: OnShow) -> Shown:
    """An offer in her words, and what she can do with it."""
    state = one.use.state if one.use else ""
    return Shown(
        id=one.offer.id, title=one.title, terms=terms(one), why=because(one.offer),
        state=_state(state), added=state == OfferUse.ADDED, can_take_off=state == OfferUse.ADDED,
        can_add=state != OfferUse.ADDED and one.left > 0,
    )  # fmt: skip


def terms(one: OnShow) -> str:
    """How much, how often and until when."""
    said = []
    if one.offer.back:
        money = one.offer.kind == "credit"
        most = days.money(one.offer.max, one.programme.currency) if money else number(one.offer.max)
        said.append(gettext("At most %(most)s each time.") % {"most": most})
    said.append(_often(one.offer.freq_times, one.offer.per))
    if one.until_ms:
        said.append(gettext("Until %(day)s.") % {"day": days.short(days.date_of(one.until_ms))})
    return " ".join(said)


def because(one: Offer) -> str:
    """Why she sees it: by which of the few things that an offer may look at."""
    if not one.personal:
        return gettext("Everyone sees this offer.")
    names = dict.fromkeys(gettext(BECAUSE[name]) for name in wallet.looks_at(one) if name in BECAUSE)
    return gettext("Chosen by: %(reasons)s.") % {"reasons": ", ".join(names)}


def _often(times: int, per: str) -> str:
    once, often = OFTEN.get(per, OFTEN["month"])
    return gettext(once) if times == 1 else gettext(often) % {"num": number(times)}


def _state(state: str) -> tuple[str, str, str] | None:
    if state == "added":
        return gettext("on your card"), "iris", "credit-card"
    if state not in STATES:
        return None
    words, tone, mark = STATES[state]
    return gettext(words), tone, mark
