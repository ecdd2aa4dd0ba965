"""Signing in and out, and what somebody may set for herself: language, look, single keys."""

from __future__ import annotations

import json

from allauth.account.forms import LoginForm
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bankside.people import preferences
from bankside.web import pages
from bankside.web.staff.frame import page, staff_of

INVENTED = "invented-bank.json"
COOKIE_SECONDS = 365 * 24 * 3600
THEMES = ("", "light", "dark")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The way in. A wrong address and a wrong password look the same from outside."""
    wanted = _here(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "GET" and request.user.is_authenticated:
        return pages.SeeOther(wanted)
    form = LoginForm(_given(request), request=request)
    if request.method == "POST" and form.is_valid():
        response: HttpResponse = form.login(request, redirect_url=wanted)
        return _with_language(response, getattr(form.user, "language", ""))
    context = {"next": wanted, "login": request.POST.get("login", ""), "wrong": bool(form.errors)}
    context |= {"invented": _invented(), "locked": getattr(request, "axes_locked_out", False)}
    return pages.render(request, "account/sign_in.html", context, status=422 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    logout(request)
    return pages.SeeOther(settings.LOGIN_URL)


@page
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """What she may set for herself, and the way out."""
    if request.method == "GET":
        return pages.render(request, "account/account.html", {"zones": [(z, z) for z in preferences.ZONES]})
    form = request.POST
    staff = preferences.prefer(
        staff_of(request),
        language=form.get("language", "en"),
        zone=form.get("zone", "UTC"),
        single_keys="single_keys" in form,
    )
    response = _with_language(pages.SeeOther("/account/"), staff.language)
    theme = form.get("theme", "")
    response.set_cookie("theme", theme if theme in THEMES else "", max_age=COOKIE_SECONDS, samesite="Lax")
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Another language for somebody who has not signed in yet."""
    return _with_language(
        pages.SeeOther(_here(request, request.POST.get("next", "/"))), request.POST.get("language", "")
    )


@page
@require_GET
def more(request: HttpRequest) -> HttpResponse:
    """The rooms that do not fit into a bar of five, for a narrow screen."""
    return pages.render(request, "account/more.html")


def _given(request: HttpRequest) -> dict[str, str] | None:
    """What was typed; on a desk that is being tried, also by the button of an invented person."""
    wanted = request.POST.get("invented", "")
    chosen = next((one for one in _invented() if one["role"] == wanted), None)
    if chosen:
        return {"login": chosen["email"], "password": chosen["password"]}
    return request.POST.dict() or None


def _invented() -> list[dict[str, str]]:
    """The sign-ins of the invented bank: only on a desk that was started to be tried out."""
    path = settings.DATA / "keys" / INVENTED
    return json.loads(path.read_text()) if settings.DEMO and path.exists() else []


def _here(request: HttpRequest, address: str) -> str:
    known = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if known else "/"


def _with_language(response: HttpResponse, language: str) -> HttpResponse:
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=COOKIE_SECONDS,
            samesite="Lax",
            secure=settings.HTTPS,
        )
    return response
