"""A kill, a broken disk and a full one at the system calls of a signer (faults 1 to 3, and 13).

What it signed it remembers, whatever happened meanwhile: it never signs another root of that size, nor a
smaller one, and the same head has the same signature. One that was killed while it made its key makes one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.record import test_faulty_disk
from tests.record.signer_life import SIZES
from tests.record.straced import faults_at
from tests.record.test_faulty_disk import counted, table, tries

SAMPLE_EVERY = {"known": (9, 71), "new": (5, 67)}
SECONDS_MAX = 1800

folder = test_faulty_disk.folder


@pytest.mark.parametrize("state", SAMPLE_EVERY)
@pytest.mark.timeout(300)
def test_a_fault_at_some_calls_of_a_signer_lets_it_forget_nothing(folder: Path, state: str) -> None:
    assert_remembered(*tries(folder, "signer_life", *SAMPLE_EVERY[state], state))


@pytest.mark.long
@pytest.mark.parametrize("state", SAMPLE_EVERY)
@pytest.mark.timeout(SECONDS_MAX)
def test_a_fault_at_every_call_of_a_signer_lets_it_forget_nothing(folder: Path, state: str) -> None:
    calls, told = tries(folder, "signer_life", 1, 1, state)
    assert len(told) == sum(len(faults_at(call)) * many for call, many in calls.items())
    assert_remembered(calls, told)


def assert_remembered(calls: dict[str, int], told: list[dict[str, Any]]) -> None:
    assert {"write", "fsync", "openat", "rename", "read", "close"} <= calls.keys()
    sys.stdout.write(f"\ncalls of a signer that starts and signs: {calls}\n")
    for line in table(told):
        sys.stdout.write(f"{line}\n")
    counted(told, wrong)
    for one in told:
        assert wrong(one) == [], one


def wrong(one: dict[str, Any]) -> list[str]:
    """What does not hold in one try."""
    signed = {words[1]: words[2] for words in one["told"] if words[0] == "signed"}
    found = [f"{size} was signed and is gone" for size in signed if size > one["last"]]
    if one["last"] in signed and one["again"] != signed[one["last"]]:
        found.append("the same head has another signature")
    if set(one["other"]) - {409}:
        found.append("another root is signed for a size that was signed")
    if set(one["older"]) - {409}:
        found.append("a smaller head is signed again")
    if one["goes on"] != 200:
        found.append("does not go on")
    killed = one["fault"] == "SIGKILL"
    if killed != (one["ended"] == "killed") or killed == (["done"] in one["told"]):
        found.append("does not go on when the fault is gone")
    if not killed and signed.keys() != set(SIZES):
        found.append("not everything is signed when the fault is gone")
    return found


def test_a_signer_that_forgot_something_is_found_out() -> None:
    told = [["signed", size, f"line of {size}"] for size in SIZES]
    good = {
        "fault": "EIO", "call": "write", "n": 1, "ended": "ended", "told": [*told, ["done"]], "last": 300,
        "other": [409, 409], "again": "line of 300", "older": [409, 409], "goes on": 200,
    }  # fmt: skip
    assert wrong(good) == []
    assert wrong(good | {"last": 255, "again": "line of 255"}) == ["300 was signed and is gone"]
    assert wrong(good | {"again": "other"}) == ["the same head has another signature"]
    assert wrong(good | {"other": [200, 409]}) == ["another root is signed for a size that was signed"]
    assert wrong(good | {"older": [200]}) == ["a smaller head is signed again"]
    assert wrong(good | {"told": told[:1]}) != []
