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
from bankside.channels.models import Channel, Item
from bankside.channels.reading import read_kept as read_kept
from bankside.networks import contract
from bankside.record import clock
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
    """How many items of an arrival were new, and how many were known already."""

    new: int = 0
    repeated: int = 0


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

    401 without a good signature, 400 for what no network would send, 413 above the size limit
    (HOOK_BODY_BYTES_MAX), 404 for an address that is nobody's. Refusals are counted on the channel.
    """
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
    _committer.submit(_Arrival(channel.pk, "hooks_accepted", rows))
    return HookAnswer(200)


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


def _keep_many(arrivals: Sequence[_Arrival]) -> list[Kept]:
    """One durable transaction for all; what came twice among them is new once."""
    with transaction.atomic(durable=True):
        _lock(sorted({arrival.channel for arrival in arrivals}))
        new = kept.write([row for arrival in arrivals for row in arrival.rows])
        results = [_shared_out(arrival, new) for arrival in arrivals]
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


def _shared_out(arrival: _Arrival, new: set[kept.Key]) -> Kept:
    mine = {kept.key_of(row) for row in arrival.rows} & new
    new -= mine
    return Kept(new=len(mine), repeated=len(arrival.rows) - len(mine))


def _counted(arrivals: Sequence[_Arrival], results: Sequence[Kept]) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for arrival, result in zip(arrivals, results, strict=True):
        counts = found.setdefault(arrival.channel, Counter())
        counts[arrival.counter] += 1
        counts["hooks_repeated"] += result.repeated
    return found


_committer: Committer[_Arrival, Kept] = Committer(_keep_many)
