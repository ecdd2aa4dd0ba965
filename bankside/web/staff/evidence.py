"""Record > Evidence: what others signed, stamped and keep of the heads of the logs, and how old it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from bankside.channels import standing
from bankside.people import policy
from bankside.web.staff import record_tabs
from bankside.web.staff.frame import page, staff_of


@page
@require_safe
def record_evidence(request: HttpRequest) -> HttpResponse:
    """The page; whoever sees the record sees it, because it names nobody and shows no words."""
    policy.require(staff_of(request), "record.see")
    now = standing.now()
    context = {"now": now, "sentence": _sentence(now), "outside": bool(now.witnesses or now.stamps)}
    return record_tabs.render(request, "record-evidence", "record/evidence.html", context)


def _sentence(now: standing.Standing) -> str:
    if now.alarms:
        return ngettext(
            "%(num)s thing needs somebody to look.", "%(num)s things need somebody to look.", len(now.alarms)
        ) % {"num": len(now.alarms)}
    if not now.witnesses and not now.stamps:
        return gettext("Nobody outside has signed a head yet.")
    return gettext("Everything outside is as new as it should be.")
