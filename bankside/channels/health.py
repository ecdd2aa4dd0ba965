"""How each channel is, in one word and one sentence, with what waits on either side of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db import connection
from django.utils.translation import ngettext

from bankside.channels import capabilities, polling, preview, token_health, way
from bankside.channels import delivery_states as states
from bankside.channels.capabilities import LOST_MS
from bankside.channels.models import Channel, Item
from bankside.networks.catalogue import network
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.said import Said

FAILURES_SLOW_MIN = 3
POLLS_MISSED_SLOW_MIN = 5
SILENT_SECONDS_SLOW_MIN = 60
DOUBTED = (states.UNCERTAIN, states.REFUSED)
NEEDS_A_PERSON = (*DOUBTED, states.BY_HAND)

State = Literal["well", "slow", "person", "paused", "stopped", "removed", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`words` is the sentence for people; times are UTC ms, 0 for never; the rest are numbers of rows.

    `person`: somebody must look or post by hand, the channel runs. `stopped`: it must be connected again.
    `closed`: the network is no more; nothing is sent.
    """

    state: State
    words: str
    heard_ms: int
    asked_ms: int
    kept: int = 0
    unknown: int = 0
    poisoned: int = 0
    waiting_out: int = 0
    held_out: int = 0
    doubtful_out: int = 0
    by_hand_out: int = 0


def health(channel: Channel) -> Health:
    """How one channel is now."""
    return health_of([channel])[channel.pk]


def health_of(channels: Iterable[Channel]) -> dict[int, Health]:
    """How each of them is now, by the channel's id. One statement, however many channels there are."""
    listed = list(channels)
    found = _counted([channel.pk for channel in listed])
    now = clock.now_ms()
    return {
        c.pk: _health(c, found.get(("in", c.pk), Counter()), found.get(("out", c.pk), Counter()), now)
        for c in listed
    }


def needing_a_person(staff: Staff) -> int:
    """How many of the channels that she sees are in the states `person` and `stopped` of their health."""
    teams = policy.teams_with(staff, "channel.see")
    if not teams:
        return 0
    ids = sorted(teams.ids) or [0]
    within = "1 = 1" if teams.all else f"c.team_id in ({', '.join(['%s'] * len(ids))})"
    with connection.cursor() as cursor:
        now = clock.now_ms()
        cursor.execute(_NEEDING.format(within=within), [*([] if teams.all else ids), now, now - LOST_MS])
        return int(cursor.fetchone()[0])


def _health(channel: Channel, came_in: Counter[str], goes_out: Counter[str], now_ms: int) -> Health:
    doubtful = sum(goes_out[state] for state in DOUBTED)
    by_hand = goes_out[states.BY_HAND]
    state, words = _judged(channel, came_in[Item.POISONED], doubtful, by_hand, now_ms)
    return Health(
        state=state, words=words, heard_ms=channel.heard_at, asked_ms=channel.polled_at,
        kept=came_in[Item.KEPT], unknown=came_in[Item.UNKNOWN], poisoned=came_in[Item.POISONED],
        waiting_out=sum(goes_out[state] for state in states.MOVED_BY_DESK),
        held_out=goes_out[states.HELD], doubtful_out=doubtful, by_hand_out=by_hand,
    )  # fmt: skip


