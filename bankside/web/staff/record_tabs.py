"""The row of tabs that every page of the Record room shows: one line for each part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from bankside.people import policy
from bankside.people.models import Staff
from bankside.web import pages
from bankside.web.staff.frame import staff_of

# The name of the address, its words, and the act without which the tab is left out.
TABS: tuple[tuple[str, Any, str], ...] = (
    ("record", _("Entries"), "record.see"),
    ("record-search", _("Search"), "record.see"),
    ("record-evidence", _("Evidence"), "record.see"),
    ("record-packages", _("Packages"), "record.export"),
    ("record-keeping", _("Holds and erasures"), "keeping.see"),
    ("record-readings", _("Who read what"), "readings.see"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: the name of its page, where that is, and how it is called."""

    name: str
    address: str
    words: Any


def render(
    request: HttpRequest, here: str, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of the room under its tabs; `here` is the name of the tab that it stands under."""
    shown = {"tabs": tabs_of(staff_of(request)), "tab": here, **context}
    return pages.render(request, template, shown, status=status)


def tabs_of(staff: Staff) -> list[Tab]:
    """The tabs that she may open, in order."""
    return [Tab(name, pages.url(name), words) for name, words, act in TABS if policy.may(staff, act)]
