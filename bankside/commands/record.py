"""The record: publishing its logs, checking it, computing again what is derived from it, and benches."""

from __future__ import annotations

import argparse
import runpy
import sys
from dataclasses import asdict
from pathlib import Path

from bankside.commands import REFUSED, CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

BENCHES = Path(__file__).resolve().parents[2] / "bench"


def declare(commands: Commands) -> None:
    """log publish, log checkpoint, verify, rebuild, bench."""
    log = group(commands, "log", "The logs as tiles and heads, for auditors.")
    add(log, "publish", publish, AS_JSON)
    add(log, "checkpoint", checkpoint, AS_JSON)
    path = flag("path", nargs="?", default="", metavar="PATH", help="a folder of tiles; needs no database")
    add(commands, "verify", verify, path, AS_JSON)
    which = flag("projection", nargs="?", default="", metavar="PROJECTION", help="left out: every one")
    add(commands, "rebuild", rebuild, which, AS_JSON)
    add(commands, "bench", bench, flag("name", metavar="NAME"), flag("rest", nargs=argparse.REMAINDER))


def publish(parsed: argparse.Namespace) -> None:
    """Writes every log out as tiles, bundles and unsigned heads, as far as the record goes."""
    ready()
    from bankside.record import seal

    say(parsed, {"published": seal.seal_all()}, lambda made: f"{made['published']} heads published")


def checkpoint(parsed: argparse.Namespace) -> None:
    """The last published head of every log."""
    ready()
    from bankside.record import reading

    heads = [asdict(head) for head in reading.checkpoint()]
    say(parsed, heads, lambda head: f"{head['origin']} {head['size']} {head['root']}")


def verify(parsed: argparse.Namespace) -> int:
    """Checks the whole record and names every place that is wrong; exit 1 when there is one.

    Without a path: rows, leaves, payloads and tiles of this desk. With a path: that folder of tiles alone.
    """
    if parsed.path:
        from bankside.record import verify as checking

        report = checking.verify_folder(Path(parsed.path))
    else:
        ready()
        from bankside.record import audit

        report = audit.audit()
        audit.tell(report, "s:operator")
    shown = asdict(report)
    say(parsed, shown, lambda _: "\n".join(_told(report.entries, report.problems)))
    return REFUSED if report.problems else 0


def rebuild(parsed: argparse.Namespace) -> None:
    """Computes derived tables again from the record, beside the living ones, and exchanges them."""
    ready()
    from bankside.record import rebuild as rebuilding
    from bankside.record.projection import Projection, followers

    names = [f.name for f in followers() if isinstance(f, Projection)]
    if parsed.projection:
        names = [parsed.projection]
    done = [{"projection": name, "entries": rebuilding.rebuild(name)} for name in names]
    say(parsed, done, lambda one: f"{one['projection']}: {one['entries']} entries")


def bench(parsed: argparse.Namespace) -> None:
    """Runs one bench of the folder `bench/` and prints its row of the table of promises."""
    benches = (path for path in BENCHES.glob("[a-z]*.py") if "def measure(" in path.read_text("utf-8"))
    there = sorted(path.stem for path in benches)
    if parsed.name not in there:
        names = ", ".join(there) or "none in this installation"
        raise CommandRefused(f"there is no bench {parsed.name!r}; there are: {names}")
    sys.path.insert(0, str(BENCHES.parent))
    sys.argv = ["bench", parsed.name, *parsed.rest]
    runpy.run_module("bench", run_name="__main__")


def _told(entries: int, problems: object) -> list[str]:
    listed = list(problems) if isinstance(problems, list | tuple) else []
    lines = [f"{problem.place}: {problem.what}" for problem in listed]
    return [*lines, f"{entries} entries, {len(listed)} problems"]
