"""A channel's connector, with its secrets opened: the one place where a network is put to work."""

from __future__ import annotations

import msgspec
from django.conf import settings

from bankside.channels import way
from bankside.channels.authority import Authority
from bankside.channels.models import Channel
from bankside.networks.catalogue import network
from bankside.networks.contract import Connector, Grant
from bankside.networks.worked_out import work_out
from bankside.record import sealed

KEY_CLASS = "channel-token"
FOR_RENEWAL = frozenset({"refresh", "client_secret"})


class Session(msgspec.Struct, frozen=True):
    """Tokens by name; where somebody signed in at the network, also who renews them, and under which name
    of ours they were given."""

    tokens: dict[str, str]
    authority: Authority | None = None
    client_id: str = ""


work_out(__name__)


def connector_of(channel: Channel, *, with_wire: bool = True, renewing: bool = False) -> Connector:
    """The translator of this channel. Without a wire it can only do what is pure.

    What tokens are renewed with is only given to the one that is `renewing` them. Where there is no code for
    the network, or nothing of it to be called any more, it is one that can do nothing.
    """
    if not network(channel.network).has_connector() or (with_wire and not way.is_reached(channel)):
        return Connector(Grant(settings=dict(channel.settings), account=channel.account))
    secrets = secrets_of(channel)
    if with_wire and (session := session_of(channel)):
        tokens = session.tokens.items()
        secrets |= {name: value for name, value in tokens if renewing or name not in FOR_RENEWAL}
    return connector_for(
        channel.network, dict(channel.settings), secrets, channel.account, with_wire=with_wire
    )


def connector_for(
    network_name: str,
    chosen: dict[str, str],
    secrets: dict[str, str],
    account: dict[str, object] | None = None,
    *,
    with_wire: bool = True,
) -> Connector:
    """A translator for settings that belong to no channel yet. Raises UnknownNetwork, Refused."""
    data = network(network_name)
    grant = Grant(settings=chosen, secrets=secrets, account=account or {})
    if not with_wire:
        return data.connector(grant)
    wire = data.wire(chosen, secrets=secrets, private_hosts=settings.WIRE_PRIVATE_HOSTS)
    return data.connector(grant, wire)


def pictures_connector(channel: Channel) -> Connector:
    """A translator that fetches pictures and knows no secret: strangers learn nothing of ours."""
    data = network(channel.network)
    chosen = dict(channel.settings)
    wire = data.pictures_wire(chosen, private_hosts=settings.WIRE_PRIVATE_HOSTS)
    return data.connector(Grant(settings=chosen, secrets={}, account=channel.account), wire)


def seal_secrets(channel: Channel, secrets: dict[str, str]) -> None:
    """Puts the secrets into the row, readable only under their key class and on this channel."""
    plain = msgspec.json.encode(secrets)
    channel.secrets = sealed.seal(KEY_CLASS, plain, channel.obj) if secrets else b""


def secrets_of(channel: Channel) -> dict[str, str]:
    """The secrets, opened; none for a channel that has none or was removed. Raises sealed.Unreadable."""
    if not channel.secrets:
        return {}
    plain = sealed.unseal(KEY_CLASS, bytes(channel.secrets), channel.obj)
    return msgspec.json.decode(plain, type=dict[str, str])


def seal_session(channel: Channel, session: Session) -> None:
    """Puts the session into the row, readable only under its key class and on this channel."""
    channel.session = sealed.seal(KEY_CLASS, msgspec.json.encode(session), f"{channel.obj}|session")


def session_of(channel: Channel) -> Session | None:
    """The session, opened; None for a channel that has none. Raises sealed.Unreadable."""
    if not channel.session:
        return None
    plain = sealed.unseal(KEY_CLASS, bytes(channel.session), f"{channel.obj}|session")
    return msgspec.json.decode(plain, type=Session)
