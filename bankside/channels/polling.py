"""Asking a network what is new, always, also beside hooks: what no hook brought is found here.

The call is an errand in a thread of its own, so that a dead or slow channel delays nobody. What it brought
and the cursor behind it are written in one transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import models, transaction

from bankside.channels import channel as channels
from bankside.channels import connect, connectors, kept, sessions, turns, way
from bankside.channels.models import Channel
from bankside.networks import contract
from bankside.networks.catalogue import network
from bankside.record import clock, jobs
from bankside.record.append import append
from bankside.record.away import AWAY
from bankside.record.facts.channels import GapRepaired
from bankside.record.models import Job
from bankside.said import Said

ACTOR = "s:polling"
PAGES_MAX = 10
RUN_SECONDS_MAX = 60
LEASE_SECONDS = 300  # a run and its last page, whose requests have deadlines of their own
LATER_SECONDS_MAX = 900
DOUBLINGS_MAX = 8
LATER_SECONDS_MIN = 1
QUIET_ROUNDS = 20
"""So many times a quiet channel is asked at its rhythm before it is asked a step less often."""
STEPS_MAX = 3
BUSY_WAIT_SECONDS = 2
CLOCK_SECONDS_MAX = 60  # by which the clocks of two workers may differ

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Polled:
    """What one run brought: `failed` ended it early, `more` says that its page limit did.

    `unannounced`: remote ids of what the network told nobody about.
    """

    items: Sequence[contract.Item]
    cursor: str
    more: bool = False
    failed: Exception | None = None
    unannounced: frozenset[str] = frozenset()


@jobs.handler(connect.POLL_JOB, standing=True)
def poll(job: Job) -> int | jobs.Errand[Any] | None:
    """The poll job of a channel; ends when the channel does not run, and is put back when it does again."""
    channel = Channel.objects.filter(obj=job.data["channel"]).first()
    if channel is None or channel.state != Channel.OPEN:
        return None
    if not way.is_reached(channel):  # it may have a connector again after the next update
        return clock.now_ms() + LATER_SECONDS_MAX * 1000
    try:
        if renewal := sessions.renewal(channel, stop=connect.stop):
            return renewal
        connector, server = connectors.connector_of(channel), turns.server_of(channel)
    except Exception as error:
        log.error("channel %s cannot be asked: %s", channel.obj, type(error).__name__)
        return _failed(channel, error)
    if not connector.can("poll"):
        return None
    return jobs.Errand(
        work=partial(in_turn, server, partial(ask, connector, channel.cursor, channel.since)),
        after=lambda answer: _after(channel, answer),
        lease_seconds=LEASE_SECONDS,
    )


def wake_overslept() -> int:
    """Has channels asked now whose next time lies further ahead than any time that is set here; how many.

    A clock that was wrong for a while set it: nobody would be heard until that day came.
    """
    now = clock.now_ms()
    slowest = Channel.objects.aggregate(most=models.Max("poll_seconds"))["most"] or 0
    ahead = max(LATER_SECONDS_MAX, LEASE_SECONDS, slowest) + CLOCK_SECONDS_MAX
    waiting = Job.objects.filter(kind=connect.POLL_JOB, state=Job.WAITING)
    overslept = waiting.filter(
        models.Q(due_at__gt=now + ahead * 1000) | models.Q(lease_until__gt=now + ahead * 1000)
    )
    return overslept.update(due_at=now, lease_until=0)


def rhythm_seconds(channel: Channel) -> int:
    """How often the channel is asked while something comes in."""
    return channel.poll_seconds or min(network(channel.network).poll.seconds, settings.POLL_SECONDS)


def pace_seconds(channel: Channel) -> int:
    """How often it is asked now: a channel that stays quiet is asked step by step less often.

    At most four times its rhythm, and never more than 15 minutes after the last look; with the first thing
    that comes in, by whatever way, it is back at its rhythm.
    """
    rhythm = rhythm_seconds(channel)
    quiet_seconds = (clock.now_ms() - max(channel.heard_at, channel.created_at)) // 1000
    steps = max(quiet_seconds, 0) // (rhythm * QUIET_ROUNDS)
    return max(rhythm, min(rhythm * (1 + min(steps, STEPS_MAX)), LATER_SECONDS_MAX))


# --- in a thread, without a database -----------------------------------------------------------------
def in_turn(server: str, work: Callable[[], T]) -> T | None:
    """Makes the calls when one of the server's turns is free; None when all are taken."""
    with turns.turn(server) as free:
        return work() if free else None


