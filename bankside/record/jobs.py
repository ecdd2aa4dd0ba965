"""One job table for timers and sends: due at a time, taken under a lease, done once.

A lease that runs out means that the worker died: the job is taken again, so every handler must find
out what its predecessor did before it does anything (DESIGN section 3: the attempt is written first).
A call of the outside is an `Errand`: it runs in a thread without a database, and what follows from its
answer runs in the worker's own thread, while the lease still holds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, Generic, TypeVar

from django.db import models, transaction

from bankside.record import clock
from bankside.record.away import AWAY
from bankside.record.models import Job

LEASE_SECONDS = 120
RETRIES_MAX = 20
BACKOFF_SECONDS_MAX = 900
AWAY_SECONDS = 30
KEPT_DAYS = 30
ERRAND_WAIT_SECONDS = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Errand(Generic[T]):
    """A call of the outside that a handler wants made.

    `work` runs in a thread of the pool and touches no database; `after` gets its value, or the exception
    it raised, in the calling thread, and returns the next due time in ms or None when the job is done.
    `lease_seconds` is for calls that take longer than a job's own lease, which 0 leaves as it is.
    """

    work: Callable[[], T]
    after: Callable[[T | Exception], int | None]
    lease_seconds: int = 0


Handler = Callable[[Job], "int | Errand[Any] | None"]
_handlers: dict[str, Handler] = {}
_standing: set[str] = set()
_done_in: dict[str, str] = {}
log = logging.getLogger(__name__)


def handler(kind: str, *, standing: bool = False) -> Callable[[Handler], Handler]:
    """Declares who does jobs of this kind.

    A handler returns None when the job is done, the next due time in ms, or an Errand. A `standing` job is
    done as long as the desk is there: it is never given up, however often it fails.
    """

    def declare(function: Handler) -> Handler:
        _handlers[kind] = function
        if standing:
            _standing.add(kind)
        return function

    return declare


def done_in(module: str, *kinds: str) -> None:
    """A room says in `apps.py` which module declares the handlers of these kinds.

    It is imported with the first such job, so that no process waits for what it may never do.
    """
    _done_in.update(dict.fromkeys(kinds, module))


def enqueue(kind: str, key: str, *, due_ms: int, data: dict[str, Any]) -> bool:
    """Puts a job on the table; False when its key is known already (twice is once)."""
    _, made = Job.objects.get_or_create(key=key, defaults={"kind": kind, "due_at": due_ms, "data": data})
    return made


def cancel(key: str) -> bool:
    """Takes a waiting job off the table; False when it is being done or was done."""
    deleted, _ = Job.objects.filter(key=key, state=Job.WAITING, lease_until__lt=clock.now_ms()).delete()
    return deleted > 0


def again(key: str, due_ms: int) -> bool:
    """Makes a known job due (again) at `due_ms`; False when there is none."""
    changes = {"state": Job.WAITING, "due_at": due_ms, "lease_until": 0, "tries": 0}
    return Job.objects.filter(key=key).update(**changes) > 0


def wake(key: str, due_ms: int) -> bool:
    """As `again`, but leaves a job alone that somebody does just now."""
    changes = {"state": Job.WAITING, "due_at": due_ms, "tries": 0}
    return Job.objects.filter(key=key, lease_until__lte=clock.now_ms()).update(**changes) > 0


def run_due(limit: int = 100, pool: Executor | None = None) -> int:
    """Does what is due, oldest first, and waits for its errands; how many jobs were taken."""
    runner = Runner(pool)
    taken = runner.start(limit)
    while runner.busy:
        runner.finish(wait_seconds=ERRAND_WAIT_SECONDS)
    return taken


class Runner:
    """Starts due jobs and finishes their errands, without ever waiting for a slow one."""

    def __init__(self, pool: Executor | None) -> None:
        """`pool` makes the calls; None makes each one at once, in the calling thread."""
        self._pool = pool
        self._running: dict[Future[Any], tuple[Job, Errand[Any]]] = {}

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return bool(self._running)

    @property
    def idle(self) -> bool:
        """Whether no call is under way."""
        return not self._running

    def step(self, limit: int) -> int:
        """Finishes errands that ended and starts what is due, so that at most `limit` are under way.

        How many jobs were moved; 0 means that there was nothing to do now.
        """
        finished = self.finish()
        return finished + self.start(limit - len(self._running))

    def start(self, limit: int) -> int:
        """Takes up to `limit` due jobs and does them, or starts their errands; how many were taken."""
        taken = take_due(limit) if limit > 0 else []
        for job in taken:
            result = _tried(job, partial(_do, job))
            if isinstance(result, Errand):
                self._start(job, result)
            else:
                _settle(job, result)
        return len(taken)

    def finish(self, wait_seconds: float = 0) -> int:
        """Finishes the errands that have ended, waiting so long for the first one; how many."""
        if not self._running:
            return 0
        ended = wait(self._running, wait_seconds, FIRST_COMPLETED).done
        for future in ended:
            _finish(*self._running.pop(future), future)
        return len(ended)

    def _start(self, job: Job, errand: Errand[Any]) -> None:
        if errand.lease_seconds and not _hold(job, errand.lease_seconds):
            return
        future = self._pool.submit(errand.work) if self._pool else _called(errand.work)
        self._running[future] = (job, errand)


def take_due(limit: int) -> list[Job]:
    """Jobs that are due and held by nobody, each now under a lease of ours."""
    now = clock.now_ms()
    with transaction.atomic():
        skip = transaction.get_connection().features.has_select_for_update_skip_locked
        known = {*_handlers, *_done_in}
        due = Job.objects.filter(state=Job.WAITING, due_at__lte=now, lease_until__lte=now, kind__in=known)
        taken = list(due.select_for_update(skip_locked=skip).order_by("due_at", "id")[:limit])
        lease = now + LEASE_SECONDS * 1000
        Job.objects.filter(pk__in=[job.pk for job in taken]).update(
            lease_until=lease, tries=models.F("tries") + 1
        )
    for job in taken:
        job.lease_until, job.tries = lease, job.tries + 1
    return taken


def forget_done() -> int:
    """Deletes jobs that were done more than 30 days ago; their keys are in the record."""
    before = clock.now_ms() - KEPT_DAYS * 86_400_000
    deleted, _ = Job.objects.filter(state=Job.DONE, due_at__lt=before).delete()
    return deleted


class _Failed(Exception):
    """The handler raised; the message is the name of what it raised, never its words. `away`: the job is not
    at fault, but the database, the keys or the disk, and the try does not count."""

    def __init__(self, name: str, away: bool = False) -> None:
        super().__init__(name)
        self.away = away


def _do(job: Job) -> int | Errand[Any] | None:
    if job.kind not in _handlers:
        import_module(_done_in[job.kind])
    return _handlers[job.kind](job)


def _tried(job: Job, act: Callable[[], int | Errand[Any] | None]) -> int | Errand[Any] | _Failed | None:
    try:
        return act()
    except Exception as error:
        log.exception("job %s of kind %s failed", job.pk, job.kind)
        return _Failed(type(error).__name__, isinstance(error, AWAY))


def _settle(job: Job, result: int | _Failed | None) -> None:
    match result:
        case _Failed(away=True):
            wait = {"due_at": clock.now_ms() + AWAY_SECONDS * 1000, "tries": job.tries - 1}
            _ours(job).update(lease_until=0, error=str(result), **wait)
        case _Failed():
            _put_off(job, str(result))
        case None:
            _ours(job).update(state=Job.DONE, lease_until=0, error="")
        case due:
            _ours(job).update(due_at=due, lease_until=0, error="", tries=0)


def _finish(job: Job, errand: Errand[Any], ended: Future[Any]) -> None:
    """What follows from the answer, unless somebody else holds the job by now: then they find it out."""
    error = ended.exception()
    if error is not None and not isinstance(error, Exception):
        raise error
    if not _hold(job, LEASE_SECONDS):
        log.warning("job %s of kind %s came back after its lease; its answer is not used", job.pk, job.kind)
        return
    answer = error if error is not None else ended.result()
    result = _tried(job, lambda: errand.after(answer))
    _settle(job, result if not isinstance(result, Errand) else _Failed("an errand gives no errand"))


def _hold(job: Job, seconds: int) -> bool:
    """Renews our lease for that long from now; False when it is not ours any more."""
    lease = clock.now_ms() + seconds * 1000
    if not _ours(job).update(lease_until=lease):
        return False
    job.lease_until = lease
    return True


def _called(work: Callable[[], Any]) -> Future[Any]:
    future: Future[Any] = Future()
    try:
        future.set_result(work())
    except Exception as error:
        future.set_exception(error)
    return future


def _put_off(job: Job, error: str) -> None:
    if job.tries >= RETRIES_MAX and job.kind not in _standing:
        _ours(job).update(state=Job.FAILED, lease_until=0, error=error)
        return
    wait_seconds = min(2 ** min(job.tries, RETRIES_MAX), BACKOFF_SECONDS_MAX)
    _ours(job).update(due_at=clock.now_ms() + wait_seconds * 1000, lease_until=0, error=error)


def _ours(job: Job) -> models.QuerySet[Job]:
    """The row, if our lease still holds: a worker that slept past its lease changes nothing."""
    return Job.objects.filter(pk=job.pk, lease_until=job.lease_until)
