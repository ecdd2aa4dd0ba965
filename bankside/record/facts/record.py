"""Facts of the record about itself."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("record.entry-read", leaf="read")
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRead:
    """A member of staff opened the words of an entry in the record; `reason` where she was asked for one."""

    entry: str
    reason: str = ""


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

    `old` and `new` are public keys of all logs as vkeys: those that go out of use, and those that sign. It
    takes two people: `second` is the other one, as an actor; empty before that was so.
    """

    step: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    second: str = ""


@fact("record.desk-recovered")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRecovered:
    """Two people ended recovery mode; the actor is one, `second` the other. `why` it began, at `since` (ms).

    Where entries are lost: `left` are the heads that were signed last, as notes; `opened` the logs that go on
    instead; `unsigned` what was recorded and never signed, each as log, first, how many, and their root.
    """

    second: str
    reason: str
    why: str
    since: int
    left: tuple[str, ...]
    opened: tuple[str, ...]
    unsigned: tuple[str, ...]
