"""The card studio: what members ask to be printed, a proof of any card, and what goes to the bureau."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from bankside.people import policy
from bankside.rewards import card as cards
from bankside.rewards import points_in_wallet, sample_card
from bankside.web import pages
from bankside.web.staff.frame import page, staff_of


@page
@require_safe
def studio(request: HttpRequest) -> HttpResponse:
    """What waits for a person, what may be and what was ordered, and the proof of a card as it is typed."""
    staff = staff_of(request)
    policy.require(staff, "member.see")
    context = {
        "waiting": cards.waiting(staff), "approved": cards.approved(staff), "orders": cards.orders(staff),
        "themes": sample_card.THEMES, "given": sample_card.given(request.GET),
        "may_decide": policy.may(staff, "card.decide"), "may_order": policy.may(staff, "card.order"),
        "wallets": points_in_wallet.standings(),
    }  # fmt: skip
    return pages.render(request, "card/studio.html", context)


@page
@require_safe
def studio_proof(request: HttpRequest) -> HttpResponse:
    """The proof of what stands in the fields; words that cannot be printed are refused with the reason."""
    policy.require(staff_of(request), "member.see")
    return _picture(sample_card.proof(sample_card.given(request.GET)))


@page
@require_safe
def studio_card(request: HttpRequest, obj: str, side: str) -> HttpResponse:
    """A member's card as it would be printed, with every box."""
    row = cards.get_visible(staff_of(request), obj)
    return _picture(cards.drawn(row, side="back" if side == "back" else "front", kind="proof", form="svg"))


@page
@require_POST
def studio_decision(request: HttpRequest, obj: str) -> HttpResponse:
    """Whether a card is printed as it is asked for."""
    approved = request.POST.get("decision") == "approve"
    cards.decide(staff_of(request), obj, approved, request.POST.get("reason", ""))
    if approved:
        return pages.go(request, "studio", said=gettext("Approved: it goes with the next order."))
    return pages.go(request, "studio", said=gettext("Refused. The member sees why."), tone="wait")


@page
@require_POST
def studio_order(request: HttpRequest) -> HttpResponse:
    """Everything that is approved, as one file for the bureau."""
    staff = staff_of(request)
    order, body = cards.order(staff, list(cards.approved(staff)))
    answer = HttpResponse(body, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="cards-{order.obj[:8]}.zip"'
    return answer


def _picture(svg: bytes) -> HttpResponse:
    """A drawing; opened by itself it may load and run nothing."""
    answer = HttpResponse(svg, content_type="image/svg+xml")
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer
