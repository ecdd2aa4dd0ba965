"""What a study found: sentences, drawings and tables, files to take away, the publication, imports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.measures import (
    sheets,
    studies,
    study_imports,
    study_looking,
    study_observed,
    study_reports,
)
from bankside.measures.models import Study
from bankside.measures.study.trouble import Trouble
from bankside.people import policy
from bankside.web import pages
from bankside.web.measured import peers
from bankside.web.measured.paper import TooLong
from bankside.web.staff import study_figures
from bankside.web.staff.frame import page, staff_of

JSON_TYPE, HTML_TYPE, PDF_TYPE = "application/json", "text/html; charset=utf-8", "application/pdf"


@page
@require_safe
def study_report(request: HttpRequest, obj: str) -> HttpResponse:
    """The report: findings in sentences, each question drawn and as a table."""
    staff = staff_of(request)
    row = studies.get_visible(staff, obj)
    others = [one for one in studies.comparable(staff, row) if one.state != Study.DRAFT]
    try:
        shown = study_figures.of(study_reports.report_of(row), pages.html_lang())
    except study_reports.NothingYet:
        shown = None
    context = {
        "row": row, "shown": shown, "others": others, "peers": peers.in_study(row) if shown else None,
        "may_manage": _may_manage(request),
    }  # fmt: skip
    return pages.render(request, "studies/report.html", context)


@page
@require_safe
def study_beside(request: HttpRequest, obj: str) -> HttpResponse:
    """Two studies with the same questions, side by side: what institutions say, and what was seen."""
    staff = staff_of(request)
    row = studies.get_visible(staff, obj)
    other = studies.get_visible(staff, request.GET.get("with", ""))
    found = study_reports.beside(row, other)
    shown = study_figures.differences(found, pages.html_lang())
    found_unlike = study_reports.unlike(row, other) if _may_manage(request) else ()
    unlike = study_figures.in_words(found_unlike, studies.definition_of(row), pages.html_lang())
    context = {"row": row, "other": other, "shown": shown, "unlike": unlike, "language": pages.html_lang()}
    return pages.render(request, "studies/beside.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def study_publication(request: HttpRequest, obj: str) -> HttpResponse:
    """What will be published, and under which names; then it is."""
    staff = staff_of(request)
    if request.method == "POST":
        study_reports.publish(staff, obj)
        return pages.go(request, "study-publication", obj, said=gettext("The report is published."))
    row = studies.get_visible(staff, obj)
    context = {
        "row": row, "alike": study_reports.alike(row), "may_manage": _may_manage(request),
        "least": studies.definition_of(row).suppress,
    }  # fmt: skip
    return pages.render(request, "studies/publication.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def study_responses(request: HttpRequest, obj: str) -> HttpResponse:
    """Answers from a file: looked at first, then kept whole or not at all."""
    staff = staff_of(request)
    row = studies.get_managed(staff, obj)
    if request.method != "POST":
        return _import(request, row)
    body, name = _file(request)
    replace = request.POST.get("replace") == "yes"
    try:
        looked = study_imports.look(staff, obj, body, name)
        if request.POST.get("keep") != "yes":
            return _import(request, row, looked=looked, name=name, replace=replace)
        kept = study_imports.keep(staff, obj, looked, name, replace=replace)
    except study_imports.FileWrong as wrong:
        return _import(request, row, troubles=wrong.troubles, status=422)
    said = ngettext(
        "The answers of %(n)s institution are in.", "The answers of %(n)s institutions are in.", kept
    )
    return pages.go(request, "study", obj, said=said % {"n": kept})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def study_observation(request: HttpRequest) -> HttpResponse:
    """A study that the observer made, as one archive."""
    staff = staff_of(request)
    policy.require(staff, "studies.manage")
    if request.method != "POST":
        return _observation(request)
    file = request.FILES.get("file")
    body = file.read(study_observed.ARCHIVE_BYTES_MAX + 1) if file else b""
    try:
        row = study_observed.take(staff, body)
    except (study_imports.FileWrong, studies.StudyWrong) as wrong:
        return _observation(request, troubles=wrong.troubles)
    return pages.go(request, "study-report", row.obj, said=gettext("The observation is in the desk."))


@page
@require_POST
def study_looking_new(request: HttpRequest) -> HttpResponse:
    """Begins to look at the public pages of a list of institutions."""
    given = {name: request.POST.get(name, "") for name in ("title", "institutions")}
    try:
        row = study_looking.start(
            staff_of(request), title=given["title"], lines=given["institutions"],
            posts=bool(request.POST.get("posts")),
        )  # fmt: skip
    except study_imports.FileWrong as wrong:
        return _observation(request, troubles=wrong.troubles, given=given)
    return pages.go(request, "study-looking", row.obj)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def study_looking_one(request: HttpRequest, obj: str) -> HttpResponse:
    """How far looking is; POST stops it."""
    staff = staff_of(request)
    if request.method == "POST":
        study_looking.stop(staff, obj)
        said = gettext("No further institution is looked at.")
        return pages.go(request, "study-looking", obj, said=said, tone="wait")
    row = study_looking.get_visible(staff, obj)
    return pages.render(request, "studies/looking.html", {"row": row}, parts={"far": "studies/far.html"})


@page
@require_safe
def study_file(request: HttpRequest, obj: str, name: str) -> HttpResponse:
    """A file of a study. Whose answers are whose only those may take who manage studies."""
    staff = staff_of(request)
    if name not in FILES:
        raise Http404
    kind, make, named = FILES[name]
    row = studies.get_managed(staff, obj) if named else studies.get_visible(staff, obj)
    try:
        response = HttpResponse(make(row), content_type=kind)
    except TooLong:
        said = gettext("The report is too long for paper. Take it as one page.")
        return pages.go(request, "study-report", obj, said=said, tone="wait")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# Name -> media type, how it is made, and whether it says whose answers are whose.
FILES: dict[str, tuple[str, Callable[[Study], bytes | str], bool]] = {
    "responses.csv": (sheets.CSV_TYPE, study_reports.rows_csv, True),
    "responses.xlsx": (sheets.XLSX_TYPE, study_reports.rows_xlsx, True),
    "anonymous.csv": (sheets.CSV_TYPE, lambda row: study_reports.rows_csv(row, anonymous=True), False),
    "anonymous.xlsx": (sheets.XLSX_TYPE, lambda row: study_reports.rows_xlsx(row, anonymous=True), False),
    "figures.csv": (sheets.CSV_TYPE, lambda row: study_reports.as_figures(row, pages.html_lang()), False),
    "report.json": (JSON_TYPE, study_reports.as_data, False),
    "report.pdf": (
        PDF_TYPE,
        lambda row: study_figures.on_paper(study_reports.report_of(row), pages.html_lang()),
        False,
    ),
    "report.html": (HTML_TYPE, lambda row: study_reports.as_page(row, pages.html_lang()), False),
}


def _may_manage(request: HttpRequest) -> bool:
    return policy.may(staff_of(request), "studies.manage")


def _file(request: HttpRequest) -> tuple[bytes, str]:
    """The file that was brought, or what was looked at before, as text."""
    file = request.FILES.get("file")
    if file is not None:
        return file.read(study_imports.FILE_BYTES_MAX + 1), (file.name or "responses.csv")[:100]
    name = request.POST.get("name", "responses.csv")[:100]
    return request.POST.get("table", "").encode(), name


def _observation(
    request: HttpRequest, *, troubles: tuple[Trouble, ...] = (), given: dict[str, str] | None = None
) -> HttpResponse:
    context = {
        "troubles": troubles, "given": given or {"title": "", "institutions": ""},
        "running": study_looking.visible_to(staff_of(request)),
    }  # fmt: skip
    return pages.render(request, "studies/observation.html", context, status=422 if troubles else 200)


def _import(request: HttpRequest, row: Study, *, status: int = 200, **more: Any) -> HttpResponse:
    looked = more.get("looked")
    context = {
        "row": row, "looked": None, "troubles": (), "name": "", "replace": False,
        "table": sheets.as_csv(looked.table).decode("utf-8-sig") if looked else "", **more,
    }  # fmt: skip
    return pages.render(request, "studies/responses.html", context, status=status)
