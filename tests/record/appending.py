"""Appending and publishing in a small process, at one of whose system calls a fault is put by strace.

A process of its own (`python -m tests.record.appending FOLDER EVERY SHIFT`, with BANKSIDE_DATA being
FOLDER/data). Every try is a fork of it on a fresh copy of the same record. It waits until strace has hold of
it, appends and publishes, and says over a pipe what was acknowledged and what was refused. Another fork then
looks at what is there, asks for everything again, and checks the whole record.
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

CALLS = (
    "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "openat", "rename", "unlink", "mkdir",
)  # fmt: skip
FAULTS = {
    "SIGKILL": "signal=SIGKILL:when={n}",
    "EIO": "error=EIO:when={n}",
    "ENOSPC": "error=ENOSPC:when={n}",
    "ENOSPC that lasts": "error=ENOSPC:when={n}+",
}
KEYS = ("말:1", "话:2", "woord:3")
TRIES_MAX = 4
BASE = 5


def main(folder: Path, every: int, shift: int) -> None:
    """Every `every`-th call of each kind, from the `shift`-th on; one line of JSON for each try."""
    import django

    django.setup()
    data, first = folder / "data", folder / "kept"
    data.mkdir()
    life(found)
    shutil.copytree(data, first)
    warm_up()
    shutil.rmtree(data)
    shutil.copytree(first, data)
    trace = folder / "trace"
    attempt("trace", "", trace)
    counted = Counter(line.partition("(")[0] for line in trace.read_text().splitlines())
    say({"calls": {name: counted[name] for name in CALLS if counted[name]}})
    tries = [(f, c, n) for f in FAULTS for c in CALLS for n in range(1, counted[c] + 1)]
    for fault, call, n in tries[shift::every]:
        shutil.rmtree(data)
        shutil.copytree(first, data)
        ended, told = attempt(fault, f"{call}:{FAULTS[fault].format(n=n)}", folder / "trace")
        _, after = life(lambda told=told: look(told))  # type: ignore[misc]
        say({"fault": fault, "call": call, "n": n, "ended": ended, "told": told, **after})


def warm_up() -> None:
    """Imports everything, so that the calls that are counted are of the record and not of the language."""
    from django.db import connection

    from bankside.record.founding import forget

    out = os.open(os.devnull, os.O_WRONLY)
    append_all(out, -1)
    os.close(out)
    connection.close()
    forget()


def say(told: dict[str, Any]) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


def found() -> None:
    """A founded desk with a record of some entries, published."""
    from django.core.management import call_command

    from bankside.record import seal
    from bankside.record.founding import found as found_desk
    from tests.record.tally import say as append_words

    call_command("migrate", verbosity=0)
    found_desk()
    append_words(*(f"word {number}" for number in range(BASE)))
    seal.seal_all()


# --- the try that meets the fault ----------------------------------------------------------------------
def attempt(fault: str, inject: str, trace: Path) -> tuple[str, list[Any]]:
    """How the process ended, and what it said."""
    go, release = os.pipe()
    hearing, saying = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(release)
        os.close(hearing)
        os.read(go, 1)
        try:
            append_all(saying, go)
        finally:
            os._exit(0)
    os.close(go)
    os.close(saying)
    options = ["-e", f"inject={inject}"] if inject else []
    command = ["strace", "-o", str(trace), "-e", f"trace={','.join(CALLS)}", *options, "-p", str(pid)]
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


def append_all(saying: int, go: int) -> None:
    """Appends each key until it is acknowledged, and publishes after each; waits when nothing helps."""
    from bankside.record import seal

    def tell(*words: Any) -> None:
        os.writev(saying, [f"{json.dumps(words)}\n".encode()])  # a call of which no fault is made

    for key in KEYS:
        seq = insist(key, lambda key=key: kept(key), tell, go)  # type: ignore[misc]
        tell("kept", key, seq)
        insist("publish", seal.seal_all, tell, go)
    insist("publish", seal.seal_all, tell, go)
    tell("done")


def insist(what: str, act: Callable[[], Any], tell: Callable[..., None], go: int) -> Any:
    """Does it again as people, programs and the worker do; what it gives."""
    from django.db import connection

    from bankside.web.problems import problem_of

    for number in range(2 * TRIES_MAX):
        try:
            return act()
        except Exception as trouble:
            problem = problem_of(trouble)
            tell("refused", what, type(trouble).__name__, problem.status if problem else 0)
            connection.close_if_unusable_or_obsolete()
        if number == TRIES_MAX - 1:
            tell("stuck")
            os.read(go, 1)
    raise RuntimeError(f"{what}: does not go on when the fault is gone")


def kept(key: str) -> int:
    """The sequence number of the key's fact, durable."""
    from django.db import transaction

    from bankside.record.append import append
    from tests.record.tally import WordSaid

    with transaction.atomic():
        return append(WordSaid(word=key), key, actor="s:test", obj="ab" * 16).seq


# --- afterwards ----------------------------------------------------------------------------------------
def look(told: list[Any]) -> dict[str, Any]:
    """What is there after the fault, before and after everything is asked for again."""
    from django.conf import settings

    from bankside.record import audit, seal
    from bankside.record.models import Entry, Head
    from bankside.record.verify import verify_folder

    there = dict(Entry.objects.filter(key__in=KEYS).values_list("key", "seq"))
    before = [str(problem) for problem in verify_folder(settings.LOG_FOLDER).problems]
    again = {key: kept(key) for key in KEYS}
    seal.seal_all()
    report = verify_folder(settings.LOG_FOLDER)
    return {
        "there": there,
        "again": again,
        "before": before,
        "after": [str(problem) for problem in report.problems + audit.audit().problems],
        "published": report.entries - sum(head.size for head in Head.objects.all()),
        "entries": Entry.objects.count(),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
