"""One small act in a process of its own, at one of whose system calls strace puts a fault.

Every try is a fork of this process on a fresh copy of the same folder. It waits until strace has hold of
it, acts, and says over a pipe what was acknowledged and what was refused. Another fork then looks at what is
left.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.flows.mortal import life

WRITING = (
    "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "openat", "rename", "unlink", "mkdir", "link",
)  # fmt: skip
# `close` fails here without closing, which Linux does not do: the descriptor stays open, and what a product
# must not lose was synced before. Giving a lock back (F_UNLCK) is not failed: no disk is asked for it, and
# SQLite holds on to a lock that was not given back. Calls on memory, clocks and chance have no disk either.
READING = (
    "read", "pread64", "lseek", "newfstatat", "fstat", "statx", "statfs", "getdents64", "fcntl", "flock",
    "fchown", "ioctl", "mmap", "close",
)  # fmt: skip
FAULTS = {
    "SIGKILL": "signal=SIGKILL:when={n}",
    "EIO": "error=EIO:when={n}",
    "ENOSPC": "error=ENOSPC:when={n}",
    "ENOSPC that lasts": "error=ENOSPC:when={n}+",
}
LASTING = "ENOSPC that lasts"
"""Only where something is written: no disk is too full to be read. It also would meet every later call of
that name, among them those of the pipe over which the fault is to be taken away."""
TRIES_MAX = 4
READY = b"r"
"""Said before strace takes hold, so that what it counts begins at the same call each time."""

# What is said, as JSON on one line, by a call of which no fault is made.
Tell = Callable[..., None]
# An act: where it says what, and where it waits until the fault is taken away.
Act = Callable[[Tell, int], None]


def sweep(
    folder: Path, act: Act, look: Callable[[list[Any]], dict[str, Any]], every: int, rarer: int
) -> None:
    """Every `every`-th call that writes and `rarer`-th of the others, FOLDER/data being FOLDER/kept anew.

    Of calls those alone that are about files in FOLDER/data: not about a pipe, nor about Python's own.
    Prints how often each call is made, then one line of JSON for each try.
    """
    data, first, trace = folder / "data", folder / "kept", folder / "trace"
    _renew(first, data)
    ended, told = attempt(act, "", trace, "-y")
    assert (ended, told[-1]) == ("ended", ["done"]), (ended, told)
    met = numbers(trace.read_text(), data)
    say({"calls": {name: len(met[name]) for name in (*WRITING, *READING) if name in met}})
    for fault, call, n in _tries(WRITING, met)[::every] + _tries(READING, met)[::rarer]:
        _renew(first, data)
        ended, told = attempt(act, f"{call}:{FAULTS[fault].format(n=n)}", trace, "-y")
        assert fault == "SIGKILL" or _struck(trace.read_text(), data), (fault, call, n)
        _, after = life(lambda told=told: look(told))  # type: ignore[misc]
        say({"fault": fault, "call": call, "n": n, "ended": ended, "told": told, **after})


def numbers(trace: str, data: Path) -> dict[str, list[int]]:
    """Which calls of each name, counted from 1, are about files in `data`."""
    count: Counter[str] = Counter()
    found: dict[str, list[int]] = {}
    for line in trace.splitlines():
        name = line.partition("(")[0]
        count[name] += 1
        if is_about(line, data) and "F_UNLCK" not in line:
            found.setdefault(name, []).append(count[name])
    return found


def faults_at(call: str) -> list[str]:
    """The faults that are put at a call."""
    return [fault for fault in FAULTS if call in WRITING or fault != LASTING]


def _tries(calls: tuple[str, ...], met: dict[str, list[int]]) -> list[tuple[str, str, int]]:
    return [(f, c, n) for f in FAULTS for c in calls if f in faults_at(c) for n in met.get(c, ())]


def _struck(trace: str, data: Path) -> bool:
    """Whether the first call that was made to fail is one of the data."""
    failed = next((line for line in trace.splitlines() if line.endswith("(INJECTED)")), "")
    return is_about(failed, data)


def is_about(line: str, data: Path) -> bool:
    """Whether a line of a trace, which names the file of each descriptor, names one of this folder."""
    return any(f"{data}{end}" in line for end in ("/", ">", '"'))


def attempt(act: Act, inject: str, trace: Path, *more: str) -> tuple[str, list[Any]]:
    """How the process ended, and what it said; `more` are options of strace."""
    go, release = os.pipe()
    hearing, saying = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(release)
        os.close(hearing)
        os.writev(saying, [READY])
        os.readv(go, [bytearray(1)])
        try:
            act(lambda *words: _tell(saying, words), go)
            _tell(saying, ("done",))
        finally:
            os._exit(0)
    os.close(go)
    os.close(saying)
    assert os.read(hearing, 1) == READY
    options = [*more, *(["-e", f"inject={inject}"] if inject else [])]
    command = [
        "strace",
        "-o",
        str(trace),
        "-e",
        f"trace={','.join((*WRITING, *READING))}",
        *options,
        "-p",
        str(pid),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        attached = strace.stderr.readline()
        if "attached" not in attached:
            os.kill(pid, signal.SIGKILL)
            raise RuntimeError(attached)
        os.write(release, b"g")
        told = _heard(hearing, strace, release)
        strace.wait(60)
    _, status = os.waitpid(pid, 0)
    os.close(release)
    return ("killed" if os.WIFSIGNALED(status) else "ended"), told


def insist(
    what: str, act: Callable[[], Any], tell: Tell, go: int, refused: Callable[[Exception], Any]
) -> Any:
    """Does it again as people, programs and the worker do; what it gives. `refused` is what each failure is
    to be told with. When nothing helps it waits until the fault is taken away."""
    for number in range(2 * TRIES_MAX):
        try:
            return act()
        except Exception as trouble:
            tell("refused", what, type(trouble).__name__, refused(trouble))
        if number == TRIES_MAX - 1:
            tell("stuck")
            os.readv(go, [bytearray(1)])
    raise RuntimeError(f"{what}: does not go on when the fault is gone")


def say(told: dict[str, Any]) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


def _tell(saying: int, words: tuple[Any, ...]) -> None:
    os.writev(saying, [f"{json.dumps(words)}\n".encode()])


def _heard(hearing: int, strace: subprocess.Popen[str], release: int) -> list[Any]:
    """All that is said; when the process says that it is stuck, the fault is taken away."""
    told = []
    with os.fdopen(hearing) as lines:
        for line in lines:
            told.append(json.loads(line))
            if told[-1] == ["stuck"]:
                strace.send_signal(signal.SIGINT)
                strace.wait(30)
                os.write(release, b"g")
    return told


def _renew(first: Path, data: Path) -> None:
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(first, data)
