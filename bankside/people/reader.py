"""Words of the record, for a person who may read them and says why."""

from __future__ import annotations

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import reading
from bankside.record.reading import Opened
from bankside.record.reasons import reason_of

READ = "record.read"


def words(staff: Staff, n: int, reason: str) -> Opened | None:
    """The words of entry `n`; that she opened them, and why, is in the record first. None: they were erased.

    Raises NotYours, ReasonMissing, and what `reading.words_of` raises.
    """
    policy.require(staff, READ)
    return reading.words_of(staff.actor, n, reason_of(reason))
