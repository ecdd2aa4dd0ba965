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
from bankside.networks import catalogue, declared, dpop
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
    secrets: dict[str, str]
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
    secrets: dict[str, str] | None = None,
    team: Team | None = None,
    channel: Channel | None = None,
) -> str:
    """The address at the network where she signs in. `channel`: one that is to be connected again.

    `secrets`: what the channel needs beside the sign-in, such as that of the bank's own app. Those that the
    sign-in takes the place of are not kept.
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
        beside = _beside({**(connectors.secrets_of(channel) if channel else {}), **(secrets or {})})
        chosen = _located(data, {**(channel.settings if channel else {}), **settings}, beside)
        at, me = _authority(way, chosen), _client(data, way, chosen, beside)
        pending = Pending(
            network=network, name=name, settings=chosen, secrets=beside, team=team.obj if team else "",
            channel=channel.obj if channel else "", verifier=authority.new_verifier() if way.pkce else "",
            key=dpop.new_key() if way.dpop else "", authority=at, client=me,
        )  # fmt: skip
        state = random.token_urlsafe(authority.STATE_BYTES)
        address = authority.where_to_sign_in(
            at, me, state=state, verifier=pending.verifier, scope=way.separator.join(data.connect.scopes),
            hint=chosen.get(way.hint, ""), key=pending.key, pushed=way.par, extra=way.extra,
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
        fresh = sessions.prolonged(pending.network, fresh, pending.settings, pending.secrets)
    if pending.channel:
        again = channels.get_visible(staff, pending.channel, connect.ACT)
        return connect.reconnect(
            staff, again, pending.secrets, pending.settings, session=fresh, account=given.sub
        )
    team = teams.get(pending.team) if pending.team else None
    return connect.add(
        staff, pending.network, name=pending.name, settings=pending.settings, secrets=pending.secrets,
        team=team, session=fresh, account=given.sub,
    )  # fmt: skip


def client_metadata(network: str) -> dict[str, object]:
    """What this network's servers read about us. Raises LookupError when nobody signs in there."""
    data = catalogue.network(network)
    if data.connect.oauth is None:
        raise LookupError(Said("Nobody signs in at %(title)s.", title=data.title))
    told = data.identity is not None and "oauth" in data.identity.proofs
    return authority.metadata(data.name, data.connect.scopes, dpop=data.connect.oauth.dpop, members=told)


def _authority(way: declared.OAuth, chosen: dict[str, str]) -> authority.Authority:
    """Where she signs in: on the account's own server, or at the network's one place for all."""
    if not way.server:
        return authority.fixed(way.authorize, way.token)
    there = {"authorize": way.authorize, "token": way.token, "proxy": chosen.get(form.PROXY_SETTING, "")}
    return authority.found_for(chosen[way.server], **there)


def _client(
    data: catalogue.NetworkData, way: declared.OAuth, chosen: dict[str, str], secrets: dict[str, str]
) -> authority.Client:
    """Who we are there: the bank's own app, known by our address, or made known first."""
    proxy, scopes = chosen.get(form.PROXY_SETTING, ""), data.connect.scopes
    if way.app:
        return sessions.app_of(data, chosen, secrets)
    if way.register:
        return authority.registered(chosen[way.server], way.register, data.name, scopes, proxy=proxy)
    return authority.client(data.name, scopes, proxy=proxy)


# --- between going and coming back -----------------------------------------------------------------------
def _beside(secrets: dict[str, str]) -> dict[str, str]:
    """The secrets that are needed beside a sign-in."""
    return {name: value for name, value in secrets.items() if value and name not in sessions.SIGNED_FOR}


def _located(
    data: catalogue.NetworkData, settings: dict[str, str], secrets: dict[str, str]
) -> dict[str, str]:
    """All settings of the channel: those of the network, found out where it says so, and those of all."""
    given, house = form.parted(data, settings)
    chosen = data.filled(given, secrets) | form.kept(house)
    located = connectors.connector_for(data.name, chosen, secrets).locate()
    return {**house, **chosen, **located}


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
