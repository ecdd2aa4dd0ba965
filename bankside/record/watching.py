"""Seeing that something was recorded, for pages that stay open: the heads are read, then what is new.

An entry is told when every projection has taken it, so that whoever looks then finds it; a projection that
stands still holds it up for a second at most.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import close_old_connections

from bankside.record import clock, projection
from bankside.record.models import Entry, Head

LAG_MS_MAX = 1_000
CHANGES_MAX = 1_000


class Change(NamedTuple):
    """One entry: the name of its fact, and what it is about."""

    fact: str
    obj: str


class Watch:
    """One looker. The first call of `changes` only notes where the record stands."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[int, int]] | None = None
        self._waiting_since_ms: dict[int, int] = {}

    def changes(self) -> list[Change]:
        """What was recorded since the last call, at most 1,000 entries a lane. One statement if nothing."""
        close_old_connections()
        heads = {head.lane: (head.year, head.size) for head in Head.objects.all()}
        if self._told is None:
            self._told = heads
        moved = {lane: head for lane, head in heads.items() if self._told.get(lane) != head}
        if not moved:
            return []
        found: list[Change] = []
        for lane in self._ready(moved):
            found += _between(lane, self._told.get(lane, (0, 0)), heads[lane])
            self._told[lane] = heads[lane]
        return found

    def _ready(self, moved: dict[int, tuple[int, int]]) -> list[int]:
        now = clock.now_ms()
        behind = {
            lane for follower, lane in projection.behind() if isinstance(follower, projection.Projection)
        }
        since = {lane: self._waiting_since_ms.get(lane, now) for lane in moved if lane in behind}
        self._waiting_since_ms = {lane: at for lane, at in since.items() if now - at < LAG_MS_MAX}
        return [lane for lane in moved if lane not in self._waiting_since_ms]


def _between(lane: int, told: tuple[int, int], head: tuple[int, int]) -> list[Change]:
    year, size = head
    first = told[1] if told[0] == year else 0
    rows = Entry.objects.filter(lane=lane, year=year, seq__gte=first, seq__lt=size).order_by("-seq")
    return [Change(fact, obj) for fact, obj in rows.values_list("fact", "obj")[:CHANGES_MAX]]
