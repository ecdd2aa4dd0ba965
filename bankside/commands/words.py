"""JSON lines in, JSON lines out: masking and triage of texts, without a database.

A line that cannot be read is told on standard error with its number; all others are answered, and the command
ends with 1. Lines are read one by one, so that any number of them needs no more memory than the longest.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from bankside.commands import CommandRefused
from bankside.commands.declared import Commands, add, flag, ready

LINE_CHARACTERS_MAX = 1_000_000

Line = dict[str, Any]


class BadLine(ValueError):
    """A line that is no JSON object with "text", or longer than LINE_CHARACTERS_MAX."""


def declare(commands: Commands) -> None:
    """mask, triage."""
    classes = flag(
        "--classes", default="", metavar="CLASS,...",
        help="PAN, CVV, RRN, CNID, BSN, IBAN; all of them if not given",
    )  # fmt: skip
    add(commands, "mask", mask, classes)
    add(commands, "triage", triage)


def mask(parsed: argparse.Namespace) -> None:
    """Masks card, resident and account numbers: {"id", "text"} lines in, {"id", "text", "found"} lines out.

    "found" is a list of {"class", "start", "end"}, in code points of the text that was given. Other fields
    of a line stay as they are.
    """
    from bankside.record import identifiers

    classes = frozenset(parsed.classes.upper().replace(",", " ").split()) or identifiers.CLASSES
    if unknown := sorted(classes - identifiers.CLASSES):
        raise CommandRefused(
            f"there is no class {unknown[0]}; there are {', '.join(sorted(identifiers.CLASSES))}"
        )

    def masked(text: str) -> Line:
        found = identifiers.find(text, classes)
        return {
            "text": identifiers.hidden(text, found) if found else text,
            "found": [{"class": one.kind, "start": one.start, "end": one.end} for one in found],
        }

    _each(masked)


def triage(parsed: argparse.Namespace) -> None:
    """Sorts messages: {"text": ...} lines in, {"lang", "classes", "model", "due_ms"} lines out."""
    ready()
    from django.conf import settings

    from bankside.inbox.triage import triage as sort
    from bankside.record import clock

    minutes = settings.ANSWER_MINUTES
    _each(lambda text: asdict(sort(text, at=clock.now_ms(), addressed=True, answer_minutes=minutes)))


def _each(answer: Callable[[str], Line]) -> None:
    """Answers every line that can be read; raises CommandRefused at the end when there were others."""
    bad: list[int] = []
    count = 0
    for number, text in _lines():
        try:
            line = _read(text)
        except BadLine as error:
            count += 1
            bad = bad or [number]
            print(f"line {number} {error}", file=sys.stderr, flush=True)
            continue
        kept = {key: value for key, value in line.items() if key != "text"}
        _say({**kept, **answer(line["text"])})
    if bad:
        raise CommandRefused(f"{count} of the lines could not be read, the first of them line {bad[0]}")


def _lines() -> Iterator[tuple[int, str]]:
    """Lines that are not empty, with their numbers; of one that is too long only the beginning."""
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    number = 0
    while text := sys.stdin.readline(LINE_CHARACTERS_MAX + 1):
        number += 1
        rest = text
        while len(rest) > LINE_CHARACTERS_MAX and not rest.endswith("\n"):
            rest = sys.stdin.readline(LINE_CHARACTERS_MAX + 1)
        if text.strip():
            yield number, text


def _read(text: str) -> Line:
    if len(text) > LINE_CHARACTERS_MAX:
        raise BadLine(f"is longer than {LINE_CHARACTERS_MAX:,} characters")
    if not text.isascii() and any("\udc80" <= character <= "\udcff" for character in set(text)):
        raise BadLine("is not UTF-8")
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict) or not isinstance(line.get("text"), str):
        raise BadLine('is not a JSON object with "text"')
    return line


def _say(line: Line) -> None:
    """One line out, at once: whoever writes a line may wait for its answer."""
    written = json.dumps(line, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:  # half a character, which JSON can name and UTF-8 cannot hold
        written = json.dumps(line)
    print(written, flush=True)
