"""Once a day every channel is read again from 24 hours before: what no hook and no question had brought.

The number that was missed is a fact each day, also when it is none. The channel's own cursor is not moved.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import models, transaction

from bankside.channels import channel as channels
from bankside.channels import connect, connectors, kept, polling, sessions, token_health, turns, way
from bankside.channels.models import Channel
from bankside.channels.polling import Polled
from bankside.networks import contract
from bankside.record import clock, jobs
from bankside.record.append import append
from bankside.record.facts.channel_care import Reconciled
from bankside.record.models import Job

ACTOR = "s:reconciliation"
JOB = "reconcile"
BACK_MS = 86_400_000
PAGES_MAX = 60
RUN_SECONDS_MAX = 180
LEASE_SECONDS = 420  # two runs, the second of them short, and their last pages
LATE_MS_MAX = 6 * 3_600_000
WAIT_SECONDS_MIN, WAIT_SECONDS_MAX = 60, 900

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reread:
    """What stands there of the last 24 hours, and, asked after it, what the next question brings anyway."""

    back: Polled
    onward: Polled

    @property
    def failed(self) -> Exception | None:
        """What ended one of the two early."""
        return self.back.failed or self.onward.failed


@jobs.handler(JOB)
def reconcile(job: Job) -> int | jobs.Errand[Any] | None:
    """The job of one channel for one day; nothing to do where the channel does not run or is not asked."""
    channel = Channel.objects.filter(obj=job.data["channel"]).first()
    if channel is None or channel.state != Channel.OPEN or not way.is_reached(channel):
        return None
    if renewal := sessions.renewal(channel, stop=connect.stop):
        return renewal
    connector = connectors.connector_of(channel)
    if not connector.can("poll"):
        return None
    back_to = max(channel.since, clock.now_ms() - BACK_MS)
    work = partial(_read_again, connector, channel.cursor, channel.since, back_to)
    return jobs.Errand(
        work=partial(polling.in_turn, turns.server_of(channel), work),
        after=partial(_after, channel, job.data["day"]),
        lease_seconds=LEASE_SECONDS,
    )


# --- in a thread, without a database ---------------------------------------------------------------------
def _read_again(connector: contract.Connector, cursor: str, since_ms: int, back_to_ms: int) -> Reread:
    """The past first: whatever comes in meanwhile is in the second answer, and was not missed."""
    back = polling.ask(connector, "", back_to_ms, pages_max=PAGES_MAX, seconds_max=RUN_SECONDS_MAX)
    return Reread(back, polling.ask(connector, cursor, since_ms))


# --- in the worker's own thread --------------------------------------------------------------------------
def _after(channel: Channel, day: str, answer: Reread | Exception | None) -> int | None:
    """Keeps what was missed and says how much it is; tries again where the network did not answer."""
    if answer is None:
        return clock.now_ms() + WAIT_SECONDS_MIN * 1000
    failed = answer if isinstance(answer, Exception) else answer.failed
    if isinstance(failed, contract.Reconnect):
        connect.stop(channel, failed.reason)
        return None
    if failed and not _is_over(day):
        sessions.note(channel, failed)
        return clock.now_ms() + _wait_seconds(failed) * 1000
    if isinstance(answer, Exception):
        log.error("channel %s was not read again on %s: %s", channel.obj, day, type(answer).__name__)
        return None
    _keep(channel, day, answer)
    return None


def _keep(asked: Channel, day: str, answer: Reread) -> None:
    now = clock.now_ms()
    onward = {_key(item) for item in answer.onward.items}
    late = [item for item in answer.back.items if _key(item) not in onward]
    rows = [kept.row_of(asked, item, via=kept.POLL, now_ms=now) for item in late]
    with transaction.atomic():
        channel = channels.locked(asked)
        missing = len(kept.write(rows, current=True))
        if missing:
            Channel.objects.filter(pk=channel.pk).update(
                heard_at=now, items_repaired=models.F("items_repaired") + missing
            )
        whole = not answer.failed and not answer.back.more
        fact = Reconciled(
            channel=channel.obj, day=day, seen=len(answer.back.items), missing=missing, whole=whole
        )
        append(fact, f"Reconciled:{channel.obj}:{day}", actor=ACTOR, obj=channel.obj)


def _key(item: contract.Item) -> tuple[str, str]:
    return item.remote_id, item.version


def _is_over(day: str) -> bool:
    """Whether so much time has passed since that day that it is no use to try again."""
    return token_health.day_of(clock.now_ms() - LATE_MS_MAX) > day


def _wait_seconds(failed: Exception) -> int:
    asked = failed.after_seconds if isinstance(failed, contract.Later) else WAIT_SECONDS_MAX
    return int(min(max(asked, WAIT_SECONDS_MIN), WAIT_SECONDS_MAX))
