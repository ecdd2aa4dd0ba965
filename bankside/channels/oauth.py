"""Signing in at a network instead of giving the desk a password: away to its page, and back with a code.

Everything between the two is kept sealed for ten minutes, under a state that only the browser carries, and is
good once, for the one who went. Tokens are kept and renewed as all tokens that end (sessions.py).
"""

from __future__ import annotations

import secrets as random

import msgspec

from bankside.channels import authority, connect, connectors, form, sessions
from bankside.channels import channel as channels
from bankside.channels.models import Channel, PendingGrant
from bankside.networks import catalogue, dpop
from bankside.networks.worked_out import work_out
from bankside.people import teams
from bankside.people.models import Staff, Team
from bankside.record import clock, sealed
from bankside.said import Said

KEY_CLASS = connectors.KEY_CLASS
MINUTES = 10


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed again when she comes back. `channel`: the obj of the one that is connected again."""

    network: str
    name: str
    settings: dict[str, str]
    team: str
    channel: str
    verifier: str
    key: str
    client: authority.Client
    authority: authority.Authority


work_out(__name__)


def offered(network: str) -> bool:
    """Whether accounts of this network are connected by signing in there, too."""
    return catalogue.network(network).connect.oauth is not None


def begin(
    staff: Staff,
    network: str,
    *,
    name: str = "",
    settings: dict[str, str],
    team: Team | None = None,
    channel: Channel | None = None,
) -> str:
    """The address at the network where she signs in. `channel`: one that is to be connected again.

    Raises NotYours, NameTaken, NotConnected with a reason, LookupError (no such network).
    """
    channels.acting(staff, connect.ACT, channel.team if channel else team)
    data = catalogue.network(network)
    way = data.connect.oauth
    if way is None:
        raise connect.NotConnected(
            Said("Nobody signs in at %(title)s for a desk; give it a password or key.", title=data.title)
        )
    name = channel.name if channel else connect.refuse_bad_name(name)
    with connect.as_reasons(data):
        chosen = _located(data, {**(channel.settings if channel else {}), **settings})
        at = authority.found_for(chosen[way.server], authorize=way.authorize, token=way.token)
        me = _client(data, way, chosen)
        pending = Pending(
            network=network, name=name, settings=chosen, team=team.obj if team else "",
            channel=channel.obj if channel else "", verifier=authority.new_verifier(),
            key=dpop.new_key() if way.dpop else "", authority=at, client=me,
        )  # fmt: skip
        state = random.token_urlsafe(authority.STATE_BYTES)
        address = authority.where_to_sign_in(
            at, me, state=state, verifier=pending.verifier, scope=" ".join(data.connect.scopes),
            hint=chosen.get(way.hint, ""), key=pending.key, pushed=way.par,
        )  # fmt: skip
    _keep(staff, state, pending)
    return address


def finish(staff: Staff, *, state: str, code: str, issuer: str = "", error: str = "") -> Channel:
    """She is back: the channel that she has connected, or connected again.

    Raises NotConnected with a reason that says what to do, also for a state that is not hers, was used or is
    older than ten minutes; NotYours, NameTaken.
    """
    pending = _taken(staff, state)
    data = catalogue.network(pending.network)
    if error or not code:
        raise connect.NotConnected(
            Said(
                "%(title)s did not let us in (%(error)s). Begin again.",
                title=data.title,
                error=error or Said("no code"),
            )
        )
    if issuer and issuer.rstrip("/") != pending.authority.issuer.rstrip("/"):
        raise connect.NotConnected(Said("Somebody else has answered for the network. Begin again."))
    me, at = pending.client, pending.authority
    with connect.as_reasons(data):
        given = authority.exchanged(at, me, code=code, verifier=pending.verifier, key=pending.key)
    fresh = sessions.of_granted(given, at, me, key=pending.key)
    if pending.channel:
        again = channels.get_visible(staff, pending.channel, connect.ACT)
        return connect.reconnect(staff, again, {}, pending.settings, session=fresh, account=given.sub)
    team = teams.get(pending.team) if pending.team else None
    return connect.add(
        staff, pending.network, name=pending.name, settings=pending.settings, secrets={}, team=team,
        session=fresh, account=given.sub,
    )  # fmt: skip


def client_metadata(network: str) -> dict[str, object]:
    """What this network's servers read about us. Raises LookupError when nobody signs in there."""
    data = catalogue.network(network)
    if data.connect.oauth is None:
        raise LookupError(Said("Nobody signs in at %(title)s.", title=data.title))
    return authority.metadata(data.name, data.connect.scopes, dpop=data.connect.oauth.dpop)


def _client(data: catalogue.NetworkData, way: catalogue.OAuth, chosen: dict[str, str]) -> authority.Client:
    """Who we are there: known by our address, or made known first."""
    if way.register:
        return authority.registered(chosen[way.server], way.register, data.name, data.connect.scopes)
    return authority.client(data.name, data.connect.scopes)


# --- between going and coming back -----------------------------------------------------------------------
def _located(data: catalogue.NetworkData, settings: dict[str, str]) -> dict[str, str]:
    chosen = data.filled({n: v for n, v in settings.items() if n != form.POLL_SETTING}, {})
    located = connectors.connector_for(data.name, chosen, {}).locate()
    asked = settings.get(form.POLL_SETTING, "")
    return {**chosen, **located, **({form.POLL_SETTING: asked} if asked else {})}


def _keep(staff: Staff, state: str, pending: Pending) -> None:
    now, mac = clock.now_ms(), sealed.mac(KEY_CLASS, state)
    PendingGrant.objects.filter(until__lt=now).delete()
    body = sealed.seal(KEY_CLASS, msgspec.json.encode(pending), f"pending|{mac}")
    PendingGrant.objects.create(mac=mac, staff=staff, body=body, until=now + MINUTES * 60_000)


def _taken(staff: Staff, state: str) -> Pending:
    """What was kept under this state; never twice, and for nobody else."""
    mac = sealed.mac(KEY_CLASS, state)
    row = PendingGrant.objects.filter(mac=mac, staff=staff, until__gte=clock.now_ms()).first()
    if row is None or not PendingGrant.objects.filter(pk=row.pk).delete()[0]:
        raise connect.NotConnected(
            Said(
                "This was begun more than %(minutes)s minutes ago, or elsewhere. Begin again.",
                minutes=MINUTES,
            )
        )
    return msgspec.json.decode(sealed.unseal(KEY_CLASS, bytes(row.body), f"pending|{mac}"), type=Pending)
