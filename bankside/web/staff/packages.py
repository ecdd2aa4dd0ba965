"""Packages of entries: what one would hold, ordering it, how far it is, stopping it, and taking it away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.people import packages
from bankside.people.models import Staff
from bankside.people.staff import named
from bankside.record.models import Package
from bankside.record.package.expression import CHARACTERS_MAX, FIELDS, ExpressionWrong
from bankside.record.reasons import ReasonMissing
from bankside.web import asked, pages
from bankside.web.packaged import answer, plans
from bankside.web.spoken import why
from bankside.web.staff import record_tabs
from bankside.web.staff.entries import name_of
from bankside.web.staff.frame import page, staff_of

REASON_CHARACTERS_MAX: Final = 1_000
STATES: Final = {
    Package.WAITING: ("wait", gettext_lazy("Waits for its turn")),
    Package.MAKING: ("iris", gettext_lazy("Is being made")),
    Package.MADE: ("ok", gettext_lazy("Whole and signed")),
    Package.STOPPED: ("no", gettext_lazy("Stopped")),
    Package.DELETED: ("", gettext_lazy("Deleted")),
}
EXAMPLES: Final = (
    'channel = "Hanul Bank" and period = 2026-11',
    "conversation = 41",
    "type in (post.out, approve) and time >= 2026-10-01",
    "state = held",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A package as the list shows it."""

    row: Package
    who: str
    tone: str
    state: Any
    mine: bool
    under_way: bool


@page
@require_safe
def record_packages(request: HttpRequest) -> HttpResponse:
    """The list, and the form; with `where` in the address how many entries that would be."""
    where = request.GET.get("where", "")[: CHARACTERS_MAX + 1]
    if pages.is_fragment(request):
        return _list(request)
    if not where.strip():
        return _shown(request, where=where)
    try:
        staff = staff_of(request)
        count = packages.count(staff, where, asked.outside(staff))
    except ExpressionWrong as wrong:
        return _shown(request, where=where, mistake=why(wrong), status=422)
    return _shown(request, where=where, count=count)


@page
@require_POST
def record_packages_new(request: HttpRequest) -> HttpResponse:
    """Orders one; the same form sent twice is one package."""
    staff, given = staff_of(request), request.POST
    where, reason = given.get("where", ""), given.get("reason", "")[:REASON_CHARACTERS_MAX]
    language = given.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = get_language() or "en"
    try:
        row = packages.order(
            staff, where, reason, language=language, outside=plans.OUTSIDE, key=given.get("key", "")
        )
    except ExpressionWrong as wrong:
        return _shown(request, where=where, mistake=why(wrong), status=422)
    except ReasonMissing as missing:
        count = packages.count(staff, where, asked.outside(staff))
        return _shown(request, where=where, count=count, reason=reason, no_reason=why(missing), status=422)
    return pages.go(request, "record-package", row.obj, said=gettext("It is being made now."))


@page
@require_http_methods(["GET", "HEAD", "POST"])
def record_package(request: HttpRequest, obj: str) -> HttpResponse:
    """One package; POST stops or deletes it."""
    staff = staff_of(request)
    if request.method == "POST":
        packages.stop(staff, obj)
        return pages.go(
            request, "record-package", obj, said=gettext("It was stopped or deleted."), tone="wait"
        )
    return _one(request, packages.get(staff, obj))


@page
@require_POST
def record_package_file(request: HttpRequest, obj: str) -> HttpResponse:
    """Gives it, after the reason is recorded. Somebody else than its maker has to type one."""
    staff = staff_of(request)
    reason = request.POST.get("reason", "")[:REASON_CHARACTERS_MAX]
    try:
        return cast(HttpResponse, answer.answer(staff, obj, reason))
    except ReasonMissing as missing:
        row = packages.get(staff, obj)
        return _one(request, row, reason=reason, no_reason=why(missing), status=422)


def _one(request: HttpRequest, row: Package, *, status: int = 200, **more: Any) -> HttpResponse:
    staff = staff_of(request)
    context = {"one": _lines([row], staff)[0], "reason": "", "no_reason": "", **more}
    if pages.is_fragment(request):
        return pages.render(request, "record/package_far.html", context)
    return record_tabs.render(request, "record-packages", "record/package.html", context, status=status)


def _shown(request: HttpRequest, *, status: int = 200, **given: Any) -> HttpResponse:
    staff = staff_of(request)
    context = {
        "lines": _lines(packages.visible_to(staff), staff), "where": "", "count": None, "mistake": "",
        "reason": "", "no_reason": "", "language": get_language() or "en", "key": packages.new_key(),
        "languages": settings.LANGUAGES, "fields": list(FIELDS), "examples": EXAMPLES, **given,
    }  # fmt: skip
    return record_tabs.render(request, "record-packages", "record/packages.html", context, status=status)


def _list(request: HttpRequest) -> HttpResponse:
    staff = staff_of(request)
    context = {"lines": _lines(packages.visible_to(staff), staff)}
    return pages.render(request, "record/packages_list.html", context)


def _lines(rows: list[Package], staff: Staff) -> list[Line]:
    names = named(row.maker.removeprefix("u:") for row in rows)
    return [
        Line(
            row=row, who=name_of(row.maker, names), tone=STATES[row.state][0], state=STATES[row.state][1],
            mine=row.maker == staff.actor, under_way=row.state in (Package.WAITING, Package.MAKING),
        )
        for row in rows
    ]  # fmt: skip
