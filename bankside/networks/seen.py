"""What a listing has shown before, kept in a cursor: only what is new, changed or gone is handed on.

For networks that can only be asked for their newest comments, again and again, and say nothing of changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import msgspec

from bankside.networks.contract import Item

KNOWN_MAX = 400
LOOKED_FOR_PER_LOOK = 10
IDS = ("id", "who", "root", "parent", "other")
"""Names of the fields that hold ids, in what is kept of an item."""


class Known(msgspec.Struct, frozen=True, array_like=True):
    """Something that was handed on: its version, its thread, who wrote it, in which list it stood, and when
    it was published (UTC ms)."""

    version: str
    thread: str
    who: str
    under: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Sighted:
    """Something that a listing shows now."""

    item: Item
    known: Known


class Notes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The cursor. `turn` counts the looks; `known` holds the newest last."""

    since_ms: int = 0
    known: dict[str, Known] = {}
    turn: int = 0

    @classmethod
    def of(cls, cursor: str, since_ms: int) -> Notes:
        """The notes that a cursor holds. One that cannot be read begins anew: then much comes twice."""
        try:
            return msgspec.json.decode(cursor, type=cls) if cursor else cls(since_ms=since_ms)
        except (msgspec.MsgspecError, UnicodeError):
            return cls(since_ms=since_ms)

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    def fresh(self, sighted: Iterable[Sighted]) -> list[Item]:
        """What was not handed on in this version, oldest first; nothing from before the channel was there."""
        floor = self._floor_ms
        new = [s for s in sighted if s.known.at_ms >= floor and self._is_news(s)]
        return [s.item for s in sorted(new, key=lambda s: s.known.at_ms)]

    def lost(self, sighted: Iterable[Sighted], read: Collection[str]) -> list[str]:
        """Some of what stood in lists that were read whole, and stands there no more; each in its turn."""
        there = {s.item.remote_id for s in sighted}
        gone = [name for name, known in self.known.items() if known.under in read and name not in there]
        start = self.turn * LOOKED_FOR_PER_LOOK % len(gone) if gone else 0
        return (gone[start:] + gone[:start])[:LOOKED_FOR_PER_LOOK]

    def after(self, sighted: Iterable[Sighted], gone: Collection[str]) -> Notes:
        """The notes behind this look."""
        known = {name: one for name, one in self.known.items() if name not in gone}
        known |= {s.item.remote_id: s.known for s in sighted if s.known.at_ms >= self.since_ms}
        newest = sorted(known.items(), key=lambda pair: pair[1].at_ms)[-KNOWN_MAX:]
        return Notes(since_ms=self.since_ms, known=dict(newest), turn=self.turn + 1)

    @property
    def _floor_ms(self) -> int:
        """What is older is no news: it was there before the channel, or it was handed on and is forgotten."""
        if len(self.known) < KNOWN_MAX:
            return self.since_ms
        return min(known.at_ms for known in self.known.values())

    def _is_news(self, sighted: Sighted) -> bool:
        known = self.known.get(sighted.item.remote_id)
        return known is None or known.version != sighted.known.version
