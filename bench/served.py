"""A server of its own for a bench, and the CPU that it spends on a request."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS_MAX = 60
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Served:
    """A server that runs: its port and the id of its first process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """What it and the processes that it started have spent, in user code and in the kernel."""
        return sum(_ticks(pid) for pid in _family(self.pid)) / TICKS

    def ask(self, path: str, times: int, headers: dict[str, str]) -> float:
        """CPU seconds of one request, over so many on one connection. Every answer must be 200."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        before = self.cpu_seconds()
        for _ in range(times):
            line.request("GET", path, headers={"Host": "127.0.0.1", **headers})
            answer = line.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
        line.close()
        return (self.cpu_seconds() - before) / times


@contextmanager
def served(target: str, interface: str, env: dict[str, str]) -> Iterator[Served]:
    """granian with one worker, as the desk is served; stopped at the end."""
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", interface, "--port", str(port)]
    command += ["--workers", "1", "--no-access-log", "--log-level", "error", target]
    if interface == "wsgi":
        command[3:3] = ["--blocking-threads", "1"]
    with subprocess.Popen(command, env=os.environ | env) as process:
        try:
            _wait(port)
            yield Served(port, process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _wait(port: int) -> None:
    ending = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < ending:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not become ready")


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _ticks(pid: int) -> int:
    user, kernel = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return int(user) + int(kernel)
