"""Approvals: what waits for her, the exact words, and her decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.approvals import consent
from bankside.publish import post as posts
from bankside.publish.models import Post
from bankside.record.reasons import ReasonMissing
from bankside.web import pages
from bankside.web.staff import reviewed
from bankside.web.staff.frame import page, staff_of


@page
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """The first that waits for her; when nothing does, that."""
    waiting = reviewed.queue(staff_of(request))
    if not waiting:
        return pages.render(request, "approvals/none.html")
    return HttpResponseRedirect(waiting[0].address)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def post_approval(request: HttpRequest, number: str) -> HttpResponse:
    """The exact words before her eyes; a POST approves those of the digests that she saw."""
    staff = staff_of(request)
    row = posts.get_visible(staff, number)
    if request.method != "POST":
        return _review(request, row)
    try:
        posts.approve(staff, row, words=reviewed.digests_of(request.POST.getlist("words")))
    except consent.Changed:
        return _review(request, row, status=409, changed_meanwhile=True)
    return pages.go(request, "post", row.pk, said=gettext("Approved: exactly these words."))


@page
@require_POST
def post_return(request: HttpRequest, number: str) -> HttpResponse:
    """Sends the words back, with what must change."""
    staff = staff_of(request)
    row = posts.get_visible(staff, number)
    try:
        posts.send_back(staff, row, reason=request.POST.get("reason", ""))
    except ReasonMissing:
        return _review(request, row, status=422, reason_missing=True)
    return pages.go(request, "approvals", said=gettext("Sent back, with what must change."), tone="wait")


def _review(request: HttpRequest, row: Post, *, status: int = 200, **more: Any) -> HttpResponse:
    staff, words_only = staff_of(request), request.GET.get("show") == "words"
    shown = reviewed.review(staff, row, pages.zone_of(request), words_only=words_only)
    return pages.render(request, "approvals/review.html", {**shown, **more}, status=status)
