"""How the room finds a study, and holds it while something about it changes."""

from __future__ import annotations

from typing import Final

from bankside.measures.models import Study
from bankside.people import policy
from bankside.people.models import Staff
from bankside.said import Said

STUDIES_SHOWN_MAX: Final = 500
STATES: Final = {
    Study.DRAFT: "a draft", Study.OPEN: "open", Study.CLOSED: "closed", Study.PUBLISHED: "published",
}  # fmt: skip


class NoSuchStudy(LookupError):
    """There is no such study, or she may not see it."""


class NotNow(ValueError):
    """A study in this state cannot do that; the message says which it is in."""


def visible_to(staff: Staff) -> list[Study]:
    """All studies, newest first, if she may see them."""
    policy.require(staff, "studies.read")
    rows = Study.objects.select_related("author", "earlier").defer("report")
    return list(rows.order_by("-pk")[:STUDIES_SHOWN_MAX])


def get_visible(staff: Staff, obj: str) -> Study:
    """One of them; raises NoSuchStudy."""
    policy.require(staff, "studies.read")
    return _found(obj)


def get_managed(staff: Staff, obj: str) -> Study:
    """One that she may change; raises NoSuchStudy, NotYours."""
    policy.require(staff, "studies.manage")
    return _found(obj)


def locked(obj: str, *states: str) -> Study:
    """The row, held until the transaction ends. Raises NoSuchStudy, and NotNow in any other state."""
    row = Study.objects.select_for_update().filter(obj=obj).first()
    if row is None:
        raise NoSuchStudy(Said("There is no such study."))
    if states and row.state not in states:
        raise NotNow(Said("The study is %(state)s; this cannot be done now.", state=Said(STATES[row.state])))
    return row


def _found(obj: str) -> Study:
    row = Study.objects.select_related("author", "earlier").filter(obj=obj).first()
    if row is None:
        raise NoSuchStudy(Said("There is no such study."))
    return row