def ask(
    connector: contract.Connector, cursor: str, since_ms: int, *, pages_max: int = 0, seconds_max: int = 0
) -> Polled:
    """Page after page, within its limits; 0 for those of every question."""
    items: list[contract.Item] = []
    found: frozenset[str] = frozenset()
    ends = time.monotonic() + (seconds_max or RUN_SECONDS_MAX)
    for _ in range(pages_max or PAGES_MAX):
        try:
            page = connector.poll(cursor, since_ms)
        except Exception as failed:  # what earlier pages brought is kept all the same
            return Polled(items, cursor, failed=failed, unannounced=found)
        items, found = items + list(page.items), found | set(page.unannounced)
        goes_on, cursor = page.more and page.cursor != cursor, page.cursor
        if not goes_on:
            return Polled(items, cursor, unannounced=found)
        if time.monotonic() > ends:
            break
    return Polled(items, cursor, more=True, unannounced=found)


# --- in the worker's own thread ----------------------------------------------------------------------
def _after(channel: Channel, answer: Polled | Exception | None) -> int | None:
    """Keeps what came and says when to ask again; None when the channel has been stopped."""
    if answer is None:
        return clock.now_ms() + turns.WAIT_SECONDS * 1000
    if isinstance(answer, Exception):
        return _failed(channel, answer)
    row = channel
    if answer.items or not answer.failed:
        try:
            row = _keep(channel, answer)
        except AWAY as busy:  # nothing is wrong with the network: ask again soon
            log.warning("what channel %s gave is not kept yet: %s", channel.obj, type(busy).__name__)
            return clock.now_ms() + BUSY_WAIT_SECONDS * 1000
        except Exception as error:
            log.exception("what channel %s gave cannot be kept", channel.obj)
            return _failed(channel, error)
    if answer.failed:
        return _failed(channel, answer.failed)
    return clock.now_ms() + (0 if answer.more else pace_seconds(row) * 1000)


def _keep(asked: Channel, answer: Polled) -> Channel:
    now = clock.now_ms()
    rows = [kept.row_of(asked, item, via=kept.POLL, now_ms=now) for item in answer.items]
    with transaction.atomic():
        channel = channels.locked(asked)
        written = kept.write(rows, current=True)
        new = len(written)
        silent = {kept.named(id, kept.REMOTE_ID_CHARACTERS_MAX) for id in answer.unannounced}
        repaired = new if channel.hooks_accepted else sum(name in silent for _, name, _ in written)
        channel.polled_at = now
        channel.heard_at = now if new else channel.heard_at
        if channel.cursor == asked.cursor:  # nobody has asked in between
            channel.cursor = answer.cursor
        if not answer.failed:
            channel.ok_at, channel.failures = now, 0
            channel.trouble = "" if channel.state == Channel.OPEN else channel.trouble  # why it was stopped
        channel.items_repaired += repaired
        channel.save(update_fields=_POLL_FIELDS)
        if repaired:
            fact = GapRepaired(channel=channel.obj, items=repaired)
            append(fact, f"GapRepaired:{channel.obj}:{now}", actor=ACTOR, obj=channel.obj)
    return channel


_POLL_FIELDS = ["polled_at", "heard_at", "cursor", "ok_at", "failures", "trouble", "items_repaired"]


def _failed(channel: Channel, error: Exception) -> int | None:
    """Notes the trouble; the next time to ask, later and later, or None when a person is needed first."""
    if isinstance(error, contract.Reconnect):
        connect.stop(channel, error.reason)
        return None
    sessions.note(channel, error)
    reason = _reason_of(error)
    changes: dict[str, Any] = {"failures": models.F("failures") + 1, "failed_at": clock.now_ms()}
    Channel.objects.filter(pk=channel.pk).update(trouble=reason, **changes)
    return clock.now_ms() + int(_wait_seconds(channel, error) * 1000)


def _wait_seconds(channel: Channel, error: Exception) -> float:
    if isinstance(error, contract.Later) and not isinstance(error, contract.Expired):
        return min(max(error.after_seconds, LATER_SECONDS_MIN), LATER_SECONDS_MAX)
    return min(rhythm_seconds(channel) * 2.0 ** min(channel.failures, DOUBLINGS_MAX), LATER_SECONDS_MAX)


def _reason_of(error: Exception) -> str:
    if isinstance(error, contract.Later | contract.Refused | contract.Uncertain):
        return error.reason[: connect.TROUBLE_CHARACTERS_MAX]
    return Said("The answer of the network could not be understood (%(error)s).", error=type(error).__name__)
