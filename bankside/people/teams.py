"""Teams: people who look after some channels together."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models, transaction

from bankside.people import policy
from bankside.people.models import Staff, Team
from bankside.record.append import append
from bankside.record.facts.people import TeamMade
from bankside.record.identifiers import kept
from bankside.said import Said

NAME_CHARACTERS_MAX = 80


class BadTeam(ValueError):
    """The name or the time zone cannot be used; the message says what to change."""


class NoSuchTeam(LookupError):
    """There is no such team."""


def make(name: str, zone: str = "UTC", *, by: Staff | None = None) -> Team:
    """A team; `zone` is the IANA time zone of its days. The same name gives the team that is there."""
    if by is not None:
        policy.require(by, "staff.manage")
    name = kept(name)
    _refuse_bad(name, zone)
    with transaction.atomic():
        team, made = Team.objects.get_or_create(name=name.strip(), defaults={"zone": zone})
        if made:
            fact = TeamMade(team=team.obj, name=team.name, zone=zone)
            actor = "s:setup" if by is None else by.actor
            append(fact, f"people.team-made:{team.obj}", actor=actor, obj=team.obj)
    return team


def of(staff: Staff) -> list[Team]:
    """The teams in which she holds a role, by name; all teams when she holds one in the whole desk."""
    held = {team for _, team in staff.held_roles}
    chosen = models.Q() if None in held else models.Q(pk__in=held)
    return list(Team.objects.filter(chosen).order_by("name"))


def every() -> list[Team]:
    """All teams by name, for a form in which one is chosen."""
    return list(Team.objects.order_by("name"))


def get(name_or_obj: str) -> Team:
    """A team by its name or its obj; raises NoSuchTeam with the names there are."""
    found = Team.objects.filter(models.Q(name=name_or_obj) | models.Q(obj=name_or_obj)).first()
    if found is None:
        names = ", ".join(Team.objects.order_by("name").values_list("name", flat=True)[:50]) or Said(
            "none yet"
        )
        raise NoSuchTeam(
            Said(
                "There is no team '%(name)s'. There are: %(names)s.",
                name=name_or_obj,
                names=names,
            )
        )
    return found


def _refuse_bad(name: str, zone: str) -> None:
    if not 0 < len(name.strip()) <= NAME_CHARACTERS_MAX:
        raise BadTeam(Said("Give a name of 1 to %(number)s characters.", number=NAME_CHARACTERS_MAX))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadTeam(
            Said("'%(zone)s' is not a time zone. Write one such as Asia/Seoul.", zone=zone)
        ) from None
