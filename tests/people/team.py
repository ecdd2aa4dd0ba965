"""A small institution for tests: people in four languages, two teams, one role each where asked for."""

from __future__ import annotations

from bankside.people import staff as people
from bankside.people import teams
from bankside.people.models import Staff, Team
from bankside.record.ids import new_id

NAMES = ("Emma Jansen", "김민지", "王芳", "Daan de Vries", "Grace Miller")


def team(name: str = "Seoul") -> Team:
    """A team, made once per name."""
    return teams.make(name, "Asia/Seoul")


def person(*roles: str, team: Team | None = None, name: str = "Emma Jansen") -> Staff:
    """Somebody new with these roles, in the team or the whole desk."""
    staff = people.add(f"{new_id()}@hanul.example", name)  # no password: hashing one takes 0.3 s
    for role in roles:
        people.give_role(staff, role, team=team)
    return staff
