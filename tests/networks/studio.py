"""Makes recordings before a fake (tests/networks/pretended): each says that it is made by us.

A network's `make_<name>_recordings.py` has a `main` that calls `Studio.begin` and then records case by case.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from bankside.networks.contract import Connector, Post, Request
from tests.networks.pretended import Pretended
from tests.networks.recorder import NOT_REAL, _asked, at_moment, ended, keep, plain, recordings
from tests.networks.recorder import post_as_json as as_json

MOMENT_MS = 1_795_860_000_000  # 2026-11-28
KEPT = (
    "content-type", "location", "retry-after", "link", "x-ratelimit-remaining", "x-ratelimit-reset",
    "x-rate-limit-remaining", "x-rate-limit-reset", "x-restli-id", "x-line-request-id",
    "x-line-accepted-request-id", "x-app-usage", "etag", "last-modified",
)  # fmt: skip


class Listening(httpx.BaseTransport):
    """The fake, and a list of what was asked and said. `cut`: answers to writes at paths with this part of an
    address are lost, `"/"` for all."""

    def __init__(self, fake: Pretended, cut: str) -> None:
        self.exchanges: list[dict[str, Any]] = []
        self._fake, self._cut = fake, cut

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._fake.handle_request(request)
        lost = bool(self._cut) and request.method != "GET" and self._cut in request.url.path
        told: dict[str, Any] = {
            "status": answer.status_code,
            "headers": {k: v for k, v in answer.headers.items() if k in KEPT},
            "body": None if lost else answer.text,
        }
        exchange = {
            "request": _asked(request, self._fake.site), "answer": told | ({"cut": True} if lost else {}),
        }  # fmt: skip
        self.exchanges.append(exchange)
        if lost:
            raise httpx.ReadError("The answer was cut.")
        return answer


@dataclass
class Studio:
    """One fake, and every call on it recorded. `server` says in words what stood there, `origin` in one."""

    fake: Pretended
    server: str
    made: str = "2026-11-28"
    origin: str = "made by us"

    def begin(self) -> None:
        """The folder holds nothing of before."""
        for old in recordings(self.fake.name):
            old.unlink()

    def record(
        self, case: str, operation: str, given: dict[str, Any], work: Callable[[Connector], Any], *,
        cut: str = "", note: str = "", **changed: str,
    ) -> Any:  # fmt: skip
        """Does the work with a listening wire and keeps what was said. Returns the result, if any."""
        listening = Listening(self.fake, cut)
        made = self.fake.connector(listening, **changed)
        results: list[Any] = []

        def working() -> Any:
            results.append(work(made))
            return results[0]

        with at_moment(MOMENT_MS):
            end = ended(working)
        recording = {
            "network": self.fake.name, "operation": operation, "made": self.made, "server": self.server,
            "origin": self.origin, "settings": self.fake.settings, "site": self.fake.site,
            "moment_ms": MOMENT_MS, "account": self.fake.account, "call": plain(given),
            "secrets": {k: v for k, v in (self.fake.secrets | changed).items() if v != NOT_REAL},
            "exchanges": listening.exchanges, **end, **({"note": note} if note else {}),
        }  # fmt: skip
        keep(self.fake.name, case, recording)
        sys.stdout.write(f"{case}: {end.get('error') or 'done'}\n")
        return results[0] if results else None

    def whoami(self, case: str = "whoami", **how: Any) -> Any:
        return self.record(case, "whoami", {}, lambda c: c.whoami(), **how)

    def send(self, case: str, post: Post, key: str, **how: Any) -> Any:
        given = {"post": as_json(post), "key": key}
        return self.record(case, "send", given, lambda c: c.send(post, key), **how)

    def find(self, case: str, post: Post, key: str, **how: Any) -> Any:
        given = {"post": as_json(post), "key": key}
        return self.record(case, "find", given, lambda c: c.find(key, post), **how)

    def settle(self, case: str, handle: str, **how: Any) -> Any:
        return self.record(case, "settle", {"handle": handle}, lambda c: c.settle(handle), **how)

    def read(self, case: str, raw: dict[str, Any]) -> Any:
        return self.record(case, "read", {"raw": raw}, lambda c: c.read(raw))

    def poll(self, case: str, cursor: str = "", since_ms: int = 0, **how: Any) -> Any:
        asking = {"cursor": cursor, "since_ms": since_ms}
        return self.record(case, "poll", asking, lambda c: c.poll(cursor, since_ms), **how)

    def remove(self, case: str, remote_id: str, **how: Any) -> Any:
        return self.record(case, "remove", {"remote_id": remote_id}, lambda c: c.remove(remote_id), **how)

    def measure(self, case: str, *refs: str, **how: Any) -> Any:
        return self.record(case, "measure", {"refs": list(refs)}, lambda c: c.measure(refs), **how)

    def fails(
        self, case: str, place: str, status: int, body: Any, post: Post, *, note: str = "", **headers: str
    ) -> None:
        """The next call of `place` (`"POST /path"`) of a send is answered like this."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, dict | list):
            named.setdefault("content-type", "application/json")
        self.fake.failing[place] = [(status, body, named)]
        self.send(case, post, "f:c1", note=note)
        self.fake.failing.clear()

    def verify(self, case: str, request: Request, **how: Any) -> Any:
        given = {
            "method": request.method, "path": request.path, "query": request.query,
            "headers": request.headers, "body": request.body.decode(),
        }  # fmt: skip
        return self.record(case, "verify", given, lambda c: c.verify(request), **how)
