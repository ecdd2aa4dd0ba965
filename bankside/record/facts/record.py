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


@fact("record.log-key-changed", leaf="key")
@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeyChanged:
    """The key that signs the heads of the logs is changed: `begun`, `ended`, or made anew as it was `lost`.

    `old` and `new` are public keys of all logs as vkeys: those that go out of use, and those that sign.
    """

    step: str
    old: tuple[str, ...]
    new: tuple[str, ...]
