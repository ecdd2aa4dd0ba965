"""Kept items become facts: each once, in batches, and one that cannot be read stops none of the others.

An older version that comes after a newer one is recorded as such and changes nothing of what stands there.
Of several workers one at a time reads a channel: what was kept first is recorded first.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, connection, models, transaction

from bankside.channels import connectors, counted, kept, meter, pictures, sightings
from bankside.channels.models import Channel, Item
from bankside.networks.contract import Activity, Connector
from bankside.record import clock, jobs
from bankside.record.append import Draft, append_many
from bankside.record.away import AWAY
from bankside.record.models import Job

BATCH_MAX = 500
TRIES_MAX = 5
UNKNOWN_DAYS = 7
POISONED_DAYS = 30
READ_DAYS = 30
FORGET_JOB = "forget-items"
FORGET_EVERY_MS = 3_600_000
TURN = 0x62616E6B  # names this lock among the advisory locks of a database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Understood:
    """An item and what it says; no activities for a kind that its connector does not know."""

    item: Item
    activities: tuple[Activity, ...]


def read_kept(limit: int = BATCH_MAX) -> int:
    """Makes facts of the oldest kept items, at most `limit`; how many were dealt with, 0 when none is left.

    To be called again until it gives 0: a batch ends before the second item about the same thing. Channels
    that another worker is reading are left to it.
    """
    waiting = Item.objects.filter(state=Item.KEPT).order_by("id").values_list("channel_id", "id")
    found: dict[int, list[int]] = {}
    for channel, number in waiting[: min(limit, BATCH_MAX)]:
        found.setdefault(channel, []).append(number)
    return sum(_read(channel, numbers) for channel, numbers in found.items())


def retry_poisoned(channel: Channel) -> int:
    """Has what could not be read tried again, after the desk has learnt to read it; how many."""
    poisoned = Item.objects.filter(channel=channel, state=Item.POISONED).exclude(body=b"")
    return poisoned.update(state=Item.KEPT, tries=0, error="")


def forget_old() -> int:
    """Deletes unknown kinds after 7 days. After 30, what could not be read, and the traces of what was: its
    facts stay."""
    now = clock.now_ms()
    old = models.Q(state=Item.UNKNOWN, received_at__lt=now - UNKNOWN_DAYS * 86_400_000)
    old |= models.Q(state=Item.POISONED, received_at__lt=now - POISONED_DAYS * 86_400_000)
    old |= models.Q(state=Item.READ, received_at__lt=now - READ_DAYS * 86_400_000)
    deleted, _ = Item.objects.filter(old).delete()
    return deleted


@jobs.handler(FORGET_JOB, standing=True)
def _forget(job: Job) -> int | None:
    forget_old()
    return clock.now_ms() + FORGET_EVERY_MS


# --- one transaction for many, one for each of those that fail ---------------------------------------
def _read(channel: int, ids: list[int]) -> int:
    if not ids:
        return 0
    try:
        with transaction.atomic():
            return _read_batch(ids) if _our_turn(channel) else 0
    except AWAY:
        raise  # the database is busy or gone: nothing is wrong with the items
    except Exception as error:
        if len(ids) == 1:
            return _set_aside(ids[0], error)
        half = len(ids) // 2
        return _read(channel, ids[:half]) + _read(channel, ids[half:])


def _our_turn(channel: int) -> bool:
    """Takes the turn to read a channel until the transaction ends; SQLite has one writer anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [TURN, channel % 2**31])
        return bool(cursor.fetchone()[0])


def _set_aside(number: int, error: Exception) -> int:
    """Poisoned, with the name of the error, never its words. A clash with another worker is tried again."""
    item = Item.objects.get(pk=number)
    item.tries += 1
    item.error = type(error).__name__
    if not isinstance(error, IntegrityError) or item.tries >= TRIES_MAX:
        item.state = Item.POISONED
        log.error("item %s of channel %s cannot be read: %s", number, item.channel_id, item.error)
    item.save(update_fields=["tries", "error", "state"])
    return int(item.state == Item.POISONED)


def _read_batch(ids: list[int]) -> int:
    batch = _without_repeats(_understood(_locked(ids)))
    sights = sightings.Sightings([(u.item.channel, a) for u in batch for a in u.activities])
    drafts: list[Draft] = []
    for one in batch:
        drafts += [d for a in one.activities for d in sights.drafts_for(one.item, a)]
    sights.save()
    _mark(batch)
    counted.seen((u.item.channel, a) for u in batch for a in u.activities)
    pictures.want(drafts)
    append_many(drafts)
    return len(batch)


def _locked(ids: list[int]) -> list[Item]:
    skip = transaction.get_connection().features.has_select_for_update_skip_locked
    rows = Item.objects.filter(pk__in=ids, state=Item.KEPT).select_for_update(skip_locked=skip)
    items = list(rows.order_by("id"))
    owners = Channel.objects.select_related("team").in_bulk({item.channel_id for item in items})
    for item in items:
        item.channel = owners[item.channel_id]
    return items


def _understood(items: list[Item]) -> Iterable[Understood]:
    known: dict[int, Connector] = {}
    for item in items:
        if item.channel_id not in known:
            known[item.channel_id] = connectors.connector_of(item.channel, with_wire=False)
        yield Understood(item, known[item.channel_id].read(kept.opened(item)))


def _without_repeats(understood: Iterable[Understood]) -> list[Understood]:
    """Up to the first item about something that the batch has already: its `prev` must be recorded first."""
    batch: list[Understood] = []
    seen: set[tuple[int, str]] = set()
    for one in understood:
        about = {(one.item.channel_id, a.remote_id) for a in one.activities}
        if about & seen:
            break
        seen |= about
        batch.append(one)
    return batch


def _mark(batch: list[Understood]) -> None:
    read = [u.item for u in batch if u.activities]
    unknown = [u.item.pk for u in batch if not u.activities]
    Item.objects.filter(pk__in=[item.pk for item in read]).update(state=Item.READ, body=b"")
    Item.objects.filter(pk__in=unknown).update(state=Item.UNKNOWN)
    for channel in {u.item.channel for u in batch}:
        meter.read(channel, sum(u.item.channel_id == channel.pk for u in batch), clock.now_ms())
    for number in {item.channel_id for item in read}:
        count, lag = sum(item.channel_id == number for item in read), _lag_ms(batch, number)
        late = {"lag_ms": lag} if lag else {}
        Channel.objects.filter(pk=number).update(items_read=models.F("items_read") + count, **late)


def _lag_ms(batch: list[Understood], channel: int) -> int:
    """How long it took from writing to keeping, of what a channel brought last; 0 when nobody can tell.

    What was there before the channel says nothing of it, nor do our own words, nor a clock ahead of ours.
    """
    told = [
        one.item.received_at - activity.published_ms
        for one in batch
        for activity in one.activities
        if one.item.channel_id == channel and not activity.own and activity.verb == "Create"
        if one.item.channel.since <= activity.published_ms < one.item.received_at
    ]
    return told[-1] if told else 0
