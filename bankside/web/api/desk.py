"""Who asks, and the brake of the whole desk."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import StringConstraints

from bankside.channels import freeze as brake
from bankside.people import policy, teams
from bankside.people.models import Staff
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import operation
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.channels import FreezeOut, Me, ReasonIn

router = Router(tags=["desk"])

Reason = Annotated[str, StringConstraints(min_length=1, max_length=300)]


@operation(router, "GET", "/me", "", says=Me)
def me(request: HttpRequest) -> Any:
    """Who asks, with her roles and what they allow."""
    return _me(staff_of(request))


@operation(router, "GET", "/freeze", "channel.see", says=FreezeOut)
def freeze_state(request: HttpRequest) -> Any:
    """Whether everything that goes out is stopped."""
    return _frozen()


@operation(router, "POST", "/freeze", "desk.freeze", says=FreezeOut)
def freeze(request: HttpRequest, said: ReasonIn) -> Any:
    """Stops everything that goes out, on every network."""
    brake.freeze(staff_of(request), said.reason)
    return _frozen()


@operation(router, "DELETE", "/freeze", "desk.unfreeze", says=FreezeOut)
def unfreeze(request: HttpRequest, reason: Reason) -> Any:
    """Lets what waits go out again."""
    brake.unfreeze(staff_of(request), reason)
    return _frozen()


def _me(staff: Staff) -> dict[str, Any]:
    objs = {team.pk: team.obj for team in teams.of(staff)}
    held = sorted((role, objs.get(team or 0, "")) for role, team in staff.held_roles)
    return {
        "uid": staff.uid, "name": staff.name, "email": staff.email, "language": staff.language,
        "zone": staff.zone, "roles": [{"role": role, "team": team or None} for role, team in held],
        "acts": sorted(act for act in policy.TABLE if policy.teams_with(staff, act)),
    }  # fmt: skip


def _frozen() -> dict[str, Any]:
    row = brake.frozen()
    if row is None:
        return {"frozen": False, "reason": "", "by": None, "at": None}
    return {"frozen": True, "reason": row.reason, "by": row.by and row.by.uid, "at": moment(row.at)}
