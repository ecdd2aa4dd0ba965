"""The bank's own accounts: who sees which, and who may act on them."""

from __future__ import annotations

from django.db import models, transaction

from bankside.channels.models import Channel
from bankside.people import policy
from bankside.people.models import Staff, Team
from bankside.people.staff import SETUP
from bankside.said import Said


class NoSuchChannel(LookupError):
    """There is no such channel, or it is not one of yours."""


def visible_to(
    staff: Staff, act: str = "channel.see", *, with_removed: bool = False
) -> models.QuerySet[Channel]:
    """The channels on which she may do `act`, by name. Removed ones only for pages that tell of the past."""
    teams = policy.teams_with(staff, act)
    rows = Channel.objects.select_related("team").order_by("name", "id")
    if not with_removed:
        rows = rows.exclude(state=Channel.REMOVED)
    return rows.filter(teams.where())


def get_visible(staff: Staff, number: int | str, act: str = "channel.see") -> Channel:
    """One of them by number or by obj; raises NoSuchChannel."""
    found = visible_to(staff, act).filter(_named(number)).first()
    if found is None:
        raise NoSuchChannel(Said("There is no such channel among yours."))
    return found


def every() -> list[Channel]:
    """All channels that are on the desk, by name: for the operator at the command line."""
    return list(Channel.objects.exclude(state=Channel.REMOVED).order_by("name", "id"))


def named(wanted: str) -> Channel:
    """A channel by name, number or obj, for the operator; raises NoSuchChannel with the names there are."""
    found = next((row for row in every() if wanted in {row.name, row.obj, str(row.pk)}), None)
    if found is None:
        there = ", ".join(row.name for row in every()) or "none yet"
        raise NoSuchChannel(
            Said("There is no channel '%(name)s'. There are: %(there)s.", name=wanted, there=there)
        )
    return found


def locked(channel: Channel) -> Channel:
    """The row as it is now, under its lock, in the caller's transaction."""
    return Channel.objects.select_for_update(of=own_row()).select_related("team").get(pk=channel.pk)


def acting(staff: Staff | None, act: str, team: Team | None = None) -> str:
    """The actor's name in the record, once policy allows the act. Raises NotYours.

    None is the command line, whose user the machine itself has let in.
    """
    if staff is None:
        return SETUP
    policy.require(staff, act, team)
    return staff.actor


def own_row() -> tuple[str, ...]:
    """For `select_for_update(of=)`: the row itself, not those joined to it. SQLite has no row locks."""
    return ("self",) if transaction.get_connection().features.has_select_for_update_of else ()


def _named(number: int | str) -> models.Q:
    text = str(number)
    return (
        models.Q(pk=int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else models.Q(obj=text)
    )
