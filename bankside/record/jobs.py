"""One job table for timers and sends: due at a time, taken under a lease, done once.

A lease that runs out means that the worker died: the job is taken again, so every handler must find
out what its predecessor did before it does anything (DESIGN section 3: the attempt is written first).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from bankside.record import clock
from bankside.record.models import Job

LEASE_SECONDS = 120
RETRIES_MAX = 20
BACKOFF_SECONDS_MAX = 900
KEPT_DAYS = 30

Handler = Callable[[Job], "int | None"]
_handlers: dict[str, Handler] = {}
log = logging.getLogger(__name__)


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Declares who does jobs of this kind. A handler returns the next due time in ms, or None when done."""

    def declare(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return declare


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


def run_due(limit: int = 100) -> int:
    """Does what is due, oldest first; how many jobs were taken."""
    taken = take_due(limit)
    for job in taken:
        _run(job)
    return len(taken)


def take_due(limit: int) -> list[Job]:
    """Jobs that are due and held by nobody, each now under a lease of ours."""
    now = clock.now_ms()
    with transaction.atomic():
        skip = transaction.get_connection().features.has_select_for_update_skip_locked
        due = Job.objects.filter(state=Job.WAITING, due_at__lte=now, lease_until__lte=now, kind__in=_handlers)
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


def _run(job: Job) -> None:
    try:
        next_due = _handlers[job.kind](job)
    except Exception as error:
        log.exception("job %s of kind %s failed", job.pk, job.kind)
        _put_off(job, type(error).__name__)
        return
    if next_due is None:
        _ours(job).update(state=Job.DONE, lease_until=0, error="")
    else:
        _ours(job).update(due_at=next_due, lease_until=0, error="", tries=0)


def _put_off(job: Job, error: str) -> None:
    if job.tries >= RETRIES_MAX:
        _ours(job).update(state=Job.FAILED, lease_until=0, error=error)
        return
    wait_seconds = min(2**job.tries, BACKOFF_SECONDS_MAX)
    _ours(job).update(due_at=clock.now_ms() + wait_seconds * 1000, lease_until=0, error=error)


def _ours(job: Job) -> models.QuerySet[Job]:
    """The row, if our lease still holds: a worker that slept past its lease changes nothing."""
    return Job.objects.filter(pk=job.pk, lease_until=job.lease_until)
