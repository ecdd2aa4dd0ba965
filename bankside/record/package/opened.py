"""The words of an entry as a package gives them: readable, or why not. With the key that proves them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from bankside.record import subjects
from bankside.record.package.selecting import Row
from bankside.record.payload import Unreadable, opened

READABLE, HELD, ERASED, RESTRICTED = "readable", "held", "erased", "restricted"
DAMAGED, WORDLESS = "damaged", "wordless"
STATES: Final = (READABLE, HELD, ERASED, RESTRICTED, DAMAGED, WORDLESS)
"""Held words are readable, and may not be erased. Wordless: entries that never had words."""


class Words(NamedTuple):
    """What is given of one entry. `plaintext` is what the leaf commits to, under `key` (32 bytes)."""

    state: str
    plaintext: bytes = b""
    key: bytes = b""
    said: dict[str, Any] = {}


class _Leaf(msgspec.Struct):
    cm: str = ""


_cm_of = msgspec.json.Decoder(_Leaf).decode
_said_in = msgspec.json.Decoder(dict[str, Any]).decode


def words_of(row: Row) -> Words:
    """The words of an entry. What cannot be opened is told as damaged and keeps nobody from the rest."""
    cm = _cm_of(row.leaf).cm
    if not cm:
        return Words(WORDLESS)
    if row.salt is None or row.body is None:
        return Words(ERASED)
    if row.restricted:
        return Words(RESTRICTED)
    try:
        plaintext, key = opened(subjects.key_of(row.subj), row.id, row.salt, row.body, cm)
        said = _said_in(plaintext)
    except subjects.Forgotten:
        return Words(ERASED)
    except (Unreadable, ValueError):
        return Words(DAMAGED)
    return Words(HELD if row.held else READABLE, plaintext, key, said)
