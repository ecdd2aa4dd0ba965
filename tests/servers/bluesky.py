"""A whole Bluesky network for tests: PLC, PDS and AppView, with PostgreSQL and Redis under them.

Installed once (bluesky_install.py) and kept; a session gets databases and folders of its own on free ports
of 127.0.0.1. Skips, with the reason, when it cannot be had. Nothing of it is a fake: what tests see is what
these servers do.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import postgresql
from tests.servers.bluesky_install import NotInstalled, installed, node
from tests.servers.postgresql import PostgreSQL
from tests.servers.program import free_port

HERE = Path(__file__).resolve().parent
PR_SET_PDEATHSIG = 1
STARTS_MAX = 3
START_SECONDS_MAX = 120
SEEN_SECONDS_MAX = 20
POST, LIKE, REPOST, FOLLOW = (
    f"app.bsky.{name}" for name in ("feed.post", "feed.like", "feed.repost", "graph.follow")
)


@dataclass(frozen=True)
class Ref:
    """A record as others refer to it."""

    uri: str
    cid: str

    @property
    def strong(self) -> dict[str, str]:
        return {"uri": self.uri, "cid": self.cid}

    @property
    def key(self) -> str:
        return self.uri.rpartition("/")[2]


@dataclass
class Person:
    """An account on the network, and what its owner does with her own client."""

    bluesky: Bluesky
    handle: str
    did: str
    password: str
    token: str = field(repr=False)

    def post(self, text: str, **fields: Any) -> Ref:
        """A post; `fields` are those of app.bsky.feed.post."""
        return self.create(POST, {"text": text, **fields})

    def reply(self, to: Ref, text: str, *, root: Ref | None = None, wait: bool = True, **fields: Any) -> Ref:
        """An answer, as her client writes it: after the post has come to her, unless told not to `wait`."""
        if wait:
            self.bluesky.wait_for(to.uri)
        thread = {"root": (root or to).strong, "parent": to.strong}
        return self.post(text, reply=thread, **fields)

    def mention(self, whom: Person, text: str, **fields: Any) -> Ref:
        """A post that begins with somebody's name."""
        name = f"@{whom.handle}"
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": whom.did}
        facet = {"index": {"byteStart": 0, "byteEnd": len(name.encode())}, "features": [feature]}
        return self.post(f"{name} {text}", facets=[facet], **fields)

    def quote(self, what: Ref, text: str) -> Ref:
        """A post that shows another one."""
        self.bluesky.wait_for(what.uri)
        return self.post(text, embed={"$type": "app.bsky.embed.record", "record": what.strong})

    def show(self, text: str, picture: bytes, alt: str, **fields: Any) -> Ref:
        """A post with a picture (PNG)."""
        blob = self.call("POST", "com.atproto.repo.uploadBlob", content=picture, mime="image/png")["blob"]
        images = [{"image": blob, "alt": alt}]
        return self.post(text, embed={"$type": "app.bsky.embed.images", "images": images}, **fields)

    def like(self, what: Ref) -> Ref:
        self.bluesky.wait_for(what.uri)
        return self.create(LIKE, {"subject": what.strong})

    def repost(self, what: Ref) -> Ref:
        self.bluesky.wait_for(what.uri)
        return self.create(REPOST, {"subject": what.strong})

    def follow(self, whom: Person) -> Ref:
        return self.create(FOLLOW, {"subject": whom.did})

    def create(self, collection: str, record: dict[str, Any]) -> Ref:
        """A record under a key of the server's choice."""
        dated = {"$type": collection, "createdAt": moment(), **record}
        wanted = {"repo": self.did, "collection": collection, "record": dated}
        made = self.call("POST", "com.atproto.repo.createRecord", json=wanted)
        return Ref(made["uri"], made["cid"])

    def create_many(self, collection: str, records: list[dict[str, Any]]) -> None:
        """Up to 200 records at once."""
        create = "com.atproto.repo.applyWrites#create"
        writes = [{"$type": create, "collection": collection, "value": value} for value in records]
        self.call("POST", "com.atproto.repo.applyWrites", json={"repo": self.did, "writes": writes})

    def put(self, uri: str, record: dict[str, Any]) -> Ref:
        """A record under its own key: new words for one that is there, or one that was deleted again."""
        *_, collection, key = uri.split("/")
        wanted = {"repo": self.did, "collection": collection, "rkey": key, "record": record}
        made = self.call("POST", "com.atproto.repo.putRecord", json=wanted)
        return Ref(made["uri"], made["cid"])

    def delete(self, uri: str) -> None:
        *_, collection, key = uri.split("/")
        wanted = {"repo": self.did, "collection": collection, "rkey": key}
        self.call("POST", "com.atproto.repo.deleteRecord", json=wanted)

    def records(self, collection: str = POST) -> list[dict[str, Any]]:
        """Everything that she has said, as her own server keeps it, oldest key first."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            asked = {"repo": self.did, "collection": collection, "limit": 100, "reverse": "true"}
            page = self.call(
                "GET", "com.atproto.repo.listRecords", asked | ({"cursor": cursor} if cursor else {})
            )
            found += page["records"]
            cursor = page.get("cursor", "")
            if not cursor or not page["records"]:
                return found

    def thread(self, uri: str) -> dict[str, Any]:
        """A thread as she sees it."""
        asked = {"uri": uri, "depth": 20}
        return dict(self.call("GET", "app.bsky.feed.getPostThread", asked)["thread"])

    def notifications(self) -> list[dict[str, Any]]:
        """What she was told, newest first."""
        return list(
            self.call("GET", "app.bsky.notification.listNotifications", {"limit": 100})["notifications"]
        )

    def app_password(self, name: str = "Bankside") -> str:
        """A password for one program; it may be used until she takes it back."""
        made = self.call("POST", "com.atproto.server.createAppPassword", json={"name": name})
        return str(made["password"])

    def revoke_app_password(self, name: str = "Bankside") -> None:
        self.call("POST", "com.atproto.server.revokeAppPassword", json={"name": name})

    def call(self, method: str, nsid: str, params: dict[str, Any] | None = None, **how: Any) -> Any:
        """One call of her server under her own session."""
        return self.bluesky.call(method, nsid, params, token=self.token, **how)


@dataclass
class Bluesky:
    """The running network. `url` is the PDS, `appview` the one that indexes, `plc` the directory."""

    url: str
    appview: str
    plc: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    @property
    def host(self) -> str:
        """`localhost:<port>`, as the list of private hosts wants it."""
        return self.url.removeprefix("http://")

    def account(self, name: str) -> Person:
        """Somebody new, whom everybody on the network knows when this returns."""
        handle = f"{name}{next(self._numbers)}.test"
        password = f"a-password-of-{name}"
        wanted = {"handle": handle, "email": f"{handle}@hanulbank.example", "password": password}
        made = self.call("POST", "com.atproto.server.createAccount", json=wanted)
        person = Person(self, handle, made["did"], password, made["accessJwt"])
        known = "app.bsky.actor.getProfile"
        wait(lambda: bool(person.call("GET", known, {"actor": person.did})), f"the profile of {handle}")
        return person

    def settings(self, person: Person) -> dict[str, str]:
        """Settings of a channel that speaks as this account."""
        return {"service": self.url, "identifier": person.handle}

    def wait_for(self, uri: str, *, gone: bool = False) -> None:
        """Until everybody sees the post, or nobody does."""
        asked = f"{self.appview}/xrpc/app.bsky.feed.getPosts"

        def ready() -> bool:
            posts = httpx.get(asked, params={"uris": uri}, timeout=10).raise_for_status().json()["posts"]
            return bool(posts) != gone

        wait(ready, f"{uri} {'gone from' if gone else 'on'} the network")

    def call(
        self,
        method: str,
        nsid: str,
        params: dict[str, Any] | None = None,
        *,
        token: str = "",
        json: Any = None,
        content: bytes | None = None,
        mime: str = "",
    ) -> Any:
        """One call of the PDS; its JSON back, {} when it says nothing. Raises httpx.HTTPStatusError."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"content-type": mime} if mime else {}
        answer = httpx.request(
            method, f"{self.url}/xrpc/{nsid}", params=params, json=json, content=content, headers=headers,
            timeout=30,
        )  # fmt: skip
        if answer.is_error:
            what = f"{answer.status_code} {nsid}: {answer.text[:300]}"
            raise httpx.HTTPStatusError(what, request=answer.request, response=answer)
        return answer.json() if answer.content else {}


