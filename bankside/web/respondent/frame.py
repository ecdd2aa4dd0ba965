"""What stands around every page of a questionnaire: whose link it is, her language, nothing that follows her.

There is no account, no session and no cookie: the link is all that is asked for, and it stands in the address
of every form, so that no other page can send one. Pages are wrapped in `@respondent_page`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from bankside.measures import invitations
from bankside.measures.models import Respondent
from bankside.web import pace, pages
from bankside.web.problems import problem_of

View = Callable[..., HttpResponse]
BODY_BYTES_MAX = 200_000


def respondent_page(view: View) -> View:
    """A page for whoever has the link, in her language; every situation of the room is shown as a page."""

    @csrf_exempt
    @sensitive_variables("token")
    @wraps(view)
    def shown(request: HttpRequest, token: str, *args: object, **kwargs: object) -> HttpResponse:
        if (busy := _too_often(request, token)) is not None:
            return busy
        try:
            row = invitations.opened(token)
        except invitations.LinkGone:
            pace.within(_address(request), pace.MISSED_MAX)
            return gone(request)
        with translation.override(row.language):
            try:
                return view(request, row, *args, **kwargs)
            except Exception as trouble:
                problem = problem_of(trouble, outside=True)
                if problem is None:
                    raise
                return _trouble(request, problem.status, problem.title, f"{problem.detail} {problem.undone}")

    return shown


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    row: Respondent | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page that nobody keeps, lists in a search or learns the address of."""
    made = engines["jinja2"].get_template(f"respondent/{template}.html")
    given = {"row": row, "token": invitations.token_of(row) if row else "", "html_lang": pages.html_lang()}
    response = HttpResponse(made.render({**given, **(context or {})}, request), status=status)
    response["Content-Language"] = pages.html_lang()
    return _private(response)


def go(row: Respondent, name: str, *args: object, **query: object) -> HttpResponse:
    """Sends her on after a form (303)."""
    return _private(pages.SeeOther(pages.url(name, invitations.token_of(row), *args, **query)))


def gone(request: HttpRequest) -> HttpResponse:
    """For a link that opens nothing: the same page whatever the reason, in the browser's language."""
    detail = gettext("It was ended or replaced, or a letter of it is missing. Ask whoever sent it to you.")
    return _trouble(request, 404, gettext("This link opens nothing."), detail)


def _too_often(request: HttpRequest, token: str) -> HttpResponse | None:
    named = hashlib.sha256(token.encode()).hexdigest()
    missed = pace.spent(_address(request), pace.MISSED_MAX)
    if not missed and pace.within(f"link:{named}", pace.ASKED_MAX):
        return None
    detail = gettext("Wait a minute, then open it again. What was saved is kept.")
    response = _trouble(request, 429, gettext("That was too often."), detail)
    response["Retry-After"] = str(pace.WINDOW_SECONDS)
    return response


def _trouble(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    return show(request, "trouble", {"title": title, "detail": detail}, status=status)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Vary"] = "Accept-Language"
    return response


def _address(request: HttpRequest) -> str:
    return f"address:{request.META.get('REMOTE_ADDR', '')}"
