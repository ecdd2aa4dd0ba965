"""The one loop that acts on what is due: followers of the record, jobs, kept items, sealing.

The main thread alone writes to the database; calls to networks run in a pool of threads and come back.
A step that finds nothing to do costs reads only, so that an idle desk does not hold SQLite's one writer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import close_old_connections, connection

from bankside.channels import daily, day_end, notary, polling, reading
from bankside.record import beat, cosigning, jobs, projection, recovery, seal
from bankside.record.away import AWAY
from bankside.record.forgetting import erasing, expiring

THREADS_MAX = 32
IDLE_SECONDS = 0.05
WRITERS_PAUSE_SECONDS = 0.002  # compulsory on SQLite, or people's writes starve (measured: stack sheet 3)
BEAT_SECONDS = 1.0
SEAL_SECONDS, SEAL_ENTRIES = 1.0, 256
"""A head is published every second, or as soon as so many entries of a lane wait (facts/record.md, 2.12)."""
TIDY_SECONDS = 3600.0
CLOCK_SECONDS = 60.0
TROUBLE_SECONDS = 1.0
# On SQLite everybody waits while one transaction writes: short ones, and a pause after each.
TRANSACTION_SECONDS = 0.04
BATCH_MIN, BATCH_MAX = 25, 500

log = logging.getLogger(__name__)


class Pace:
    """How many entries or items go into one transaction, so that it lasts about 40 ms on this machine as it
    is now; on PostgreSQL, where nobody waits for it, as many as may."""

    def __init__(self) -> None:
        self.size = BATCH_MAX if connection.vendor == "postgresql" else BATCH_MIN

    def take(self, act: Callable[[int], int]) -> int:
        """One transaction; how many it dealt with. Lets people write after it, and learns from its time."""
        started = time.monotonic()
        done = act(self.size)
        seconds = time.monotonic() - started
        if connection.vendor == "sqlite":
            if done * 2 > self.size:
                wanted = round(self.size * TRANSACTION_SECONDS / max(seconds, 0.001))
                self.size = min(max(wanted, self.size // 2, BATCH_MIN), self.size * 2, BATCH_MAX)
            time.sleep(WRITERS_PAUSE_SECONDS)
        return done


class Worker:
    """One worker; several may run at once on PostgreSQL, one on SQLite."""

    def __init__(self, threads: int = THREADS_MAX) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="wire")
        self._runner = jobs.Runner(self._pool)
        self._follow, self._read = Pace(), Pace()
        self._starts = True
        self._unsealed: Counter[int] = Counter()
        self._next = {"beat": 0.0, "seal": 0.0, "tidy": 0.0, "clock": 0.0}

    def run_forever(self, stop: threading.Event) -> None:
        """Works until `stop` is set. A database that is away, or a disk that is full, is waited for."""
        while not stop.is_set():
            try:
                busy = self.step()
            except (*AWAY, OSError) as trouble:
                log.warning("the database is busy or away, or the disk refuses: %s", type(trouble).__name__)
                close_old_connections()
                stop.wait(TROUBLE_SECONDS)
                continue
            stop.wait(0 if busy else IDLE_SECONDS)
        self.close()

    def run_until_idle(self, limit_seconds: float = 60.0) -> bool:
        """Works until nothing is due and no call is under way; False when time ran out before."""
        end = time.monotonic() + limit_seconds
        while time.monotonic() < end:
            if not self.step() and not self._runner.busy:
                seal.seal_all()
                return True
            time.sleep(0 if self._runner.idle else 0.005)
        return False

    def step(self) -> bool:
        """Everything once; whether there was anything to do.

        In recovery mode tables follow, so that people read what there is, and nothing is added; with a full
        disk nothing is done at all but to look whether there is room.
        """
        mode = recovery.mode()
        self._now_and_then(mode)
        if mode:
            return mode.kind == recovery.RECOVERY and self._follow_all(only=projection.Projection) > 0
        done = self._follow_all()
        done += self._read.take(reading.read_kept)
        done += self._runner.step(THREADS_MAX)
        return done > 0

    def _follow_all(self, only: type[projection.Follower] = projection.Follower) -> int:
        """A batch for each that is behind; how many entries were taken in all.

        Every entry of a lane passes each follower once: the last one, a reaction, which no command lets see
        before the worker does, tells how many came, and nobody has to ask the database.
        """
        taken, last = 0, projection.followers()[-1]
        for follower, lane in projection.behind():
            if isinstance(follower, only):
                count = self._follow.take(partial(projection.catch_up, follower, lane))
                taken += count
                self._unsealed[lane] += count if follower is last else 0
        return taken

    def close(self) -> None:
        """Waits for the calls under way and ends the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _now_and_then(self, mode: recovery.Mode | None) -> None:
        if self._is_time("beat", BEAT_SECONDS):
            beat.beat()
        if max(self._unsealed.values(), default=0) >= SEAL_ENTRIES:
            self._next["seal"] = 0.0
        if self._is_time("seal", SEAL_SECONDS):
            self._unsealed.clear()
            seal.seal_all(asks=self._starts)
            self._starts = False
        if mode:
            return
        if self._is_time("tidy", TIDY_SECONDS):
            jobs.forget_done()
            daily.plan()
            cosigning.plan()
            expiring.plan()
            erasing.go_on()
            notary.plan()
            day_end.plan()
        if self._is_time("clock", CLOCK_SECONDS):
            polling.wake_overslept()

    def _is_time(self, what: str, every_seconds: float) -> bool:
        now = time.monotonic()
        if now < self._next[what]:
            return False
        self._next[what] = now + every_seconds
        return True
