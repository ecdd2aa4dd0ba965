"""Makes recordings before a real server that runs on this machine (tests/servers): what it really said.

The address of the machine becomes the one of an invented bank; secrets become others of the same form. What a
real server cannot be made to say is not here: an answer cut on the way is marked in the recording.
"""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bankside.networks.catalogue import network
from bankside.networks.contract import Connector, Grant, Post, Request
from tests.networks.recorder import (
    BLOG,
    Recorder,
    at_moment,
    cleaned,
    ended,
    keep,
    plain,
    post_as_json,
    recordings,
)


@dataclass
class RealStudio:
    """One server, and every call on it recorded. `url` is its address here, `shown` the secrets that stand in
    the recordings in place of the real ones, `server` says in words what it is."""

    name: str
    server: str
    url: str
    settings: dict[str, str]
    secrets: dict[str, str]
    shown: dict[str, str]
    account: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """The folder holds nothing of before."""
        for old in recordings(self.name):
            old.unlink()

    def record(
        self, case: str, operation: str, given: dict[str, Any], work: Callable[[Connector], Any], *,
        cut: int | None = None, note: str = "", moment_ms: int = 0, **changed: str,
    ) -> Any:  # fmt: skip
        """Does the work with a recording wire and keeps what was said. Returns the result, if any.

        `changed`: other settings and secrets than the good ones.
        """
        recorder = Recorder(self.url, cut=cut)
        secrets = {n: changed.get(n, v) for n, v in self.secrets.items()}
        settings = {n: changed.get(n, v) for n, v in self.settings.items()}
        host = frozenset({self.url.partition("://")[2]})
        wire = network(self.name).wire(settings, secrets=secrets, private_hosts=host, transport=recorder)
        grant = Grant(settings=settings, secrets=secrets, account=self.account)
        made, results = network(self.name).connector(grant, wire), list[Any]()

        def working() -> Any:
            results.append(work(made))
            return results[0]

        moment_ms = moment_ms or int(time.time() * 1000)
        with at_moment(moment_ms):
            end = ended(working)
        shown = self.shown | {n: changed[n] for n in self.secrets if n in changed}
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        recording = {
            "network": self.name, "operation": operation, "made": today, "server": self.server,
            "origin": "real server", "site": BLOG, "settings": settings, "secrets": shown,
            "account": self.account, "call": plain(given), "exchanges": recorder.exchanges, **end,
            "moment_ms": moment_ms, **({"note": note} if note else {}),
        }  # fmt: skip
        keep(self.name, case, self._without_the_machine(recording))
        sys.stdout.write(f"{case}: {end.get('error') or 'done'}\n")
        return results[0] if results else None

    def whoami(self, case: str = "whoami", **how: Any) -> Any:
        return self.record(case, "whoami", {}, lambda c: c.whoami(), **how)

    def send(self, case: str, post: Post, key: str, **how: Any) -> Any:
        given = {"post": post_as_json(post), "key": key}
        return self.record(case, "send", given, lambda c: c.send(post, key), **how)

    def find(self, case: str, post: Post, key: str, **how: Any) -> Any:
        given = {"post": post_as_json(post), "key": key}
        return self.record(case, "find", given, lambda c: c.find(key, post), **how)

    def read(self, case: str, raw: dict[str, Any]) -> Any:
        return self.record(case, "read", {"raw": raw}, lambda c: c.read(raw))

    def poll(self, case: str, cursor: str = "", **how: Any) -> Any:
        given = {"cursor": cursor, "since_ms": 0}
        return self.record(case, "poll", given, lambda c: c.poll(cursor, 0), **how)

    def remove(self, case: str, remote_id: str, **how: Any) -> Any:
        return self.record(case, "remove", {"remote_id": remote_id}, lambda c: c.remove(remote_id), **how)

    def measure(self, case: str, *refs: str) -> Any:
        return self.record(case, "measure", {"refs": list(refs)}, lambda c: c.measure(refs))

    def verify(self, case: str, request: Request, *, moment_ms: int, note: str = "") -> Any:
        given = {
            "method": request.method, "path": request.path, "query": request.query,
            "headers": request.headers, "body": request.body.decode(),
        }  # fmt: skip
        return self.record(case, "verify", given, lambda c: c.verify(request), moment_ms=moment_ms, note=note)

    def _without_the_machine(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: self._without_the_machine(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._without_the_machine(v) for v in value]
        return cleaned(value, self.url) if isinstance(value, str) else plain(value)
