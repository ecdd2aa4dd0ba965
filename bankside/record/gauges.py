"""What an operator watches of the record: how much there is, how far followers are behind, what is stuck."""

from __future__ import annotations

from collections import Counter

from django.db import DatabaseError, connection, models

from bankside.record import clock
from bankside.record.models import Checkpoint, Cursor, Head, Job, Quarantined, Witnessed
from bankside.record.projection import followers
from bankside.record.shards import name_of

WITNESS_HOURS_MAX = 24


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


def refusals() -> list[str]:
    """Why logs are not published any more: the signer refuses what comes next."""
    rows = Checkpoint.objects.exclude(refused="").order_by("lane", "year")
    return [f"log {row.lane}/{name_of(row.year)} is not published: {row.refused}" for row in rows]


def witnesses_away() -> list[str]:
    """Witnesses that have not signed for a day; the log grows meanwhile."""
    before = clock.now_ms() - WITNESS_HOURS_MAX * 3_600_000
    rows = Witnessed.objects.filter(since__gt=0, since__lt=before).order_by("name", "lane", "year")
    return [
        f"{row.name} has not signed log {row.lane}/{name_of(row.year)} for a day: {row.trouble}"
        for row in rows
    ]


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
