"""The pages of a questionnaire: begin, answer page by page, look it over, finish, open it again."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.measures import study_answers, study_reports
from bankside.measures.models import Respondent, Study
from bankside.web import pages
from bankside.web.respondent.form import Asked, Form
from bankside.web.respondent.frame import go, gone, respondent_page, show

STOP = "stop"


@respondent_page
@require_safe
def start(request: HttpRequest, row: Respondent) -> HttpResponse:
    """What this is, how far it is, and where to go on."""
    form = Form(row)
    return show(request, "start", {"form": form, "saved": "saved" in request.GET}, row=row)


@respondent_page
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, row: Respondent, number: int) -> HttpResponse:
    """A page of questions; what is sent is kept, or shown again with what is wrong with it."""
    form = Form(row)
    if row.finished_at or row.study.state != Study.OPEN:
        return go(row, "respondent")
    if number > len(form.pages):
        return go(row, "respondent-review")
    if request.method != "POST":
        return _page(request, row, form, number)
    _speak(request, row)
    cells, wrong = form.sent(number, request.POST)
    if wrong:
        return _page(request, row, form, number, wrong=wrong)
    study_answers.save(row, cells)
    return _onward(request, row, form, number)


@respondent_page
@require_safe
def review(request: HttpRequest, row: Respondent) -> HttpResponse:
    """Everything that was answered, in one list, before it is finished."""
    if row.finished_at or row.study.state != Study.OPEN:
        return go(row, "respondent")
    return show(request, "review", {"form": Form(row)}, row=row)


@respondent_page
@require_POST
def finish(request: HttpRequest, row: Respondent) -> HttpResponse:
    """The answers count from now on."""
    study_answers.finish(row, Form(row).definition)
    return go(row, "respondent")


@respondent_page
@require_POST
def reopen(request: HttpRequest, row: Respondent) -> HttpResponse:
    """The answers may be changed again."""
    study_answers.reopen(row)
    return go(row, "respondent-review")


@respondent_page
@require_POST
def language(request: HttpRequest, row: Respondent) -> HttpResponse:
    """The form in another language; the place stays the same."""
    _speak(request, row)
    page = request.POST.get("page", "")
    if page.isdigit() and 0 < len(page) < 4:
        return go(row, "respondent-questions", int(page))
    return go(row, "respondent-review" if page == "review" else "respondent")


@respondent_page
@require_safe
def report(request: HttpRequest, row: Respondent) -> HttpResponse:
    """The published report, for those who took part."""
    if row.study.state != Study.PUBLISHED or not row.finished_at:
        return go(row, "respondent")
    body = study_reports.as_page(row.study, pages.html_lang())
    response = HttpResponse(body, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="report.html"'
    response["Cache-Control"], response["Referrer-Policy"] = "no-store", "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@require_safe
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address under /s/ that is none."""
    return gone(request)


def _page(
    request: HttpRequest, row: Respondent, form: Form, number: int, wrong: list[Asked] | None = None
) -> HttpResponse:
    asked = wrong or form.page(number)
    context = {"form": form, "number": number, "asked": asked, "wrong": bool(wrong)}
    return show(request, "questions", context, row=row, status=422 if wrong else 200)


def _speak(request: HttpRequest, row: Respondent) -> None:
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        study_answers.speak(row, wanted)


def _onward(request: HttpRequest, row: Respondent, form: Form, number: int) -> HttpResponse:
    """To the next page by the answers as they are now, or back to the start when she stops for today."""
    if request.POST.get("then") == STOP:
        return go(row, "respondent", saved=1)
    if "language" in request.POST:
        return go(row, "respondent-questions", number)
    last = form.of(number)[-1].id
    now = Form(row)
    following = now.page_of(last) + 1
    if following > len(now.pages):
        return go(row, "respondent-review")
    return go(row, "respondent-questions", following)
