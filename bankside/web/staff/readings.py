"""Who read what: a month's readings by person, the unusual first, the review, and the same as a file."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bankside.people import policy, readings, readings_file
from bankside.people.models import Staff
from bankside.record.reasons import ReasonMissing
from bankside.web import pages, sentences
from bankside.web.member import days
from bankside.web.spoken import spoken, why
from bankside.web.staff import entries, record_tabs
from bankside.web.staff.frame import page, staff_of

TAB = "record-readings"
# What a rule that was met is called, in a few words.
RULES = {
    "elsewhere": gettext_lazy("others' conversations"),
    "night": gettext_lazy("at night"),
    "ahead": gettext_lazy("sent ahead, not opened"),
}


@page
@require_safe
def record_readings(request: HttpRequest) -> HttpResponse:
    """One month, this one unless the address says another."""
    staff = staff_of(request)
    return _page(request, staff, request.GET.get("month", ""))


@page
@require_POST
def readings_review(request: HttpRequest) -> HttpResponse:
    """Signs a month off, with what she found."""
    staff, wanted = staff_of(request), request.POST.get("month", "")
    note = request.POST.get("note", "").replace("\r\n", "\n")
    try:
        readings.review(staff, wanted, note)
    except readings.NotReviewed as trouble:
        return _page(request, staff, wanted, note=note, trouble=why(trouble), status=422)
    return pages.go(request, TAB, said=gettext("Signed off, with your note."), month=wanted)


@page
@require_POST
def readings_export(request: HttpRequest) -> HttpResponse:
    """The month as CSV, for a reason that she types."""
    staff, wanted = staff_of(request), request.POST.get("month", "")
    seen, reason = readings.month(staff, wanted), request.POST.get("reason", "")
    try:
        body = readings_file.taken(staff, seen, reason)
    except ReasonMissing as trouble:
        return _page(request, staff, wanted, reason=reason, wrong=why(trouble), status=422)
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="readings-{seen.month}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _page(
    request: HttpRequest, staff: Staff, wanted: str, *, note: str = "", trouble: str = "", reason: str = "",
    wrong: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    seen = readings.month(staff, wanted)
    why_not = readings.why_not(staff, seen)
    context: dict[str, Any] = {
        "seen": seen, "months": [(one, _month(one)) for one in readings.months(seen.zone)],
        "month_name": _month(seen.month), "rules": RULES, "said_of": sentences.of_fact,
        "who": lambda one: one.name or entries.name_of(one.actor, {}),
        "may_review": policy.may(staff, readings.REVIEW), "why_not": spoken(why_not) if why_not else "",
        "may_open": policy.may(staff, "record.see"), "note": note, "trouble": trouble, "reason": reason,
        "wrong": wrong, "limits": readings,
    }  # fmt: skip
    return record_tabs.render(request, TAB, "record/readings.html", context, status=status)


def _month(month: str) -> str:
    return days.month(date.fromisoformat(f"{month}-01"))
