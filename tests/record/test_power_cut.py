"""The power is cut: what was synced is there, of the rest any part, in any order (fault 5).

Traced writes of append and publish, and of a signer, are laid down up to a moment, those that were not synced
dropped, torn or reordered. What was acknowledged is there, heads hold, torn files are written again.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import faults
from tests.flows.desk import ROOT, environment
from tests.record import power, test_faulty_disk, test_faulty_signer
from tests.record.power import Operation

SECONDS_MAX = 7200
DISK, SIGNER = 12, 60
DISK_LONG, SIGNER_LONG = 1500, 1000

folder = test_faulty_disk.folder


@pytest.mark.parametrize("cuts", [DISK, pytest.param(DISK_LONG, marks=pytest.mark.long)])
@pytest.mark.timeout(SECONDS_MAX)
def test_a_power_cut_loses_nothing_that_was_acknowledged(folder: Path, cuts: int) -> None:
    told = cut(folder, cuts, "appending")
    counted(told, lost_or_wrong)


@pytest.mark.parametrize("cuts", [SIGNER, pytest.param(SIGNER_LONG, marks=pytest.mark.long)])
@pytest.mark.parametrize("state", ["known", "new"])
@pytest.mark.timeout(SECONDS_MAX)
def test_a_power_cut_lets_a_signer_forget_nothing_that_it_signed(folder: Path, state: str, cuts: int) -> None:
    told = cut(folder, cuts, "signer_life", state)
    counted(told, forgotten)


def cut(folder: Path, cuts: int, *program: str) -> list[dict[str, Any]]:
    """What became of each cut."""
    env = {**environment(folder / "data"), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.record.power_cut", str(folder), str(cuts), *program],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    first, *told = [json.loads(line) for line in done.stdout.splitlines()]
    sys.stdout.write(f"\n{len(told)} cuts between {first['operations']} operations, {program}\n")
    assert first["syncs"] >= 6
    assert len(told) >= min(cuts, first["operations"])
    return told


def counted(told: list[dict[str, Any]], wrong: Callable[[dict[str, Any]], list[str]]) -> None:
    found = [(one, what) for one in told for what in wrong(one)]
    lost = sum("is gone" in what for _, what in found)
    twice = sum("another" in what or "twice" in what for _, what in found)
    faults.tell(5, injected=len(told), lost=lost, twice=twice, inconsistent=len(found) - lost - twice)
    assert found == []


def as_after_a_kill(one: dict[str, Any]) -> dict[str, Any]:
    """A power cut ends a process; whether it was done by then does not matter."""
    told = [words for words in one["told"] if words != ["done"]]
    return one | {"fault": "SIGKILL", "ended": "killed", "told": told}


def lost_or_wrong(one: dict[str, Any]) -> list[str]:
    return test_faulty_disk.wrong(as_after_a_kill(one))


def forgotten(one: dict[str, Any]) -> list[str]:
    return test_faulty_signer.wrong(as_after_a_kill(one))


# --- the disk itself ------------------------------------------------------------------------------------
OPS = [
    Operation("create", path="/d/new", node=2),
    Operation("write", node=2, at=0, data=b"whole" * 300),
    Operation("sync", path="/d/new", node=2),
    Operation("rename", path="/d/new", to="/d/head", node=2),
    Operation("said", data=b'["signed"]\n'),
    Operation("sync", path="/d"),
]
FIRST = {"/d/head": b"old"}


@pytest.mark.parametrize("share, at, there", [
    (0.0, 6, {"/d/head": b"whole" * 300}), (0.0, 5, FIRST), (1.0, 4, {"/d/head": b"whole" * 300}),
    (1.0, 1, {"/d/head": b"old", "/d/new": b""}), (0.0, 2, FIRST),
])  # fmt: skip
def test_what_was_synced_is_there_and_of_the_rest_a_part(
    share: float, at: int, there: dict[str, bytes]
) -> None:
    dice = random.Random(1)
    assert power.after_a_cut(FIRST, OPS, at, dice, share) == there


def test_bytes_that_were_not_synced_may_be_there_in_part() -> None:
    ends = {len(power.after_a_cut(FIRST, OPS, 2, random.Random(n), 1.0)["/d/new"]) for n in range(50)}
    assert {512, 1024, 1500} <= ends


def test_a_signer_that_answers_before_it_syncs_is_found_out() -> None:
    """Broken on purpose: what it says it signed is gone when the power is."""
    assert power.said(OPS, 5) == [["signed"]]
    assert power.after_a_cut(FIRST, OPS, 5, random.Random(0), 0.0) == FIRST


def test_traces_are_read() -> None:
    hexed = "".join(f"\\x{one:02x}" for one in b"/r/a")
    trace = f'''openat(AT_FDCWD</>, "{hexed}", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 7</r/a>
write(7</r/a>, "\\x61\\x62", 2) = 2
write(7</r/a>, "\\x63", 1) = 1
pwrite64(7</r/a>, "\\x64", 1, 40) = 1
fsync(7</r/a>) = -1 EIO (Input/output error)
fsync(7</r/a>) = 0
write(8</elsewhere>, "\\x61", 1) = 1
writev(9<pipe:[1]>, [{{iov_base="\\x5b\\x5d\\x0a", iov_len=3}}], 1) = 3
'''
    ops = power.operations(trace, Path("/r"), {})
    assert [one.what for one in ops] == ["create", "write", "write", "write", "sync", "said"]
    assert power.after_a_cut({}, ops, 3, random.Random(0), 1.0) == {"/r/a": b"abc"}
    assert power.said(ops, len(ops)) == [[]]
