"""Studies: written and opened, how far each institution is, letters, closing, and who is us in it."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.channels import mail
from bankside.measures import invitations, reminders, studies, study_observed
from bankside.measures.models import Study
from bankside.measures.study.trouble import Trouble
from bankside.people import policy
from bankside.web import pages
from bankside.web.spoken import spoken
from bankside.web.staff.frame import page, staff_of

TEXT_BYTES_MAX = 400_000


@page
@require_safe
def study_list(request: HttpRequest) -> HttpResponse:
    """Every study, newest first."""
    staff = staff_of(request)
    rows = [(row, invitations.progress(invitations.of(row))) for row in studies.visible_to(staff)]
    return pages.render(request, "studies/list.html", {"rows": rows, **_may(request)})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def study_new(request: HttpRequest) -> HttpResponse:
    """A new study from a text that is pasted or brought as a file; the sample to begin from."""
    staff = staff_of(request)
    policy.require(staff, "studies.manage")
    if request.method != "POST":
        return _written(request, "studies/new.html", studies.sample())
    text = _text(request)
    try:
        row = studies.create(staff, text)
    except studies.StudyWrong:
        return _written(request, "studies/new.html", text, status=422)
    return pages.go(request, "study", row.obj, said=gettext("Kept as a draft."))


@page
@require_POST
def study_meaning(request: HttpRequest) -> HttpResponse:
    """What is wrong with a text, or how its questions read, while it is written; nothing is kept."""
    policy.require(staff_of(request), "studies.manage")
    return pages.render(request, "studies/meaning.html", meaning(_text(request)))


@page
@require_safe
def study(request: HttpRequest, obj: str) -> HttpResponse:
    """One study: where it stands, and how far its institutions are."""
    return shown(request, obj)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def study_text(request: HttpRequest, obj: str) -> HttpResponse:
    """The text of a study; of a draft it can be written anew."""
    staff = staff_of(request)
    row = studies.get_visible(staff, obj)
    if request.method != "POST":
        return _written(request, "studies/text.html", row.text, row=row)
    text = _text(request)
    try:
        studies.rewrite(staff, obj, text)
    except studies.StudyWrong:
        return _written(request, "studies/text.html", text, row=row, status=422)
    return pages.go(request, "study", obj, said=gettext("Kept as a draft."))


@page
@require_POST
def study_set_up(request: HttpRequest, obj: str) -> HttpResponse:
    """Which institution is ours, whether names are published, which study came before."""
    given = request.POST
    studies.set_up(
        staff_of(request), obj, us=given.get("us", ""), anonymous=given.get("named") != "yes",
        earlier=given.get("earlier", ""),
    )  # fmt: skip
    return pages.go(request, "study", obj, said=gettext("Kept."))


@page
@require_POST
def study_opening(request: HttpRequest, obj: str) -> HttpResponse:
    """Institutions may answer from now on."""
    studies.open_study(staff_of(request), obj)
    said = gettext("The study is open. Its text stays as it is from now on.")
    return pages.go(request, "study", obj, said=said)


@page
@require_POST
def study_closing(request: HttpRequest, obj: str) -> HttpResponse:
    """Nobody answers any more."""
    studies.close(staff_of(request), obj)
    return pages.go(request, "study-report", obj, said=gettext("The study is closed."))


@page
@require_POST
def study_institutions(request: HttpRequest, obj: str) -> HttpResponse:
    """Gives institutions a link each."""
    staff, given = staff_of(request), request.POST.get("institutions", "")
    try:
        rows = invitations.invite(staff, obj, invitations.read_lines(given))
    except invitations.BadInvitation as wrong:
        return shown(request, obj, status=422, given=given, wrong=spoken(wrong.args[0]))
    said = ngettext("%(n)s institution has a link now.", "%(n)s institutions have a link now.", len(rows))
    return pages.go(request, "study", obj, said=said % {"n": len(rows)})


@page
@require_safe
def study_institution(request: HttpRequest, obj: str, one: str) -> HttpResponse:
    """One institution: its link, and how far it is."""
    row = studies.get_managed(staff_of(request), obj)
    found = invitations.get(row, one)
    context = {
        "row": row, "one": found, "link": invitations.link_of(found),
        "email": invitations.email_of(found), "evidence": study_observed.evidence_of(found),
    }  # fmt: skip
    return pages.render(request, "studies/institution.html", context)


@page
@require_POST
def study_renewal(request: HttpRequest, obj: str, one: str) -> HttpResponse:
    """Another link; the one before opens nothing any more."""
    invitations.renew(staff_of(request), obj, one)
    said = gettext("It has a new link. The one before opens nothing any more.")
    return pages.go(request, "study-institution", obj, one, said=said)


@page
@require_POST
def study_revocation(request: HttpRequest, obj: str, one: str) -> HttpResponse:
    """Ends the link of an institution."""
    invitations.revoke(staff_of(request), obj, one, reason=request.POST.get("reason", ""))
    said = gettext("The link opens nothing any more. What was answered stays.")
    return pages.go(request, "study-institution", obj, one, said=said, tone="wait")


@page
@require_POST
def study_letters(request: HttpRequest, obj: str) -> HttpResponse:
    """Writes to those who were not written to yet, or reminds those who have not finished."""
    staff = staff_of(request)
    again = request.POST.get("again") == "yes"
    count = reminders.remind_now(staff, obj) if again else reminders.send(staff, obj)
    said = ngettext("%(n)s letter is on its way.", "%(n)s letters are on their way.", count) % {"n": count}
    return pages.go(request, "study", obj, said=said, tone="ok" if count else "wait")


# --- what pages show ------------------------------------------------------------------------------------
def shown(
    request: HttpRequest, obj: str, *, status: int = 200, given: str = "", wrong: str = ""
) -> HttpResponse:
    """The page of one study; `given` and `wrong`: what was sent to it and could not be done."""
    staff = staff_of(request)
    row = studies.get_visible(staff, obj)
    institutions = invitations.of(row)
    context = {
        "row": row, "institutions": institutions, "progress": invitations.progress(institutions),
        "definition": studies.definition_of(row), "others": studies.comparable(staff, row),
        "unwritten": reminders.waiting(row), "mail": mail.ready(), "given": given, "wrong": wrong,
        **_may(request),
    }  # fmt: skip
    return pages.render(request, "studies/study.html", context, status=status)


def meaning(text: str) -> dict[str, Any]:
    """What is wrong with a text, each with its line (0: none), or its questions."""
    troubles = studies.check(text)
    language = pages.html_lang()
    if troubles:
        return {"troubles": [(_line_of(text, one), one) for one in troubles], "definition": None}
    return {"troubles": [], "definition": studies.read(text), "language": language}


def _written(
    request: HttpRequest, template: str, text: str, *, row: Study | None = None, status: int = 200
) -> HttpResponse:
    context = {"text": text, "row": row, "refused": status == 422, **meaning(text), **_may(request)}
    return pages.render(request, template, context, status=status)


def _may(request: HttpRequest) -> dict[str, Any]:
    return {"may_manage": policy.may(staff_of(request), "studies.manage"), "language": pages.html_lang()}


def _text(request: HttpRequest) -> str:
    """What was pasted, or the file that was brought instead."""
    file = request.FILES.get("file")
    if file is not None and file.size:
        body: bytes = file.read(TEXT_BYTES_MAX)
        return body.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    return request.POST.get("text", "").replace("\r\n", "\n")[: studies.TEXT_CHARACTERS_MAX + 1]


def _line_of(text: str, trouble: Trouble) -> int:
    """The line that a trouble is about: that of a question's id, or of the setting within it; 0 unknown."""
    if found := re.search(r"at line (\d+)", str(trouble.message)):
        return int(found[1])
    question, _, setting = trouble.name.rpartition(".") if "." in trouble.name else (trouble.name, "", "")
    lines = text.splitlines()
    begins = next((n for n, line in enumerate(lines, 1) if _sets(line, "id", question)), 0)
    if not begins:
        return 0
    ends = next((n for n, line in enumerate(lines[begins:], begins) if line.startswith("[[")), len(lines))
    inside = range(begins, ends + 1)
    return next(
        (n for n in inside if setting and re.match(rf"\s*{re.escape(setting)}\s*=", lines[n - 1])), begins
    )


def _sets(line: str, key: str, value: str) -> bool:
    pattern = rf"\s*{key}\s*=\s*[\"']{re.escape(value)}[\"']"
    return bool(value) and re.match(pattern, line) is not None
