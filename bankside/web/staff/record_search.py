"""Search over the record: words, person, channel, period, kind and state."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from bankside.channels import channel as channels
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record.package.expression import ExpressionWrong
from bankside.web import asked as asking
from bankside.web import leaf_words, pages, seal, sentences
from bankside.web.asked import Asked, Found
from bankside.web.spoken import why
from bankside.web.staff import entries, record_tabs
from bankside.web.staff.frame import page, staff_of

PAGE = 50
FIELD_CHARACTERS_MAX = 200
PLACE_DIGITS_MAX = 18


@page
@require_safe
def record_search(request: HttpRequest) -> HttpResponse:
    """The form and, once something was asked, the entries that fit, newest first."""
    staff = staff_of(request)
    policy.require(staff, "record.see")
    asked = Asked(**{name: _field(request, name) for name in Asked.__slots__})
    found, wrong = _found(request, staff, asked)
    context = {
        **_choices(staff), **_shown(request, found), "asked": asked, "query": asked.query, "wrong": wrong,
        "short": seal.short, "may_read": policy.may(staff, "record.read"),
        "older": pages.url("record-search", **asked.query, before=found.next) if found and found.next else "",
    }  # fmt: skip
    return record_tabs.render(
        request, "record-search", "record/search.html", context, status=422 if wrong else 200
    )


def _found(request: HttpRequest, staff: Staff, asked: Asked) -> tuple[Found | None, str]:
    """A page of what fits, and what is wrong with what was asked."""
    if not asked.query:
        return None, ""
    place = _field(request, "before")
    before = int(place) if place.isascii() and place.isdigit() and len(place) <= PLACE_DIGITS_MAX else 0
    try:
        where = asking.expression(staff, asked, pages.zone_of(request))
        return asking.find(staff, where, asked.words, before=before, limit=PAGE), ""
    except ExpressionWrong as wrong:
        return None, why(wrong)


def _shown(request: HttpRequest, found: Found | None) -> dict[str, Any]:
    """The entries as lines, each with the part of its words that was found."""
    if found is None:
        return {"found": None, "lines": [], "hits": {}}
    listed = [hit.entry for hit in found.hits] or list(found.entries)
    lines = entries.lines(listed, pages.zone_of(request), banded=False)
    return {"found": found, "lines": lines, "hits": {hit.entry.n: hit for hit in found.hits}}


def _choices(staff: Staff) -> dict[str, Any]:
    seen = channels.visible_to(staff, "channel.see", with_removed=True)
    types = [(name, words) for name, words in leaf_words.TYPES.items() if name != "shard"]
    return {
        "channels": [("", gettext("any channel")), *((one.obj, one.name) for one in seen)],
        "rooms": list(sentences.ROOMS.items()), "types": types,
        "states": [("", gettext("any state")), *leaf_words.STATES.items()],
    }  # fmt: skip


def _field(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").strip()[:FIELD_CHARACTERS_MAX]
