"""Data that leaves the desk as a file: with a reason that somebody typed, told to the record first."""

from __future__ import annotations

from typing import Final

from bankside.people.models import Staff
from bankside.record import readings
from bankside.record.facts.reading import DataExported
from bankside.record.identifiers import kept
from bankside.record.ids import new_id
from bankside.record.reasons import ReasonMissing
from bankside.said import Said

REASON_CHARACTERS_MIN: Final = 5
REASON_CHARACTERS_MAX: Final = 500
OPERATOR: Final = "s:operator"


def reason_of(typed: str) -> str:
    """The reason as it is kept, numbers in it masked; raises ReasonMissing. Asked before any work is done."""
    reason = kept(" ".join(typed.split()))
    if not REASON_CHARACTERS_MIN <= len(reason) <= REASON_CHARACTERS_MAX:
        raise ReasonMissing(
            Said(
                "Say in %(least)s to %(most)s characters what the file is for; it goes into the record.",
                least=REASON_CHARACTERS_MIN,
                most=REASON_CHARACTERS_MAX,
            )
        )
    return reason


def told(staff: Staff | None, what: str, reason: str, *, rows: int, obj: str = "") -> None:
    """Records that she takes away so many rows of `what`; the file is given only after that.

    `staff` None is the operator at the machine. `obj` names the thing, when there is one. Raises
    ReasonMissing and readings.NotRecorded.
    """
    fact = DataExported(what=what, reason=reason_of(reason), rows=rows)
    actor = OPERATOR if staff is None else staff.actor
    own, place = new_id(), obj or (staff.uid if staff else "")
    readings.tell(fact, f"people.data-exported:{own}", actor=actor, obj=place or own)
