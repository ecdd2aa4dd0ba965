"""The table of faults that the tests put in, at the end of `bin/check`; tests/faults.py counts them."""

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COUNTS = ("injected", "lost", "twice", "inconsistent")
LINES_MAX = 1_000_000
TABLE = Path(__file__).resolve().parent.parent / "tests/faults.toml"


@dataclass
class Count:
    """What the tests of one fault did and found."""

    injected: int = 0
    lost: int = 0
    twice: int = 0
    inconsistent: int = 0
    failed: int = 0
    tests: set[str] = field(default_factory=set)


def counted(file: Path) -> dict[int, Count]:
    """What the tests of a run told, by the number of the fault; nothing when there is no file."""
    found: dict[int, Count] = {}
    if not file.exists():
        return found
    with file.open(encoding="utf-8") as lines:
        for _, line in zip(range(LINES_MAX), lines, strict=False):
            told = json.loads(line)
            count = found.setdefault(told["fault"], Count())
            for name in COUNTS:
                setattr(count, name, getattr(count, name) + told[name])
            count.failed += told["failed"]
            count.tests.add(told["test"])
    return found


def faults() -> list[dict[str, Any]]:
    """The faults of the record sheet and their tests, by number."""
    with TABLE.open("rb") as file:
        return list(tomllib.load(file)["fault"])


def table(counts: dict[int, Count]) -> list[str]:
    """A line for each fault that has tests, also where nothing was put in, and the sum."""
    words = {row["number"]: row["words"] for row in faults() if row["tests"]}
    lines = [f"{'':>4}  {'injected':>9} {'lost':>6} {'twice':>6} {'inconsistent':>13}"]
    for number in sorted({*counts, *words}):
        cells = _cells(counts[number]) if number in counts else f"{'not put in: why, stands above':<36}"
        lines.append(f"{number:>4}  {cells}  {words.get(number, '')}".rstrip())
    return [*lines, f"{'all':>4}  {_cells(total(counts))}"]


def total(counts: dict[int, Count]) -> Count:
    """The sum of all."""
    return Count(**{name: sum(getattr(one, name) for one in counts.values()) for name in (*COUNTS, "failed")})


def is_clean(counts: dict[int, Count]) -> bool:
    """Whether nothing was lost, done twice or inconsistent."""
    found = total(counts)
    return not (found.lost or found.twice or found.inconsistent or found.failed)


def _cells(count: Count) -> str:
    return f"{count.injected:>9} {count.lost:>6} {count.twice:>6} {count.inconsistent:>13}"
