"""FAKES of networks, written by this project from the vendors' documents: no vendor's server stands here.

One file per network, with one class: a small server in memory that keeps what is said to it and answers as
the documents say. They show how our connectors behave, and prove nothing about the networks themselves.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import httpx

from bankside.networks.catalogue import network
from bankside.networks.contract import Connector, Grant, Post
from tests.networks.recorder import NOT_REAL as NOT_REAL

HERE = Path(__file__).resolve().parent


class Pretended(httpx.BaseTransport):
    """A fake server. A network's own class says who is connected (`settings`, `secrets`, `account`), answers
    (`answer`), and tells what the public can read of the bank there (`visible`). Its secrets are made up:
    `NOT_REAL`, or of the form that the network wants, and they stand in the recordings.

    `failing["POST /path"]`: what the next calls of it are answered instead, a status, a body and headers.
    """

    name: ClassVar[str]
    site: ClassVar[str]
    settings: ClassVar[dict[str, str]] = {}
    secrets: ClassVar[dict[str, str]] = {}
    account: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.failing: dict[str, list[tuple[int, Any, dict[str, str]]]] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the server answers."""
        raise NotImplementedError

    def visible(self) -> list[str]:
        """The words of the bank that stand there now, oldest first, each as often as it stands there."""
        raise NotImplementedError

    def post(self, number: int) -> Post:
        """Something that the bank says; no two of them in the same words."""
        return Post(text=f"Notice {number}: the branch in Mapo opens at ten. 지점 안내 {number}", lang="ko")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        waiting = self.failing.get(f"{request.method} {request.url.path}", [])
        if waiting:
            return said(*waiting.pop(0))
        return self.answer(request)

    def connector(self, transport: httpx.BaseTransport | None = None, **changed: str) -> Connector:
        """The network's connector before this server; `changed`: other secrets than the good ones."""
        data = network(self.name)
        secrets = {**self.secrets, **changed}
        wire = data.wire(self.settings, secrets=secrets, transport=transport or self)
        return data.connector(Grant(settings=self.settings, secrets=secrets, account=self.account), wire)


def said(status: int, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
    """An answer: JSON for anything but text and bytes."""
    if body is None or isinstance(body, str | bytes):
        content = (body or "").encode() if not isinstance(body, bytes) else body
        return httpx.Response(status, headers=headers or {}, content=content)
    named = {"content-type": "application/json", **(headers or {})}
    return httpx.Response(status, headers=named, content=json.dumps(body, ensure_ascii=False).encode())


def asked(request: httpx.Request) -> dict[str, Any]:
    """What a request carries: JSON, or a form with one value each; {} for none."""
    kind, body = request.headers.get("content-type", ""), request.read()
    if not body:
        return {}
    if "json" in kind:
        decoded: dict[str, Any] = json.loads(body)
        return decoded
    if "x-www-form-urlencoded" in kind:
        return {key: values[0] for key, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    return {}


def pretended() -> list[str]:
    """The networks of which there is a fake here."""
    return sorted(file.stem for file in HERE.glob("*.py") if file.stem != "__init__")


def fake_of(name: str) -> Pretended:
    """A fresh fake of this network."""
    made: Pretended = import_module(f"tests.networks.pretended.{name}").SERVER()
    return made
