"""What a person has to look at before points settle, and what members say is wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from bankside.people import policy
from bankside.rewards import appeal, review
from bankside.rewards import member as members
from bankside.web import pages
from bankside.web.staff.frame import page, staff_of


@page
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """Both queues, oldest first."""
    staff = staff_of(request)
    appeals = appeal.waiting(staff)
    context = {
        "flags": review.waiting(staff), "appeals": appeals, "restoring": review.restoring(staff),
        "about": review.about(staff, [one.source for one in appeals]),
        "may_answer": policy.may(staff, "review.decide"),
    }  # fmt: skip
    return pages.render(request, "card/reviews.html", context)


@page
@require_safe
def review_one(request: HttpRequest, obj: str) -> HttpResponse:
    """One act: why it was flagged, on what evidence, what it earned and why."""
    staff = staff_of(request)
    context = {
        "one": review.opened(staff, obj), "codes": review.CODES,
        "may_decide": policy.may(staff, "review.decide"), "may_second": policy.may(staff, "review.second"),
    }  # fmt: skip
    return pages.render(request, "card/review.html", context)


@page
@require_POST
def review_release(request: HttpRequest, obj: str) -> HttpResponse:
    """Lets the points settle."""
    review.release(staff_of(request), obj, why=request.POST.get("why", ""))
    return pages.go(request, "reviews", said=gettext("Released: the points settle when they are due."))


@page
@require_POST
def review_proposal(request: HttpRequest, obj: str) -> HttpResponse:
    """The first of two who take points back."""
    given = request.POST
    review.propose(staff_of(request), obj, code=given.get("code", ""), why=given.get("why", ""))
    said = gettext("Proposed. Somebody else has to agree.")
    return pages.go(request, "review", obj, said=said, tone="wait")


@page
@require_POST
def review_reversal(request: HttpRequest, obj: str) -> HttpResponse:
    """The second; the member is told."""
    review.reverse(staff_of(request), obj)
    return pages.go(request, "reviews", said=gettext("Taken back. The member is told why."), tone="wait")


@page
@require_POST
def review_restoring(request: HttpRequest, obj: str) -> HttpResponse:
    """The first of two who give back what was taken by mistake."""
    review.propose_restoring(staff_of(request), obj, why=request.POST.get("why", ""))
    said = gettext("Proposed. Somebody else has to agree.")
    return pages.go(request, "review", obj, said=said, tone="wait")


@page
@require_POST
def review_restoration(request: HttpRequest, obj: str) -> HttpResponse:
    """The second; the member is told."""
    review.restore(staff_of(request), obj)
    return pages.go(request, "reviews", said=gettext("Given back. The member is told."))


@page
@require_POST
def review_new(request: HttpRequest, obj: str) -> HttpResponse:
    """Somebody wants an act of a member looked at."""
    staff, given = staff_of(request), request.POST
    row = members.get_visible(staff, obj)
    flag = review.raise_by_hand(staff, row, given.get("source", ""), why=given.get("why", ""))
    return pages.go(request, "review", flag.obj)


@page
@require_POST
def appeal_answer(request: HttpRequest, obj: str) -> HttpResponse:
    """Answers a member."""
    appeal.answer(staff_of(request), obj, request.POST.get("words", ""))
    return pages.go(request, "reviews", said=gettext("Answered. The member sees it beside the receipt."))
