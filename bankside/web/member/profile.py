"""A member's profiles and the three switches; unlinking with what comes of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.rewards import card as cards
from bankside.rewards import consent, link, wallet
from bankside.rewards.models import Member
from bankside.web import pages
from bankside.web.member import days
from bankside.web.member.frame import member_page, show

PROVED = {
    "oauth": gettext_noop("proved by sign-in, %(day)s"),
    "rel-me": gettext_noop("proved by a line on the page, %(day)s"),
    "dns": gettext_noop("proved by its domain, %(day)s"),
}


@member_page
@require_safe
def profile(request: HttpRequest, member: Member) -> HttpResponse:
    """What is linked, and what is switched on."""
    return show(request, "profile", {"profile": wallet.profile(member), "proved": proved}, member=member)


@member_page
@require_POST
def switch(request: HttpRequest, member: Member) -> HttpResponse:
    """Turns one of the three on or off: `switch` is count (of `link`), personal or qr."""
    on = bool(request.POST.get("on"))
    match request.POST.get("switch"):
        case "count":
            link.switch(member, request.POST.get("link", ""), on)
        case "personal" if on:
            consent.give(member, consent.PERSONAL)
        case "personal":
            consent.withdraw(member, consent.PERSONAL)
        case "qr":
            _switch_code(member, on)
    return pages.go(request, "member-profile")


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def unlink(request: HttpRequest, member: Member, obj: str) -> HttpResponse:
    """What unlinking does, told first; then it is done at once."""
    shown = wallet.linked_one(member, obj)
    if request.method != "POST":
        return show(request, "unlink", {"link": shown}, member=member)
    link.unlink(member, obj)
    said = gettext("%(handle)s is unlinked. Your points are all there.") % {"handle": shown.handle}
    return pages.go(request, "member-profile", said=said)


def _switch_code(member: Member, on: bool) -> None:
    """Turning it on is agreeing to it, in the words that stand beside the switch."""
    if on and not consent.has(member, consent.CARD):
        consent.give(member, consent.CARD)
    cards.switch_code(member, on)


def proved(one: wallet.Linked) -> str:
    """How and when she showed that it is hers."""
    return gettext(PROVED.get(one.proof, PROVED["oauth"])) % {"day": days.short(days.date_of(one.linked_at))}
