"""The pages for what no room names: a wrong address, a form that is too old, a mistake of ours."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils.translation import gettext

from bankside.web import pages
from bankside.web.staff.frame import MEMBERS, trouble_page


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing has this address."""
    detail = gettext("Nothing has this address. It may have been mistyped, or what was here is gone.")
    return trouble_page(request, 404, gettext("There is no such page."), detail)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    detail = gettext("Nothing was changed. Ask an administrator which role it takes.")
    return trouble_page(request, 403, gettext("This is not yours to do."), detail)


def misunderstood(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    detail = gettext("Nothing was changed. Go back and try it again.")
    return trouble_page(request, 400, gettext("The request could not be read."), detail)


def too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose page was open for too long, or that comes from elsewhere."""
    detail = gettext("Nothing was sent. Go back, reload the page and send it again; your draft is kept here.")
    return trouble_page(request, 403, gettext("This page was open for too long."), detail)


def broken(request: HttpRequest) -> HttpResponse:
    """500: a mistake of ours. It asks nothing of the database, which may be what is broken."""
    whose = "member" if request.path.startswith(MEMBERS) else "errors"
    template = engines["jinja2"].get_template(f"{whose}/broken.html")
    return HttpResponse(template.render({"html_lang": pages.html_lang()}), status=500)
