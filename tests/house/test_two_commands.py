"""`bin/run` and `bin/check` do what the README says: start, say where, take another port, stop everything."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.house import tree
from tests.servers.program import free_port

READY_SECONDS_MAX = 90
WELL_TRIES_MAX = 60
STOP_SECONDS_MAX = 20
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextmanager
def started(data: Path, *flags: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """bin/run with a data folder of its own, and what it said until it was ready."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
    command = [sys.executable, "bin/run", "--no-demo", *flags]
    run = subprocess.Popen(
        command, cwd=tree.ROOT, env={**ours, "BANKSIDE_DATA": str(data)}, stdout=subprocess.PIPE, text=True
    )
    try:
        yield run, until_ready(run)
    finally:
        run.kill()
        run.wait()
        if run.stdout:
            run.stdout.close()


def until_ready(run: subprocess.Popen[str]) -> list[str]:
    """The lines up to the one that ends the start."""
    assert run.stdout is not None
    said, until = [], time.monotonic() + READY_SECONDS_MAX
    for line in run.stdout:
        said.append(line)
        if "Ctrl-C stops everything" in line or time.monotonic() > until:
            break
    return said


def processes_of(data: Path) -> list[str]:
    """Processes that were started with this data folder and are still there."""
    wanted = f"BANKSIDE_DATA={data}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def becomes_well(address: str) -> bool:
    """Pages are there before the worker has said for the first time that it works."""
    for _ in range(WELL_TRIES_MAX):
        try:
            return bool(DIRECTLY.open(address, timeout=10).status == 200)
        except urllib.error.HTTPError:
            time.sleep(0.5)
    return False


@pytest.mark.network
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs the process list of Linux")
def test_a_desk_starts_beside_a_taken_port_and_stops_as_a_whole(tmp_path: Path) -> None:
    port = free_port(2)
    with socket.create_server(("127.0.0.1", port)), started(tmp_path, "--port", str(port)) as (run, said):
        address = re.search(r"Bankside\s+(http://127\.0\.0\.1:(\d+))", "".join(said))
        assert address, said
        assert int(address[2]) not in {port, port - 1}
        assert becomes_well(f"{address[1]}/health")
        assert DIRECTLY.open(f"{address[1]}/sign-in/", timeout=10).status == 200
        assert len(processes_of(tmp_path)) >= 4
        run.send_signal(signal.SIGINT)
        assert run.wait(STOP_SECONDS_MAX) == 0
    assert processes_of(tmp_path) == []


def test_ci_calls_the_check() -> None:
    script = tree.ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert "exec bin/check" in script.read_text()


@pytest.mark.parametrize("command", ["bin/run", "bin/check"])
def test_help_needs_nothing(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", str(tree.ROOT / command), "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "usage:" in done.stdout


def test_an_old_python_is_answered(tmp_path: Path) -> None:
    """The version check alone, told that a newer Python is needed than any that there is."""
    ask = "import python_version as p; p.NEEDED = (99, 0); p.ensure()"
    env = {"PYTHONPATH": str(tree.ROOT / "bin"), "PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", ask], env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Bankside needs Python 3.11 or newer" in done.stderr
