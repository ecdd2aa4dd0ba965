"""An account on a network as everybody sees it, looked up without any grant of the bank's.

What a server says about whom it keeps counts only when the network's directory, or the domain in the name,
leads to that server: else anybody could run one that says it keeps somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bankside.channels import connect, connectors
from bankside.channels.models import Channel
from bankside.networks import catalogue, declared, proxies
from bankside.networks.whose import Named
from bankside.said import Said

TYPED_CHARACTERS_MAX: Final = 300


class NotProved(ValueError):
    """It is not shown that the profile is hers; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A proved profile. `account_since_ms`: when the account was made, 0 where the network does not tell."""

    network: str
    subject: str
    handle: str
    url: str
    account_since_ms: int


def seen(data: catalogue.NetworkData, base: dict[str, str], account: str, server: str) -> Profile:
    """The account as everybody sees it, when others agree that this server keeps it."""
    who, way = (
        connectors.connector_for(data.name, base, {}, with_wire=False).named(account),
        data.connect.oauth,
    )
    setting = way.server if way else ""
    outside = base | who.settings
    if setting and host(outside.get(setting, "")) == host(server):
        outside[setting] = server
    home = connectors.connector_for(data.name, outside, {}).home(account)
    if host(home) != host(server):
        raise NotProved(
            Said("%(host)s is not the server that keeps this account.", host=urlsplit(server).netloc)
        )
    there = base | who.settings | ({setting: server} if setting else {})
    seen = connectors.connector_for(data.name, there, {}).profile(account)
    return Profile(
        network=data.name, subject=seen.remote_id, handle=seen.handle, url=seen.url,
        account_since_ms=seen.since_ms,
    )  # fmt: skip


def named(data: catalogue.NetworkData, told: declared.Identity, typed: str) -> Named:
    if not told.label:
        return Named(account="")
    return connectors.connector_for(data.name, {}, {}, with_wire=False).named(typed[:TYPED_CHARACTERS_MAX])


def host(address: str) -> str:
    return urlsplit(address).netloc.lower()


def base(data: catalogue.NetworkData) -> dict[str, str]:
    """What a connector needs to look an account up: defaults, and what a channel of the bank lends."""
    defaults = {s.name: s.default for s in data.settings if s.default and not s.secret}
    channel = bank_channel(data)
    if channel is None:
        return defaults
    lent = (*(data.identity.lent if data.identity else ()), proxies.SETTING)
    return defaults | {name: channel.settings[name] for name in lent if channel.settings.get(name)}


def bank_channel(data: catalogue.NetworkData) -> Channel | None:
    """The oldest channel of the bank's on the network that is in use."""
    return Channel.objects.filter(network=data.name, state=Channel.OPEN).order_by("pk").first()


def known(network: str, proof: str) -> tuple[catalogue.NetworkData, declared.Identity]:
    data = catalogue.network(network)
    if data.identity is None or proof not in data.identity.proofs or data.lifecycle == "closed":
        raise NotProved(Said("A profile on %(title)s cannot be linked so.", title=data.title))
    return data, data.identity


@contextmanager
def as_reasons(data: catalogue.NetworkData) -> Iterator[None]:
    """What goes wrong there, as NotProved with its reason."""
    try:
        with connect.as_reasons(data):
            yield
    except connect.NotConnected as refused:
        raise NotProved(refused.args[0]) from refused
