"""Situations as problem+json (RFC 9457): a status, a title, what to do, and what was not done."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext

from bankside.inbox.reply import CannotSend
from bankside.measures.studies import StudyWrong
from bankside.measures.study_imports import FileWrong
from bankside.publish.post import CannotSubmit
from bankside.web.problems import Problem, problem_of
from bankside.web.spoken import spoken

CONTENT_TYPE = "application/problem+json"
BUSY_SECONDS = 2
FINDINGS_MAX = 20

log = logging.getLogger(__name__)


class Refusal(Exception):
    """The entrance or an address refuses a request; it carries the problem that says so."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.problem = Problem(status, title, detail)
        super().__init__(detail)


def answer_to(request: HttpRequest, trouble: Exception) -> HttpResponse:
    """The answer to a situation; raises what is a mistake of ours."""
    match trouble:
        case Refusal(problem=refused):
            return problem(refused)
        case Http404():
            return nowhere()
        case SuspiciousOperation() | MultiPartParserError() | UnreadablePostError() | RawPostDataException():
            return _unreadable(400, gettext("The body is not what it says to be."))
    found = problem_of(trouble)
    if found is None:
        raise trouble
    response = problem(found, findings=_findings(trouble))
    if found.status == 503:
        log.warning("the API could not answer at %s: %s", request.path, trouble)
        response["Retry-After"] = str(BUSY_SECONDS)
    return response


def invalid(request: HttpRequest, errors: list[dict[str, Any]]) -> HttpResponse:
    """What is wrong with the fields of a request, each by its place."""
    found = [
        {"where": ".".join(str(part) for part in error["loc"]), "text": str(error["msg"])} for error in errors
    ]
    detail = "; ".join(f"{one['where']}: {one['text']}" for one in found[:3])
    return _unreadable(422, detail, found[:FINDINGS_MAX])


def mistake(request: HttpRequest, trouble: Exception) -> HttpResponse:
    """A mistake of ours: told to the log, never to the outside."""
    log.exception("the API made a mistake at %s", request.path, exc_info=trouble)
    detail = gettext("The desk made a mistake, which is in its log. Look whether your request was done.")
    undone = gettext("It is not known what was done.")
    return problem(Problem(500, gettext("The desk made a mistake."), detail, undone))


def nowhere() -> HttpResponse:
    """The API has no such address."""
    detail = gettext("The addresses are in %(address)s.") % {"address": "/api/openapi.json"}
    return problem(Problem(404, gettext("There is nothing here."), detail))


def problem(found: Problem, *, findings: list[dict[str, Any]] | None = None) -> HttpResponse:
    """A problem as an answer; `findings` are single things to put right."""
    said = {
        "type": "about:blank", "title": found.title, "status": found.status, "detail": found.detail,
        "undone": found.undone,
    }  # fmt: skip
    if findings:
        said["findings"] = findings
    response = HttpResponse(msgspec.json.encode(said), status=found.status, content_type=CONTENT_TYPE)
    if found.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="bankside"'
    return response


def _unreadable(status: int, detail: str, findings: list[dict[str, Any]] | None = None) -> HttpResponse:
    return problem(Problem(status, gettext("The request cannot be read."), detail), findings=findings)


def _findings(trouble: Exception) -> list[dict[str, Any]] | None:
    match trouble:
        case CannotSubmit(findings=findings):
            return [{"where": one.channel, "text": spoken(one.text)} for one in findings]
        case StudyWrong(troubles=troubles) | FileWrong(troubles=troubles):
            found = troubles[:FINDINGS_MAX]
            return [{"where": spoken(one.where), "text": spoken(one.message)} for one in found]
        case CannotSend(findings=texts):
            return [{"where": "", "text": spoken(text)} for text in texts]
        case _:
            return None
