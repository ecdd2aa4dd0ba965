"""What a channel has cost today, and its ceiling: for networks that charge for what the desk does there.

A day is a day in UTC. What was sent is added in the transaction in which the network's answer is written
down, so that twice is once; what was read, in the transaction that reads it. Amounts are millionths of the
network's currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import models

from bankside.channels import channel as channels
from bankside.channels import delivery_states as states
from bankside.channels import form, way
from bankside.channels import words as exact
from bankside.channels.models import Channel, Counted, Delivery, Meter
from bankside.networks import price
from bankside.networks.catalogue import NetworkData, network
from bankside.networks.price import Cost as Cost
from bankside.record.facts.channels import Words
from bankside.said import Said

DAY_MS = 86_400_000
COUNTING_SHARE = 2
"""Reading counts is paid out of this part of a ceiling: one half."""
ON_THE_WAY = (states.SENDING, states.PENDING, states.DOUBTFUL)
"""What may be charged any moment: it counts before it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a channel has cost since midnight UTC, printed in its currency; `ceiling` empty for none.

    `put_off`: deliveries that wait for another day because of the ceiling.
    """

    sent: str
    read: str
    ceiling: str
    put_off: int


def cost(channel: Channel, words: Words) -> Cost | None:
    """What it costs that the desk sends these words; None where it costs nothing that is known."""
    if way.of(channel) != "desk":
        return None
    post = exact.post_of(words, {one.media: b"" for one in words.media})
    return price.of_post(network(channel.network), post)


def sent(row: Delivery) -> None:
    """Adds what this delivery cost, in the caller's transaction, when it has become known that it is out."""
    if (asked := _asked_for(row)) and row.state == states.SENT:
        _add(row.channel, row.state_at, sent=asked)


def read(channel: Channel, items: int, now_ms: int) -> None:
    """Adds what these items cost to read, in the caller's transaction."""
    if each := price.of_reading(network(channel.network)):
        _add(channel, now_ms, read=each.micros * items)


def counted(channel: Channel, rows: Iterable[Counted], now_ms: int) -> None:
    """Adds what it cost to read the counts of these, in the caller's transaction; `looked_at` is still that
    of the time before."""
    data = network(channel.network)
    if each := price.of_counting(data):
        _add(channel, now_ms, read=each.micros * _charged(data, rows, now_ms))


def counts_left(channel: Channel, rows: Sequence[Counted], now_ms: int) -> int:
    """The counts of how many of these may still be read today: no more than half of the channel's ceiling is
    ever spent when one is, so that what numbers cost keeps no words back."""
    data, ceiling = network(channel.network), channel.settings.get(form.CEILING_SETTING, "")
    each = price.of_counting(data)
    if each is None or not ceiling:
        return len(rows)
    meter = Meter.objects.filter(channel=channel, day=now_ms // DAY_MS).first()
    spent = meter.sent_micros + meter.read_micros if meter else 0
    left = max(price.micros_of(ceiling) // COUNTING_SHARE - spent, 0) // each.micros
    charged = 0
    for number, row in enumerate(rows):
        charged += _charged(data, (row,), now_ms)
        if charged > left:
            return number
    return len(rows)


def _charged(data: NetworkData, rows: Iterable[Counted], now_ms: int) -> int:
    """How many of these cost something now; again on the same day some networks charge nothing."""
    daily = price.counts_daily(data)
    return sum(1 for row in rows if not daily or row.looked_at // DAY_MS != now_ms // DAY_MS)


def today(channel: Channel, now_ms: int) -> Day | None:
    """For the channel's page; None on a network without prices."""
    currency = price.currency_of(network(channel.network))
    if not currency:
        return None
    row = Meter.objects.filter(channel=channel, day=now_ms // DAY_MS).first()
    ceiling = channel.settings.get(form.CEILING_SETTING, "")
    waiting = Delivery.objects.filter(channel=channel, state=states.WAITING, note=str(PUT_OFF))
    return Day(
        sent=f"{price.printed(row.sent_micros if row else 0)} {currency}",
        read=f"{price.printed(row.read_micros if row else 0)} {currency}",
        ceiling=f"{ceiling} {currency}" if ceiling else "", put_off=waiting.count(),
    )  # fmt: skip


def spent_today(channels: Iterable[Channel], now_ms: int) -> dict[int, str]:
    """What channels on networks with prices have cost today, by their ids: `0.43 of 5 USD`. One statement."""
    priced = {c.pk: c for c in channels if price.currency_of(network(c.network))}
    rows = Meter.objects.filter(channel__in=priced, day=now_ms // DAY_MS) if priced else ()
    spent = {row.channel_id: row.sent_micros + row.read_micros for row in rows}
    return {pk: _spent(channel, spent.get(pk, 0)) for pk, channel in priced.items()}


def _spent(channel: Channel, micros: int) -> str:
    currency, ceiling = (
        price.currency_of(network(channel.network)),
        channel.settings.get(form.CEILING_SETTING),
    )
    if not ceiling:
        return f"{price.printed(micros)} {currency}"
    return Said("%(spent)s of %(most)s", spent=price.printed(micros), most=f"{ceiling} {currency}")


def holds_back(row: Delivery, now_ms: int) -> Said | None:
    """Why this delivery cannot go out today: the channel would cost more than its ceiling. None: it can.

    In the transaction of the attempt, under the lock of the channel: of two that would fit, one does.
    """
    ceiling, asked = row.channel.settings.get(form.CEILING_SETTING, ""), _asked_for(row)
    if not ceiling or not asked:
        return None
    most = price.micros_of(ceiling)
    if asked > most:
        return TOO_DEAR
    channels.locked(row.channel)
    meter = Meter.objects.filter(channel=row.channel, day=now_ms // DAY_MS).first()
    spent = meter.sent_micros + meter.read_micros if meter else 0
    return PUT_OFF if spent + _on_the_way(row) + asked > most else None


def tomorrow(now_ms: int) -> int:
    """When the next day begins."""
    return (now_ms // DAY_MS + 1) * DAY_MS


PUT_OFF = Said("The channel would cost more today than its ceiling; it goes out tomorrow (UTC).")
TOO_DEAR = Said("It costs more than the channel's ceiling of a day.")


def _asked_for(row: Delivery) -> int:
    if not network(row.channel.network).prices:
        return 0
    asked = cost(row.channel, exact.opened(row.obj, row.words))
    return asked.micros if asked else 0


def _on_the_way(row: Delivery) -> int:
    others = Delivery.objects.filter(channel=row.channel, state__in=ON_THE_WAY).exclude(pk=row.pk)
    return sum(_asked_for(other) for other in others.select_related("channel"))


def _add(channel: Channel, now_ms: int, *, sent: int = 0, read: int = 0) -> None:
    row, _ = Meter.objects.get_or_create(channel=channel, day=now_ms // DAY_MS)
    Meter.objects.filter(pk=row.pk).update(
        sent_micros=models.F("sent_micros") + sent, read_micros=models.F("read_micros") + read
    )
