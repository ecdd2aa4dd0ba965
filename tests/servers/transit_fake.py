"""A FAKE transit engine (OpenBao, Vault), written by this project from its published API; no vendor's code.

It knows encrypt, decrypt, rewrap and rotate for one key of type aes256-gcm96, single or in a batch, refuses
as the documents say (400 with `errors`, 403, 404, 503 when sealed), and as OpenBao's own rewrap takes no
associated data. It speaks plain HTTP on 127.0.0.1, or TLS with a certificate that it makes.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.servers import in_thread

TOKEN = "s.hvs-geheim-비밀".encode("punycode").decode()


@dataclass
class FakeTransit:
    """One engine. `answers`: what the next calls are answered instead, a status and a body."""

    mount: str = "transit"
    key: str = "bankside-kek"
    token: str = TOKEN
    namespace: str = ""
    sealed: bool = False
    versions: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    url: str = ""

    def rotate(self) -> None:
        self.versions.append(os.urandom(32))

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if self.answers:
            return self.answers.pop(0)
        if self.sealed:
            return _errors(503, "Vault is sealed")
        if (
            headers.get("x-vault-token") != self.token
            or headers.get("x-vault-namespace", "") != self.namespace
        ):
            return _errors(403, "permission denied")
        parts = path.strip("/").split("/")
        if parts[:2] != ["v1", self.mount] or len(parts) != 4:
            return _errors(404, "no handler for route")
        act, given = parts[2], json.loads(body)
        self.asked.append((act, given))
        if parts[3] != self.key:
            return _errors(400, "encryption key not found")
        if "batch_input" not in given:
            return _said(self._one(act, given), single=True)
        return _said({"batch_results": [self._one(act, one) for one in given["batch_input"]]}, single=False)

    def _one(self, act: str, given: dict[str, Any]) -> dict[str, Any]:
        aad = base64.b64decode(given.get("associated_data", ""))
        match act:
            case "encrypt":
                return self._encrypt(base64.b64decode(given["plaintext"]), aad)
            case "decrypt":
                plain = self._decrypt(given["ciphertext"], aad)
                return plain if isinstance(plain, dict) else {"plaintext": base64.b64encode(plain).decode()}
            case _:  # rewrap
                plain = self._decrypt(given["ciphertext"], b"")
                return plain if isinstance(plain, dict) else self._encrypt(plain, b"")

    def _encrypt(self, plain: bytes, aad: bytes) -> dict[str, Any]:
        nonce, version = os.urandom(12), len(self.versions)
        body = nonce + AESGCM(self.versions[-1]).encrypt(nonce, plain, aad)
        return {"ciphertext": f"vault:v{version}:{base64.b64encode(body).decode()}", "key_version": version}

    def _decrypt(self, ciphertext: str, aad: bytes) -> bytes | dict[str, Any]:
        try:
            prefix, version, text = ciphertext.split(":")
            body = base64.b64decode(text, validate=True)
            assert prefix == "vault" and version[0] == "v"
            return AESGCM(self.versions[int(version[1:]) - 1]).decrypt(body[:12], body[12:], aad)
        except (ValueError, AssertionError, IndexError):
            return {"error": "invalid ciphertext: no prefix"}
        except InvalidTag:
            return {"error": "cipher: message authentication failed"}


def _said(data: dict[str, Any], *, single: bool) -> tuple[int, bytes]:
    if single and "error" in data:
        return _errors(400, data["error"])
    return 200, json.dumps({"request_id": "0", "lease_id": "", "data": data, "warnings": None}).encode()


def _errors(status: int, words: str) -> tuple[int, bytes]:
    return status, json.dumps({"errors": [words]}).encode()


@contextmanager
def over_http(fake: FakeTransit, certificate: Path | None = None) -> Iterator[FakeTransit]:
    """The fake on a port of 127.0.0.1; with a PEM of key and certificate over TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, said = fake.answer(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            if status in (301, 307):
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    fake.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}"
    with in_thread.served(server):
        yield fake
