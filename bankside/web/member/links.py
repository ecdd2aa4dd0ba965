"""Linking a profile: signing in at its network, or one line on a page of hers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.rewards import consent, link
from bankside.rewards.models import Member
from bankside.web import pages
from bankside.web.member.frame import member_page, show
from bankside.web.spoken import why

REFUSED = (link.NotLinked, link.NotProved, consent.ConsentMissing)


@member_page
@require_safe
def links(request: HttpRequest, member: Member) -> HttpResponse:
    """The networks on which she can show that a profile is hers."""
    return _links(request, member)


@member_page
@require_POST
def link_new(request: HttpRequest, member: Member, network: str) -> HttpResponse:
    """Where she signs in, or what she has to put on her page."""
    place = request.POST.get("place", "").strip()
    if request.POST.get("agreed"):
        consent.give(member, consent.PROFILE)
    try:
        begun = link.begin(member, network, place, _proof(request))
    except REFUSED as refused:
        return _links(request, member, wanted=network, place=place, refused=why(refused))
    if isinstance(begun, link.Instructions):
        return pages.go(request, "member-link-proof", begun.state)
    return show(request, "away", {"begun": begun}, member=member)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def link_proof(request: HttpRequest, member: Member, state: str) -> HttpResponse:
    """The line for her page, and (POST) looking whether it is there now."""
    begun, refused = next((one for one in link.waiting(member) if one.state == state), None), ""
    if begun is None:
        return pages.go(
            request, "member-links", said=gettext("This was begun too long ago. Begin again."), tone="no"
        )
    if request.method == "POST":
        try:
            return _linked(request, link.complete(member, state=state).handle)
        except REFUSED as trouble:
            refused = why(trouble)
    shown = {"begun": begun, "refused": refused}
    return show(request, "instructions", shown, member=member, status=422 if refused else 200)


@member_page
@require_safe
def come_back(request: HttpRequest, member: Member) -> HttpResponse:
    """She is back from a network, with a code or a refusal."""
    brought = {name: request.GET.get(name, "") for name in ("state", "code", "error")}
    try:
        made = link.complete(member, **brought, issuer=request.GET.get("iss", ""))
    except REFUSED as refused:
        return pages.go(request, "member-links", said=why(refused), tone="no")
    return _linked(request, made.handle)


def _links(request: HttpRequest, member: Member, **typed: str) -> HttpResponse:
    given: dict[str, Any] = {"wanted": "", "place": "", "refused": "", **typed}
    agreed = consent.has(member, consent.PROFILE)
    given |= {"places": link.offered(), "waiting": link.waiting(member)}
    given |= {"asked": "" if agreed else consent.words(consent.PROFILE)}
    return show(request, "links", given, member=member, status=422 if given["refused"] else 200)


def _linked(request: HttpRequest, handle: str) -> HttpResponse:
    said = gettext("%(handle)s is linked. What you say in the bank's threads counts from now on.")
    return pages.go(request, "member-profile", said=said % {"handle": handle})


def _proof(request: HttpRequest) -> link.Proof:
    match request.POST.get("proof"):
        case "rel-me":
            return "rel-me"
        case "dns":
            return "dns"
    return "oauth"
