"""The words that people wrote in a fact, found by the names of its fields. Pure.

What a package says as text is computed from the plaintext alone, so that whoever checks it computes it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

FIELDS: Final = ("title", "text", "seen", "alt", "reason", "evidence", "note")
DEPTH_MAX: Final = 64


class Written(NamedTuple):
    """Some words, the field in which they stand (dotted), and their language when that is known."""

    field: str
    words: str
    lang: str


class Author(NamedTuple):
    """Who wrote, as the network has it; both empty for what the desk itself wrote."""

    name: str = ""
    handle: str = ""


def words_in(said: dict[str, Any]) -> list[Written]:
    """What people wrote, in the order of the fields."""
    return list(_written(said.get("data"), "", "", DEPTH_MAX))


def text_of(found: list[Written]) -> str:
    """The same as plain text, a blank line between the parts, with a newline at the end; or empty."""
    parts = [written.words.replace("\r\n", "\n").replace("\r", "\n") for written in found]
    return "\n\n".join(parts) + "\n" if parts else ""


def author_of(said: dict[str, Any]) -> Author:
    """Whom a network names as the author of something that came in."""
    seen = _dict(_dict(said.get("data")).get("seen"))
    actor = _dict(seen.get("actor"))
    return Author(str(actor.get("name", "")), str(actor.get("handle", "")))


def details_of(said: dict[str, Any]) -> list[tuple[str, str]]:
    """The other fields, those that say something."""
    return [
        (name, text)
        for name, value in _flat(said.get("data"), "", DEPTH_MAX)
        if (text := str(value)) not in ("", "False", "0", "None") and name.rpartition(".")[2] not in FIELDS
    ]


def _written(value: Any, name: str, lang: str, depth: int) -> Iterator[Written]:
    if isinstance(value, dict) and depth:
        lang = str(value.get("lang", "") or lang)
        for key, inner in value.items():
            yield from _written(inner, f"{name}.{key}" if name else key, lang, depth - 1)
    elif isinstance(value, list) and depth:
        for number, inner in enumerate(value, 1):
            yield from _written(inner, f"{name}.{number}", lang, depth - 1)
    elif isinstance(value, str) and value and name.rpartition(".")[2] in FIELDS:
        yield Written(name, value, lang)


def _flat(value: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else key, depth - 1)
    elif isinstance(value, list) and depth:
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{name}.{number}", depth - 1)
    else:
        yield name, value


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
