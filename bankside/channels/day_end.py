"""At the desk's midnight one entry ties all logs together, and says what came in on each channel that day.

A tree of hashes cannot show that nothing was left out; for that there are these counts, and a chain of days.
A day that no worker was there for is written when one is again, up to seven days back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction

from bankside.channels.models import Channel, Item
from bankside.record import clock, day_ties, jobs
from bankside.record.append import Entry, append, entries_where
from bankside.record.fact import names_of
from bankside.record.facts.channel_care import Reconciled
from bankside.record.facts.channels import (
    ChannelConnected,
    ChannelPaused,
    ChannelRemoved,
    ChannelResumed,
    ChannelStopped,
    GapRepaired,
)
from bankside.record.facts.evidence import ChannelDay, DayReconciled
from bankside.record.models import Job
from bankside.record.projection import facts_of
from bankside.record.subjects import desk

ACTOR = "s:reconciliation"
JOB = "channels.day-end"
AFTER_SECONDS = 60
"""What was under way at midnight is committed by then: nobody waits longer for a lock than 20 seconds."""
DAYS_BACK_MAX = 7
LATE_HOURS = 2
CHANNELS_MAX = 2_000
TOLD = (
    ChannelConnected, ChannelPaused, ChannelRemoved, ChannelResumed, ChannelStopped, GapRepaired, Reconciled,
)  # fmt: skip


def plan() -> int:
    """Puts the end of this day, and of days of which there is no entry, on the table; how many are new."""
    now = clock.now_ms()
    today = datetime.fromtimestamp(now / 1000, zone()).date()
    first = day_ties.begun_at()
    count = 0
    for back in range(DAYS_BACK_MAX, -1, -1):
        day = today - timedelta(days=back)
        until = _starts(day + timedelta(days=1))
        if first and first < until:
            count += _planned(day.isoformat(), until + AFTER_SECONDS * 1000)
    return count


def _planned(day: str, due_ms: int) -> bool:
    """Whether it is on the table now, for the first time or again after it failed for good."""
    key = f"{JOB}:{day}"
    if jobs.enqueue(JOB, key, due_ms=due_ms, data={"day": day}):
        return True
    return Job.objects.filter(key=key, state=Job.FAILED).exists() and jobs.again(key, clock.now_ms())


def zone() -> ZoneInfo:
    """Where the desk's day ends."""
    return ZoneInfo(settings.ZONE)


def missing(now_ms: int) -> list[str]:
    """Of the last seven days those that are over for two hours and have no entry, oldest first."""
    late = now_ms - LATE_HOURS * 3_600_000
    today = datetime.fromtimestamp(late / 1000, zone()).date()
    first, there = day_ties.begun_at(), {one.day for one in day_ties.days(DAYS_BACK_MAX + 1)}
    days = [today - timedelta(days=back) for back in range(DAYS_BACK_MAX, 0, -1)]
    ended = [day for day in days if first and first < _starts(day + timedelta(days=1))]
    return [str(day) for day in ended if str(day) not in there]


@jobs.handler(JOB)
def end(job: Job) -> None:
    """Writes the entry of one day; once, however often it is tried."""
    write(date.fromisoformat(job.data["day"]))


def write(day: date) -> Entry:
    """The entry of a day, which is over."""
    since, until = _starts(day), _starts(day + timedelta(days=1))
    fact = DayReconciled(
        day=day.isoformat(), zone=str(zone()), from_ms=since, until_ms=until, logs=tuple(day_ties.ends()),
        channels=tuple(_channels(since, until)),
    )  # fmt: skip
    with transaction.atomic():
        return append(
            fact, f"record.day-reconciled:{day}", actor=ACTOR, obj=desk(), prev=day_ties.last_id() or None
        )


def _channels(since: int, until: int) -> Iterable[ChannelDay]:
    """What came in on each channel that was there, from kept items and from the record."""
    came: Counter[tuple[int, str]] = Counter()
    items = Item.objects.filter(received_at__gte=since, received_at__lt=until).order_by()
    for channel, via, count in items.values_list("channel_id", "via").annotate(models.Count("pk")):
        came[channel, via] += count
    told = _told(since, until)
    for row in Channel.objects.order_by("pk")[:CHANNELS_MAX]:
        says = told.get(row.obj, Counter())
        if row.state != Channel.REMOVED or says or came[row.pk, "hook"] or came[row.pk, "poll"]:
            yield ChannelDay(
                channel=row.obj, by_hook=came[row.pk, "hook"], by_poll=came[row.pk, "poll"], state=row.state,
                repaired=says["repaired"], missing=says["missing"], gaps_opened=says["opened"],
                gaps_closed=says["closed"],
            )  # fmt: skip


def _told(since: int, until: int) -> dict[str, Counter[str]]:
    """What the facts of a day say, by channel."""
    facts = sorted(names_of(TOLD))
    among = ", ".join(["%s"] * len(facts))
    rows = entries_where(f"fact in ({among}) and t >= %s and t < %s order by n", [*facts, since, until])
    found: dict[str, Counter[str]] = {}
    for fact in facts_of(rows).values():
        if fact is not None:
            found.setdefault(fact.channel, Counter()).update(_counted(fact))
    return found


def _counted(fact: object) -> dict[str, int]:
    """One fact as counts. What asking found had been missing, and is there now: a gap opened and closed."""
    match fact:
        case GapRepaired(items=items):
            return {"repaired": items, "opened": 1, "closed": 1}
        case Reconciled(missing=missing, whole=whole):
            opened, closed = bool(missing) or not whole, bool(missing) and whole
            return {"missing": missing, "opened": int(opened), "closed": int(closed)}
        case ChannelPaused() | ChannelStopped():
            return {"opened": 1}
        case ChannelResumed():
            return {"closed": 1}
        case _:
            return {}


def _starts(day: date) -> int:
    """The first moment of a day of the desk, UTC ms."""
    return int(datetime.combine(day, time(), zone()).astimezone(UTC).timestamp() * 1000)
