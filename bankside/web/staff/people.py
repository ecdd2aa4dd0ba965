"""People: who works here and what each may do; an administrator adds, gives, takes and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bankside.people import policy
from bankside.people import staff as staff_room
from bankside.people import teams as teams_room
from bankside.people.models import Staff, Team
from bankside.web import pages, sentences
from bankside.web.spoken import why
from bankside.web.staff.frame import page, staff_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody on the page. `held`: (role, its words, team's obj, team's name); `roles`: words and team."""

    uid: str
    name: str
    initials: str
    email: str
    language: str
    zone: str
    active: bool
    created_at: int
    last_at: int
    held: list[tuple[str, Any, str, str]]

    @property
    def roles(self) -> list[tuple[Any, str]]:
        """What the list shows of each role."""
        return [(words, team) for _, words, _, team in self.held]


@page
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, with roles."""
    staff = staff_of(request)
    policy.require_somewhere(staff, "staff.see")
    everybody = [_person(row) for row in staff_room.visible_to(staff)]
    return pages.render(request, "people/list.html", {
        "here": [person for person in everybody if person.active],
        "left": [person for person in everybody if not person.active],
        "may_manage": policy.may(staff, "staff.manage"),
    })  # fmt: skip


@page
@require_http_methods(["GET", "HEAD", "POST"])
def staff_new(request: HttpRequest) -> HttpResponse:
    """Adds somebody with a first role; the password is handed over in person."""
    by = staff_of(request)
    policy.require(by, "staff.manage")
    given = {name: request.POST.get(name, "") for name in ("name", "email", "role", "team", "language")}
    if request.method != "POST":
        return pages.render(request, "people/new.html", _form({**given, "language": "en"}))
    try:
        added = staff_room.add(
            given["email"], given["name"], role=given["role"] or None, team=_team(given["team"]),
            password=request.POST.get("password", ""), by=by, language=given["language"] or "en",
        )  # fmt: skip
    except (staff_room.BadStaff, staff_room.AlreadyHere) as refused:
        return pages.render(request, "people/new.html", {**_form(given), "refused": why(refused)}, status=422)
    return pages.go(request, "staff", added.uid, said=gettext("Added: this person may sign in now."))


@page
@require_safe
def person(request: HttpRequest, uid: str) -> HttpResponse:
    """One person, with what each role allows."""
    staff = staff_of(request)
    return pages.render(request, "people/person.html", {
        **_form({}), "person": _person(staff_room.get_visible(staff, uid)),
        "may_manage": policy.may(staff, "staff.manage"),
        "may_words": {role: may_words(role) for role in policy.ROLES},
    })  # fmt: skip


@page
@require_POST
def staff_roles(request: HttpRequest, uid: str) -> HttpResponse:
    """Gives a role (`give`) or takes one (`take`), in a team or in the whole desk."""
    by = staff_of(request)
    somebody = staff_room.get_visible(by, uid)
    team = _team(request.POST.get("team", ""))
    if taken := request.POST.get("take"):
        staff_room.take_role(somebody, taken, team=team, by=by)
        return pages.go(request, "staff", uid, said=gettext("The role is taken."), tone="wait")
    staff_room.give_role(somebody, request.POST.get("give", ""), team=team, by=by)
    return pages.go(request, "staff", uid, said=gettext("The role is given."))


@page
@require_POST
def staff_leaving(request: HttpRequest, uid: str) -> HttpResponse:
    """Ends somebody's access, once it was said that this is meant."""
    by = staff_of(request)
    if request.POST.get("sure") == "yes":
        staff_room.leave(staff_room.get_visible(by, uid), by=by)
        return pages.go(request, "people", said=gettext("Access has ended."), tone="wait")
    return pages.go(request, "staff", uid, said=gettext("Tick the box first; nothing was done."), tone="wait")


def may_words(role: str) -> str:
    """What a role allows, in the words of the policy."""
    return ", ".join(str(words) for act, words in sentences.ACTS.items() if role in policy.TABLE[act])


def _form(given: dict[str, str]) -> dict[str, Any]:
    teams = [("", gettext("in the whole desk")), *((team.obj, team.name) for team in teams_room.every())]
    roles = [(role, sentences.ROLES.get(role, role)) for role in policy.ROLES]
    return {"given": given, "role_choices": roles, "team_choices": teams, "refused": ""}


def _team(obj: str) -> Team | None:
    return teams_room.get(obj) if obj else None


def _person(row: Staff) -> Person:
    held = sorted(row.roles.all(), key=lambda one: (policy.ROLES.index(one.role), one.pk))
    return Person(
        uid=row.uid, name=row.name, initials=staff_room.initials(row.name), email=row.email,
        language=row.language, zone=row.zone, active=row.is_active, created_at=row.created_at,
        last_at=int(row.last_login.timestamp() * 1000) if row.last_login else 0,
        held=[
            (one.role, sentences.ROLES.get(one.role, one.role), one.team.obj if one.team else "",
             one.team.name if one.team else "")
            for one in held
        ],
    )  # fmt: skip
