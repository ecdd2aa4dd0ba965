"""Once a day the network is asked who we are and what it allows: changes are facts, a long no is said.

A token that suddenly speaks for another account stops its channel: nothing of the bank's goes out there.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.db import transaction

from bankside.channels import channel as channels
from bankside.channels import connect, connectors, polling, sessions, token_health, turns, way
from bankside.channels.models import Channel
from bankside.networks import contract
from bankside.record import clock, jobs
from bankside.record.append import append
from bankside.record.facts.channel_care import CapabilitiesChanged
from bankside.record.models import Job
from bankside.said import Said

ACTOR = "s:channels"
JOB = "capabilities"
LOST_DAYS = 3
"""After so many days on which the network says no to the simplest question, somebody has to look."""
LOST_MS = LOST_DAYS * 86_400_000
WAIT_SECONDS_MIN, WAIT_SECONDS_MAX = 60, 3600

log = logging.getLogger(__name__)


def is_lost(channel: Channel, now_ms: int) -> bool:
    """Whether the network has said no for so long that the account may be gone there."""
    return 0 < channel.refused_since <= now_ms - LOST_MS


def lost(channel: Channel) -> Said:
    """The sentence for people."""
    return Said(
        "The network has refused to tell who we are since %(day)s. Look there whether the account still "
        "exists.",
        day=token_health.day_of(channel.refused_since),
    )


@jobs.handler(JOB)
def look(job: Job) -> int | jobs.Errand[Any] | None:
    """The job of one channel for one day."""
    channel = Channel.objects.filter(obj=job.data["channel"]).first()
    if channel is None or channel.state != Channel.OPEN or not way.is_reached(channel):
        return None
    if token_health.day_of(clock.now_ms()) > job.data["day"]:
        return None  # the next day has a job of its own
    token_health.notice(channel)
    if renewal := sessions.renewal(channel, stop=connect.stop):
        return renewal
    connector = connectors.connector_of(channel)
    if not connector.can("whoami"):
        return None
    work = partial(polling.in_turn, turns.server_of(channel), connector.whoami)
    return jobs.Errand(work=work, after=partial(_after, channel))


def _after(channel: Channel, answer: contract.Self | Exception | None) -> int | None:
    match answer:
        case None:
            return clock.now_ms() + WAIT_SECONDS_MIN * 1000
        case contract.Self():
            _compare(channel, answer)
        case contract.Reconnect():
            connect.stop(channel, answer.reason)
        case contract.Later():
            sessions.note(channel, answer)
            wait_seconds = min(max(answer.after_seconds, WAIT_SECONDS_MIN), WAIT_SECONDS_MAX)
            return clock.now_ms() + int(wait_seconds * 1000)
        case contract.Refused():
            since = Channel.objects.filter(pk=channel.pk, refused_since=0)
            since.update(refused_since=clock.now_ms(), failed_at=clock.now_ms())
        case _:
            log.error("channel %s does not tell who we are: %s", channel.obj, type(answer).__name__)
    return None


def _compare(asked: Channel, known: contract.Self) -> None:
    before = asked.account.get("remote_id", known.remote_id)
    if before != known.remote_id:
        connect.stop(
            asked,
            Said("The access now belongs to another account (%(handle)s).", handle=known.handle),
        )
        return
    with transaction.atomic():
        row = channels.locked(asked)
        changed = _changed(row, known)
        connect.take_on(row, known)
        row.ok_at, row.refused_since = clock.now_ms(), 0
        row.save(update_fields=["account", "handle", "url", "ok_at", "refused_since"])
        if changed:
            key = f"CapabilitiesChanged:{row.obj}:{clock.now_ms()}"
            append(changed, key, actor=ACTOR, obj=row.obj)


def _changed(row: Channel, known: contract.Self) -> CapabilitiesChanged | None:
    """What is different from what was known of the account; None for nothing."""
    before, after = row.account.get("limits", {}), known.limits
    names = tuple(n for n in sorted({*before, *after}) if before.get(n) != after.get(n))
    if not names and row.handle == known.handle[:200]:
        return None
    return CapabilitiesChanged(
        channel=row.obj, handle_before=row.handle, handle=known.handle[:200], names=names,
        before=tuple(str(before.get(n, "")) for n in names),
        after=tuple(str(after.get(n, "")) for n in names),
    )  # fmt: skip
