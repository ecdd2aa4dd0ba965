"""Reading how often what we said was seen, liked, passed on and answered, by the network's own counts.

One job for each channel asks in rounds: what is due, within the calls that the network's data file allows.
The call is an errand in a thread without a database; what came, when to look next and the facts of what has
changed are written in one transaction. A worker that dies before it has asked for nothing but numbers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

from bankside.channels import channel as channels
from bankside.channels import connect, connectors, counted, freeze, meter, polling, sessions, turns, way
from bankside.channels.counted import JOB
from bankside.channels.models import Channel, Counted
from bankside.networks import contract
from bankside.networks.catalogue import network
from bankside.record import clock, jobs
from bankside.record.append import Draft, append_many
from bankside.record.facts.channels import CountsRead
from bankside.record.lane import lane_of
from bankside.record.models import Job

ACTOR = "s:counts"
ROUND_SECONDS = 300
"""At least so long from one round of a channel to the next: twelve rounds an hour."""
IDLE_SECONDS_MAX = 3600
POSTS_PER_ROUND_MAX = 200
RUN_SECONDS_MAX = 60
LEASE_SECONDS = 180  # a round and its last call, which has a deadline of its own
LATER_SECONDS_MIN, LATER_SECONDS_MAX = 60, 3600
NAMES_MAX = 20
COUNT_MAX = 2**63 - 1
ENDED = (Job.DONE, Job.FAILED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What one round brought: remote ids that an answer was had about, the counts of those that are there,
    and what ended it early."""

    asked: frozenset[str]
    counts: dict[str, dict[str, int]]
    failed: Exception | None = None


def plan(rows: Iterable[Channel]) -> int:
    """Sees that each of these channels has its job, and its account on the list; how many jobs are new."""
    now, made = clock.now_ms(), 0
    for row in rows:
        if not counted.counts(row):
            continue
        counted.account_of(row)
        key = counted.job_key(row)
        made += jobs.enqueue(JOB, key, due_ms=now, data={"channel": row.obj})
        if Job.objects.filter(key=key, state__in=ENDED).exists():
            jobs.again(key, now)
    return made


@jobs.handler(JOB)
def read(job: Job) -> int | jobs.Errand[Any] | None:
    """One round of one channel; ends when the channel was removed, and waits while it does not run."""
    channel = Channel.objects.filter(obj=job.data["channel"]).first()
    if channel is None or channel.state == Channel.REMOVED:
        return None
    now = clock.now_ms()
    if channel.state != Channel.OPEN or freeze.frozen() or not _is_told(channel):
        return now + IDLE_SECONDS_MAX * 1000
    rows = counted.due(channel, now, _posts_max(channel))
    if not rows:
        return _next_ms(channel, now)
    if (many := meter.counts_left(channel, rows, now)) < len(rows):
        rows = rows[:many]
    if not rows:
        return meter.tomorrow(now)
    if renewal := sessions.renewal(channel, stop=connect.stop):
        return renewal
    work = partial(ask, connectors.connector_of(channel), _calls(channel, rows))
    return jobs.Errand(
        work=partial(polling.in_turn, turns.server_of(channel), work),
        after=partial(_after, channel, rows),
        lease_seconds=LEASE_SECONDS,
    )


# --- in a thread, without a database ---------------------------------------------------------------------
def ask(connector: contract.Connector, calls: Sequence[tuple[str, ...]]) -> Told:
    """Call after call, within its time. One that is refused says no for its own posts alone."""
    asked, counts = set[str](), dict[str, dict[str, int]]()
    ends = time.monotonic() + RUN_SECONDS_MAX
    for refs in calls:
        try:
            counts |= {one.remote_id: one.counts for one in connector.measure(refs)}
        except contract.Refused as no:
            log.info("the counts of %s posts are refused: %s", len(refs), type(no).__name__)
        except Exception as failed:  # what earlier calls brought is kept all the same
            return Told(frozenset(asked), counts, failed)
        asked |= set(refs)
        if time.monotonic() > ends:
            break
    return Told(frozenset(asked), counts)


