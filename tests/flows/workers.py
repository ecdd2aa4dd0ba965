"""Several workers on one database, killed or stopped while they work: `python -m tests.flows.workers PLAN`.

This process knows Django and opens no database; every worker is a fork of it, so that a hundred of them cost
little. Leases are short, so that what the dead held is taken over within the time of a test. PLAN is JSON:
{"workers": 4, "kills": 20, "seed": 1} kills at random until so many have died, and then lets them work until
its input ends; {"stops": ["send", "read"]} has one worker for each of these steps, which stops itself before
its first, and says so.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bankside.networks.practice import Practice, PracticeServer

LEASE_SECONDS = 4
CALL_SECONDS_MAX = 2
LIFE_SECONDS = (0.15, 1.2)
PR_SET_PDEATHSIG = 1
CALLS = threading.RLock()


def main(plan: dict[str, Any]) -> int:
    """Runs the plan; prints how many were killed."""
    _prepare()
    crowd = {_fork(step) for step in plan.get("stops", [""] * plan.get("workers", 0))}
    chance = random.Random(plan.get("seed", 0))
    killed = 0
    _tell("ready")
    try:
        while not _told_to_end(chance.uniform(*LIFE_SECONDS)):
            if "stops" in plan:
                _report_stopped(crowd)
            elif killed < plan["kills"]:
                crowd = _kill_one(crowd, chance)
                killed += 1
            elif killed == plan["kills"]:
                _tell(f"killed {killed}")
                killed += 1
        return 0
    finally:
        for worker in crowd:
            os.kill(worker, signal.SIGCONT)
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)


def _prepare() -> None:
    import django

    django.setup()
    from bankside.channels import attempt, polling
    from bankside.record import jobs

    jobs.LEASE_SECONDS = polling.LEASE_SECONDS = LEASE_SECONDS
    attempt.CALL_SECONDS_MAX = CALL_SECONDS_MAX
    import bankside.worker  # noqa: F401  # loaded once, for all


def _fork(stop_at: str) -> int:
    worker = os.fork()
    if worker:
        return worker
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _work(stop_at)
    finally:
        os._exit(1)


def _work(stop_at: str) -> None:
    from bankside.worker import Worker

    if stop_at:
        _stop_once_at(stop_at)
    Worker(threads=8).run_forever(threading.Event())


def _kill_one(crowd: set[int], chance: random.Random) -> set[int]:
    victim = chance.choice(sorted(crowd))
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)
    return (crowd - {victim}) | {_fork("")}


def _told_to_end(wait_seconds: float) -> bool:
    """Whether the input of this process has ended, after at most so long."""
    ready, _, _ = select.select([sys.stdin], [], [], wait_seconds)
    return bool(ready) and not sys.stdin.readline()


def _tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


# --- stopping at a step -------------------------------------------------------------------------------------
def _stop_once_at(step: str) -> None:
    """Wraps the step, so that this process stops itself the first time, just before it is done."""
    place, name = _steps()[step]
    real = getattr(place, name)
    stopped: list[bool] = []

    def stopping(*given: Any, **named: Any) -> Any:
        if not stopped:
            stopped.append(True)
            with CALLS:
                os.kill(os.getpid(), signal.SIGSTOP)
                time.sleep(0.01)  # the signal has arrived by then
        return real(*given, **named)

    _one_call_at_a_time()
    setattr(place, name, stopping)


def _one_call_at_a_time() -> None:
    """A thread that is stopped inside of the practice network would stop it for all; no real one waits so."""
    real = PracticeServer._open

    @contextmanager
    def alone(self: PracticeServer) -> Iterator[Any]:
        with CALLS, real(self) as state:
            yield state

    PracticeServer._open = alone  # type: ignore[method-assign]


def _steps() -> dict[str, tuple[Any, str]]:
    from bankside.channels import attempt, reading
    from bankside.channels import words as exact
    from bankside.record import jobs, projection, seal

    return {
        "send": (Practice, "send"),  # the lease was looked at, and the network is called now
        "before the call": (exact, "post_of"),  # the attempt is written, and the lease not looked at yet
        "after the call": (jobs, "_finish"),  # the network has answered, and nothing of it is written
        "attempt": (attempt.deliveries, "append_for"),  # in a transaction that holds the delivery
        "read": (reading, "append_many"),  # in a transaction that holds items and the turn of a channel
        "follow": (projection, "deliver"),  # in a transaction that holds a cursor
        "seal": (seal, "read_back"),  # files are written, the head is not; the row of the head is held
    }


def _report_stopped(crowd: set[int]) -> None:
    for worker in crowd:
        done, status = os.waitpid(worker, os.WNOHANG | os.WUNTRACED)
        if done and os.WIFSTOPPED(status):
            _tell(f"stopped {worker}")


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
