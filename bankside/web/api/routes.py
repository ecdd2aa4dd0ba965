"""Every address of the API, and its description as OpenAPI at /api/openapi.json."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import BaseRenderer
from ninja.security import APIKeyCookie, HttpBearer

from bankside import __version__
from bankside.web.api import (
    card_orders,
    cards,
    channels,
    conversations,
    deliveries,
    desk,
    keeping,
    measures,
    members,
    notices,
    packages,
    posts,
    programmes,
    record,
    search,
    spending,
    studies,
)
from bankside.web.api.answers import CONTENT_TYPE, answer_to, invalid, mistake, nowhere, problem
from bankside.web.api.entrance import entrance
from bankside.web.problems import Problem
from bankside.web.spoken import spoken

PREFIX = "/v1"
PUBLIC = frozenset({"openapi-json"})
ROUTERS = (
    desk,
    channels,
    posts,
    deliveries,
    conversations,
    search,
    record,
    packages,
    keeping,
    members,
    notices,
    cards,
    card_orders,
    spending,
    programmes,
    measures,
    studies,
)


class Bearer(HttpBearer):
    """A token for programs. The entrance has judged it; this tells OpenAPI about it."""

    def __call__(self, request: HttpRequest) -> Any:
        """Whoever the entrance let in."""
        return request.user

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Never asked: see `__call__`."""
        return request.user


class Session(APIKeyCookie):
    """The session of a page of the desk."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Any:
        """Whoever the entrance let in."""
        return request.user

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Never asked: see `__call__`."""
        return request.user


class Plain(BaseRenderer):
    """JSON in UTF-8: Korean and Chinese stay readable, and shorter."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """The bytes of an answer."""
        return msgspec.json.encode(data, enc_hook=_said)


class DeskAPI(NinjaAPI):
    """The API with its problems described as what they are."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """The description; every problem is application/problem+json."""
        schema = super().get_openapi_schema(**kwargs)
        for address in schema["paths"].values():
            for said in address.values():
                for status, response in said.get("responses", {}).items():
                    if int(status) >= 400 and "content" in response:
                        response["content"] = {CONTENT_TYPE: response["content"].pop("application/json")}
        return schema


def _made() -> DeskAPI:
    api = DeskAPI(
        title="Bankside", version=__version__, description="One desk for a bank's social networks.",
        docs_url=None, auth=[Bearer(), Session()], urls_namespace="api",
        renderer=Plain(),
    )  # fmt: skip
    for module in ROUTERS:
        api.add_router(PREFIX, module.router)
    api.add_exception_handler(ValidationError, _unreadable)
    api.add_exception_handler(HttpError, _refused)
    api.add_exception_handler(Http404, _situation)
    api.add_exception_handler(Exception, _situation)
    return api


def _said(words: Any) -> str:
    """Words of a room for people, wherever they stand in an answer."""
    if isinstance(words, str):
        return spoken(words)
    raise TypeError(f"{type(words).__name__} is nothing that an answer holds")


def _situation(request: HttpRequest, trouble: Any) -> HttpResponse:
    try:
        return answer_to(request, trouble)
    except Exception as unknown:
        return mistake(request, unknown)


def _unreadable(request: HttpRequest, trouble: Any) -> HttpResponse:
    return invalid(request, trouble.errors)


def _refused(request: HttpRequest, trouble: Any) -> HttpResponse:
    return problem(Problem(trouble.status_code, gettext("The request cannot be read."), str(trouble)))


def nothing_here(request: HttpRequest) -> HttpResponse:
    """The problem of an address that the API does not know."""
    return nowhere()


def _guarded(pattern: Any) -> Any:
    if pattern.name not in PUBLIC:
        pattern.callback = entrance(pattern.callback)
    return pattern


api = _made()
urlpatterns: list[URLPattern | URLResolver] = [
    *(_guarded(pattern) for pattern in api.urls[0]),
    re_path("", entrance(nothing_here)),  # whatever is left, also with a line end in it
]
app_name = "api"