def _judged(channel: Channel, poisoned: int, doubtful: int, by_hand: int, now_ms: int) -> tuple[State, str]:
    """The most urgent thing that is to be said about it."""
    if channel.state == Channel.REMOVED:
        return "removed", Said("Removed from the desk. What was said stays in the record.")
    if channel.state == Channel.PAUSED:
        return "paused", Said("Paused: %(why)s", why=channel.trouble)
    if channel.state == Channel.STOPPED:
        return "stopped", Said(
            "The network refuses us: %(why)s Connect the account again.", why=Said(channel.trouble)
        )
    if doubtful:
        return "person", ngettext(
            "%(count)d delivery needs a person to look.",
            "%(count)d deliveries need a person to look.",
            doubtful,
        ) % {"count": doubtful}
    if poisoned:
        return "person", ngettext(
            "%(count)d item could not be read and was set aside.",
            "%(count)d items could not be read and were set aside.",
            poisoned,
        ) % {"count": poisoned}
    if by_hand:
        return "person", ngettext(
            "%(count)d delivery waits to be posted by hand.",
            "%(count)d deliveries wait to be posted by hand.",
            by_hand,
        ) % {"count": by_hand}
    if token_health.is_told(channel, now_ms):
        return "person", token_health.told(channel, now_ms)
    if capabilities.is_lost(channel, now_ms):
        return "person", capabilities.lost(channel)
    if (out := way.of(channel)) == "closed":
        return "closed", Said("The network has closed. What was said stays in the record.")
    if not way.is_reached(channel):
        return "well", Said("What is said here is posted by a person.")
    return _reached(channel, out, now_ms)


def _reached(channel: Channel, out: way.Way, now_ms: int) -> tuple[State, str]:
    """How the network answers the desk."""
    if channel.failures >= FAILURES_SLOW_MIN:
        count, trouble = channel.failures, Said(channel.trouble)
        return "slow", Said("No answer in %(count)s tries: %(why)s", count=count, why=trouble)
    if _is_silent(channel, now_ms):
        return "slow", Said("Not asked for longer than usual. Is the worker running?")
    return "well", _WELL[out] if preview.speaks(channel) else _LISTENED_TO


_WELL = {
    "desk": Said("Works as it should."),
    "hand": Said("It is read here; what is said there is posted by a person."),
}
_LISTENED_TO = Said("News from there are read. Nothing can be said there.")


def _is_silent(channel: Channel, now_ms: int) -> bool:
    """The desk itself has not asked for several rounds, though nothing failed."""
    if "poll" not in network(channel.network).can:
        return False
    rounds_seconds = polling.pace_seconds(channel) * POLLS_MISSED_SLOW_MIN
    last_ms = max(channel.polled_at, channel.failed_at, channel.ok_at, channel.created_at)
    return now_ms - last_ms > max(rounds_seconds, SILENT_SECONDS_SLOW_MIN) * 1000


def _counted(ids: list[int]) -> dict[tuple[str, int], Counter[str]]:
    """Rows that are not at rest, by way and channel. States are named, so that an index finds the few."""
    found: dict[tuple[str, int], Counter[str]] = {}
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_COUNTS.format(ids=", ".join(["%s"] * len(ids))), [*ids, *ids])
            for way, channel, state, count in cursor.fetchall():
                found.setdefault((way, channel), Counter())[state] = count
    return found


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


# These are asked with every page of the desk: one statement each, by hand.
_NEEDING = f"""
select count(*) from "channels_channel" c where {{within}} and (
    c.state = '{Channel.STOPPED}' or c.state = '{Channel.OPEN}' and (
        exists (select 1 from "channels_delivery" d
            where d.channel_id = c.id and d.state in ({_listed(NEEDS_A_PERSON)}))
        or c.id in (select channel_id from "channels_item" where state = '{Item.POISONED}')
        or c.notice_at > 0 and c.notice_at <= %s or c.refused_since > 0 and c.refused_since <= %s))
"""  # noqa: S608 - the names of states are our own

_COUNTS = f"""
select 'in', channel_id, state, count(*) from "channels_item"
where state in ({_listed((Item.KEPT, Item.UNKNOWN, Item.POISONED))}) and channel_id in ({{ids}})
group by channel_id, state
union all
select 'out', channel_id, state, count(*) from "channels_delivery"
where state in ({_listed(set(states.GRAPH) - states.FINAL)}) and channel_id in ({{ids}})
group by channel_id, state
"""  # noqa: S608 - the names of states are our own
