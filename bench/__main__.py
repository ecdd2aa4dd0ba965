"""Runs the benches and prints their table; exit 1 when a count or a ratio did not hold.

With BANKSIDE_DATABASE_URL, an empty database that its role owns, `append` and `ingest` measure PostgreSQL:
the bare inserts are COPY into the same tables.
"""

from __future__ import annotations

import argparse
import datetime
import sys

from bench.desk import alone
from bench.promise import Measured, Promise, promises, rows, write


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="benches to run; all when none is named")
    parser.add_argument("--long", action="store_true", help="full sizes")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/operate/measured.md")
    wanted = parser.parse_args()
    if wanted.write and wanted.names:
        parser.error("--write keeps the whole table: name no bench then")
    measured = measure(wanted.names, long=wanted.long)
    print("\n".join(rows(measured)))
    if wanted.write:
        write(measured, datetime.datetime.now(datetime.UTC).date().isoformat())
    return 1 if any(one.held == "no" and one.promise.gates for one in measured) else 0


def measure(names: list[str], *, long: bool) -> list[Measured]:
    """Every promise, or those of the named benches, with its figure; each bench runs once."""
    figures: dict[str, dict[str, float]] = {}
    measured = []
    for promise in promises():
        if names and promise.bench not in names:
            continue
        size = promise.full if long else promise.size
        if promise.bench and promise.bench not in figures:
            figures[promise.bench] = alone(promise.bench, size)
        measured.append(_measured(promise, size, figures.get(promise.bench, {})))
    return measured


def _measured(promise: Promise, size: int, figures: dict[str, float]) -> Measured:
    if promise.test:
        return Measured(promise, size, None, "kept by a test")
    figure = figures.get(promise.name)
    return Measured(
        promise, size, figure, "" if figure is not None else "at full size, or on the other database"
    )


if __name__ == "__main__":
    sys.exit(main())
