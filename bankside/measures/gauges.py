"""What an operator watches of this room: how much is counted, and how old the newest of it is."""

from __future__ import annotations

from django.db import models

from bankside.measures.models import Incoming, Outgoing, Talk
from bankside.record import clock

SECOND_MS = 1000
NEWEST = {"conversations": (Talk, "opened_at"), "posts": (Outgoing, "at"), "acts": (Incoming, "at")}


def newest_seconds() -> dict[str, float]:
    """Seconds since the newest row of each kind happened; a kind without rows is left out. By indexes alone.

    How far the projection is behind is among the lags of all followers, as `measures.counts`.
    """
    now, found = clock.now_ms(), {}
    for name, (table, moment) in NEWEST.items():
        newest = table._default_manager.aggregate(at=models.Max(moment))["at"]
        if newest is not None:
            found[name] = max(0.0, (now - newest) / SECOND_MS)
    return found
