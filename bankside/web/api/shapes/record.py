"""The record, as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from bankside.web.api.shapes.search import PieceOut


class EntryOut(Schema):
    """An entry without its words; `leaf` is its leaf, byte for byte."""

    n: str
    lane: int
    year: int
    seq: str
    t: str | None
    id: str
    fact: str
    type: str
    actor: str
    obj: str
    subj: str
    hash: str
    leaf: str


class Entries(Schema):
    """A page of entries, newest first."""

    items: list[EntryOut]
    next: str | None


class FoundEntry(EntryOut):
    """An entry that was found; where words were looked for, the part of its words that holds them."""

    private: bool | None
    pieces: list[PieceOut]


class FoundEntries(Schema):
    """A page of entries that were found, newest first."""

    items: list[FoundEntry]
    next: str | None


class WordsOut(Schema):
    """The words of an entry; null when they were erased."""

    fact: str | None
    v: int | None
    said: dict[str, Any] | None


class LogOut(Schema):
    """A log and its last published head."""

    lane: int
    year: int
    origin: str
    entries: str
    size: str
    root: str
    at: str | None
    text: str


class Logs(Schema):
    """Every log."""

    items: list[LogOut]
