"""Studies: made from their text, opened, institutions invited, answers brought, closed, published."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja import Router

from bankside.measures import invitations, studies, study_imports, study_reports
from bankside.measures.models import Respondent, Study
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.studies import (
    EndIn,
    InstitutionOut,
    Institutions,
    InstitutionsIn,
    ReportOut,
    ResponsesOut,
    Studies,
    StudyIn,
    StudyOut,
)

router = Router(tags=["studies"])
FILE = "responses.csv"


@operation(router, "GET", "/studies", "studies.read", says=Studies)
def study_list(request: HttpRequest) -> Any:
    """Every study, newest first."""
    return {"items": [_study(row) for row in studies.visible_to(staff_of(request))]}


@operation(router, "POST", "/studies", "studies.manage", says=StudyOut, status=201)
def study_create(request: HttpRequest, said: StudyIn) -> Any:
    """Makes a draft of a text; one with mistakes is refused, and each is named."""
    return _study(studies.create(staff_of(request), said.text))


@operation(router, "GET", "/studies/{study}", "studies.read", says=StudyOut)
def study_show(request: HttpRequest, study: Obj) -> Any:
    """One study."""
    return _study(studies.get_visible(staff_of(request), study))


@operation(router, "PUT", "/studies/{study}/text", "studies.manage", says=StudyOut)
def study_rewrite(request: HttpRequest, study: Obj, said: StudyIn) -> Any:
    """Another text for a draft."""
    return _study(studies.rewrite(staff_of(request), study, said.text))


@operation(router, "POST", "/studies/{study}/opening", "studies.manage", says=StudyOut)
def study_open(request: HttpRequest, study: Obj) -> Any:
    """Institutions may answer from now on; the text stays as it is."""
    return _study(studies.open_study(staff_of(request), study))


@operation(router, "POST", "/studies/{study}/closing", "studies.manage", says=StudyOut)
def study_close(request: HttpRequest, study: Obj) -> Any:
    """Nobody answers any more."""
    return _study(studies.close(staff_of(request), study))


@operation(router, "POST", "/studies/{study}/publication", "studies.manage", says=StudyOut)
def study_publish(request: HttpRequest, study: Obj) -> Any:
    """The report is out and stays as it is."""
    return _study(study_reports.publish(staff_of(request), study))


@operation(router, "GET", "/studies/{study}/institutions", "studies.manage", says=Institutions)
def institution_list(request: HttpRequest, study: Obj) -> Any:
    """The institutions of a study with their links."""
    row = studies.get_managed(staff_of(request), study)
    return {"items": [_institution(one) for one in invitations.of(row)]}


@operation(router, "POST", "/studies/{study}/institutions", "studies.manage", says=Institutions, status=201)
def institution_invite(request: HttpRequest, study: Obj, said: InstitutionsIn) -> Any:
    """Gives each a link; those that are in the study already are left out of the answer."""
    invited = [invitations.Invited(**one.dict()) for one in said.items]
    return {"items": [_institution(one) for one in invitations.invite(staff_of(request), study, invited)]}


@operation(router, "POST", "/studies/{study}/institutions/{one}/link", "studies.manage", says=InstitutionOut)
def institution_renew(request: HttpRequest, study: Obj, one: Obj) -> Any:
    """Another link; the one before opens nothing any more."""
    return _institution(invitations.renew(staff_of(request), study, one))


@operation(
    router, "DELETE", "/studies/{study}/institutions/{one}/link", "studies.manage", says=InstitutionOut
)
def institution_revoke(request: HttpRequest, study: Obj, one: Obj, said: EndIn) -> Any:
    """Its link opens nothing any more; what it answered stays."""
    return _institution(invitations.revoke(staff_of(request), study, one, reason=said.reason))


@operation(router, "POST", "/studies/{study}/responses", "studies.manage", says=ResponsesOut)
def responses_take(request: HttpRequest, study: Obj, replace: bool = False) -> Any:
    """The body is responses.csv, or the same as XLSX: kept whole, or refused with every mistake in it."""
    kept = study_imports.take(staff_of(request), study, request.body, FILE, replace=replace)
    return {"institutions": kept}


@operation(router, "GET", "/studies/{study}/report", "studies.read", says=ReportOut)
def study_report(request: HttpRequest, study: Obj) -> Any:
    """The figures, the same as `bankside study report --json`; once published, those that were."""
    return json.loads(study_reports.as_data(studies.get_visible(staff_of(request), study)))


def _study(row: Study) -> dict[str, Any]:
    progress = invitations.progress(invitations.of(row))
    names = ("obj", "title", "state", "source", "sha256", "us", "anonymous")
    times = {
        "made": row.made_at, "opened": row.opened_at, "closed": row.closed_at, "published": row.published_at,
    }  # fmt: skip
    counts = {name: getattr(progress, name) for name in ("institutions", "begun", "finished")}
    return {n: getattr(row, n) for n in names} | counts | {n: moment(at) for n, at in times.items()}


def _institution(row: Respondent) -> dict[str, Any]:
    names = ("obj", "institution", "sector", "wave", "label", "language", "reminded")
    times = {"begun": row.begun_at, "saved": row.saved_at, "finished": row.finished_at}
    given = {name: getattr(row, name) for name in names} | {n: moment(at) for n, at in times.items()}
    return given | {"link": invitations.link_of(row)}
