"""What an operator watches of the record: how much there is, how far followers are behind, what is stuck."""

from __future__ import annotations

from collections import Counter

from django.db import DatabaseError, connection, models

from bankside.record import clock
from bankside.record.models import Checkpoint, Cursor, Head, Job, Quarantined
from bankside.record.projection import followers


def database_answers() -> bool:
    """Whether the database answers at all."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        return True
    except DatabaseError:
        return False


def entries() -> int:
    """How many entries there are: the open logs, and the closed ones as they were published."""
    heads = {(head.lane, head.year): head.size for head in Head.objects.all()}
    closed = {(row.lane, row.year): row.size for row in Checkpoint.objects.all()}
    return sum((closed | heads).values())


def lags() -> dict[str, int]:
    """How many entries each follower has not taken yet; an older year that it is still in counts as one."""
    heads = list(Head.objects.all())
    cursors = {(row.follower, row.lane): row for row in Cursor.objects.all()}
    return {
        follower.name: sum(_lag(head, cursors.get((follower.name, head.lane))) for head in heads)
        for follower in followers()
    }


def set_aside() -> dict[str, int]:
    """How many entries each follower could not take."""
    rows = Quarantined.objects.values_list("follower").annotate(count=models.Count("pk"))
    return {follower.name: 0 for follower in followers()} | dict(rows)


def jobs() -> dict[str, int]:
    """How many jobs are late by now, and how many failed for good."""
    waiting = Job.objects.filter(state=Job.WAITING, due_at__lt=clock.now_ms()).count()
    return dict(Counter(due=waiting, failed=Job.objects.filter(state=Job.FAILED).count()))


def _lag(head: Head, cursor: Cursor | None) -> int:
    if cursor is None:
        return head.size
    if cursor.year == head.year:
        return head.size - cursor.seq - 1
    return head.size + 1
