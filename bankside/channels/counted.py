"""What of ours is counted on networks, and when it is looked at next: often while it is new, then less often.

A row is a post of ours, whether by this desk or not, or the account itself. It holds what the network said
last, so that only what has changed becomes a fact.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from bankside.channels.models import Channel, Counted, Delivery
from bankside.networks.catalogue import network
from bankside.networks.contract import Activity
from bankside.record import clock
from bankside.record.models import Job

JOB = "counts"
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
FIRST_LOOK_MINUTES = 10
HOURLY_HOURS = 24
DAILY_DAYS = 7
WEEKLY_DAYS = 90
WEEK_DAYS = 7
ACCOUNT_HOURS = 24
REMOTE_ID_CHARACTERS_MAX = 300
NEVER = 0


def next_look_ms(said_ms: int, now_ms: int) -> int:
    """When a post that was looked at now is looked at again (UTC ms): hourly on its first day, daily in its
    first week, weekly until 90 days are over, then NEVER. Pure."""
    age = now_ms - said_ms
    if age < HOURLY_HOURS * HOUR_MS:
        return now_ms + HOUR_MS
    if age < DAILY_DAYS * DAY_MS:
        return now_ms + DAY_MS
    return _weekly(said_ms, now_ms)


def next_of(row: Counted, now_ms: int, *, there: bool) -> int:
    """When a row that was asked about now is due again. What is not there any more is asked for weekly."""
    if row.account:
        return now_ms + ACCOUNT_HOURS * HOUR_MS
    return next_look_ms(row.said_at, now_ms) if there else _weekly(row.said_at, now_ms)


def said(delivery: Delivery) -> None:
    """A post is out by this desk: it will be counted, if its network tells. In the caller's transaction,
    before it appends."""
    if delivery.purpose == "post" and counts(delivery.channel):
        now = clock.now_ms()
        _add([_post(delivery.channel, delivery.remote_id, now, now)])
        _wake(delivery.channel, now)


def seen(found: Iterable[tuple[Channel, Activity]]) -> None:
    """Our own account has said something without this desk, or it came back: counted too, once."""
    now = clock.now_ms()
    posts = [(channel, one) for channel, one in found if is_post(one) and counts(channel)]
    _add(_post(channel, one.remote_id, one.published_ms or now, now) for channel, one in posts)


def account_of(channel: Channel) -> bool:
    """Has the account itself counted, where its network tells; whether that is new."""
    told, me = network(channel.network).counts, str(channel.account.get("remote_id", ""))
    if not told or not told.account or not me:
        return False
    row = {"account": True, "said_at": channel.created_at, "due_at": clock.now_ms()}
    _, made = Counted.objects.get_or_create(channel=channel, remote_id=me, defaults=row)
    return made


def counts(channel: Channel) -> bool:
    """Whether the network tells anything of what was said there."""
    return network(channel.network).counts is not None


def is_post(activity: Activity) -> bool:
    """Whether it is something of ours that everybody can see and that answers nobody."""
    ours = activity.own and activity.verb in {"Create", "Update"}
    return ours and not activity.private and not activity.held and not activity.in_reply_to


def due(channel: Channel, now_ms: int, limit: int) -> list[Counted]:
    """What is to be looked at now, at most `limit`, longest due first."""
    rows = Counted.objects.filter(channel=channel, due_at__gt=NEVER, due_at__lte=now_ms)
    return list(rows.order_by("due_at", "id")[:limit])


def next_due_ms(channel: Channel) -> int:
    """When the next of a channel is due, UTC ms; NEVER when there is none."""
    waiting = Counted.objects.filter(channel=channel, due_at__gt=NEVER)
    return int(waiting.aggregate(first=models.Min("due_at"))["first"] or NEVER)


def job_key(channel: Channel) -> str:
    """The one job of a channel that reads counts."""
    return f"{JOB}:{channel.obj}"


def _post(channel: Channel, remote_id: str, said_ms: int, now_ms: int) -> Counted:
    due_ms = now_ms + FIRST_LOOK_MINUTES * MINUTE_MS
    return Counted(channel=channel, remote_id=remote_id, said_at=min(said_ms, now_ms), due_at=due_ms)


def _add(rows: Iterable[Counted]) -> None:
    """In one order for all workers; what is known stays as it is. What is too old, or has no name by which
    it could be asked for, is left out."""
    named = [row for row in rows if 0 < len(row.remote_id) <= REMOTE_ID_CHARACTERS_MAX]
    young = [row for row in named if row.due_at - row.said_at < WEEKLY_DAYS * DAY_MS]
    if listed := sorted(young, key=lambda row: (row.channel_id, row.remote_id)):
        Counted.objects.bulk_create(listed, ignore_conflicts=True)


def _wake(channel: Channel, now_ms: int) -> None:
    """The job does not sleep past the first look at a new post."""
    first = now_ms + FIRST_LOOK_MINUTES * MINUTE_MS
    waiting = Job.objects.filter(key=job_key(channel), state=Job.WAITING, due_at__gt=first)
    waiting.update(due_at=first)


def _weekly(said_ms: int, now_ms: int) -> int:
    after = now_ms + WEEK_DAYS * DAY_MS
    return after if after - said_ms <= WEEKLY_DAYS * DAY_MS else NEVER
