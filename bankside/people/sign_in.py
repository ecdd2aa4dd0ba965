"""Signing in: only people who were added to the desk, and every sign-in is a fact.

A session ends with the work of its owner: each request asks for the member of staff behind it, and
nobody stands behind the session of somebody who left (`staff.leave`).
"""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bankside.people.models import Staff
from bankside.record.append import append
from bankside.record.facts.people import SignedIn
from bankside.record.ids import new_id

LOCKED_STATUS = 429
# One row a role, and one for somebody who has none.
_STAFF = """
select s.*, r.role as held_role, r.team_id as held_team
from "people_staff" s left join "people_role" r on r.staff_id = s.id
where s.id = %s and s.is_active
"""


class StaffBackend(ModelBackend):
    """Passwords as Django checks them. Whose session it is, and her roles, are read by one statement."""

    def get_user(self, user_id: int) -> Staff | None:
        """Who works here under this number, with her roles; None for somebody who left."""
        rows: list[Any] = list(Staff.objects.raw(_STAFF, [user_id]))
        if not rows:
            return None
        rows[0].held_roles = frozenset((row.held_role, row.held_team) for row in rows if row.held_role)
        return cast(Staff, rows[0])


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's door, without a way in for people who were not added."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up; staff are added."""
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Whoever left is told no more than anybody with a wrong password."""
        return redirect(settings.LOGIN_URL)


def typed_address(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The address that somebody tries: what counts failures is one name, however it is spelled."""
    typed = (credentials or {}).get("email") or request.POST.get("login") or ""
    return str(typed).strip().lower()


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """After too many wrong passwords: the page as it is, with the status and the time that programs need.

    The page itself says it in words where `request.axes_locked_out` is set.
    """
    locked = HttpResponse() if response is None else response
    locked.status_code = LOCKED_STATUS
    locked["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME * 3600))
    return locked


def signed_in(request: HttpRequest, user: Staff) -> None:
    """A sign-in becomes a fact, with the ways in which it was proved."""
    records = get_authentication_records(request, user) if hasattr(request, "session") else []
    ways = [str(record.get("type") or record["method"]) for record in records]
    with transaction.atomic():
        fact = SignedIn(staff=user.uid, by="+".join(ways) or "session")
        append(fact, f"people.signed-in:{new_id()}", actor=user.actor, obj=user.uid)
