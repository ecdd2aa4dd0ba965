"""The way into the API: who asks, how much she may send, and that twice is once.

A program shows a bearer token; a page of the desk has its session, and then proves with the CSRF token that
it is a page of the desk. Every POST may carry an `Idempotency-Key`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from ninja.utils import check_csrf

from bankside.people import repeats, tokens
from bankside.people.models import Staff
from bankside.web.api.answers import Refusal, answer_to, mistake, problem
from bankside.web.moments import number
from bankside.web.problems import Problem

View = Callable[..., HttpResponse]

JSON_BYTES_MAX = 1_000_000
MEDIA_BYTES_MAX = 9_000_000  # a picture of 8 MB and the form around it
KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def entrance(view: View) -> View:
    """An address of the API: only for staff, and every trouble is a problem that says what to do."""

    @csrf_exempt
    @wraps(view)
    def enter(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            _refuse_large(request)
            staff = _who(request)
            request.user = staff
            response = _once(request, staff, lambda: view(request, *args, **kwargs))
        except Exception as trouble:
            response = _told(request, trouble)
        return _closed(_as_problem(response))

    return enter


def staff_of(request: HttpRequest) -> Staff:
    """Who asks. Only behind the entrance, which has made sure that somebody does."""
    return cast(Staff, request.user)


def _who(request: HttpRequest) -> Staff:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        staff = tokens.staff_of(token.strip()) if scheme.lower() == "bearer" else None
        if staff is None:
            detail = gettext("This token is not known or has ended. An administrator makes tokens.")
            raise Refusal(401, gettext("The token is not good."), detail)
        return staff
    if not request.user.is_authenticated:
        detail = gettext("Send a bearer token in the Authorization header, or sign in at /sign-in/.")
        raise Refusal(401, gettext("Nobody is signed in."), detail)
    if request.method not in SAFE and check_csrf(request) is not None:
        detail = gettext(
            "A session needs the X-CSRFToken header as well. Programs use a bearer token instead."
        )
        raise Refusal(403, gettext("This did not come from a page of the desk."), detail)
    return request.user


def _refuse_large(request: HttpRequest) -> None:
    """By the length that is announced; more than that is never read."""
    form = (request.content_type or "").startswith("multipart/")
    limit = MEDIA_BYTES_MAX if form else JSON_BYTES_MAX
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or int(length[:12]) > limit:
        raise Refusal(
            413,
            gettext("The body is too large."),
            gettext("Send at most %(limit)s bytes.") % {"limit": number(limit)},
        )


# --- twice is once -------------------------------------------------------------------------------------
def _once(request: HttpRequest, staff: Staff, act: Callable[[], HttpResponse]) -> HttpResponse:
    key = request.headers.get(KEY_HEADER)
    if request.method != "POST" or key is None:
        return act()
    if (known := repeats.begin(staff, key, _digest(request))) is not None:
        return _replayed(known)
    response = act()
    # A mistake of ours leaves the key as it is: nobody knows what was done, and a repeat is told so.
    if response.status_code == 503 or response.streaming:  # a stream cannot be kept: it is asked again
        repeats.give_up(staff, key)
    elif response.status_code < 500:
        kind = response.get("Content-Type", "")
        repeats.finish(staff, key, repeats.Answer(response.status_code, kind, response.content))
    return response


def _replayed(known: repeats.Answer) -> HttpResponse:
    response = HttpResponse(known.body, status=known.status, content_type=known.kind)
    response[REPLAYED_HEADER] = "true"
    return response


def _digest(request: HttpRequest) -> str:
    """Names what is asked for. A form is named by what is in it: its boundaries are new each time."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if (request.content_type or "").startswith("multipart/"):
        for name, values in sorted(request.POST.lists()):
            digest.update(repr((name, values)).encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(f"{name}\n{file.name}\n{file.size}\n".encode() + file.read())
                file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()


# --- answers -------------------------------------------------------------------------------------------
def _told(request: HttpRequest, trouble: Exception) -> HttpResponse:
    try:
        return answer_to(request, trouble)
    except Exception as unknown:
        return mistake(request, unknown)


def _as_problem(response: HttpResponse) -> HttpResponse:
    """What the library answers by itself is told as a problem, too."""
    if response.status_code != 405:
        return response
    allowed = response.get("Allow", "")
    told = problem(
        Problem(
            405,
            gettext("This cannot be done here."),
            gettext("This address knows: %(methods)s.") % {"methods": allowed},
        )
    )
    told["Allow"] = allowed
    return told


def _closed(response: HttpResponse) -> HttpResponse:
    """Answers are for whoever asked, and for no cache or frame."""
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
