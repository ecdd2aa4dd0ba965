"""Networks, and the bank's accounts on them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Router

from bankside.channels import channel as channels
from bankside.channels import connect, health, preview, token_health, way
from bankside.channels.models import Channel
from bankside.people import policy, teams
from bankside.people.models import Staff
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Id, operation
from bankside.web.api.paging import Cursor, Limit, page_of
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.channels import (
    ChannelIn,
    ChannelOut,
    Channels,
    ConnectionIn,
    Networks,
    ReasonIn,
)
from bankside.web.spoken import spoken

router = Router(tags=["channels"])

COUNTERS = (
    "hooks_accepted", "hooks_repeated", "hooks_forged", "hooks_malformed", "items_read", "items_repaired",
)  # fmt: skip


@operation(router, "GET", "/networks", "channel.see", says=Networks)
def networks(request: HttpRequest) -> Any:
    """Every network that the desk knows, and what connecting an account there takes."""
    return {"items": [asdict(one) for one in connect.networks()]}


@operation(router, "GET", "/channels", "channel.see", says=Channels)
def channel_list(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """The bank's accounts that she sees."""
    staff = staff_of(request)
    rows, further = page_of(channels.visible_to(staff), cursor, limit)
    states = health.health_of(rows)
    return {"items": [_shown(staff, row, states[row.pk]) for row in rows], "next": further}


@operation(router, "POST", "/channels", "channel.connect", says=ChannelOut, status=201)
def channel_add(request: HttpRequest, said: ChannelIn) -> Any:
    """Connects an account, after asking the network who it is."""
    staff = staff_of(request)
    team = teams.get(said.team) if said.team else None
    row = connect.add(
        staff, said.network, name=said.name, settings=said.settings, secrets=said.secrets, team=team
    )
    return _one(staff, row)


@operation(router, "GET", "/channels/{channel}", "channel.see", says=ChannelOut)
def channel_show(request: HttpRequest, channel: Id) -> Any:
    """One account."""
    staff = staff_of(request)
    return _one(staff, channels.get_visible(staff, channel))


@operation(router, "DELETE", "/channels/{channel}", "channel.connect", says=None, status=204)
def channel_remove(request: HttpRequest, channel: Id) -> Any:
    """Takes the account off the desk; its secrets are destroyed, what was said stays in the record."""
    staff = staff_of(request)
    connect.remove(staff, channels.get_visible(staff, channel))


@operation(router, "POST", "/channels/{channel}/check", "channel.connect", says=ChannelOut)
def channel_check(request: HttpRequest, channel: Id) -> Any:
    """Asks the network who we are, and what it allows now."""
    staff = staff_of(request)
    return _one(staff, connect.check(staff, channels.get_visible(staff, channel)))


@operation(router, "POST", "/channels/{channel}/pause", "channel.connect", says=ChannelOut)
def channel_pause(request: HttpRequest, channel: Id, said: ReasonIn) -> Any:
    """Stops the account until it is resumed; what goes out waits."""
    staff = staff_of(request)
    return _one(staff, connect.pause(staff, channels.get_visible(staff, channel), said.reason))


@operation(router, "DELETE", "/channels/{channel}/pause", "channel.connect", says=ChannelOut)
def channel_resume(request: HttpRequest, channel: Id) -> Any:
    """Lets the account run again."""
    staff = staff_of(request)
    return _one(staff, connect.resume(staff, channels.get_visible(staff, channel)))


@operation(router, "POST", "/channels/{channel}/connection", "channel.connect", says=ChannelOut)
def channel_reconnect(request: HttpRequest, channel: Id, said: ConnectionIn) -> Any:
    """New secrets or settings for the same account; it runs again."""
    staff = staff_of(request)
    row = channels.get_visible(staff, channel)
    return _one(staff, connect.reconnect(staff, row, secrets=said.secrets, settings=said.settings))


def _one(staff: Staff, row: Channel) -> dict[str, Any]:
    return _shown(staff, row, health.health(row))


def _shown(staff: Staff, row: Channel, state: health.Health) -> dict[str, Any]:
    connects = policy.may(staff, "channel.connect", row.team)
    return {
        "id": str(row.pk), "obj": row.obj, "network": row.network, "name": row.name, "handle": row.handle,
        "url": row.url, "team": row.team.obj if row.team else None, "state": row.state,
        "trouble": spoken(row.trouble), "health": {"state": state.state, "words": spoken(state.words)},
        "offers": sorted(preview.offers(row)), "kinds": list(preview.kinds(row)), "way": way.of(row),
        "access": _access(row), "poll_seconds": row.poll_seconds,
        "hook": f"/hooks/{row.hook}" if connects else None,
        "polled_at": moment(row.polled_at), "heard_at": moment(row.heard_at),
        "created_at": moment(row.created_at), "counters": {name: getattr(row, name) for name in COUNTERS},
    }  # fmt: skip


def _access(row: Channel) -> dict[str, Any]:
    found = token_health.access(row)
    return {
        "state": found.state, "words": spoken(found.words), "kind": spoken(found.kind),
        "renews": found.renews, "ends_at": moment(found.ends_ms), "proved_at": moment(found.proved_ms),
    }  # fmt: skip
