"""Facts about what left the desk with a reason, and about looking through who read what."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("people.data-exported", leaf="export")
@dataclass(frozen=True, slots=True, kw_only=True)
class DataExported:
    """Somebody took data away as a file: `what` names the kind, `reason` is as typed, `rows` counts."""

    what: str
    reason: str
    rows: int


@fact("people.readings-reviewed")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsReviewed:
    """A person went through who read what in a month (YYYY-MM in `zone`), and says so.

    `readings` of so many `people` were there at that time, `own` of them her own; `unusual` were marked.
    """

    month: str
    zone: str
    readings: int
    people: int
    own: int
    unusual: int
    note: str
