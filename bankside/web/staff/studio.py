"""The card studio: what members ask to be printed, a proof of any card, and what goes to the bureau."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.people import policy
from bankside.record.ids import new_id
from bankside.record.reasons import ReasonMissing
from bankside.rewards import card as cards
from bankside.rewards import card_order, points_in_wallet, sample_card
from bankside.rewards.models import Order
from bankside.web import card_themes, ordered, pages
from bankside.web.spoken import why
from bankside.web.staff.frame import page, staff_of

WAITING_PER_PAGE = 20
ORDERS_PER_PAGE = 50
ORDERS_BESIDE = 5
NUMBER_DIGITS_MAX = 6
REASON_CHARACTERS_MAX = 1_000
ORDER_STATES = {
    Order.DRAWING: ("iris", "hourglass", gettext_noop("is being drawn")),
    Order.MADE: ("ok", "circle-check", gettext_noop("can be taken")),
    Order.AWAY: ("flat", "history", gettext_noop("file deleted")),
    Order.EMPTY: ("no", "ban", gettext_noop("no card was left")),
}


@page
@require_safe
def studio(request: HttpRequest) -> HttpResponse:
    """What waits for a person, what may be and what was ordered, and the proof of a card as it is typed."""
    staff = staff_of(request)
    policy.require(staff, "member.see")
    given, waiting = sample_card.given(request.GET), cards.waiting(staff)
    found = list(_after(waiting.order_by("pk"), request)[: WAITING_PER_PAGE + 1])
    further = pages.url("studio", after=found[-2].pk) if len(found) > WAITING_PER_PAGE else ""
    context = {
        "waiting": found[:WAITING_PER_PAGE], "further": further, "waiting_count": waiting.count(),
        "ready": card_order.may_go().count(), "most": card_order.CARDS_MAX, "key": new_id(),
        "orders": card_order.visible_to(staff)[:ORDERS_BESIDE], "order_states": ORDER_STATES,
        "themes": card_themes.titled(), "given": given,
        "refused": _refused(given), "typing": pages.is_fragment(request),
        "may_decide": policy.may(staff, "card.decide"), "may_order": policy.may(staff, "card.order"),
        "wallets": points_in_wallet.standings(),
    }  # fmt: skip
    return pages.render(request, "card/studio.html", context, parts={"proof": "card/proof_typed.html"})


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


# --- orders --------------------------------------------------------------------------------------------
@page
@require_POST
def studio_order(request: HttpRequest) -> HttpResponse:
    """Orders the cards that have waited longest; the same form sent twice is one order."""
    typed = request.POST.get("cards", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= NUMBER_DIGITS_MAX else 0
    row = card_order.order(staff_of(request), number, key=request.POST.get("key", ""))
    return pages.go(request, "card-order", row.obj, said=gettext("Ordered. Its file is being drawn now."))


@page
@require_safe
def card_orders(request: HttpRequest) -> HttpResponse:
    """What was ordered, the newest first."""
    staff = staff_of(request)
    policy.require(staff, "member.see")
    before, rows = request.GET.get("before", ""), card_order.visible_to(staff)
    if _is_number(before):
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: ORDERS_PER_PAGE + 1])
    older = pages.url("card-orders", before=found[-2].pk) if len(found) > ORDERS_PER_PAGE else ""
    context = {"rows": found[:ORDERS_PER_PAGE], "older": older, "order_states": ORDER_STATES}
    return pages.render(request, "card/orders.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def card_order_one(request: HttpRequest, obj: str) -> HttpResponse:
    """How far an order is; POST has its file drawn again."""
    staff = staff_of(request)
    if request.method == "POST":
        card_order.draw_again(staff, obj)
        return pages.go(request, "card-order", obj, said=gettext("It is being drawn again."))
    return _order(request, card_order.get(staff, obj))


@page
@require_POST
def card_order_file(request: HttpRequest, obj: str) -> HttpResponse:
    """The file for the bureau, for a reason that she types; it has names."""
    staff = staff_of(request)
    reason = request.POST.get("reason", "")[:REASON_CHARACTERS_MAX]
    try:
        return cast(HttpResponse, ordered.answer(staff, obj, reason))
    except (ReasonMissing, card_order.FileAway) as trouble:
        row = card_order.get(staff, obj)
        return _order(request, row, reason=reason, refused=why(trouble), status=422)


def _order(request: HttpRequest, row: Order, *, status: int = 200, **more: Any) -> HttpResponse:
    may_order = policy.may(staff_of(request), "card.order")
    context = {
        "row": row,
        "order_states": ORDER_STATES,
        "reason": "",
        "refused": "",
        "may_order": may_order,
        **more,
    }
    whole = "card/order_far.html" if pages.is_fragment(request) else "card/order.html"
    return pages.render(request, whole, context, status=status)


def _refused(given: dict[str, str]) -> dict[str, str]:
    """By field why its words cannot be printed; empty words for the others."""
    found = sample_card.refused(given)
    return {field: why(found[field]) if field in found else "" for field in sample_card.PRINTED}


def _after(rows: Any, request: HttpRequest) -> Any:
    after = request.GET.get("after", "")
    return rows.filter(pk__gt=int(after)) if _is_number(after) else rows


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) < 18


def _picture(svg: bytes) -> HttpResponse:
    """A drawing; opened by itself it may load and run nothing."""
    answer = HttpResponse(svg, content_type="image/svg+xml")
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer
