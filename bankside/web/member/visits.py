"""Coming in from the bank's own app, and going out."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from bankside.rewards import visit
from bankside.web import pages
from bankside.web.member.frame import in_her_words, show, trouble_page
from bankside.web.spoken import why

COOKIE_SECONDS = 365 * 24 * 3600


@sensitive_variables("ticket")
@require_http_methods(["GET", "HEAD", "POST"])
def come_in(request: HttpRequest, ticket: str) -> HttpResponse:
    """Looking uses nothing up, so that a preview of the link does not; the button does."""
    if request.method != "POST":
        return show(request, "visit")
    try:
        member = visit.enter(ticket)
    except visit.TicketGone as gone:
        return trouble_page(request, 410, gettext("This way in is used up."), why(gone))
    request.session.cycle_key()
    visit.keep(request.session, member)
    response = pages.go(request, "member-home")
    # Pages that know nobody, such as that of a code that is off, speak her language on this phone too.
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, member.language, max_age=COOKIE_SECONDS, samesite="Lax",
        secure=settings.HTTPS,
    )  # fmt: skip
    return response


@require_POST
def go_out(request: HttpRequest) -> HttpResponse:
    """Ends the visit, and has the browser forget the pictures of it."""
    member = visit.of(request.session)
    visit.end(request.session)
    request.session.cycle_key()
    with in_her_words(member) if member else translation.override(translation.get_language()):
        response = show(request, "signed_out")
    response["Clear-Site-Data"] = '"cache"'
    return response
