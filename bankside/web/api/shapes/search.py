"""What was found, as the API shows it."""

from __future__ import annotations

from ninja import Schema


class PieceOut(Schema):
    """Part of what was said; `found` when it is what was asked for."""

    text: str
    found: bool


class HitOut(Schema):
    """A message (way in), answer (out) or note, by the part of it that shows the words."""

    id: str
    way: str
    at: str | None
    lang: str
    pieces: list[PieceOut]


class FoundOut(Schema):
    """A conversation with its hits on this page, the newest first."""

    conversation: str
    obj: str
    name: str
    handle: str
    network: str
    channel: str
    private: bool
    lang: str
    state: str
    hits: list[HitOut]


class FoundPage(Schema):
    """Conversations by their newest hit; `next` is the cursor for older hits."""

    items: list[FoundOut]
    next: str | None
