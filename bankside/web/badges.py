"""The numbers on the rail: what waits for a person in each room. Each is counted by its own room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bankside.approvals import policy as consent_policy
from bankside.approvals import requests
from bankside.channels import health as healths
from bankside.people import policy
from bankside.people.models import Staff
from bankside.rewards import waiting


@dataclass(frozen=True, slots=True)
class Badge:
    """How much waits; `hot` when it should not wait."""

    count: int = 0
    hot: bool = False


NONE = Badge()


def of(room: str, staff: Staff | None) -> Badge:
    """The badge of a room for this member of staff; nothing where there is nothing to count.

    The inbox is counted once a page: see `frame.Frame.waiting`.
    """
    count = COUNTS.get(room)
    return count(staff) if staff and count else NONE


def opens(staff: Staff, acts: tuple[str, ...], *, desk: bool = False) -> bool:
    """True when one of the acts is hers, anywhere; or (`desk`) in the whole desk."""
    reach = (policy.teams_with(staff, act) for act in acts)
    return any(one.all if desk else bool(one) for one in reach)


def _publish(staff: Staff) -> Badge:
    return Badge(requests.waiting(staff, consent_policy.POST))


def _networks(staff: Staff) -> Badge:
    needing = healths.needing_a_person(staff)
    return Badge(needing, hot=needing > 0)


def _card(staff: Staff) -> Badge:
    return Badge(waiting.waiting(staff))


COUNTS: dict[str, Callable[[Staff], Badge]] = {"publish": _publish, "networks": _networks, "card": _card}
