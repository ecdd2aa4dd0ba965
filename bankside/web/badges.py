"""The numbers on the rail: what waits for a person in each room. Each is counted by its own room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bankside.people import policy
from bankside.people.models import Staff


@dataclass(frozen=True, slots=True)
class Badge:
    """How much waits; `hot` when it should not wait."""

    count: int = 0
    hot: bool = False


NONE = Badge()


def of(room: str, staff: Staff | None) -> Badge:
    """The badge of a room for this member of staff; nothing where there is nothing to count."""
    count = COUNTS.get(room)
    return count(staff) if staff and count else NONE


def opens(staff: Staff, acts: tuple[str, ...]) -> bool:
    """True when one of the acts is hers, anywhere."""
    return any(bool(policy.teams_with(staff, act)) for act in acts)


COUNTS: dict[str, Callable[[Staff], Badge]] = {}
