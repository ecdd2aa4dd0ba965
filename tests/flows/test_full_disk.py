"""A disk that really is full, on a file system of a few megabytes (fault 3): the desk says so, keeps nothing
by half, and goes on by itself when there is room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import founded
from tests.flows.desk import ROOT, environment

pytestmark = pytest.mark.timeout(600)
ROOM_MB = 24
SECONDS_MAX = 120


def mounted(folder: Path) -> str:
    """Mounts a small file system there; why not, when that is not allowed here."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_MB}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "mount is not here"
    return "" if done.returncode == 0 else f"no file system may be mounted here: {done.stderr.strip()}"


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A founded desk with all its data on a small disk."""
    disk = tmp_path / "disk"
    if reason := mounted(disk):
        pytest.skip(reason)
    try:
        env = environment(disk / "data")
        founded.lay(env)
        yield env
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def do(env: dict[str, str], *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "bankside", *words], cwd=ROOT, env=env, capture_output=True, text=True,
        timeout=SECONDS_MAX, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def add(env: dict[str, str], name: str) -> tuple[int, str]:
    return do(env, "staff", "add", f"{name}@hanulbank.example", "--name", name, "--role", "author")


def fill(env: dict[str, str], leave_bytes: int) -> Path:
    """Takes all room but so much."""
    path = Path(env["BANKSIDE_DATA"]).parent / "filler"
    free = os.statvfs(path.parent)
    size = free.f_bavail * free.f_frsize - leave_bytes
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
    return path


def published(env: dict[str, str]) -> int:
    code, said = do(env, "log", "checkpoint", "--json")
    assert code == 0, said
    return sum(one["size"] for one in json.loads(said))


@pytest.mark.parametrize(("limit_mb", "left"), [(0, 0), pytest.param(8, 4_000_000, marks=pytest.mark.long)])
def test_nothing_is_kept_by_half_and_the_desk_goes_on_when_there_is_room(
    env: dict[str, str], limit_mb: int, left: int
) -> None:
    env |= {"BANKSIDE_DISK_FREE_MB_MIN": str(limit_mb)}
    assert add(env, "mina")[0] == 0
    assert do(env, "work", "--once")[0] == 0
    before = published(env)
    filler = fill(env, left)
    worker = subprocess.Popen(
        [sys.executable, "-m", "bankside", "work"], cwd=ROOT, env=env,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        code, said = add(env, "jiwon")
        assert code == 1 and "jiwon" not in do(env, "staff", "list")[1], said
        assert ("disk is almost full" if limit_mb else "disk") in said, said
        time.sleep(2)
        assert worker.poll() is None, "a worker waits for room"
        filler.unlink()
        assert add(env, "jiwon")[0] == 0
        until = time.monotonic() + SECONDS_MAX
        while published(env) <= before:
            assert worker.poll() is None and time.monotonic() < until
            time.sleep(0.5)
    finally:
        worker.terminate()
        worker.wait(30)
    code, said = do(env, "verify")
    assert (code, "0 problems" in said) == (0, True), said
