"""Measures: the page of figures, the entries behind each of them, what each means, and files of them all."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from bankside.measures import behind, figures, history, rules
from bankside.measures.charts.chart import as_csv
from bankside.measures.definitions import MEASURES
from bankside.measures.figures import Figures
from bankside.measures.period import BadPeriod
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record.clock import now_ms
from bankside.web import pages
from bankside.web.measured import archive, assumed, choice, lede, peers, pictures, sections, unusual, words
from bankside.web.measured.choice import Choice
from bankside.web.spoken import spoken, why
from bankside.web.staff import behind_lines
from bankside.web.staff.frame import page, staff_of

ENTRIES = 50
DIGITS_MAX = 18
AMOUNTS: Final = ("sum", "per")
PURPOSE_IDS: Final = pictures.PURPOSES
RULES: Final = ("purposes", "savings")


@page
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """The page: finding, pictures, figures with those of the period before, and tables.

    What was unusual is in it when that is known; else it comes after it from an address of its own.
    """
    staff = staff_of(request)
    chosen, wrong = chosen_of(request, staff)
    found = figures.of(staff, chosen.period, chosen.filters)
    sentence = lede.finding(found)
    context = {
        **_choices(staff, found, chosen), "wrong": wrong, "finding": sentence,
        "newest": (newest := choice.newest(figures.zone_of(staff), now_ms())),
        "ahead": chosen.period.first.isoformat() > newest["last"],
        "may_studies": policy.may(staff, "studies.read"),
    }  # fmt: skip
    if sentence:
        context |= _told(found, chosen, context["narrowing"][-1][-1]) | {
            "grounds": lede.grounds(found),
            "peers": peers.of(staff),
        }
    found.close()
    return pages.render(request, "measures/page.html", context)


@page
@require_safe
def measures_entries(request: HttpRequest) -> HttpResponse:
    """The entries of the record behind one number, by pages."""
    staff = staff_of(request)
    chosen, _ = chosen_of(request, staff)
    one = MEASURES.get(request.GET.get("measure", ""))
    if one is None:
        raise Http404
    where = _where(request)
    after = request.GET.get("after", "")
    found = behind.rows(
        staff, one.id, chosen.period, chosen.filters, **where,
        after=int(after) if after.isdecimal() and len(after) <= DIGITS_MAX else 0, limit=ENTRIES,
    )  # fmt: skip
    context = {
        "title": spoken(one.title), "rule": spoken(one.rule), "found": found, "query": chosen.query,
        "lines": behind_lines.lines(found, pages.zone_of(request)),
        "amounts": one.unit in AMOUNTS, "may_open": policy.may(staff, "record.see"),
        **_place(one.id, chosen, where),
    }  # fmt: skip
    return pages.render(request, "measures/entries.html", context)


def _where(request: HttpRequest) -> dict[str, Any]:
    """Of which group, and of which days."""
    given = request.GET
    key = given.get("key", "")[: choice.CHARACTERS_MAX]
    return {"group": given.get("group", ""), "key": key, "before": bool(given.get("before"))}


def _place(measure: str, chosen: Choice, where: dict[str, Any]) -> dict[str, Any]:
    """How the days and the group are called, and what an address of further rows says."""
    group, key, before = where["group"], where["key"], where["before"]
    return {
        "days": choice.days_of(chosen.period.before() if before else chosen.period),
        "of": words.group_name(group, key, {}) if group and group != "day" else key,
        "further": {"measure": measure, "group": group, "key": key, "before": "1" if before else ""},
    }


@page
@require_safe
def measures_unusual(request: HttpRequest) -> HttpResponse:
    """What was unusual in the period: what the page asks for when it is there, and a page of its own."""
    staff = staff_of(request)
    chosen, _ = chosen_of(request, staff)
    found = figures.of(staff, chosen.period, chosen.filters)
    context = {
        "notes": unusual.of(found), "query": chosen.query, "days": choice.days_of(chosen.period),
    }  # fmt: skip
    found.close()
    return pages.render(request, "measures/unusual.html", context, parts={"unusual": "measures/notes.html"})


@page
@require_safe
def measures_definitions(request: HttpRequest) -> HttpResponse:
    """What each measure is and by which rule it is counted; the rules that can be changed."""
    staff = staff_of(request)
    policy.require_somewhere(staff, "measures.read")
    told = [(one, spoken(one.title), spoken(one.rule)) for one in MEASURES.values()]
    context = {
        "told": told, "texts": [(kind, rules.text(kind), rules.since(kind)) for kind in RULES],
        "may_decide": policy.may(staff, "measures.decide"),
    }  # fmt: skip
    return pages.render(request, "measures/definitions.html", context)


@page
@require_POST
def measures_rule(request: HttpRequest, kind: str) -> HttpResponse:
    """Puts other rules or assumptions in force; a text with a mistake is shown again with it."""
    if kind not in RULES:
        raise Http404
    staff = staff_of(request)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        rules.write(staff, kind, text)
    except rules.BadRule as mistake:
        context = {"kind": kind, "text": text, "mistake": why(mistake)}
        return pages.render(request, "measures/rule.html", context, status=422)
    return pages.go(
        request, "measures-definitions", said=gettext("The figures are counted by this from now on.")
    )


@page
@require_safe
def measures_csv(request: HttpRequest) -> HttpResponse:
    """All figures of the page as CSV, or (`chart`) those of one picture."""
    staff = staff_of(request)
    chosen, _ = chosen_of(request, staff)
    found = figures.of(staff, chosen.period, chosen.filters)
    name = request.GET.get("chart", "")
    if name:
        drawn = next((one for one in pictures.both(found) if one.name == name), None)
        if drawn is None:
            raise Http404
        text = drawn.wide.csv()
    else:
        text = as_csv(history.HEAD, tuple(history.rows_of(found)))
    return file_answer(text.encode("utf-8-sig"), "text/csv; charset=utf-8", f"{stem(chosen)}.csv")


@page
@require_safe
def measures_rows(request: HttpRequest, kind: str) -> HttpResponse:
    """The rows behind the figures, one file for each table, as CSV or Parquet in a ZIP."""
    wanted = next((one for one in history.KINDS if one == kind), None)
    if wanted is None:
        raise Http404
    staff = staff_of(request)
    chosen, _ = chosen_of(request, staff)
    body = archive.zipped(staff, chosen, wanted)
    return file_answer(body, "application/zip", f"{stem(chosen)}-{kind}.zip")


def chosen_of(request: HttpRequest, staff: Staff) -> tuple[Choice, str]:
    """What the address says, and what is wrong with it (then the last week is shown)."""
    zone = figures.zone_of(staff)
    try:
        return choice.of(request.GET.dict(), zone, now_ms()), ""
    except BadPeriod as mistake:
        return choice.of({}, zone, now_ms()), why(mistake)


def _told(found: Figures, chosen: Choice, channels: list[tuple[str, str]]) -> dict[str, Any]:
    leave = PURPOSE_IDS
    return {
        "notes": unusual.known(found), "pictures": pictures.both(found),
        "answers": sections.rows(found, "answers"),
        "by_answers": sections.table(found, sections.COLUMNS["answers"], chosen.by, channels),
        "posts": sections.rows(found, "posts", leave=leave),
        "by_posts": sections.table(found, sections.COLUMNS["posts"], chosen.by, channels),
        "saved": sections.rows(found, "savings"), "savings": assumed.lines(),
        "card": sections.rows(found, "card"), "acts": sections.rows(found, "acts"),
        "by_cost": sections.table(found, ("cost",), "network"), "before": choice.before_words(chosen.period),
    }  # fmt: skip


def _choices(staff: Staff, found: Figures, chosen: Choice) -> dict[str, Any]:
    there = figures.choices(found)
    langs = dict.fromkeys([*filter(None, [chosen.lang]), *(one.key for one in found.by("opened", "lang"))])
    return {
        "choice": chosen, "query": chosen.query, "periods": choice.NAMED, "groups": choice.GROUPS,
        "narrowing": (
            ("network", gettext("Network"), _named("network", there.networks)),
            ("market", gettext("Market"), _named("market", there.markets)),
            ("lang", gettext("Language"), _named("lang", langs)),
            ("channel", gettext("Channel"), list(there.channels)),
        ),
    }  # fmt: skip


def _named(group: str, keys: Iterable[str]) -> list[tuple[str, str]]:
    return [(key, words.group_name(group, key, {})) for key in keys if key]


def stem(chosen: Choice) -> str:
    """How files of a choice are called: by its days."""
    return f"measures-{chosen.period.first.isoformat()}-{chosen.period.last.isoformat()}"


def file_answer(body: bytes | io.BytesIO, kind: str, name: str) -> HttpResponse:
    """A file to be kept."""
    answer = HttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