# --- in the worker's own thread --------------------------------------------------------------------------
def _after(channel: Channel, rows: list[Counted], answer: Told | Exception | None) -> int | None:
    """Writes down what came and says when the next round is; None when the channel was stopped."""
    now = clock.now_ms()
    match answer:
        case None:
            return now + turns.WAIT_SECONDS * 1000
        case Told():
            _keep(channel, rows, answer)
            failed = answer.failed
        case _:
            failed = answer
    if failed is None:
        return _next_ms(channel, now)
    return now + _failed(channel, failed) * 1000


def _keep(channel: Channel, asked: list[Counted], answer: Told) -> None:
    """The rows, the price and the facts together. A row that was looked at meanwhile is left as it is."""
    now, due = clock.now_ms(), {row.pk: row.due_at for row in asked if row.remote_id in answer.asked}
    drafts: list[Draft] = []
    with transaction.atomic():
        rows = Counted.objects.filter(pk__in=due).select_for_update(of=channels.own_row()).order_by("pk")
        fresh = [row for row in rows if row.due_at == due[row.pk]]
        meter.counted(channel, [row for row in fresh if row.remote_id in answer.counts], now)
        for row in fresh:
            counts = clean(answer.counts.get(row.remote_id, {}))
            if counts and counts != row.told:
                drafts.append(_draft(channel, row, counts))
                row.told = counts
            row.due_at = counted.next_of(row, now, there=row.remote_id in answer.counts)
            row.looked_at = now
        Counted.objects.bulk_update(fresh, ["told", "due_at", "looked_at"])
        append_many(drafts)


def clean(counts: dict[str, int]) -> dict[str, int]:
    """Numbers as they can be kept: none below 0, none that a column does not hold, not more than 20. Pure."""
    known = sorted(name for name, number in counts.items() if isinstance(number, int))[:NAMES_MAX]
    return {name: min(max(counts[name], 0), COUNT_MAX) for name in known}


def _draft(channel: Channel, row: Counted, counts: dict[str, int]) -> Draft:
    """The fact. Its key is the post and the moment at which it was due: of two workers, one says it."""
    fact = CountsRead(
        channel=channel.obj, remote_id=row.remote_id, names=tuple(counts), values=tuple(counts.values())
    )
    key = f"CountsRead:{channel.obj}:{row.pk}:{row.due_at}"
    lane = lane_of(channel.network, channel.obj, row.remote_id)
    return Draft(fact=fact, key=key, actor=ACTOR, obj=channel.obj, lane=lane)


def _failed(channel: Channel, failed: Exception) -> int:
    """After how many seconds it is tried again. A dead grant stops the channel, as it does everywhere."""
    if isinstance(failed, contract.Reconnect):
        connect.stop(channel, failed.reason)
        return IDLE_SECONDS_MAX
    sessions.note(channel, failed)
    if isinstance(failed, contract.Expired):
        return LATER_SECONDS_MIN
    if isinstance(failed, contract.Later):
        return int(min(max(failed.after_seconds, LATER_SECONDS_MIN), LATER_SECONDS_MAX))
    log.error("the counts of channel %s are not read: %s", channel.obj, type(failed).__name__)
    return LATER_SECONDS_MAX


def _next_ms(channel: Channel, now_ms: int) -> int:
    """The next round: when something is due, but not at once again."""
    first, latest = counted.next_due_ms(channel), now_ms + IDLE_SECONDS_MAX * 1000
    return min(max(first, now_ms + ROUND_SECONDS * 1000), latest) if first else latest


def _is_told(channel: Channel) -> bool:
    """Whether this channel can be asked for counts now."""
    reached = way.is_reached(channel) and counted.counts(channel)
    return reached and connectors.connector_of(channel, with_wire=False).can("measure")


def _posts_max(channel: Channel) -> int:
    told = network(channel.network).counts
    return min(told.per_call * told.calls_max, POSTS_PER_ROUND_MAX) if told else 0


def _calls(channel: Channel, rows: Sequence[Counted]) -> list[tuple[str, ...]]:
    """The remote ids of these rows, as many in a call as one call takes."""
    told = network(channel.network).counts
    size = told.per_call if told else 1
    refs = [row.remote_id for row in rows]
    return [tuple(refs[start : start + size]) for start in range(0, len(refs), size)]
