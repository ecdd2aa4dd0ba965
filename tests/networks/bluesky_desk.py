"""The bank's connector on a real Bluesky network, and what it is asked in tests."""

from __future__ import annotations

import io
import uuid
from dataclasses import asdict
from typing import Any

import httpx
from PIL import Image

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Activity,
    Connector,
    Grant,
    Media,
    Receipt,
)
from tests.servers.bluesky import Bluesky, Person, Ref


def desk(
    bluesky: Bluesky, bank: Person, *, transport: httpx.BaseTransport | None = None, **secrets: str
) -> Connector:
    """The bank's connector, with a session of its own unless given another secret."""
    data = network("bluesky")
    settings = data.filled({**bluesky.settings(bank), "directory": bluesky.plc}, {})
    hosts = frozenset({bluesky.host, bluesky.plc.removeprefix("http://")})

    def made(given: dict[str, str], account: dict[str, Any]) -> Connector:
        wire = data.wire(settings, secrets=given, private_hosts=hosts, transport=transport)
        return data.connector(Grant(settings=settings, secrets=given, account=account), wire)

    given = secrets or made({"app_password": bank.app_password(uuid.uuid4().hex)}, {}).renew().secrets
    return made(given, {} if secrets else asdict(made(given, {}).whoami()))


def image(color: str, alt: str) -> Media:
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(picture, "PNG")
    return Media(mime="image/png", alt=alt, data=picture.getvalue(), name=f"{color}.png")


def key() -> str:
    return f"{uuid.uuid4().hex}:channel"


def news(connector: Connector, cursor: str = "", since_ms: int = 0) -> tuple[dict[str, Activity], str]:
    found: dict[str, Activity] = {}
    for _ in range(20):
        page = connector.poll(cursor, since_ms)
        cursor = page.cursor
        found |= {a.remote_id: a for item in page.items for a in connector.read(item.raw)}
        if not page.more:
            return found, cursor
    raise AssertionError("the list never ends")


def ref(bank: Person, receipt: Receipt) -> Ref:
    return Ref(receipt.remote_id, next(r["cid"] for r in bank.records() if r["uri"] == receipt.remote_id))
