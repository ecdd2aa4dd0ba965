"""The fake of X with somebody who watches, for its tests."""

from __future__ import annotations

import json
from typing import Any

import httpx

from bankside.networks.catalogue import network
from bankside.networks.contract import Activity, Connector, Grant, Item
from tests.networks.pretended.x_com import PretendedX


class Watching(httpx.BaseTransport):
    """The fake, and what was asked of it."""

    def __init__(self, fake: PretendedX) -> None:
        self.fake, self.asked = fake, list[tuple[str, dict[str, Any]]]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        body = json.loads(request.content) if request.content else dict(request.url.params)
        self.asked.append((f"{request.method} {request.url.path}", body))
        return self.fake.handle_request(request)


def read(desk: Connector, items: tuple[Item, ...]) -> list[Activity]:
    return [activity for item in items for activity in desk.read(item.raw)]


def enterprise(fake: PretendedX) -> Connector:
    """A channel of a bank with a contract; it only reads and previews."""
    settings = {**fake.settings, "plan": "enterprise"}
    return network("x_com").connector(Grant(settings=settings, account=fake.account))
