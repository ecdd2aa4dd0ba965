"""What happens to the social card, as far as it is counted: who takes part, what is earned and spent."""

from __future__ import annotations

from typing import Any, Final

from bankside.measures.models import Step
from bankside.record.append import Entry
from bankside.record.facts.rewards import (
    BatchPosted,
    CardActivated,
    MemberJoined,
    MemberLeft,
    PointsRedeemed,
    ProfileLinked,
    ProfileUnlinked,
    RedemptionUndone,
)

FACTS: Final = (
    MemberJoined, MemberLeft, ProfileLinked, ProfileUnlinked, CardActivated, BatchPosted, PointsRedeemed,
    RedemptionUndone,
)  # fmt: skip
JOINED, LEFT, LINKED, UNLINKED, ACTIVATED, POSTED, REDEEMED, UNDONE = (
    "joined", "left", "linked", "unlinked", "activated", "posted", "redeemed", "undone",
)  # fmt: skip
WHATS: Final = (JOINED, LEFT, LINKED, UNLINKED, ACTIVATED, POSTED, REDEEMED, UNDONE)


def step_of(entry: Entry, fact: Any) -> Step | None:
    """The row for an entry; None for a fact that is about something else."""
    match fact:
        case MemberJoined():
            return _step(entry, JOINED)
        case MemberLeft():
            return _step(entry, LEFT)
        case ProfileLinked():
            return _step(entry, LINKED, network=fact.network)
        case ProfileUnlinked():
            return _step(entry, UNLINKED, network=fact.network)
        case CardActivated():
            return _step(entry, ACTIVATED)
        case BatchPosted():
            return _step(entry, POSTED, amount=fact.points)
        case PointsRedeemed():
            return _step(entry, REDEEMED, amount=fact.points)
        case RedemptionUndone():
            return _step(entry, UNDONE)
        case _:
            return None


def _step(entry: Entry, what: str, *, network: str = "", amount: int = 1) -> Step:
    return Step(id=entry.n, what=what, network=network[:40], amount=amount, at=entry.t)
