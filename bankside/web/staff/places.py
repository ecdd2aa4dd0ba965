"""Countries in the reader's language: for whom a post is, and where each network reaches anybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from bankside.channels import markets
from bankside.channels.models import Channel
from bankside.publish import cautions
from bankside.said import Said
from bankside.web.moments import country
from bankside.web.spoken import spoken

NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a channel's network is used, and what is to be known about it for the chosen country."""

    words: str
    caution: str


def choices() -> list[tuple[str, str]]:
    """The countries of the data files, by their names."""
    named = sorted(((code, country(code)) for code in markets.countries()), key=lambda one: one[1])
    return [("", gettext("no country in particular")), *named]


def of(channels: Iterable[Channel], market: str) -> dict[str, Place]:
    """For each channel, by its obj."""
    return {one.obj: Place(_where(one), " ".join(cautions_of(one, market))) for one in channels}


def first_where(channels: Iterable[Channel], market: str) -> list[Channel]:
    """Those whose networks reach people in that country come first; the others stay in their order."""
    return sorted(channels, key=lambda one: markets.reach(one, market) != "works")


def cautions_of(channel: Channel, market: str) -> list[str]:
    """What an author should know about a channel for that country, which is named in her language."""
    named = {"country": country(market)}
    return [spoken(Said(one.template, **{**one.values, **named})) for one in cautions.of(channel, market)]


def _where(channel: Channel) -> str:
    used, blocked = markets.of(channel)
    there = _listed(used) if used else gettext("everywhere")
    if not blocked:
        return there
    return gettext("%(there)s; not in %(blocked)s") % {"there": there, "blocked": _listed(blocked)}


def _listed(codes: tuple[str, ...]) -> str:
    names = [country(code) for code in codes]
    if len(names) <= NAMED_MAX:
        return ", ".join(names)
    more = gettext("%(n)s more") % {"n": len(names) - NAMED_MAX + 1}
    return ", ".join([*names[: NAMED_MAX - 1], more])
