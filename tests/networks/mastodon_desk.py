"""The bank's connector on the fake server (tests/servers/mastodon_fake.py), and what it is asked in tests."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import httpx

from bankside.networks.catalogue import network
from bankside.networks.contract import Activity, Connector, Grant, Media
from tests.servers.mastodon_fake import TOKEN, FakeMastodon

HOUR_MS = 3_600_000
PNG = b"\x89PNG\r\n\x1a\n not really a picture"


def desk(
    fake: FakeMastodon, *, transport: httpx.BaseTransport | None = None, token: str = TOKEN, **settings: str
) -> Connector:
    """The bank's connector, which knows who it is; one with another token does not."""
    data, through = network("mastodon"), transport or httpx.MockTransport(fake)
    chosen, secrets = {"server": fake.url, **settings}, {"access_token": token}

    def made(account: dict[str, Any]) -> Connector:
        hosts = frozenset({fake.url.partition("://")[2]})
        wire = data.wire(chosen, secrets=secrets, private_hosts=hosts, transport=through)
        return data.connector(Grant(settings=chosen, secrets=secrets, account=account), wire)

    return made(asdict(made({}).whoami()) if token == TOKEN else {})


def image(alt: str = "창구", data: bytes = PNG, mime: str = "image/png") -> Media:
    return Media(mime=mime, alt=alt, data=data, name="창구.png")


def news(connector: Connector, cursor: str = "", since_ms: int = 0) -> tuple[dict[str, Activity], str]:
    """Everything that a look brings, to the end of its list."""
    found: dict[str, Activity] = {}
    for _ in range(50):
        page = connector.poll(cursor, since_ms)
        cursor = page.cursor
        found |= {a.remote_id: a for item in page.items for a in connector.read(item.raw)}
        if not page.more:
            return found, cursor
    raise AssertionError("the list never ends")
