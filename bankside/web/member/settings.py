"""A member's settings: language, what she agreed to, interests, a break, leaving."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings as house
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop, override
from django.views.decorators.http import require_http_methods, require_POST

from bankside.rewards import consent, visit, wallet
from bankside.rewards import member as members
from bankside.rewards.models import Member
from bankside.web import pages
from bankside.web.member import days
from bankside.web.member.frame import member_page, show
from bankside.web.member.visits import COOKIE_SECONDS
from bankside.web.spoken import spoken, why

PURPOSES = {
    "programme": gettext_noop("Taking part"),
    "profile": gettext_noop("Counting my replies"),
    "card": gettext_noop("My profile on the card"),
    "spend": gettext_noop("Payments for offers"),
    "personal": gettext_noop("Offers chosen for me"),
    "notices": gettext_noop("Notices"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A purpose on the page: its words, and the version and day of her consent."""

    purpose: str
    title: str
    words: str
    dated: str
    on: bool
    fixed: bool


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, member: Member) -> HttpResponse:
    """Everything that she may set; a POST is another language."""
    if request.method == "POST":
        return _speak(request, member, request.POST.get("language", ""))
    context = {
        "language": member.language, "paused": member.status == Member.PAUSED,
        "by_bank": member.status == Member.PAUSED and member.paused_by_bank,
        "consents": [_agreed(one) for one in consent.standing(member)],
        "interests": [(n, spoken(words), n in member.interests) for n, words in members.INTERESTS.items()],
    }  # fmt: skip
    return show(request, "settings", context, member=member)


@member_page
@require_POST
def consents(request: HttpRequest, member: Member) -> HttpResponse:
    """Gives one, in the words that are shown now, or takes it back."""
    purpose = request.POST.get("purpose", "")
    try:
        if request.POST.get("on"):
            consent.give(member, purpose)
        else:
            consent.withdraw(member, purpose)
    except consent.LeaveInstead as leaving:
        return pages.go(request, "member-leaving", said=why(leaving), tone="wait")
    return pages.go(request, "member-settings")


@member_page
@require_POST
def interests(request: HttpRequest, member: Member) -> HttpResponse:
    """Up to three, named by herself."""
    try:
        members.declare(member, request.POST.getlist("interest"))
    except ValueError as refused:
        return pages.go(request, "member-settings", said=why(refused), tone="no")
    return pages.go(request, "member-settings", said=gettext("Kept."))


@member_page
@require_POST
def pause(request: HttpRequest, member: Member) -> HttpResponse:
    """A break, or its end."""
    if request.POST.get("on"):
        members.pause(member)
        return pages.go(request, "member-settings", said=gettext("You are taking a break."))
    try:
        members.resume(member)
    except members.PausedByBank as refused:
        return pages.go(request, "member-settings", said=why(refused), tone="no")
    return pages.go(request, "member-settings", said=gettext("You take part again."))


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def leaving(request: HttpRequest, member: Member) -> HttpResponse:
    """What leaving does, told first; then it is done for good."""
    purse = wallet.purse(member)
    if request.method != "POST" or not request.POST.get("sure"):
        return show(request, "leaving", {"purse": purse, "number": member.obj}, member=member)
    members.leave(member)
    visit.end(request.session)
    request.session.cycle_key()
    response = show(request, "left", {"points": purse.available + purse.pending, "number": member.obj})
    response["Clear-Site-Data"] = '"cache"'
    return response


def _speak(request: HttpRequest, member: Member, language: str) -> HttpResponse:
    if language not in dict(house.LANGUAGES):
        return pages.go(request, "member-settings")
    members.speak(member, language)
    with override(language):
        response = pages.go(request, "member-settings", said=gettext("These pages speak English to you now."))
    response.set_cookie(
        house.LANGUAGE_COOKIE_NAME, language, max_age=COOKIE_SECONDS, samesite="Lax", secure=house.HTTPS
    )
    return response


def _agreed(one: consent.Standing) -> Agreed:
    dated = ""
    if one.version:
        given = days.short(days.date_of(one.since))
        dated = gettext("Version %(version)s, %(day)s") % {"version": one.version, "day": given}
    return Agreed(
        purpose=one.purpose, title=gettext(PURPOSES.get(one.purpose, one.purpose)), words=spoken(one.words),
        dated=dated, on=bool(one.version), fixed=one.purpose == consent.PROGRAMME,
    )  # fmt: skip
