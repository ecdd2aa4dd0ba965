"""What members spent, on its way out: files for the bank's other systems, yearly values, partners' codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from bankside.people import policy
from bankside.people.models import Staff
from bankside.people.staff import named
from bankside.record.ids import new_id
from bankside.record.reasons import ReasonMissing
from bankside.rewards import partner_codes, statement, yearly_values
from bankside.rewards.models import MadeFile
from bankside.rewards.statement import Made
from bankside.rewards.wallet import in_language
from bankside.web import pages
from bankside.web.member.days import money
from bankside.web.spoken import why
from bankside.web.staff.entries import name_of
from bankside.web.staff.frame import page, staff_of

PAGE: Final = 50
KEY_CHARACTERS_MAX: Final = 40
LINES_NAMED_MAX: Final = 10
KINDS: Final = {
    "statement-credit": gettext_lazy("Money on statements"),
    "gift": gettext_lazy("Gifts to causes"),
    "member-values": gettext_lazy("Yearly values"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Lines of a kind that no file has taken; `key` makes one file of a button, however often pressed."""

    kind: str
    name: Any
    lines: int
    sum: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that was made, as the list shows it."""

    row: MadeFile
    name: Any
    who: str
    sum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Codes of a choice."""

    id: str
    title: str
    left: int
    given: int


@page
@require_safe
def spending(request: HttpRequest) -> HttpResponse:
    """What waits by kind, the files that were made, yearly values, and codes that are left."""
    return _page(request, staff_of(request))


@page
@require_POST
def spending_make(request: HttpRequest) -> HttpResponse:
    """Takes what waits into a file; the same form sent twice is one file."""
    staff = staff_of(request)
    key = request.POST.get("key", "")[:KEY_CHARACTERS_MAX] or new_id()
    try:
        made = statement.make(staff, request.POST.get("kind", ""), key)
    except statement.NothingWaits as nothing:
        return pages.go(request, "spending", said=why(nothing), tone="wait")
    rows = made.file.rows
    said = ngettext("A file with %(num)s line was made.", "A file with %(num)s lines was made.", rows)
    return pages.go(request, "spending", said=said % {"num": rows})


@page
@require_POST
def spending_file(request: HttpRequest, obj: str) -> HttpResponse:
    """The very same bytes every time, for a reason that she types."""
    staff, reason = staff_of(request), request.POST.get("reason", "")
    try:
        return _given(statement.taken(staff, obj, reason))
    except ReasonMissing as missing:
        return _page(request, staff, of=obj, reason=reason, wrong=why(missing), status=422)


@page
@require_POST
def spending_values(request: HttpRequest) -> HttpResponse:
    """What a year was worth to each member, for a reason that she types."""
    staff, reason = staff_of(request), request.POST.get("reason", "")
    typed = request.POST.get("year", "").strip()
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else 0
    try:
        return _given(yearly_values.taken(staff, year, reason))
    except (ReasonMissing, yearly_values.NoSuchYear) as missing:
        of = "year" if isinstance(missing, yearly_values.NoSuchYear) else "values"
        return _page(request, staff, of=of, year=typed, reason=reason, wrong=why(missing), status=422)


@page
@require_POST
def spending_codes(request: HttpRequest) -> HttpResponse:
    """Brings codes of a partner, all of a file or none."""
    staff, given = staff_of(request), request.FILES.get("file")
    choice = request.POST.get("choice", "")
    try:
        policy.require(staff, partner_codes.ACT)
        body = given.read(partner_codes.BYTES_MAX + 1) if given else b""
        done = partner_codes.import_codes(staff, choice, partner_codes.lines_of(body))
    except partner_codes.BadCode as bad:
        return _page(request, staff, of="codes", choice=choice, wrong=why(bad), status=422)
    return pages.go(request, "spending", said=_imported(done))


def _imported(done: partner_codes.Imported) -> str:
    words = ngettext("%(num)s new code came in.", "%(num)s new codes came in.", done.new) % {"num": done.new}
    if not done.known:
        return words
    lines = ", ".join(str(one) for one in done.known[:LINES_NAMED_MAX])
    if len(done.known) > LINES_NAMED_MAX:
        lines += " …"
    known = ngettext(
        "%(num)s was there already (line %(lines)s).", "%(num)s were there already (lines %(lines)s).",
        len(done.known),
    )  # fmt: skip
    return f"{words} {known % {'num': len(done.known), 'lines': lines}}"


def _page(request: HttpRequest, staff: Staff, *, status: int = 200, **given: str) -> HttpResponse:
    """`given`: what was typed into which form (`of`), and what was wrong with it."""
    may = {act: policy.may(staff, act) for act in (statement.ACT, yearly_values.ACT)}
    if not any(may.values()):
        policy.require(staff, statement.ACT)
    context: dict[str, Any] = {"of": "", "reason": "", "wrong": "", "year": "", "choice": "", **given}
    context |= {"may_send": may[statement.ACT], "may_export": may[yearly_values.ACT]}
    if may[statement.ACT]:
        context |= _sending(request, staff)
    if may[yearly_values.ACT]:
        context |= {"this_year": yearly_values.this_year(), "first_year": yearly_values.YEAR_MIN}
        context |= {"years": _files(yearly_values.files(staff, PAGE))}
    return pages.render(request, "card/spending.html", context, status=status)


def _sending(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    typed = request.GET.get("before", "")
    before = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 18 else 0
    rows = statement.files(staff, PAGE + 1, before)
    older = pages.url("spending", before=rows[PAGE - 1].pk) if len(rows) > PAGE else ""
    waits = [_waits(kind, statement.waiting(staff, kind)) for kind in statement.KINDS]
    codes = [
        Codes(
            id=one.choice.id, title=in_language(one.choice.title, get_language() or "en"), left=one.left,
            given=one.given,
        )
        for one in partner_codes.stock(staff)
    ]  # fmt: skip
    return {"waits": waits, "files": _files(rows[:PAGE]), "older": older, "codes": codes}


def _waits(kind: str, found: statement.Waiting) -> Waits:
    return Waits(kind=kind, name=KINDS[kind], lines=found.lines, sum=_sum(found.totals), key=new_id())


def _files(rows: Sequence[MadeFile]) -> list[File]:
    names = named(row.by.removeprefix("u:") for row in rows)
    return [
        File(row=row, name=KINDS[row.kind], who=name_of(row.by, names), sum=_sum(row.totals)) for row in rows
    ]


def _sum(totals: Mapping[str, int]) -> str:
    return ", ".join(money(total, currency) for currency, total in totals.items())


def _given(made: Made) -> HttpResponse:
    answer = HttpResponse(made.body, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
    answer["Cache-Control"] = "no-store"
    return answer
