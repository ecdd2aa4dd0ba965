"""What an operator watches of the channels: counters and states, nothing that anybody wrote."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db import models

from bankside.channels import delivery_states as states
from bankside.channels import health
from bankside.channels.models import Channel, Delivery, Item

COUNTERS = (
    "hooks_accepted", "hooks_repeated", "hooks_forged", "hooks_malformed", "items_read", "items_repaired",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChannelGauges:
    """One channel: its obj and network, its health in one word, its counters since it was connected."""

    channel: str
    network: str
    state: str
    counters: dict[str, int]


def channels() -> list[ChannelGauges]:
    """Every channel on the desk, whoever looks after it."""
    rows = list(Channel.objects.exclude(state=Channel.REMOVED).order_by("pk"))
    found = health.health_of(rows)
    return [
        ChannelGauges(
            row.obj, row.network, found[row.pk].state, {name: getattr(row, name) for name in COUNTERS}
        )
        for row in rows
    ]


def deliveries() -> dict[str, int]:
    """How many deliveries are in each state."""
    rows = Delivery.objects.values_list("state").annotate(count=models.Count("pk"))
    return dict.fromkeys(states.GRAPH, 0) | dict(rows)


def items() -> dict[str, int]:
    """How many items that came in are in each state."""
    rows = Item.objects.values_list("state").annotate(count=models.Count("pk"))
    return dict(Counter({Item.KEPT: 0, Item.UNKNOWN: 0, Item.POISONED: 0}) | Counter(dict(rows)))
