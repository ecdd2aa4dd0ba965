"""How long one may answer on a network, and how often: the windows of its data file.

A window opens when the other side writes. Where the file names several for the same thing, the widest
counts: which of them applies, the network decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankside.channels.models import Channel
from bankside.networks import catalogue
from bankside.networks.declared import Window

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a window leaves. `until_ms`: when it closes; `messages`: how many more it takes, -1 for any.

    `hours`, `most`: what the network allows, for whoever has to be told.
    """

    until_ms: int
    messages: int
    hours: int
    most: int

    def closed(self, now_ms: int) -> bool:
        """Whether it is over."""
        return now_ms >= self.until_ms or self.messages == 0


def left(channel: Channel, *, private: bool, since_ms: int, answers: int) -> Room | None:
    """What is left of the window that opened at `since_ms` and took `answers` of ours, if there is any."""
    widest = _widest(channel, "private" if private else "reply")
    if widest is None or not since_ms:
        return None
    return Room(
        until_ms=since_ms + widest.hours * HOUR_MS, hours=widest.hours, most=widest.messages,
        messages=max(0, widest.messages - answers) if widest.messages else -1,
    )  # fmt: skip


def _widest(channel: Channel, of: str) -> Window | None:
    found = [one for one in catalogue.network(channel.network).windows if one.of == of]
    if not found or any(not one.hours for one in found):
        return None
    return max(found, key=lambda one: one.hours)
