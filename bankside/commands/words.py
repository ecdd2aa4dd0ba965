"""JSON lines in, JSON lines out: masking and triage of texts, without a database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from bankside.commands import CommandRefused
from bankside.commands.declared import Commands, add, ready

LINE_CHARACTERS_MAX = 1_000_000


def declare(commands: Commands) -> None:
    """mask, triage."""
    add(commands, "mask", mask)
    add(commands, "triage", triage)


def mask(parsed: argparse.Namespace) -> None:
    """Masks card and resident registration numbers: {"text": ...} lines in, {"text", "red"} lines out."""
    from bankside.record import identifiers

    _each(lambda line: _masked(identifiers.mask(line["text"])))


def triage(parsed: argparse.Namespace) -> None:
    """Sorts messages: {"text": ...} lines in, {"lang", "classes", "model", "due_ms"} lines out."""
    ready()
    from django.conf import settings

    from bankside.inbox.triage import triage as sort
    from bankside.record import clock

    minutes = settings.ANSWER_MINUTES
    _each(lambda line: asdict(sort(line["text"], at=clock.now_ms(), addressed=True, answer_minutes=minutes)))


def _masked(done: Any) -> dict[str, Any]:
    return {"text": done.text, "red": list(done.red)}


def _each(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    for number, text in enumerate(sys.stdin, 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text[:LINE_CHARACTERS_MAX])
        except (json.JSONDecodeError, RecursionError):
            line = None
        if not isinstance(line, dict) or not isinstance(line.get("text"), str):
            raise CommandRefused(f'line {number} is not a JSON object with "text"')
        said = answer(line)
        kept = {key: value for key, value in line.items() if key != "text"}
        print(json.dumps({**kept, **said}, ensure_ascii=False), flush=True)
