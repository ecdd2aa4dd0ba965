"""Members as staff see them: who takes part, what each agreed to, her profiles, and what she has."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from bankside.people import policy
from bankside.rewards import card as cards
from bankside.rewards import consent, link, receipt, wallet
from bankside.rewards import member as members
from bankside.rewards.models import Card
from bankside.rewards.rules import plain
from bankside.web import pages
from bankside.web.staff.frame import page, staff_of

PAGE = 50
CARD_STATES = {
    Card.ASKED: (gettext_noop("waits for a person to look"), "wait", "hourglass"),
    Card.APPROVED: (gettext_noop("agreed, goes to the bureau next"), "ok", "check"),
    Card.REFUSED: (gettext_noop("not agreed"), "no", "ban"),
    Card.ORDERED: (gettext_noop("is being made"), "ok", "stamp"),
    Card.ACTIVE: (gettext_noop("in use"), "ok", "circle-check"),
    Card.ENDED: (gettext_noop("ended"), "flat", "history"),
}


@page
@require_safe
def member_list(request: HttpRequest) -> HttpResponse:
    """Everybody, the newest first."""
    staff = staff_of(request)
    policy.require(staff, "member.see")
    before = request.GET.get("before", "")
    rows = members.visible_to(staff).order_by("-pk")
    if before.isascii() and before.isdigit() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    older = pages.url("members", before=found[PAGE - 1].pk) if len(found) > PAGE else ""
    return pages.render(request, "card/members.html", {"rows": found[:PAGE], "older": older})


@page
@require_safe
def member_one(request: HttpRequest, obj: str) -> HttpResponse:
    """One member: points, profiles, consents, cards and what happened lately."""
    staff = staff_of(request)
    row = members.get_visible(staff, obj)
    context = {
        "row": row, "purse": wallet.purse(row), "links": link.of(row), "cards": cards.of(row),
        "consents": consent.standing(row), "lines": receipt.listed(row), "kinds": plain.KIND,
        "states": CARD_STATES,
        "may_manage": policy.may(staff, "member.manage"),
    }  # fmt: skip
    return pages.render(request, "card/member.html", context)


@page
@require_POST
def member_pause(request: HttpRequest, obj: str) -> HttpResponse:
    """Pauses, or goes on."""
    staff = staff_of(request)
    row = members.get_visible(staff, obj)
    if request.POST.get("pause") == "yes":
        members.pause(row, by=staff)
        return pages.go(request, "member", obj, said=gettext("Paused: nothing is earned."), tone="wait")
    members.resume(row, by=staff)
    return pages.go(request, "member", obj, said=gettext("Takes part again."))
