"""Facts of the record about itself."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("record.entry-read", leaf="read")
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRead:
    """A member of staff opened the words of an entry in the record."""

    entry: str


@fact("record.verified", leaf="verify")
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerified:
    """The whole record was checked against its tiles; `problems` is how many places did not agree."""

    entries: int
    problems: int
