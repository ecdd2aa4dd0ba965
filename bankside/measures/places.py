"""The channels that are counted: on which network each is, for which market, and what acts cost there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Final

from bankside.channels import channel as channels
from bankside.channels import markets, terms, way
from bankside.channels.models import Channel
from bankside.people.models import Staff

ACT: Final = "measures.read"
MICROS: Final = 1_000_000
_ZONE_LINE: Final = re.compile(r"^([A-Z]{2})\t\S+\t(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel. `market` is a country, or empty; `prices`: millionths of `currency` by act, none where the
    desk does not send or nothing is asked."""

    obj: str
    name: str
    network: str
    market: str
    currency: str = ""
    prices: dict[str, int] = field(default_factory=dict)


def visible_to(staff: Staff) -> tuple[Place, ...]:
    """The channels of which she may see what is counted, also those that are gone."""
    return tuple(_place(row) for row in channels.visible_to(staff, ACT, with_removed=True))


def every() -> tuple[Place, ...]:
    """All channels, also those that are gone: for what no member of staff asks."""
    return tuple(_place(row) for row in Channel.objects.select_related("team").order_by("name", "id"))


def market_of(channel: Channel) -> str:
    """The country whose people the channel is for: the only one its network is used in, or its team's."""
    used, _ = markets.of(channel)
    if len(used) == 1:
        return used[0]
    return _countries().get(channel.team.zone, "") if channel.team else ""


def _place(row: Channel) -> Place:
    costs = terms.terms_of(row.network).costs if way.of(row) == "desk" else ()
    return Place(
        obj=row.obj, name=row.name, network=row.network, market=market_of(row),
        currency=costs[0].currency if costs else "", prices=_prices(costs),
    )  # fmt: skip


def _prices(costs: Iterable[terms.Cost]) -> dict[str, int]:
    return {cost.act: _micros(cost.amount) for cost in costs}


def _micros(amount: str) -> int:
    whole, _, part = amount.partition(".")
    return int(whole) * MICROS + int(part.ljust(6, "0")[:6])


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """The country of each time zone, from the time zone database."""
    listed = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    return {zone: country for country, zone in _ZONE_LINE.findall(listed)}
