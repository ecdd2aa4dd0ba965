"""Two people end recovery mode: one says why, and another one agrees within an hour."""

from __future__ import annotations

from typing import Final, NamedTuple

from bankside.people import pairs, policy, staff
from bankside.people.models import Staff
from bankside.record import clock, recovering
from bankside.record.models import Standstill
from bankside.record.reasons import reason_of
from bankside.said import Said

ACT: Final = "desk.recover"
ASKED_MINUTES_MAX: Final = 60
REASON_CHARACTERS_MAX: Final = 300


class NobodyAsked(ValueError):
    """There is nothing to agree to any more."""


class Asked(NamedTuple):
    """Who wants to end recovery mode, for what reason, since when (ms), and whether without what is lost."""

    by: Staff
    reason: str
    at: int
    without: bool


def asked() -> Asked | None:
    """What a second person may agree to now."""
    row = Standstill.objects.first()
    if row is None or not row.asked_by or row.asked_at < clock.now_ms() - ASKED_MINUTES_MAX * 60_000:
        return None
    try:
        return Asked(staff.by_uid(row.asked_by), row.asked_why, row.asked_at, row.without)
    except staff.NoSuchStaff:
        return None


def ask(by: Staff, reason: str, *, without: bool = False) -> None:
    """The first person says why the desk may go on; what was asked before is forgotten.

    `without`: also if entries are lost. Raises NotYours, ReasonMissing and NotStanding.
    """
    policy.require(by, ACT)
    why = reason_of(reason, REASON_CHARACTERS_MAX)
    changes = {"asked_by": by.uid, "asked_at": clock.now_ms(), "asked_why": why, "without": without}
    if not Standstill.objects.update(**changes):
        raise recovering.NotStanding(Said("The desk is not in recovery mode."))


def agree(second: Staff, *, at: int) -> recovering.Left:
    """The second person ends it, as it was asked `at` (ms): she agrees to what she saw.

    Raises NotYours, SamePerson, NobodyAsked, and what `recovering.leave` raises.
    """
    policy.require(second, ACT)
    wish = asked()
    if wish is None or wish.at != at:
        raise NobodyAsked(Said("Nobody asks for this any more, or not in these words. Look again."))
    return leave(wish.by, second, wish.reason, without=wish.without)


def leave(first: Staff, second: Staff, reason: str, *, without: bool = False) -> recovering.Left:
    """Both at once, as on the command line. Raises the same."""
    pairs.require_two(first, second, ACT)
    why = reason_of(reason, REASON_CHARACTERS_MAX)
    return recovering.leave(by=first.actor, second=second.actor, reason=why, without=without)
