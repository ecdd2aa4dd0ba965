"""In which countries people use a network, and in which it cannot be reached: whom words there are for.

Countries are ISO 3166-1 alpha-2, out of the data files. A country that no file names is none that is offered.
"""

from __future__ import annotations

from typing import Literal

from bankside.channels.models import Channel
from bankside.networks import catalogue
from bankside.said import Said

EVERYWHERE = "*"

Reach = Literal["works", "elsewhere", "blocked"]


class NoMarket(ValueError):
    """No data file names this country."""


def countries() -> tuple[str, ...]:
    """Every country that a data file names, in alphabetical order."""
    named = {one for data in catalogue.load().values() for one in (*data.markets, *data.blocked)}
    return tuple(sorted(named - {EVERYWHERE}))


def refuse_unknown(country: str) -> str:
    """The country, or "" for no one in particular. Raises NoMarket."""
    clean = country.strip().upper()
    if clean and clean not in countries():
        raise NoMarket(Said("'%(country)s' is no country that a network here is known in.", country=clean))
    return clean


def of(channel: Channel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where people use the network (none named: everywhere), and where it cannot be reached."""
    data = catalogue.network(channel.network)
    return () if EVERYWHERE in data.markets else data.markets, data.blocked


def reach(channel: Channel, country: str) -> Reach:
    """Whether people in that country are reached through this channel."""
    used, blocked = of(channel)
    if country in blocked:
        return "blocked"
    return "works" if not country or not used or country in used else "elsewhere"
