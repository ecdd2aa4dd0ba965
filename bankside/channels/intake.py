"""The door for hooks: judged, kept for good, answered. Nothing else is done while the network waits."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models, transaction

from bankside.channels import body as bodies
from bankside.channels import channel as channels
from bankside.channels import connectors, kept
from bankside.channels.models import Channel, Item, SignatureSeen
from bankside.channels.reading import read_kept as read_kept
from bankside.networks import contract, signatures
from bankside.networks.catalogue import network
from bankside.record import clock, recovery, sealed
from bankside.record.committer import Committer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What the network is answered."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Kept:
    """How many items of an arrival were new, and how many were known already. `replayed`: the whole request
    was taken before, and nothing of it is kept again."""

    new: int = 0
    repeated: int = 0
    replayed: bool = False


def receive(
    hook: str,
    *,
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
) -> HookAnswer:
    """A request at `/hooks/<hook>`. Answers 200 only after what it carries is durably kept.

    401 without a good signature, or with one that tells its time and was taken before; 400 for what no
    network would send, 413 above the size limit (HOOK_BODY_BYTES_MAX), 404 for an address that is nobody's.
    Refusals are counted on the channel. 503 while the desk is read-only, so that the network sends again:
    what would be kept now is gone when an older database is put back, or finds no room (recovery.py).
    """
    if recovery.mode() is not None:
        return _said(503, "Send this again later.")
    channel = _at(hook)
    connector = connectors.connector_of(channel, with_wire=False) if channel else None
    if channel is None or connector is None or not connector.can("verify"):
        return _said(404, "There is no hook at this address.")
    if len(body) > settings.HOOK_BODY_BYTES_MAX:
        _count(channel, "hooks_malformed")
        return _said(413, f"The body is larger than {settings.HOOK_BODY_BYTES_MAX:,} bytes.")
    request = contract.Request(
        method=method, path=path, query=dict(query), body=body,
        headers={name.lower(): value for name, value in headers.items()},
    )  # fmt: skip
    return _judged(channel, connector, request)


def _at(hook: str) -> Channel | None:
    if "\x00" in hook:  # no database is asked about what it cannot hold
        return None
    return Channel.objects.filter(hook=hook).exclude(state=Channel.REMOVED).first()


def _judged(channel: Channel, connector: contract.Connector, request: contract.Request) -> HookAnswer:
    try:
        genuine = connector.verify(request)
        bodies.refuse_bad(request.body, request.headers.get("content-type", ""))
    except contract.Forged:
        _count(channel, "hooks_forged")
        return _said(401, "The signature is missing or wrong.")
    except (contract.Refused, bodies.Malformed) as refused:
        _count(channel, "hooks_malformed")
        return _said(
            400, str(refused) if isinstance(refused, bodies.Malformed) else "The body cannot be read."
        )
    except Exception as error:  # a connector that stumbles over a body: the body is refused, others go on
        log.error("a hook of channel %s cannot be read: %s", channel.obj, type(error).__name__)
        _count(channel, "hooks_malformed")
        return _said(400, "The body cannot be read.")
    if isinstance(genuine, contract.Answer):
        return HookAnswer(200, genuine.body, genuine.content_type)
    now = clock.now_ms()
    rows = [kept.row_of(channel, item, via=kept.HOOK, now_ms=now) for item in genuine.items]
    arrival = _Arrival(channel.pk, "hooks_accepted", rows, *_signature(channel, request, now))
    if _committer.submit(arrival).replayed:
        return _said(401, "This request was taken before.")
    return HookAnswer(200)


def forget_signatures() -> int:
    """Deletes the signatures that no request would be taken with any more; how many."""
    return SignatureSeen.objects.filter(until__lt=clock.now_ms()).delete()[0]


def _signature(channel: Channel, request: contract.Request, now_ms: int) -> tuple[str, int]:
    """What is remembered of a signature that tells its time, and until when (UTC ms); nothing of others,
    because a network may rightly send those twice."""
    rule = network(channel.network).signature
    seconds, given = signatures.holds_seconds(rule), signatures.given(rule, request)
    if not seconds or not given:
        return "", 0
    mac = sealed.mac(kept.KEY_CLASS, f"{channel.obj}|signature|{given.hex()}")
    return mac, now_ms + seconds * 1000


def _count(channel: Channel, counter: str) -> None:
    _committer.submit(_Arrival(channel.pk, counter))


def _said(status: int, text: str) -> HookAnswer:
    return HookAnswer(status, f"{text}\n".encode())


# --- keeping, many arrivals at once ------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Arrival:
    channel: int
    counter: str
    rows: list[Item] = field(default_factory=list)
    mac: str = ""
    until: int = 0


def _keep_many(arrivals: Sequence[_Arrival]) -> list[Kept]:
    """One durable transaction for all; what came twice among them is new once."""
    with transaction.atomic(durable=True):
        _lock(sorted({arrival.channel for arrival in arrivals}))
        taken = _without_replays(arrivals)
        new = kept.write([row for arrival in taken for row in arrival.rows])
        kept_now = {id(one) for one in taken}
        results = [_shared_out(one, new) if id(one) in kept_now else Kept(replayed=True) for one in arrivals]
        for channel, counts in _counted(arrivals, results).items():
            changes: dict[str, Any] = {name: models.F(name) + count for name, count in counts.items()}
            if counts["hooks_accepted"]:
                changes["heard_at"] = clock.now_ms()
            Channel.objects.filter(pk=channel).update(**changes)
    return results


def _lock(numbers: list[int]) -> None:
    """The rows of the channels, before anything is kept, in one order: as polling does, which may meet us."""
    if transaction.get_connection().features.has_select_for_update:
        list(Channel.objects.select_for_update(of=channels.own_row()).filter(pk__in=numbers).order_by("pk"))


def _without_replays(arrivals: Sequence[_Arrival]) -> list[_Arrival]:
    """Those whose signature was not seen before; it is written down with what they bring."""
    signed = [arrival for arrival in arrivals if arrival.mac]
    if not signed:
        return list(arrivals)
    known = SignatureSeen.objects.filter(channel__in={one.channel for one in signed})
    seen = set(known.filter(mac__in=[one.mac for one in signed]).values_list("channel_id", "mac"))
    taken: list[_Arrival] = []
    for one in arrivals:
        if not one.mac or (one.channel, one.mac) not in seen:
            taken.append(one)
            seen.add((one.channel, one.mac))
    fresh = [SignatureSeen(channel_id=one.channel, mac=one.mac, until=one.until) for one in taken if one.mac]
    SignatureSeen.objects.bulk_create(fresh)
    return taken


def _shared_out(arrival: _Arrival, new: set[kept.Key]) -> Kept:
    mine = {kept.key_of(row) for row in arrival.rows} & new
    new -= mine
    return Kept(new=len(mine), repeated=len(arrival.rows) - len(mine))


def _counted(arrivals: Sequence[_Arrival], results: Sequence[Kept]) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for arrival, result in zip(arrivals, results, strict=True):
        counts = found.setdefault(arrival.channel, Counter())
        counts["hooks_repeated" if result.replayed else arrival.counter] += 1
        counts["hooks_repeated"] += result.repeated
    return found


_committer: Committer[_Arrival, Kept] = Committer(_keep_many)
