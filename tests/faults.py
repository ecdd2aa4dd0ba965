"""Counts the faults that tests put in, for the table at the end of `bin/check`.

`tests/faults.toml` says which tests belong to which fault of the record sheet. A test tells what it did with
`tell`; of one that tells nothing, each run counts as one fault, and as inconsistent when it failed. With
BANKSIDE_FAULTS naming a file, each test adds its lines of JSON there; bin/faults.py reads them.
"""

from __future__ import annotations

import json
import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TABLE = Path(__file__).with_name("faults.toml")
FILE = "BANKSIDE_FAULTS"
LINE_BYTES_MAX = 4096
_told: list[dict[str, int]] = []


def tell(fault: int, *, injected: int, lost: int = 0, twice: int = 0, inconsistent: int = 0) -> None:
    """The running test put so many faults in and then found so much lost, done twice or inconsistent."""
    _told.append(
        {"fault": fault, "injected": injected, "lost": lost, "twice": twice, "inconsistent": inconsistent}
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """After the test itself: what it told, or that it ran."""
    report = yield
    if report.when == "call" and not report.skipped:
        told, _told[:] = list(_told), []
        _write(lines_of(item.nodeid, failed=report.failed, told=told))
    return report


def lines_of(nodeid: str, *, failed: bool, told: list[dict[str, int]]) -> list[dict[str, Any]]:
    """What one run of a test adds to the counts: a line for each fault that it is named for, or told of."""
    test = nodeid.partition("[")[0]
    told = summed(told)
    heard = {one["fault"] for one in told}
    ran = {"injected": 1, "lost": 0, "twice": 0, "inconsistent": int(failed)}
    silent = [{"fault": fault} | ran for fault in faults_of().get(test, ()) if fault not in heard]
    return [{"test": test, "failed": failed} | one for one in told + silent]


def summed(told: list[dict[str, int]]) -> list[dict[str, int]]:
    """One for each fault."""
    found: dict[int, dict[str, int]] = {}
    for one in told:
        sum_ = found.setdefault(one["fault"], {"fault": one["fault"]})
        sum_ |= {name: sum_.get(name, 0) + one[name] for name in one if name != "fault"}
    return list(found.values())


@cache
def faults_of() -> dict[str, list[int]]:
    """The faults that each test is named for."""
    found: dict[str, list[int]] = {}
    for row in tomllib.loads(TABLE.read_text())["fault"]:
        for test in row.get("tests", ()):
            found.setdefault(test, []).append(row["number"])
    return found


def _write(lines: list[dict[str, Any]]) -> None:
    """All at once, at the end of the file: several suites write at the same time."""
    if (path := os.environ.get(FILE)) and lines:
        with Path(path).open("ab", buffering=0) as file:
            for line in lines:
                file.write(f"{json.dumps(line)}\n".encode()[:LINE_BYTES_MAX])
