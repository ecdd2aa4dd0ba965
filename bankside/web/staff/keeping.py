"""Holds and erasures: what waits for a second person, what is held or restricted, what is past its term."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bankside.people import keeping, policy
from bankside.people.models import Staff
from bankside.people.staff import named
from bankside.record.forgetting import duties, erasing, expiring, holding, restricted, retention
from bankside.record.forgetting.basis import BASES
from bankside.record.models import Erasure
from bankside.web import pages
from bankside.web.staff import entries, record_tabs
from bankside.web.staff.frame import page, staff_of

TAB = "record-keeping"
STATES = {
    Erasure.DECLINED: (gettext_lazy("declined"), ""),
    Erasure.WAITING: (gettext_lazy("restricted until then"), "wait"),
    Erasure.ERASING: (gettext_lazy("being erased"), "wait"),
    Erasure.ERASED: (gettext_lazy("erased"), "ok"),
}
KINDS = {
    "subject": gettext_lazy("Subject"),
    "object": gettext_lazy("Object"),
    "channel": gettext_lazy("Channel"),
}
ENDED_SHOWN = 20


@page
@require_safe
def record_keeping(request: HttpRequest) -> HttpResponse:
    """What waits for a second person first, then what is held, hidden, and over."""
    staff = staff_of(request)
    policy.require(staff, keeping.SEE)
    return record_tabs.render(request, TAB, "record/keeping.html", _shown(request, staff))


@page
@require_POST
def erasure_wish(request: HttpRequest) -> HttpResponse:
    """The first of two who have words forgotten."""
    given = request.POST
    keeping.ask(
        staff_of(request), given.get("subject", ""), given.get("object", ""), given.get("basis", ""),
        given.get("reason", ""),
    )  # fmt: skip
    said = gettext("Asked for. Nothing is erased until somebody else agrees.")
    return pages.go(request, TAB, said=said, tone="wait")


@page
@require_POST
def erasure_agreement(request: HttpRequest, obj: str) -> HttpResponse:
    """The second; it cannot be taken back."""
    row = keeping.agree(staff_of(request), obj)
    if row.state == Erasure.WAITING:
        said = gettext("Nothing was erased: something comes first. The words are restricted until it ends.")
        return pages.go(request, TAB, said=said, tone="wait")
    return pages.go(
        request, TAB, said=gettext("Nobody can read these words any more. The rest is being deleted.")
    )


@page
@require_POST
def erasure_refusal(request: HttpRequest, obj: str) -> HttpResponse:
    """Somebody does not agree, or takes her wish back."""
    keeping.decline(staff_of(request), obj, request.POST.get("reason", ""))
    return pages.go(request, TAB, said=gettext("Declined. Nothing was erased."))


@page
@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """Keeps everything of a subject, an object or a channel."""
    given = request.POST
    keeping.place(staff_of(request), given.get("kind", ""), given.get("target", ""), given.get("reason", ""))
    return pages.go(
        request, TAB, said=gettext("Held. Nothing of it can be erased until somebody else releases it.")
    )


@page
@require_POST
def hold_release(request: HttpRequest, obj: str) -> HttpResponse:
    """Ends a hold that somebody else placed."""
    keeping.release(staff_of(request), obj, request.POST.get("reason", ""))
    return pages.go(request, TAB, said=gettext("Released. What waited for it goes on."))


@page
@require_POST
def restriction(request: HttpRequest) -> HttpResponse:
    """Hides words."""
    given = request.POST
    keeping.restrict(
        staff_of(request), given.get("subject", ""), given.get("object", ""), given.get("reason", "")
    )
    return pages.go(request, TAB, said=gettext("Restricted: stored, and shown to nobody."))


@page
@require_POST
def restriction_lifting(request: HttpRequest) -> HttpResponse:
    """The first of two who show hidden words again."""
    given = request.POST
    keeping.ask_to_lift(
        staff_of(request), given.get("subject", ""), given.get("object", ""), given.get("reason", "")
    )
    said = gettext("Asked for. The words stay hidden until somebody else agrees.")
    return pages.go(request, TAB, said=said, tone="wait")


@page
@require_POST
def restriction_end(request: HttpRequest) -> HttpResponse:
    """The second."""
    given = request.POST
    keeping.lift(staff_of(request), given.get("subject", ""), given.get("object", ""))
    return pages.go(request, TAB, said=gettext("The words are shown again."))


def _shown(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    rows, holds, hidden = erasing.all_of(), holding.in_force(), restricted.all_of()
    actors = {row.asked_by for row in rows} | {row.agreed_by for row in rows}
    actors |= {row.placed_by for row in holds} | {row.placed_by for row in hidden}
    names = named(sorted(actor.removeprefix("u:") for actor in actors if actor))
    months = duties.terms()
    return {
        "asked": [row for row in rows if row.state == Erasure.ASKED],
        "under_way": [row for row in rows if row.state in (Erasure.WAITING, Erasure.ERASING)],
        "ended": [row for row in rows if row.state in (Erasure.ERASED, Erasure.DECLINED)][:ENDED_SHOWN],
        "holds": holds, "hidden": hidden, "states": STATES, "kinds": KINDS, "bases": BASES,
        "terms": [(one, months[one.name]) for one in retention.classes().values()],
        "past": expiring.past(), "past_max": expiring.BATCH, "me": staff.actor,
        "who": lambda actor: entries.name_of(actor, names),
        "subject": request.GET.get("subject", ""), "object": request.GET.get("object", ""),
        "may": {act: policy.may(staff, act) for act in ACTS},
    }  # fmt: skip


ACTS = (keeping.ASK, keeping.AGREE, keeping.PLACE, keeping.RELEASE)
