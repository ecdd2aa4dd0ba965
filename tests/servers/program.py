"""A server's program: in a process group of its own, on a free port of this machine, ended in any case."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

import httpx

PR_SET_PDEATHSIG = 1
PORTS = range(20_000, 32_000)
"""Below those that the system gives to every connection that goes out."""
PORTS_EACH = 100
PORT_TRIES_MAX = 100
LOOK_SECONDS = 0.05
_held: list[socket.socket] = []


class Ended(AssertionError):
    """The program has ended by itself; the message is what it said last."""


@contextmanager
def process(
    command: list[str], log: Path, environment: dict[str, str] | None = None, folder: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs it while the block lasts; it is ended too when the tests are killed."""
    with log.open("wb") as output:
        running = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True,
            cwd=folder or "/", env={**os.environ, **(environment or {})}, preexec_fn=_end_with_parent,
        )  # fmt: skip
    try:
        yield running
    finally:
        for sign, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            try:
                os.killpg(running.pid, sign)
                running.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def free_port(row: int = 1) -> int:
    """A port of this machine that nobody listens at now: the first of so many, one beside the other.

    Seconds go by until somebody listens there, and several runs of tests draw at the same time: each process
    draws from ports of its own.
    """
    mine = _own_ports()
    for _ in range(PORT_TRIES_MAX):
        first = random.choice(mine[: PORTS_EACH - row + 1])
        with suppress(OSError), ExitStack() as held:
            for port in range(first, first + row):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise OSError("there is no free port")


@cache
def _own_ports() -> range:
    """A part of the ports that is this process' alone, by a name that the system gives back when it ends."""
    for first in random.sample(PORTS[::PORTS_EACH], len(PORTS) // PORTS_EACH):
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0bankside-tests-ports-{first}")
        except OSError:
            name.close()
            continue
        _held.append(name)
        return range(first, first + PORTS_EACH)
    raise OSError("every part of the ports belongs to a process that tests")


def answering(url: str, running: subprocess.Popen[bytes], log: Path, seconds_max: float) -> None:
    """Waits until this address answers 200. Raises Ended, with the log, and TimeoutError."""

    def ready() -> bool:
        if running.poll() is not None:
            raise Ended(log.read_text("utf-8", "replace")[-2000:])
        return httpx.get(url, timeout=10).status_code == 200

    wait(ready, url, seconds_max)


def wait(ready: Callable[[], bool], what: str, seconds_max: float = 20) -> None:
    """Asks until it is so. Raises TimeoutError with what it waited for."""
    end = time.monotonic() + seconds_max
    while time.monotonic() < end:
        with suppress(OSError, httpx.HTTPError):
            if ready():
                return
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"waited {seconds_max} s for {what}")


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
