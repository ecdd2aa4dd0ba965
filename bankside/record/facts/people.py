"""Facts about staff, teams and roles. `staff` is always the 32-hex uid of a member of staff."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("people.staff-added")
@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAdded:
    """Somebody may sign in; without a role there is nothing to see."""

    staff: str
    email: str
    name: str


@fact("people.staff-left")
@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLeft:
    """Somebody may not sign in any more; sessions and tokens ended with it."""

    staff: str


@fact("people.team-made")
@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMade:
    """A team exists; `zone` is the IANA time zone in which its days are counted."""

    team: str
    name: str
    zone: str


@fact("people.role-given", leaf="role")
@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven:
    """Somebody has a role, in one team or (team "") in the whole desk."""

    staff: str
    role: str
    team: str


@fact("people.role-taken", leaf="role")
@dataclass(frozen=True, slots=True, kw_only=True)
class RoleTaken:
    """Somebody has a role no longer."""

    staff: str
    role: str
    team: str


@fact("people.signed-in", leaf="login")
@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody signed in; `by` says how: password, token or another means."""

    staff: str
    by: str


@fact("people.token-made")
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade:
    """A bearer token for the API was made; only its last four characters are kept here."""

    staff: str
    name: str
    ends_in: str


@fact("people.token-ended")
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEnded:
    """A bearer token is no longer good."""

    staff: str
    ends_in: str
