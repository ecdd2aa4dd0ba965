"""Offers as staff see them, and what is owed."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from bankside.people import policy
from bankside.rewards import offer, owed
from bankside.web import pages
from bankside.web.member.days import money, month, whole
from bankside.web.moments import number
from bankside.web.staff.frame import page, staff_of

YEAR_MIN, YEAR_MAX = 2000, 2999


@page
@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    """Every offer in force: fund, uses, who is held out, and what it brings."""
    policy.require(staff_of(request), "offer.see")
    rows = offer.standing()
    return pages.render(
        request, "card/offers.html", {"rows": rows, "funds": {one.id: _fund(one) for one in rows}}
    )


def _fund(one: offer.Figures) -> dict[str, str]:
    """What was given and all there is, in money or in points."""
    sums = {"used": one.used, "fund": one.fund}
    return {name: money(n, one.currency) if one.currency else number(n) for name, n in sums.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the curve, its height in percent of the tallest."""

    label: str
    points: int
    percent: int
    members: int


@page
@require_safe
def liability(request: HttpRequest) -> HttpResponse:
    """What is owed by vintage now, or (`as_of`) was at the end of a day; as CSV with `?as=csv`."""
    policy.require(staff_of(request), "liability.see")
    typed = request.GET.get("as_of", "").strip()
    day = _day(typed)
    found = owed.by_vintage(owed.end_of(day) if day else None)
    if request.GET.get("as") == "csv":
        return _csv(found)
    context = {
        "owed": found, "settling": _bars(found.settling), "expiring": _bars(found.expiring),
        "worth": money(found.minor, found.currency) if found.currency else "",
        "credits": _credits(found), "as_of": typed, "day": whole(day) if day else "",
        "refused": bool(typed and not day),
    }  # fmt: skip
    status = 422 if context["refused"] else 200
    return pages.render(request, "card/liability.html", context, status=status)


def _day(typed: str) -> date | None:
    """`2026-11-30` as a day; None for what is none, or too far off."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if YEAR_MIN <= day.year <= YEAR_MAX else None


def _credits(found: owed.Vintages) -> list[str]:
    """What offers gave and no statement took yet, by currency, as the reader writes it."""
    sums: dict[str, int] = {}
    for one in found.credits:
        sums[one.unit] = sums.get(one.unit, 0) + one.points
    return [money(amount, unit) for unit, amount in sorted(sums.items())]


def _bars(rows: tuple[owed.Owed, ...]) -> list[Bar]:
    tallest = max((row.points for row in rows), default=1)
    return [
        Bar(
            label=_due(row.label), points=row.points, percent=-(-row.points * 100 // tallest),
            members=row.members,
        )
        for row in rows
    ]  # fmt: skip


def _due(label: str) -> str:
    """A day or a month as the reader writes it; `never` for what does not expire."""
    match label.count("-"):
        case 2:
            return whole(date.fromisoformat(label))
        case 1:
            return month(date.fromisoformat(f"{label}-01"))
    return gettext("never")


def _csv(found: owed.Vintages) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["unit", "state", "due", "points", "members"])
    for row in (*found.settling, *found.expiring, *found.credits):
        writer.writerow([row.unit, row.state, row.label, row.points, row.members])
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="liability.csv"'
    return answer
