"""Members as staff see them: who takes part, what each agreed to, her profiles, and what she has."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from bankside.people import policy
from bankside.record.ids import new_id
from bankside.record.reasons import ReasonMissing
from bankside.rewards import card as cards
from bankside.rewards import consent, link, receipt, redemption, wallet
from bankside.rewards import member as members
from bankside.rewards.models import Card, Member
from bankside.rewards.rules import plain
from bankside.web import pages
from bankside.web.member.spending import KEY_CHARACTERS_MAX, points_in
from bankside.web.spoken import why
from bankside.web.staff.frame import page, staff_of

PAGE = 50
ASKED_CHARACTERS_MAX = 200
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
    """Everybody, the newest first; with `number` the one whose it is; or whom the bank calls exactly so, or
    whose card has a code."""
    staff = staff_of(request)
    policy.require(staff, "member.see")
    if number := request.GET.get("number", "").strip().lower():
        return pages.go(request, "member", members.get_visible(staff, number).obj)
    before, asked = request.GET.get("before", ""), _asked(request)
    rows = members.named(members.visible_to(staff), **asked).order_by("-pk")
    if before.isascii() and before.isdigit() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    older = pages.url("members", before=found[PAGE - 1].pk, **asked) if len(found) > PAGE else ""
    return pages.render(request, "card/members.html", {"rows": found[:PAGE], "older": older, "asked": asked})


@page
@require_safe
def member_one(request: HttpRequest, obj: str) -> HttpResponse:
    """One member: points, profiles, consents, cards and what happened lately."""
    staff = staff_of(request)
    row = members.get_visible(staff, obj)
    return _one(request, row)


@page
@require_POST
def member_details(request: HttpRequest, obj: str) -> HttpResponse:
    """Corrects her name for the next card, her language, or the day since which she is a customer."""
    staff, given = staff_of(request), request.POST
    row = members.get_visible(staff, obj)
    try:
        since = date.fromisoformat(given["since"]) if given.get("since") else None
    except ValueError:
        return _one(request, row, refused=gettext("Write the day as 2019-04-30."), status=422)
    try:
        members.amend(
            row, name=given.get("name"), language=given.get("language"), tenure_since=since, by=staff
        )
    except members.BadMember as trouble:
        return _one(request, row, refused=why(trouble), status=422)
    return pages.go(request, "member", obj, said=gettext("Corrected."))


@page
@require_POST
def card_activation(request: HttpRequest, obj: str) -> HttpResponse:
    """A card reached its member; those that she had before end."""
    staff = staff_of(request)
    row = cards.activate(cards.get_visible(staff, obj), by=staff)
    return pages.go(request, "member", row.member.obj, said=gettext("The card is in use."))


@page
@require_POST
def card_end(request: HttpRequest, obj: str) -> HttpResponse:
    """A card is used no more: it was lost, for instance."""
    staff = staff_of(request)
    row = cards.get_visible(staff, obj)
    try:
        cards.end(row, by=staff, reason=request.POST.get("reason", ""))
    except ReasonMissing as trouble:
        return _one(request, row.member, unended=row.obj, refused_end=why(trouble), status=422)
    said = gettext("The card has ended; its code leads nowhere.")
    return pages.go(request, "member", row.member.obj, said=said, tone="wait")


def _choices() -> list[tuple[str, str]]:
    """What points can be spent on: id, title in the reader's language."""
    language = get_language() or "en"
    return [
        (one.id, wallet.in_language(one.title, language)) for one in redemption.choices() if one.left != 0
    ]


@page
@require_POST
def member_spending(request: HttpRequest, obj: str) -> HttpResponse:
    """Spends for a member who left and asks at the bank: once, however often the button is pressed."""
    staff, given = staff_of(request), request.POST
    row = members.get_visible(staff, obj)
    policy.require(staff, "member.manage")
    chosen, key = (
        given.get("choice", ""),
        f"b:{row.obj}:{given.get('key', '')[:KEY_CHARACTERS_MAX] or new_id()}",
    )
    points = wallet.price_of(chosen) or points_in(given.get("points", ""))
    done = redemption.redeem(row, chosen, points, key, by=staff, account=given.get("account", ""))
    said = (
        gettext("Spent. The code for her: %(code)s") % {"code": done.code} if done.code else gettext("Spent.")
    )
    return pages.go(request, "member", obj, said=said)


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


def _one(request: HttpRequest, row: Member, *, status: int = 200, **more: Any) -> HttpResponse:
    since, staff = members.customer_since(row), staff_of(request)
    context = {
        "row": row, "purse": wallet.purse(row), "links": link.of(row), "cards": cards.of(row),
        "consents": consent.standing(row), "lines": receipt.listed(row), "kinds": plain.KIND,
        "states": CARD_STATES, "since": since.isoformat() if since else "", "languages": settings.LANGUAGES,
        "may_manage": policy.may(staff, "member.manage"), "may_review": policy.may(staff, "review.decide"),
        "choices": _choices() if row.status == row.LEFT else (), "key": new_id(), "refused": "",
        "refused_end": "", "unended": "", **more,
    }  # fmt: skip
    return pages.render(request, "card/member.html", context, status=status)


def _asked(request: HttpRequest) -> dict[str, str]:
    """Whom she looks for: by the bank's reference, or by the code on a card."""
    return {
        name: request.GET.get(name, "").strip()[:ASKED_CHARACTERS_MAX] for name in ("customer_ref", "code")
    }
