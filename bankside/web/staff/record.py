"""Record: entries as their leaves tell them, one entry, and its words for those who may open them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bankside.people import keeping, policy
from bankside.people import staff as staff_room
from bankside.record import reading, versions
from bankside.web import pages, seal, sentences
from bankside.web.staff import entries, record_tabs, shown_proof
from bankside.web.staff.frame import page, staff_of

LIST = "record/list.html"
PAGE = 50
NUMBER_DIGITS_MAX = 16
DAYS = {"today": 0, "week": 6, "month": 29}
WHEN = (
    ("", gettext_lazy("any time")),
    ("today", gettext_lazy("today")),
    ("week", gettext_lazy("the last 7 days")),
    ("month", gettext_lazy("the last 30 days")),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of the list, as they stand in the address."""

    when: str = ""
    room: str = ""
    who: str = ""
    object: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The filters for links that keep them."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


@page
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """The list, newest first. The number of an entry in the search field opens that entry."""
    policy.require(staff_of(request), "record.see")
    chosen = _chosen(request)
    if number := _number(chosen.object):
        return pages.go(request, "record-entry", number)
    return record_tabs.render(request, "record", LIST, {**_list(request, chosen), "entry": None})


@page
@require_safe
def record_entry(request: HttpRequest, n: int) -> HttpResponse:
    """One entry beside the list; its words stay shut."""
    policy.require(staff_of(request), "record.see")
    return record_tabs.render(request, "record", LIST, _entry(request, n, None))


@page
@require_POST
def record_words(request: HttpRequest, n: int) -> HttpResponse:
    """Opens the words of an entry, which is itself recorded; therefore it is a POST and shown at once."""
    staff = staff_of(request)
    policy.require(staff, "record.read")
    opened = entries.opened(reading.words_of(staff.actor, n))
    return record_tabs.render(request, "record", LIST, _entry(request, n, opened))


def _list(request: HttpRequest, chosen: Chosen, around: int | None = None) -> dict[str, Any]:
    before = request.GET.get("before", "")
    zone = pages.zone_of(request)
    found = reading.entries(
        fact=f"{chosen.room}." if chosen.room in sentences.ROOMS else "", obj=chosen.object,
        actor=chosen.who, since_ms=_since(chosen.when, zone), limit=PAGE,
        before=_number(before) if before else (around + PAGE // 4 if around else None),
    )  # fmt: skip
    more = len(found) == PAGE
    return {
        "chosen": chosen, "query": chosen.query, "short": seal.short,
        "entries": entries.lines(found, zone, banded=not any(chosen.query.values())),
        "older": pages.url("record", **chosen.query, before=found[-1].n) if more else "",
        "when_choices": WHEN, "who_choices": _who(request, chosen.who),
        "room_choices": [("", gettext("any room")), *sentences.ROOMS.items()], **entries.summary(zone),
    }  # fmt: skip


def _entry(request: HttpRequest, n: int, opened: entries.Words | None) -> dict[str, Any]:
    row = reading.entry(n)
    shown = entries.line(row, pages.zone_of(request))
    before = next(iter(reading.entries(obj=row.obj, before=n, limit=1)), None)
    return {
        **_list(request, _chosen(request), around=n), "entry": shown, "opened": opened,
        "leaf": entries.leaf_fields(row), "sealed_words": entries.sealed_words(row),
        "before": entries.line(before, pages.zone_of(request)) if before else None,
        "may_read": policy.may(staff_of(request), "record.read"), **shown_proof.of(row),
        "versions": len(versions.of(row)), "may_forget": policy.may(staff_of(request), keeping.ASK),
    }  # fmt: skip


def _chosen(request: HttpRequest) -> Chosen:
    return Chosen(**{name: request.GET.get(name, "").strip() for name in Chosen.__slots__})


def _number(text: str) -> int:
    """The number of an entry, as people write it; 0 for anything else, such as an object."""
    digits = text.replace(",", "").replace(".", "").lstrip("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < NUMBER_DIGITS_MAX else 0


def _since(when: str, zone: ZoneInfo) -> int | None:
    """The first moment of the chosen days, in UTC ms."""
    if when not in DAYS:
        return None
    midnight = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - timedelta(days=DAYS[when])).timestamp()) * 1000


def _who(request: HttpRequest, chosen: str) -> list[tuple[str, str]]:
    """Anybody, herself, and the staff that she sees."""
    staff = staff_of(request)
    people = {staff.actor: staff.name} | {row.actor: row.name for row in staff_room.visible_to(staff)}
    if chosen and chosen not in people:
        people[chosen] = entries.name_of(chosen, staff_room.named([chosen.removeprefix("u:")]))
    return [("", gettext("anybody")), *people.items()]
