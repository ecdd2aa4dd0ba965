"""The promises of bench/promises.toml, their figures, and the table that is kept of them."""

from __future__ import annotations

import os
import platform
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "bench/promises.toml"
TABLE = ROOT / "docs/operate/measured.md"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One promise. `bench` names a module here, `test` a file of the suite; exactly one of them is given.

    `size` is what bin/check runs and `full` what bin/check --long runs, both in `of`. `limit` is in `unit`; a
    figure under it keeps the promise, or over it when `at_least`; `aim` is the better figure that was
    hoped for, where it is not reached. Only what `gates` can fail bin/check:
    counts and ratios, never the speed of a machine.
    """

    name: str
    says: str
    of: str = ""
    size: int = 0
    full: int = 0
    unit: str = ""
    limit: float | None = None
    aim: float | None = None
    at_least: bool = False
    gates: bool = False
    bench: str = ""
    test: str = ""

    def holds(self, figure: float) -> bool:
        """True when the figure keeps the promise, or when nothing but a figure was promised."""
        if self.limit is None:
            return True
        return figure >= self.limit if self.at_least else figure <= self.limit


@dataclass(frozen=True)
class Measured:
    """A promise with the size it was tried at and its figure; None when it was not tried, and why."""

    promise: Promise
    size: int
    figure: float | None
    why: str = ""

    @property
    def held(self) -> str:
        """yes, no, or a dash where there is nothing to say."""
        if self.figure is None:
            return "-"
        return "yes" if self.promise.holds(self.figure) else "no"


def promises() -> list[Promise]:
    """All of them, in the order of the file."""
    return [Promise(**entry) for entry in tomllib.loads(LIST.read_text(encoding="utf-8"))["promise"]]


def rows(measured: Iterable[Measured]) -> list[str]:
    """The table in Markdown, without its heading."""
    return [_row(one) for one in measured]


def write(measured: Iterable[Measured], day: str) -> None:
    """Keeps the table as docs/operate/measured.md."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    table = ["| promise | what | size | figure | limit | held | where |", "|---|---|---|---|---|---|---|"]
    words = [HEAD, f"Measured on {day}: {machine}.", "", *table, *rows(measured), ""]
    TABLE.write_text("\n".join(words), encoding="utf-8")


def _row(one: Measured) -> str:
    promise = one.promise
    size = f"{one.size:,} {promise.of}" if one.size else "-"
    figure = one.why if one.figure is None else f"{one.figure:,.4g} {promise.unit}"
    limit = "-" if promise.limit is None else f"{'≥' if promise.at_least else '≤'} {promise.limit:,.4g}"
    if promise.aim is not None:
        limit += f" (aim {promise.aim:,.4g})"
    where = f"`{promise.test}`" if promise.test else f"`bench/{promise.bench}.py`"
    return f"| {promise.name} | {promise.says} | {size} | {figure} | {limit} | {one.held} | {where} |"


HEAD = """# Measured

Everything that Bankside promises in numbers, with the last figures that were kept. `bin/check` tries each
one at its small size and prints the table; `bin/check --long` tries them at full size. What a test of the
suite keeps says so, and is tried every time. Speeds depend on the machine: they are printed and never fail
a check. Counts and ratios do.

Write it again: `.venv/bin/python -m bench --write`, with `--long` for the full sizes.
"""
