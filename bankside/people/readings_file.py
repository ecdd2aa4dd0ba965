"""The review of a month as CSV, for whoever has to keep it or to show it: counts and reasons, never words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bankside.people import exports, policy, readings
from bankside.people.models import Staff
from bankside.people.readings import Month
from bankside.record import clock
from bankside.record.cells import as_csv

WHAT: Final = "readings"
HEAD: Final = (
    "what", "month", "zone", "who", "name", "at", "opened", "of_others", "at_night", "sent_ahead", "searched",
    "words", "exported", "rules", "object", "people", "rows", "note",
)  # fmt: skip


def taken(staff: Staff | None, seen: Month, reason: str) -> bytes:
    """The file, once it is recorded who takes it away and why; `staff` None is the operator.

    Raises NotYours, exports.ReasonMissing and NotRecorded.
    """
    if staff is not None:
        policy.require(staff, readings.SEE)
    exports.told(staff, WHAT, reason, rows=len(seen.readers))
    return written(seen)


def written(seen: Month) -> bytes:
    """One row for each person, conversation of many readers, file taken away and review."""
    rows = [{"month": seen.month, "zone": seen.zone, **row} for row in _rows(seen)]
    return as_csv([HEAD, *([row.get(name, "") for name in HEAD] for row in rows)])


def _rows(seen: Month) -> Iterator[dict[str, object]]:
    for one in seen.readers:
        yield {
            "what": "person", "who": one.actor, "name": one.name, "opened": one.opened,
            "of_others": one.elsewhere, "at_night": one.night, "sent_ahead": one.ahead,
            "searched": one.searched, "words": one.words, "exported": one.exported,
            "rules": " ".join(one.rules),
        }  # fmt: skip
    for talk in seen.by_many:
        yield {
            "what": "conversation", "object": talk.obj, "people": talk.readers, "opened": talk.openings,
            "rules": "many",
        }  # fmt: skip
    for file in seen.exports:
        yield {
            "what": "export", "who": file.actor, "name": file.name, "at": clock.iso(file.at),
            "object": file.fact, "rows": file.rows, "note": file.reason,
        }  # fmt: skip
    for one_review in seen.reviews:
        yield {
            "what": "review", "who": one_review.actor, "name": one_review.name,
            "at": clock.iso(one_review.at), "rows": one_review.readings, "note": one_review.note,
        }  # fmt: skip
