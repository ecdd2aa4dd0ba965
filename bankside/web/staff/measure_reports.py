"""Reports of Measures: as PDF at once, and by mail every week or month."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bankside.channels import mail
from bankside.measures import figures, mailing
from bankside.measures.mailing import NoMailServer, WrongOrder
from bankside.people import policy
from bankside.web import pages
from bankside.web.measured import document
from bankside.web.spoken import why
from bankside.web.staff.frame import page, staff_of
from bankside.web.staff.measures import chosen_of, file_answer, stem

EVERY: Final = (("week", gettext_lazy("every Monday")), ("month", gettext_lazy("on the first of each month")))
ADDRESSES_CHARACTERS_MAX = 5_000


@page
@require_safe
def measures_report(request: HttpRequest) -> HttpResponse:
    """The report of what is chosen, in her language or that of `lang`, as PDF."""
    staff = staff_of(request)
    chosen, _ = chosen_of(request, staff)
    language = request.GET.get("in", "")
    if language not in document.LANGUAGES:
        language = get_language() or "en"
    found = figures.of(staff, chosen.period, chosen.filters)
    body = document.composed(found, language).pdf()
    found.close()
    return file_answer(body, "application/pdf", f"{stem(chosen)}.pdf")


@page
@require_safe
def measures_mail(request: HttpRequest) -> HttpResponse:
    """The reports that go by mail, and a form for one more; a report in any language to look at."""
    policy.require_somewhere(staff_of(request), "measures.read")
    return _shown(request)


@page
@require_POST
def measures_mail_new(request: HttpRequest) -> HttpResponse:
    """Orders one."""
    staff = staff_of(request)
    given = request.POST.get("addresses", "")[:ADDRESSES_CHARACTERS_MAX]
    addresses = given.replace(",", "\n").replace(";", "\n").splitlines()
    try:
        mailing.order(
            staff, every=request.POST.get("every", ""), language=request.POST.get("language", ""),
            addresses=addresses,
        )  # fmt: skip
    except (WrongOrder, mail.WrongAddress, NoMailServer) as mistake:
        return _shown(request, mistake=why(mistake), status=422)
    return pages.go(
        request, "measures-mail", said=gettext("The first one goes out on the next of these days.")
    )


@page
@require_POST
def measures_mail_end(request: HttpRequest, obj: str) -> HttpResponse:
    """Ends one."""
    mailing.end(staff_of(request), obj)
    return pages.go(request, "measures-mail", said=gettext("It is not sent any more."), tone="wait")


def _shown(request: HttpRequest, *, mistake: str = "", status: int = 200) -> HttpResponse:
    staff = staff_of(request)
    may = policy.may(staff, mailing.ACT)
    rows = mailing.going(staff) if may else []
    languages = dict(settings.LANGUAGES)
    context = {
        "may": may, "ready": mail.ready(), "every": EVERY, "languages": settings.LANGUAGES,
        "lists": [
            (row, dict(EVERY)[row.every], languages[row.language], mailing.addresses_of(row)) for row in rows
        ],
        "mistake": mistake, "given": request.POST, "language": get_language() or "en",
    }  # fmt: skip
    return pages.render(request, "measures/mail.html", context, status=status)
