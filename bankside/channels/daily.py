"""What is done once a day for every channel that runs: planned ahead, one job per channel and day.

The jobs of a day lie spread over an hour, so that many channels do not all ask at the same moment.
"""

from __future__ import annotations

from django.db import transaction

from bankside.channels import capabilities, counts, intake, reconciliation, token_health, way
from bankside.channels.models import Channel
from bankside.record import clock, jobs

KINDS = (capabilities.JOB, reconciliation.JOB)
SPREAD_SECONDS = 3600


def plan() -> int:
    """Puts the day's jobs on the table, as far as they are not there; how many are new. Cheap to repeat."""
    intake.forget_signatures()
    day, now = token_health.day_of(clock.now_ms()), clock.now_ms()
    with transaction.atomic():
        rows = list(Channel.objects.filter(state=Channel.OPEN).order_by("pk"))
        reached = [row for row in rows if way.is_reached(row)]
        _let_rest([row.pk for row in rows if row not in reached and (row.notice_at or row.refused_since)])
        counts.plan(reached)
        return sum(_planned(row, kind, day, now) for row in reached for kind in KINDS)


def _planned(row: Channel, kind: str, day: str, now_ms: int) -> bool:
    spread_seconds = int(row.obj[:8], 16) % SPREAD_SECONDS
    data = {"channel": row.obj, "day": day}
    return jobs.enqueue(kind, f"{kind}:{row.obj}:{day}", due_ms=now_ms + spread_seconds * 1000, data=data)


def _let_rest(ids: list[int]) -> None:
    """A network that is not asked any more has no access that ends."""
    if ids:
        Channel.objects.filter(pk__in=ids).update(notice_at=0, ends_at=0, refused_since=0)
