"""Recovery: why the desk is read-only, what is known of each log, and the two people who end it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from bankside.people import policy, recovering
from bankside.record import recovery as modes
from bankside.record.reasons import ReasonMissing
from bankside.record.recovering import EntriesLost, SignerBehind, look
from bankside.record.two_people import SamePerson
from bankside.web import pages
from bankside.web.spoken import why
from bankside.web.staff.frame import page, staff_of

PAGE = "record/recovery.html"
# What these situations say stands beside the form, so that the reader keeps what she wrote.
SAID_HERE = (
    ReasonMissing, recovering.NobodyAsked, SamePerson, EntriesLost, SignerBehind,
)  # fmt: skip

STATES = {
    "whole": gettext_lazy("All that was signed is here."),
    "lost": gettext_lazy("Entries that were signed are not here."),
    "behind": gettext_lazy("The signer remembers less than was published."),
    "away": gettext_lazy("The signer does not answer."),
}


@page
@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """Somebody asks to end recovery mode, and a second person agrees."""
    policy.require(staff_of(request), "record.see")
    if request.method != "POST":
        return _shown(request)
    act = _agree if request.POST.get("act") == "agree" else _ask
    try:
        return act(request)
    except SAID_HERE as refused:
        return _shown(request, refused=why(refused), status=422)


def _ask(request: HttpRequest) -> HttpResponse:
    without = request.POST.get("without") == "yes"
    recovering.ask(staff_of(request), request.POST.get("reason", ""), without=without)
    return pages.go(request, "recovery", said=gettext("Asked. A second person agrees on this page."))


def _agree(request: HttpRequest) -> HttpResponse:
    at = request.POST.get("at", "")
    recovering.agree(staff_of(request), at=int(at) if at.isdecimal() and len(at) < 16 else 0)
    return pages.go(request, "recovery", said=gettext("The desk goes on; the record says who ended this."))


def _shown(request: HttpRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    staff, mode = staff_of(request), modes.mode()
    found = look() if mode and mode.kind == modes.RECOVERY else []
    context: dict[str, Any] = {
        "mode": mode, "found": found, "asked": recovering.asked() if mode else None, "refused": refused,
        "lost": any(one.state == "lost" for one in found), "states": STATES,
        "may": policy.may(staff, recovering.ACT), "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    return pages.render(request, PAGE, context, status=status)
