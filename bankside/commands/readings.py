"""Who read what, at the machine: a month by person, and the same as a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, ready, say


def declare(commands: Commands) -> None:
    """readings."""
    add(
        commands, "readings", readings,
        flag("--month", default="", metavar="YYYY-MM", help="which month (default: this one)"),
        flag("--zone", default="UTC", help="where months and nights begin, for example Asia/Seoul"),
        flag("--csv", metavar="FILE", help="write the month as CSV; needs --reason"),
        flag("--reason", default="", metavar="TEXT", help="what the file is for; it goes into the record"),
        AS_JSON,
    )  # fmt: skip


def readings(parsed: argparse.Namespace) -> None:
    """Prints how much each person read in a month, what is unusual first; names of staff, no words.

    With --csv the whole review as a file, which is itself recorded with its reason.
    """
    ready()
    from bankside.people import readings, readings_file

    _refuse_zone(parsed.zone)
    seen = readings.of_month(parsed.month, parsed.zone)
    if parsed.csv:
        Path(parsed.csv).write_bytes(readings_file.taken(None, seen, parsed.reason))
    counted = ("opened", "elsewhere", "night", "ahead", "searched", "words", "exported")
    told: list[dict[str, Any]] = [
        {"who": one.actor, "name": one.name, "rules": list(one.rules)}
        | {name: getattr(one, name) for name in counted}
        for one in seen.readers
    ]
    say(parsed, told, _line)


def _line(one: dict[str, Any]) -> str:
    counts = " ".join(f"{name}={one[name]}" for name in ("opened", "searched", "words", "exported"))
    rules = f" unusual: {', '.join(one['rules'])}" if one["rules"] else ""
    return f"{one['name'] or one['who']} {counts}{rules}"


def _refuse_zone(zone: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise CommandRefused(f"{zone!r} is not a time zone; write one such as Asia/Seoul") from None
