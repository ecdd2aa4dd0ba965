"""What the FAKES of Meta's networks have in common: tokens, errors, fields that are asked for, pages.

Meta is not here. The forms are those of developers.facebook.com/docs/graph-api, read 2026-11-28.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from typing import Any, ClassVar

import httpx

from bankside.networks.contract import Request
from tests.networks.pretended import NOT_REAL, Pretended, asked, said

HOUR_MS = 3_600_000
Tree = dict[str, tuple[dict[str, str], "Tree"]]
"""Fields by name: what they are asked with, and the fields below."""


class Wrong(Exception):
    """An answer that says what is wrong."""

    def __init__(self, code: int, message: str, subcode: int = 0, status: int = 400) -> None:
        super().__init__(message)
        self.status, self.error = status, {"message": f"(#{code}) {message}", "code": code}
        self.error |= {"type": "OAuthException", "fbtrace_id": "AbCdEf"}
        self.error |= {"error_subcode": subcode} if subcode else {}


class GraphFake(Pretended):
    """A server that keeps things by their id and shows the fields that are asked for."""

    base: ClassVar[str] = "/v26.0/"
    seconds_of_day: ClassVar[int] = 86_400

    def __init__(self) -> None:
        super().__init__()
        self.tokens = {NOT_REAL}
        self.headers: dict[str, str] = {}
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.now_ms: Callable[[], int] = lambda: int(time.time() * 1000)
        self._number = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, params = request.url.path.removeprefix(self.base).strip("/"), dict(request.url.params)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            wrong = Wrong(190, "Invalid OAuth access token - Cannot parse access token")
            return said(wrong.status, {"error": wrong.error})
        given = params if request.method == "GET" else asked(request) or self.form(request)
        self.calls.append((request.method, path, given))
        try:
            return said(200, self.called(request.method, path, given, token), self.headers)
        except Wrong as wrong:
            return said(wrong.status, {"error": wrong.error}, self.headers)

    def called(self, method: str, path: str, given: dict[str, Any], token: str) -> Any:
        """What a call is answered. Raises Wrong."""
        raise NotImplementedError

    def form(self, request: httpx.Request) -> dict[str, Any]:
        """The fields of a form with a file (RFC 7578); `source` is how large the file is."""
        found: dict[str, Any] = {}
        for name, file, value in _PART.findall(request.read()):
            found[name.decode()] = len(value) if file else value.decode()
        return found

    def new_id(self, before: str = "") -> str:
        self._number += 1
        return f"{before}{1000 + self._number}"

    def moment(self, ms: int) -> str:
        at = datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)
        return at.strftime("%Y-%m-%dT%H:%M:%S+0000")

    def hook(self, told: dict[str, Any], *, secret: str = NOT_REAL, hook: str = "hook") -> Request:
        """What the network delivers, signed as it signs."""
        body = json.dumps(told, ensure_ascii=False).encode()
        signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={signed}"}
        return Request(method="POST", path=f"/hooks/{hook}", query={}, headers=headers, body=body)


def handshake(word: str) -> Request:
    """How the network finds out that a hook address is ours."""
    query = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "1158201444"}
    return Request(method="GET", path="/hooks/hook", query=query, headers={}, body=b"")


def not_there(remote_id: str) -> Wrong:
    """Meta says the same of what is gone and of what is not for us."""
    why = f"Unsupported get request. Object with ID '{remote_id}' does not exist, cannot be loaded"
    return Wrong(100, f"{why} due to missing permissions", 33)


# --- fields ----------------------------------------------------------------------------------------------
def tree_of(fields: str) -> Tree:
    """`id,comments.limit(5){id,from}` as a tree."""
    tree, rest = _tree(fields)
    assert not rest, f"not read to the end: {rest}"
    return tree


def _tree(text: str) -> tuple[Tree, str]:
    found: Tree = {}
    while text and not text.startswith("}"):
        name, text = _word(text)
        how: dict[str, str] = {}
        while text.startswith("."):
            key, text = _word(text[1:])
            assert text.startswith("("), text
            value, _, text = text[1:].partition(")")
            how[key] = value
        below: Tree = {}
        if text.startswith("{"):
            below, text = _tree(text[1:])
            assert text.startswith("}"), text
            text = text[1:]
        found[name], text = (how, below), text.removeprefix(",")
    return found, text


def _word(text: str) -> tuple[str, str]:
    match = re.match(r"[a-z_]+", text)
    assert match, text
    return match[0], text[match.end() :]


def shown(thing: dict[str, Any], fields: str) -> dict[str, Any]:
    """A thing with the fields that were asked for. Raises Wrong for one that it does not have."""
    return _shown(thing, tree_of(fields or "id"))


def _shown(thing: dict[str, Any], tree: Tree) -> dict[str, Any]:
    found: dict[str, Any] = {"id": thing["id"]} if "id" in thing else {}
    for name, (how, below) in tree.items():
        if name not in thing:
            raise Wrong(100, f"Tried accessing nonexisting field ({name})")
        value = thing[name]() if callable(thing[name]) else thing[name]
        if isinstance(value, list):
            value = page(value, how, below)
        elif isinstance(value, dict) and below:
            value = _shown(value, below)
        if value is not None:
            found[name] = value
    return found


def page(things: list[dict[str, Any]], how: dict[str, Any], below: Tree | str) -> dict[str, Any]:
    """A page of a list, where it goes on, and how many there are when that was asked for."""
    tree = tree_of(below or "id") if isinstance(below, str) else below
    start, limit = int(how.get("after") or 0), int(how.get("limit", 25))
    end = start + limit
    found: dict[str, Any] = {"data": [_shown(t, tree) if tree else t for t in things[start:end]]}
    if end < len(things) and limit:
        found["paging"] = {
            "cursors": {"before": str(start), "after": str(end)},
            "next": "https://next.example/",
        }
    if "summary" in how:
        found["summary"] = {"total_count": len(things)}
    return found


_PART = re.compile(
    rb'Content-Disposition: form-data; name="([^"]+)"(; filename="[^"]+"\r\nContent-Type: [^\r]+)?'
    rb"\r\n\r\n(.*?)\r\n--",
    re.DOTALL,
)
