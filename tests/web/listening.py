"""Many pages that listen to the live line, as browsers hold it: one connection each, read by one thread."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlsplit

from playwright.sync_api import Page

BYTES_MAX = 65_536
OPENING_SECONDS_MAX = 30


@dataclass
class Line:
    """One of them: its connection, what it has not understood yet, and when it first heard of each event."""

    connection: socket.socket
    rest: bytes = b""
    heard: dict[str, float] = field(default_factory=dict)

    def take(self, said: bytes, now: float) -> None:
        """Reads on; `now` is seconds since 1970."""
        *lines, self.rest = (self.rest + said).split(b"\n")
        for line in lines:
            if line.startswith(b"event: "):
                self.heard.setdefault(line.removeprefix(b"event: ").decode().strip(), now)


class Listeners:
    """So many connections with the session of a page. Used in a `with`."""

    def __init__(self, page: Page, count: int) -> None:
        live = urlsplit(str(page.locator("body").get_attribute("sse-connect")))
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
        asked = (
            f"GET {live.path} HTTP/1.1\r\nHost: {live.netloc}\r\nCookie: {cookies}\r\n"
            "Accept: text/event-stream\r\n\r\n"
        )
        self.selector = selectors.DefaultSelector()
        self.lines = [self._opened(live.hostname or "", live.port or 80, asked) for _ in range(count)]

    def __enter__(self) -> Listeners:
        return self

    def __exit__(self, kind: type[BaseException] | None, said: object, trace: TracebackType | None) -> None:
        for line in self.lines:
            line.connection.close()
        self.selector.close()

    def listen(self, seconds: float) -> None:
        """Hears whatever is said in this time."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for key, _ in self.selector.select(left):
                said = key.data.connection.recv(BYTES_MAX)
                assert said, "the live line ended"
                key.data.take(said, time.time())

    def last(self, event: str) -> float | None:
        """When the last of them heard of it, in seconds since 1970; None when one has not."""
        times = [line.heard.get(event) for line in self.lines]
        return None if None in times else max(filter(None, times))

    def _opened(self, host: str, port: int, asked: str) -> Line:
        connection = socket.create_connection((host, port), OPENING_SECONDS_MAX)
        connection.sendall(asked.encode())
        assert b" 200 " in connection.recv(BYTES_MAX).split(b"\r\n", 1)[0]
        line = Line(connection)
        self.selector.register(connection, selectors.EVENT_READ, line)
        return line
