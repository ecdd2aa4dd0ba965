"""How a page is made: the Jinja2 environment, `render`, and sending somebody on.

A view gets rows from a room, gives them to `render(request, template, context)` and is done. When htmx asks,
`parts` says which fragment belongs to which target, so that the same view serves both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from bankside.people.staff import initials
from bankside.record.clock import now_ms
from bankside.web import moments
from bankside.web.assets import static
from bankside.web.hosts import host_of
from bankside.web.icons import icon
from bankside.web.masks import masked
from bankside.web.seal import seal
from bankside.web.spoken import spoken
from bankside.web.studied import sector_name, study_title
from bankside.web.units import unit

EXTENSIONS = ["jinja2.ext.i18n", "jinja2.ext.do"]
HTML_LANGS = {"zh-hans": "zh-Hans"}


def environment(**options: Any) -> Environment:
    """Called by Django with its own options; adds our languages, filters and functions."""
    ours = {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "extensions": EXTENSIONS,
    }
    made = Environment(**{**options, **ours, "autoescape": True})  # noqa: S701
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(_=said, gettext=said, ngettext=said_of)
    made.filters.update(
        {name: getattr(moments, name) for name in moments.FILTERS},
        masked=masked,
        lines=lines,
        unit=unit,
        spoken=spoken,
        study_title=study_title,
        sector_name=sector_name,
    )
    made.globals.update(icon=icon, static=static, url=url, seal=seal, now_ms=now_ms)
    made.globals.update(languages=settings.LANGUAGES, live_url=settings.LIVE_URL)
    made.globals.update(initials_of=initials, countdown=countdown, host_of=host_of)
    return made


class SeeOther(HttpResponseRedirect):
    """303: what was sent is done; what comes of it is at another address."""

    status_code = 303


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    parts: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or only the part that htmx is about to swap (`parts`: target id -> template).

    Times are written in the reader's zone; flash messages not yet shown are shown with it.
    """
    from bankside.web.staff.frame import Frame

    chosen = (
        (parts or {}).get(request.headers.get("HX-Target", ""), template)
        if is_fragment(request)
        else template
    )
    frame = Frame(request)
    with timezone.override(zone_of(request)):
        made = engines["jinja2"].get_template(chosen)
        html = made.render({"frame": frame, "html_lang": html_lang(), **(context or {})}, request)
    response = HttpResponse(html, status=status)
    response["Vary"] = "HX-Request, Cookie, Accept-Language"
    response["Cache-Control"] = "no-store"
    return response


def is_fragment(request: HttpRequest) -> bool:
    """True when htmx asks for a part (and not for a page of the browser's history)."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def go(
    request: HttpRequest, name: str, *args: object, said: str = "", tone: str = "ok", **query: object
) -> HttpResponse:
    """Sends the reader on after a POST (303). `said` is shown once on the next page, in its tone."""
    if said:
        messages.add_message(request, messages.INFO, said, extra_tags=tone)
    return SeeOther(url(name, *args, **query))


def url(name: str, *args: object, **query: object) -> str:
    """The address of a named page; keyword arguments become its query, empty ones are left out."""
    given = {k: str(v) for k, v in query.items() if v not in ("", None)}
    return _address(name, args) + (f"?{urlencode(given)}" if given else "")


@lru_cache(maxsize=10_000)
def _address(name: str, args: tuple[object, ...]) -> str:
    return reverse(name, args=args)


def html_lang() -> str:
    """The language of the page as HTML writes it: en, ko, zh-Hans, nl."""
    active = translation.get_language() or "en"
    return HTML_LANGS.get(active, active)


def countdown(until_ms: int) -> Markup:
    """The whole seconds that are left; the page counts them down."""
    return Markup('<b class="num" data-seconds>{}</b>').format(max(0, -(-(until_ms - now_ms()) // 1000)))


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The reader's own zone; UTC before she has signed in."""
    return ZoneInfo(getattr(request.user, "zone", "") or "UTC")


def said(message: str, /, **values: object) -> Markup:
    """A message in the reader's language, its values escaped. A page says fifty, and Jinja's own is slow."""
    words = Markup(gettext(message))  # noqa: S704 - words of our own catalogues
    return words % values if values else words


def said_of(singular: str, plural: str, number: int, /, **values: object) -> Markup:
    """As `said`, for a number of things; `%(num)s` is the number unless it is given."""
    return Markup(ngettext(singular, plural, number)) % {"num": number, **values}  # noqa: S704 - as above


def lines(text: str) -> Markup:
    """Words with their own line breaks, and masked numbers drawn as such."""
    return Markup("<br>").join(masked(line) for line in text.splitlines())
