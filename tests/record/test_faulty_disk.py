"""A kill, a broken disk and a full one at the system calls of appending and publishing (faults 1 to 3).

strace puts the fault where it is to be. What was acknowledged is there afterwards, the same key gives the
same number, the published head holds before and after, and whoever was refused was told so and goes on later.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import faults
from tests.flows.desk import ROOT, environment
from tests.record.appending import BASE, KEYS
from tests.record.straced import LASTING, faults_at, numbers

SAMPLE_EVERY, SAMPLE_RARER = 19, 131
SECONDS_MAX = 3600
MEMORY = Path("/dev/shm")
NUMBERS = {"SIGKILL": 1, "EIO": 2, "ENOSPC": 3, "ENOSPC that lasts": 3}


@cache
def missing() -> str:
    """Why strace cannot be used here; empty when it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()[:200]}"


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where there is some: a kill loses no memory, and syncing a real disk would cost minutes."""
    if reason := missing():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(
        prefix="bankside-test-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None
    ) as made:
        yield Path(made)


@pytest.mark.timeout(600)
def test_a_fault_at_some_calls_of_append_and_publish_loses_nothing(folder: Path) -> None:
    assert_kept(*tries(folder, "appending", SAMPLE_EVERY, SAMPLE_RARER))


@pytest.mark.long
@pytest.mark.timeout(SECONDS_MAX)
def test_a_fault_at_every_call_of_append_and_publish_loses_nothing(folder: Path) -> None:
    calls, told = tries(folder, "appending", 1, 1)
    assert len(told) == sum(len(faults_at(call)) * many for call, many in calls.items())
    assert_kept(calls, told)


def tries(
    folder: Path, program: str, every: int, rarer: int, *more: str
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """How often each call is made, and what became of every try of a program of this folder."""
    env = {**environment(folder / "data"), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    done = subprocess.run(
        [sys.executable, "-m", f"tests.record.{program}", str(folder), str(every), str(rarer), *more],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    first, *others = [json.loads(line) for line in done.stdout.splitlines()]
    return first["calls"], others


def assert_kept(calls: dict[str, int], told: list[dict[str, Any]]) -> None:
    """Prints what was met, then checks every try."""
    assert {
        "write",
        "pwrite64",
        "fsync",
        "fdatasync",
        "openat",
        "rename",
        "read",
        "pread64",
        "close",
    } <= calls.keys()
    sys.stdout.write(f"\ncalls of one append and publish, three times: {calls}\n")
    for line in table(told):
        sys.stdout.write(f"{line}\n")
    counted(told, wrong)
    for one in told:
        assert wrong(one) == [], one


def counted(told: list[dict[str, Any]], wrong: Callable[[dict[str, Any]], list[str]]) -> None:
    """For the table of faults."""
    for fault, number in NUMBERS.items():
        mine = [one for one in told if one["fault"] == fault]
        found = [wrong(one) for one in mine]
        lost = sum("acknowledged" in what for one in found for what in one)
        twice = sum("another" in what or "twice" in what for one in found for what in one)
        others = sum(map(len, found)) - lost - twice
        faults.tell(number, injected=len(mine), lost=lost, twice=twice, inconsistent=others)


def wrong(one: dict[str, Any]) -> list[str]:
    """What does not hold in one try."""
    kept = {words[1]: words[2] for words in one["told"] if words[0] == "kept"}
    refused = [words for words in one["told"] if words[0] == "refused"]
    found = [f"{key} was acknowledged and is gone" for key in kept.keys() - one["there"].keys()]
    found += [
        f"{key} has another number"
        for key, seq in {**one["there"], **kept}.items()
        if one["again"][key] != seq
    ]
    found += [f"refused without saying so to people: {words}" for words in refused if words[3] != 503]
    found += [f"before: {what}" for what in one["before"]] + [f"after: {what}" for what in one["after"]]
    if one["entries"] != BASE + len(KEYS) or one["published"] != 0:
        found.append("twice, lost or not published")
    killed = one["fault"] == "SIGKILL"
    if killed != (one["ended"] == "killed") or killed == (["done"] in one["told"]):
        found.append("does not go on when the fault is gone")
    return found


def table(told: list[dict[str, Any]]) -> list[str]:
    """One line per fault and call: how many tries, how many of them were refused and told so."""
    count: Counter[tuple[str, str]] = Counter()
    refused: Counter[tuple[str, str]] = Counter()
    for one in told:
        where = one["fault"], one["call"]
        count[where] += 1
        refused[where] += any(words[0] == "refused" for words in one["told"])
    return [
        f"{fault:>18} {call:<10} {number:>4} tries, {refused[fault, call]:>4} refused and told"
        for (fault, call), number in count.items()
    ]


def test_a_try_that_lost_something_is_found_out() -> None:
    good = {
        "fault": "EIO", "call": "write", "n": 1, "ended": "ended", "told": [["kept", "말:1", 5], ["done"]],
        "there": {"말:1": 5}, "again": {"말:1": 5}, "before": [], "after": [], "published": 0,
        "entries": BASE + len(KEYS),
    }  # fmt: skip
    assert wrong(good) == []
    assert wrong(good | {"there": {}}) == ["말:1 was acknowledged and is gone"]
    assert wrong(good | {"again": {"말:1": 6}}) == ["말:1 has another number"]
    assert wrong(good | {"told": [["refused", "말:1", "KeyError", 0], ["done"]]}) != []
    assert wrong(good | {"entries": 9}) == ["twice, lost or not published"]
    assert wrong(good | {"told": [["kept", "말:1", 5]]}) == ["does not go on when the fault is gone"]


def test_only_calls_on_files_of_the_desk_are_counted(tmp_path: Path) -> None:
    trace = f"""read(5</usr/lib/python3/x.pyc>, "..."..., 10) = 10
read(6<pipe:[17]>, "g", 1) = 1
read(7<{tmp_path}/bankside.db>, "..."..., 10) = 10
fdatasync(8<{tmp_path}>) = 0
newfstatat(AT_FDCWD</>, "{tmp_path}-other/x", 0x7ffd, 0) = 0
newfstatat(AT_FDCWD</>, "{tmp_path}", 0x7ffd, 0) = 0
fcntl(7<{tmp_path}/bankside.db>, F_SETLK, {{l_type=F_UNLCK, l_start=1}}) = 0
"""
    assert numbers(trace, tmp_path) == {"read": [3], "fdatasync": [1], "newfstatat": [2]}
    assert set(faults_at("write")) - set(faults_at("read")) == {LASTING}
