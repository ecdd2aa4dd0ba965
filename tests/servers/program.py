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
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

PR_SET_PDEATHSIG = 1
PORTS = (20_000, 32_000)
"""Below those that the system gives to every connection that goes out."""
PORT_TRIES_MAX = 100
LOOK_SECONDS = 0.05


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


def free_port() -> int:
    """A port of this machine that nobody listens at now."""
    for _ in range(PORT_TRIES_MAX):
        port = random.randrange(*PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("there is no free port")


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
