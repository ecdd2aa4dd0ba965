"""Many channels on one worker, before pretended servers of which some are slow, dead or hostile.

Run in a process of its own on a founded desk: it connects the channels, lets the worker loop run, and tells
how late the questions came. The servers are fakes on 127.0.0.1; worker, wire and database are real.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

RHYTHM_SECONDS = 10
TROUBLED = {"slow": 6, "dead": 64, "hostile": 6}


@dataclass
class Asked:
    """When each account was asked (monotonic seconds), by the kind of its server."""

    moments: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, kind: str, account: str) -> int:
        """How often it was asked by now."""
        self.moments[kind, account].append(time.monotonic())
        return len(self.moments[kind, account])


@contextmanager
def server(kind: str, asked: Asked) -> Iterator[str]:
    """Its address. `good` answers at once, `slow` after a while, `hostile` drips, floods, talks nonsense."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            account = query.get("account", "")
            if not self.path.startswith("/items"):
                return self._say(b'{"id": "%s"}' % account.encode())
            number = asked.note(kind, account)
            with suppress(OSError):
                getattr(self, f"_{kind}")(number)
            return None

        def _good(self, number: int) -> None:
            items = [f"{number}"] if number % 4 == 1 else []
            self._say(json.dumps({"items": items, "cursor": str(number)}).encode())

        def _slow(self, number: int) -> None:
            time.sleep(4)
            self._good(number)

        def _hostile(self, number: int) -> None:
            match number % 3:
                case 0:
                    self._say(b"[" * 100_000)
                case 1:
                    self._say(b'"' + b"x" * 6_000_000 + b'"')
                case _:
                    self.send_response(200)
                    self.end_headers()
                    for _ in range(40):
                        self.wfile.write(b" ")
                        time.sleep(0.3)

        def _say(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, *_: object) -> None:
            """Clients that hang up are expected."""

    there = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=there.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{there.server_address[1]}"
    finally:
        there.shutdown()
        there.server_close()


@contextmanager
def dead() -> Iterator[socket.socket]:
    """A server that takes calls and says nothing, until it is closed."""
    with socket.socket() as there:
        there.bind(("127.0.0.1", 0))
        there.listen(256)
        yield there


def connect_all(sites: dict[str, str], count: int) -> None:
    """`count` channels in all: the troubled ones, and good ones."""
    import pytest

    from bankside.channels import connect
    from bankside.networks import declared
    from bankside.networks.contract import Activity, Actor, Connector, Item, Page, Self
    from tests.channels import invented

    def made(kind: str) -> type[Connector]:
        class Example(Connector):
            site: ClassVar[str] = sites[kind]

            def whoami(self) -> Self:
                name = self.grant.settings["account"]
                return Self(remote_id=name, handle=f"@{name}", name=name, url="", limits={})

            def poll(self, cursor: str, since_ms: int) -> Page:
                account = self.grant.settings["account"]
                said: dict[str, Any] = self.wire.get(f"{self.site}/items", params={"account": account}).json()
                items = (Item(remote_id=i, version="1", raw={"id": i}) for i in said["items"])
                return Page(items=tuple(items), cursor=said["cursor"], more=False)

            def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
                who = Actor(remote_id=f"who-{raw['id']}", handle="@who")
                text = "카드를 잃어버렸어요"
                return (
                    Activity(remote_id=raw["id"], actor=who, text=text, thread=raw["id"], published_ms=0),
                )

        return Example

    kinds = [kind for kind, some in TROUBLED.items() for _ in range(some)]
    kinds += ["good"] * (count - len(kinds))
    for kind in sites:
        connecting = declared.Connect(method="none", steps=())
        there = invented.hosts(sites[kind].removeprefix("http://"))
        fields = (invented.setting("account"),)
        invented.network(
            pytest.MonkeyPatch(),
            made(kind),
            name=f"{kind}net",
            connect=connecting,
            hosts=there,
            settings=fields,
        )
    for number, kind in enumerate(kinds):
        chosen = {"account": f"{kind}{number}", "poll_seconds": str(RHYTHM_SECONDS)}
        connect.add(None, f"{kind}net", name=f"{kind} {number}", settings=chosen, secrets={})


def worked(seconds: float, hang_up: Callable[[], None]) -> tuple[float, float, float]:
    """Lets the worker loop run for so long: from when to when, and which share its own thread was busy."""
    from bankside.worker import Worker

    worker, stop, ended = Worker(), threading.Event(), list[float]()

    def end() -> None:
        ended.append(time.monotonic())
        stop.set()
        hang_up()  # so that nobody waits for calls that end in nothing

    threading.Timer(seconds, end).start()
    began, busy = time.monotonic(), time.thread_time()
    worker.run_forever(stop)
    return began, ended[0], (time.thread_time() - busy) / seconds


def lateness(asked: Asked, began: float, ended: float) -> dict[str, Any]:
    """The longest gap between two questions to each good account, in rhythms, the last one still open."""
    gaps = []
    for (kind, _), moments in asked.moments.items():
        if kind == "good":
            inner = [began, *(at for at in moments if at >= began), ended]
            gaps += [(later - earlier) / RHYTHM_SECONDS for earlier, later in pairwise(inner)]
    gaps.sort()
    questions = sum(len(moments) for moments in asked.moments.values())
    return {
        "worst": round(gaps[-1], 2), "middle": round(gaps[len(gaps) // 2], 2), "questions": questions,
        "accounts": len({account for kind, account in asked.moments if kind == "good"}),
    }  # fmt: skip


def main(count: int, seconds: float) -> dict[str, Any]:
    """Everything; what was measured."""
    from django.conf import settings

    asked = Asked()
    with ExitStack() as open_servers:
        kinds = ("good", "slow", "hostile")
        sites = {kind: open_servers.enter_context(server(kind, asked)) for kind in kinds}
        silent = open_servers.enter_context(dead())
        sites["dead"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings.WIRE_PRIVATE_HOSTS = frozenset(site.removeprefix("http://") for site in sites.values())
        connect_all(sites, count)
        began, ended, share = worked(RHYTHM_SECONDS + seconds, silent.close)
        found = lateness(asked, began + RHYTHM_SECONDS, ended)  # all of them are due at once at first
    return {"rhythm_seconds": RHYTHM_SECONDS, "busy": round(share, 2), **found}
