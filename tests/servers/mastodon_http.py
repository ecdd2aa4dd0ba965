"""The fake server (mastodon_fake.py) on a port of 127.0.0.1."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.servers import in_thread
from tests.servers.mastodon_fake import FakeMastodon

FORWARDED = {"content-type", "authorization", "idempotency-key"}


@contextmanager
def over_http(fake: FakeMastodon) -> Iterator[FakeMastodon]:
    """The same fake on a port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {k.lower(): v for k, v in self.headers.items() if k.lower() in FORWARDED}
            request = httpx.Request(self.command, f"{fake.url}{self.path}", headers=headers, content=body)
            with lock:
                answer = fake(request)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_DELETE = _serve

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    lock, server = threading.Lock(), ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    with in_thread.served(server):
        yield fake
