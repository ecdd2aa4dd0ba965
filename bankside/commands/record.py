"""The record: computing again what is derived from it, and benches."""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, ready, say

BENCHES = Path(__file__).resolve().parents[2] / "bench"


def declare(commands: Commands) -> None:
    """rebuild, bench."""
    which = flag("projection", nargs="?", default="", metavar="PROJECTION", help="left out: every one")
    add(commands, "rebuild", rebuild, which, AS_JSON)
    add(commands, "bench", bench, flag("name", metavar="NAME"), flag("rest", nargs=argparse.REMAINDER))


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
