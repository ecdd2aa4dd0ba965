"""Searching the record, as an examiner does it on the page."""

from __future__ import annotations

import argparse
from typing import Any

from bankside.commands.declared import AS_JSON, Commands, add, flag, ready, say

LIMIT = 50


def declare(commands: Commands) -> None:
    """search."""
    words = flag("words", nargs="?", default="", metavar="WORDS", help="in messages, answers and notes")
    where = flag("--where", default="all", metavar="EXPRESSION", help="as for packages (all)")
    limit = flag("--limit", type=int, default=LIMIT, help=f"how many entries, at most 200 ({LIMIT})")
    before = flag("--before", type=int, default=0, metavar="N", help="further back: what `next` said before")
    add(commands, "search", search, words, where, limit, before, AS_JSON)


def search(parsed: argparse.Namespace) -> None:
    """Finds entries of the record, newest first; with WORDS those whose words hold all of them.

    EXPRESSION is the same as for packages. Looking for words is itself recorded, as a reading.
    """
    ready()
    from bankside.web import asked

    found = asked.find(None, parsed.where, parsed.words, before=parsed.before, limit=parsed.limit)
    texts = {hit.entry.n: "".join(piece.text for piece in hit.pieces) for hit in found.hits}
    rows = [hit.entry for hit in found.hits] or list(found.entries)
    told = [_told(row, texts.get(row.n)) for row in rows]
    if parsed.json:
        say(parsed, {"items": told, "next": found.next or None})
        return
    say(parsed, told, _line)


def _line(one: dict[str, Any]) -> str:
    return " ".join((str(one["n"]), one["t"], one["fact"], one["obj"], one.get("words", ""))).rstrip()


def _told(row: Any, words: str | None) -> dict[str, Any]:
    from bankside.record import clock

    told = {
        "n": row.n, "t": clock.iso(row.t), "fact": row.fact, "type": row.type, "actor": row.actor,
        "obj": row.obj, "subj": row.subj, "id": row.id,
    }  # fmt: skip
    return told if words is None else told | {"words": words}