def moment(seconds: float = 0) -> str:
    """A time in seconds since 1970, or now, as records write it."""
    when = datetime.fromtimestamp(seconds or time.time(), UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wait(ready: Callable[[], bool], what: str, seconds_max: float = SEEN_SECONDS_MAX) -> None:
    """Asks until it is so. Raises TimeoutError with what it waited for."""
    end = time.monotonic() + seconds_max
    while time.monotonic() < end:
        try:
            if ready():
                return
        except (OSError, httpx.HTTPError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"waited {seconds_max} s for {what}")


@pytest.fixture(scope="session")
def bluesky() -> Iterator[Bluesky]:
    """The network of this session. What was said stays from test to test: make accounts of your own."""
    try:
        kept = installed()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with running(kept) as network:
        yield network


@contextmanager
def running(kept: Path, *, rate_limits: bool = False) -> Iterator[Bluesky]:
    """Starts databases and network on free ports, and ends their process groups whatever happens."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bankside-bluesky-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = stack.enter_context(postgresql.running(durable=False))
        cache = stack.enter_context(_redis(folder))
        environment = {
            "REDIS_HOST": f"127.0.0.1:{cache}",
            "BLUESKY_APP": str(kept / "app"),
            "BLUESKY_RATE_LIMITS": "1" if rate_limits else "0",
            "LOG_ENABLED": "0",
            "NODE_ENV": "development",
            "TMPDIR": str(folder),
        }
        addresses = _started(stack, folder, kept, database, environment)
        yield Bluesky(url=addresses["pds"], appview=addresses["appview"], plc=addresses["plc"])


# --- the servers -------------------------------------------------------------------------------------
@contextmanager
def _redis(folder: Path) -> Iterator[int]:
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with _process([*command, "--dir", str(folder)], folder / "redis.log"):
        wait(lambda: _answers(port), "Redis", START_SECONDS_MAX)
        yield port


def _started(
    stack: ExitStack, folder: Path, kept: Path, database: PostgreSQL, environment: dict[str, str]
) -> dict[str, str]:
    """The addresses of the network. A port may be taken before it is used: then others are tried."""
    for number in range(STARTS_MAX):
        log, first = folder / f"network-{number}.log", free_port(4)
        given = {
            "BLUESKY_PORTS": ",".join(str(first + place) for place in range(4)),
            "DB_POSTGRES_URL": database.url(database.make(f"network_{number}"), postgresql.ADMIN),
        }
        found = stack.enter_context(_network(log, kept, {**environment, **given}))
        if found:
            return found
    raise AssertionError(f"the network has ended: {log.read_text()[-2000:]}")


@contextmanager
def _network(log: Path, kept: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """Its addresses, or none when it has ended by itself."""
    command = [
        str(node(kept) / "node"), "--import", str(HERE / "loopback.mjs"), str(HERE / "bluesky_network.mjs"),
    ]  # fmt: skip
    with _process(command, log, environment) as process:
        told: dict[str, str] = {}

        def ready() -> bool:
            for line in log.read_text().splitlines():
                if line.startswith("READY "):
                    told.update(json.loads(line.removeprefix("READY ")))
            return bool(told) or process.poll() is not None

        wait(ready, "the Bluesky network", START_SECONDS_MAX)
        yield told


@contextmanager
def _process(
    command: list[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; the whole group is ended, also when the tests are killed."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True, cwd="/",
            env={**os.environ, **(environment or {})}, preexec_fn=_end_with_parent,
        )  # fmt: skip
    try:
        yield process
    finally:
        for sign, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            try:
                os.killpg(process.pid, sign)
                process.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
