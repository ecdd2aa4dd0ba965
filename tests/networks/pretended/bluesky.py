"""A FAKE of one account's server (PDS) with what sending needs, in the forms of the lexicons.

The real network runs in the tests too (tests/servers/bluesky.py); this one is for a thousand lost answers.
"""

from __future__ import annotations

import hashlib
from typing import Any

import httpx

from tests.networks.pretended import NOT_REAL, Pretended, asked, said

ME = "did:plc:hanulbank"
POSTS = "app.bsky.feed.post"


class PretendedBluesky(Pretended):
    """One repository. A record that is put where one stands already is refused when none was expected."""

    name = "bluesky"
    site = "https://pds.hanulbank.example"
    settings = {"service": site, "identifier": "hanulbank.example"}
    secrets = {"app_password": NOT_REAL, "access": NOT_REAL}
    account = {"remote_id": ME}

    def __init__(self) -> None:
        super().__init__()
        self._records: dict[str, dict[str, Any]] = {}
        self._said: list[str] = []

    def visible(self) -> list[str]:
        return list(self._said)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {NOT_REAL}":
            return said(401, {"error": "InvalidToken", "message": "Token could not be verified"})
        match request.method, request.url.path.removeprefix("/xrpc/"):
            case "POST", "com.atproto.repo.putRecord":
                return self._put(asked(request))
            case "GET", "com.atproto.repo.getRecord":
                return self._get(request.url.params["rkey"])
            case _:
                return said(501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"})

    def _put(self, wanted: dict[str, Any]) -> httpx.Response:
        key = wanted["rkey"]
        if wanted["repo"] != ME or wanted["collection"] != POSTS or wanted["record"]["$type"] != POSTS:
            return said(400, {"error": "InvalidRequest", "message": "Invalid record"})
        if "swapRecord" in wanted and wanted["swapRecord"] is None and key in self._records:
            return said(400, {"error": "InvalidSwap", "message": "Record was at another value"})
        self._records[key] = wanted["record"]
        self._said.append(wanted["record"]["text"])
        return said(200, self._named(key))

    def _get(self, key: str) -> httpx.Response:
        if key not in self._records:
            return said(400, {"error": "RecordNotFound", "message": "Could not locate record"})
        return said(200, self._named(key) | {"value": self._records[key]})

    def _named(self, key: str) -> dict[str, Any]:
        cid = hashlib.sha256(repr(self._records[key]).encode()).hexdigest()
        return {"uri": f"at://{ME}/{POSTS}/{key}", "cid": f"bafyrei{cid[:52]}"}


SERVER = PretendedBluesky
