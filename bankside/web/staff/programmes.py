"""Programmes of the card: versions, their text beside what it means, two people who agree, and a dry run."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.people import policy
from bankside.rewards import programme as programmes
from bankside.rewards import rehearsal
from bankside.rewards.difference import Line
from bankside.rewards.models import Programme
from bankside.rewards.payments.money import minor_units
from bankside.rewards.rules import plain
from bankside.rewards.rules import programme as rules
from bankside.web import pages
from bankside.web.member.days import money
from bankside.web.staff.frame import page, staff_of

MEMBERS = 1_000_000
DAYS = 30
CHARACTERS_MAX = 200_000


@page
@require_safe
def programme_list(request: HttpRequest) -> HttpResponse:
    """Every version, newest first."""
    staff = staff_of(request)
    context = {
        "rows": programmes.visible_to(staff),
        "may_write": policy.may(staff, "programme.write"),
    }
    return pages.render(request, "card/programmes.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def programme_new(request: HttpRequest) -> HttpResponse:
    """A new version: the text of the last one, or the sample, to go on from."""
    staff = staff_of(request)
    policy.require(staff, "programme.write")
    if request.method == "POST":
        row = programmes.draft(staff, name=request.POST.get("name", ""), text=_text(request))
        return pages.go(request, "programme", row.obj, said=gettext("Kept as a draft."))
    last = next(iter(programmes.visible_to(staff)), None)
    text = last.text if last else programmes.sample()
    given = {"name": last.name if last else "social", "text": text}
    return pages.render(request, "card/programme_new.html", {"given": given, **_meaning(text)})


@page
@require_safe
def programme(request: HttpRequest, obj: str) -> HttpResponse:
    """One version: its text, what it means, what it changes, and who agreed."""
    return _shown(request, programmes.get_visible(staff_of(request), obj))


@page
@require_POST
def programme_meaning(request: HttpRequest) -> HttpResponse:
    """What a text means, while it is written; nothing is kept."""
    policy.require(staff_of(request), "programme.write")
    return pages.render(request, "card/meaning.html", _meaning(_text(request)))


@page
@require_POST
def programme_draft(request: HttpRequest, obj: str) -> HttpResponse:
    """Other words for a draft; with `submit` it goes before two people at once."""
    staff = staff_of(request)
    row = programmes.rewrite(staff, obj, text=_text(request))
    if not request.POST.get("submit"):
        return pages.go(request, "programme", row.obj, said=gettext("Kept as a draft."))
    try:
        programmes.submit(staff, obj)
    except programmes.DoesNotPass:
        return _shown(request, row, status=422, refused=True)
    return pages.go(request, "programme", row.obj, said=gettext("Two people are asked to agree."))


@page
@require_POST
def programme_approval(request: HttpRequest, obj: str) -> HttpResponse:
    """Agrees to exactly the text that was shown."""
    row = programmes.approve(staff_of(request), obj, sha256=request.POST.get("sha256", ""))
    live = row.state == Programme.LIVE
    said = gettext("It is in force.") if live else gettext("Agreed. One more person is needed.")
    return pages.go(request, "programme", row.obj, said=said)


@page
@require_POST
def programme_return(request: HttpRequest, obj: str) -> HttpResponse:
    """Sends it back with what must change."""
    row = programmes.send_back(staff_of(request), obj, reason=request.POST.get("reason", ""))
    return pages.go(
        request, "programme", row.obj, said=gettext("Sent back, with what must change."), tone="wait"
    )


@page
@require_POST
def programme_retirement(request: HttpRequest, obj: str) -> HttpResponse:
    """Ends a version that is in force."""
    row = programmes.retire(staff_of(request), obj, reason=request.POST.get("reason", ""))
    said = gettext("It is in force no longer. What was earned stays.")
    return pages.go(request, "programme", row.obj, said=said, tone="wait")


@page
@require_safe
def programme_dry_run(request: HttpRequest, obj: str) -> HttpResponse:
    """What this version would have paid for the acts of the last 30 days."""
    staff = staff_of(request)
    row = programmes.get_visible(staff, obj)
    tried = rehearsal.over_the_record(staff, row, days=DAYS)
    context = {"row": row, "tried": tried, "days": DAYS, "cost": _cost(tried.cost) if tried else ""}
    return pages.render(request, "card/dry_run.html", context)


def _cost(said: str) -> str:
    """`270 KRW` as the reader writes it."""
    amount, _, currency = said.partition(" ")
    return money(minor_units(amount, currency), currency)


def _shown(request: HttpRequest, row: Programme, *, status: int = 200, refused: bool = False) -> HttpResponse:
    staff, earlier = staff_of(request), programmes.before(row)
    writes = policy.may(staff, "programme.write") and row.state == Programme.DRAFT
    context = {
        "row": row, "agreed": programmes.agreed(row), "may_approve": programmes.may_approve(staff, row),
        "may_end": policy.may(staff, "programme.approve") and row.state == Programme.LIVE,
        "may_write": writes, "earlier": earlier, "refused": refused,
        "diff": _changed(programmes.diff(earlier.text, row.text)) if earlier else [],
        **_meaning(row.text),
    }  # fmt: skip
    return pages.render(request, "card/programme.html", context, status=status)


def _meaning(text: str) -> dict[str, Any]:
    """What is wrong with a text, or every rule in words, its worst case, and acts that it pays for."""
    found = rules.check(text)
    if found.programme is None or found.worst is None:
        return {"findings": found.findings, "told": (), "costs": (), "examples": (), "tests": 0}
    costs = plain.costs(found.worst, MEMBERS, found.programme.currency)
    return {
        "findings": (), "told": plain.preview(found.programme), "costs": costs, "examples": found.examples,
        "tests": len(found.programme.tests),
    }  # fmt: skip


def _changed(lines: tuple[Line, ...]) -> list[Line]:
    """Only what was added or taken away."""
    return [line for line in lines if line.sign != " " and line.text.strip()]


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n")[: CHARACTERS_MAX + 1]
