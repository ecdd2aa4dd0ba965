"""For tests: a FAKE store with S3 Object Lock, written from Amazon's documents. It is not a store.

It checks each signature by computing it anew from what came over the line, in code of its own; it takes a
file under a name once, with `If-None-Match: *`, and lets nobody delete what is locked.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tests.servers import in_thread

SECRET = "invented-secret-of-a-fake-store"
KEY_ID = "FAKEKEYOFHANULBANK"
REGION = "test-1"
_PROOF = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request,SignedHeaders=([a-z0-9;-]+),"
    r"Signature=([0-9a-f]{64})"
)


class Object(NamedTuple):
    """What lies under a name: its bytes, how it is locked and until when."""

    data: bytes
    mode: str
    until: str


class Store(ThreadingHTTPServer):
    """`objects` by path. `lock`: whether the bucket has Object Lock; without it nothing is locked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.objects: dict[str, Object] = {}
        self.lock = True
        self.refusals: list[str] = []


class Asked(BaseHTTPRequestHandler):
    """One request to the fake."""

    def do_PUT(self) -> None:
        """Takes an object, once."""
        store, data = self._store(), self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if refused := self._refused(data):
            return self._answer(403, refused)
        if hashlib.md5(data).digest() != b64decode(self.headers.get("Content-MD5", "")):
            return self._answer(400, "BadDigest")
        there = store.objects.get(self.path)
        if there is not None and self.headers.get("If-None-Match") == "*":
            return self._answer(412, "PreconditionFailed")
        mode = self.headers.get("x-amz-object-lock-mode", "") if store.lock else ""
        until = self.headers.get("x-amz-object-lock-retain-until-date", "") if store.lock else ""
        store.objects[self.path] = Object(data, mode, until)
        return self._answer(200, "")

    def do_GET(self) -> None:
        """Gives an object with its lock."""
        if refused := self._refused(b""):
            return self._answer(403, refused)
        there = self._store().objects.get(self.path)
        if there is None:
            return self._answer(404, "NoSuchKey")
        lock = {"x-amz-object-lock-mode": there.mode, "x-amz-object-lock-retain-until-date": there.until}
        return self._answer(200, there.data, lock if there.mode else {})

    def do_DELETE(self) -> None:
        """Nobody takes a locked object back, whoever signs."""
        there = self._store().objects.get(self.path)
        self._answer(403 if there and there.mode == "COMPLIANCE" else 204, "AccessDenied")

    def _store(self) -> Store:
        assert isinstance(self.server, Store)
        return self.server

    def _refused(self, data: bytes) -> str:
        """Why the signature does not hold, empty when it does."""
        found = _PROOF.fullmatch(self.headers.get("Authorization", ""))
        if not found or found[1] != KEY_ID or found[3] != REGION:
            return "AccessDenied"
        names = found[4].split(";")
        must = {"host", "x-amz-date", "x-amz-content-sha256"}
        must |= {name.lower() for name in self.headers if name.lower().startswith("x-amz-")}
        if not must <= set(names) or hashlib.sha256(data).hexdigest() != self.headers["x-amz-content-sha256"]:
            return "XAmzContentSHA256Mismatch"
        path, _, query = self.path.partition("?")
        told = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names)
        asked = f"{self.command}\n{path}\n{query}\n{told}\n{found[4]}\n{self.headers['x-amz-content-sha256']}"
        text = f"AWS4-HMAC-SHA256\n{self.headers['x-amz-date']}\n{found[2]}/{REGION}/s3/aws4_request\n"
        text += hashlib.sha256(asked.encode()).hexdigest()
        key = ("AWS4" + SECRET).encode()
        for part in (found[2], REGION, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        good = hmac.new(key, text.encode(), "sha256").hexdigest() == found[5]
        return "" if good else "SignatureDoesNotMatch"

    def _answer(self, status: int, body: str | bytes, headers: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else f"<Error><Code>{body}</Code></Error>".encode()
        if status >= 400:
            self._store().refusals.append(str(body))
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[Store]:
    """The fake, while it serves."""
    store = Store()
    with in_thread.served(store):
        yield store
