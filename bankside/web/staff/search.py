"""Search: what was said, found by its words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from bankside.inbox import search as finding
from bankside.web import pages
from bankside.web.staff.frame import page, staff_of


@page
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The field and, once there are words, the conversations in which they were said."""
    words, before = request.GET.get("q", "").strip(), request.GET.get("before", "")
    found = finding.search(staff_of(request), words, before=before)
    context = {"words": words, "before": before, "page": found, "opened": None, "view": "all"}
    return pages.render(request, "search/page.html", context)
