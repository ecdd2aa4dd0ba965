"""A FAKE authorization server for the bank's own app, written by this project (RFC 6749, 7636), in variants.

It refuses what a strict server refuses: a code twice, a wrong secret, a secret in the wrong place, a wrong
verifier, a refresh token that was used. No vendor's server stands here; it also serves `/me` to tokens.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers import in_thread

APP, SECRET = "app-7", "geheim & 비밀"


@dataclass
class FakeAuthority:
    """One server. `pkce`: it wants a code challenge; `basic`: the secret in a header; `public`: no secret.

    `answers`: what the next calls of the token page are answered instead, a status and a body.
    """

    pkce: bool = True
    basic: bool = False
    public: bool = False
    renews: bool = False
    shape: str = "flat"
    account: str = "hanulbank"
    url: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    refreshes: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, Any]] = field(default_factory=list)
    secret: str = SECRET
    expires: Any = "3600"

    def agrees(self, address: str, account: str = "") -> dict[str, str]:
        """Somebody signs in at the address and agrees: what comes back with the browser."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(asked)
        assert asked["response_type"] == "code" and ("code_challenge" in asked) is self.pkce
        code = secrets.token_hex(8)
        self.codes[code] = asked.get("code_challenge", "")
        self.account = account or self.account
        return {"state": asked["state"], "code": code}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """The token page."""
        self.asked.append(form | ({"authorization": authorization} if authorization else {}))
        if self.answers:
            return self.answers.pop(0)
        if not self._is_known(form, authorization):
            return 401, {"error": "invalid_client"}
        match form.get("grant_type"):
            case "authorization_code":
                challenge = self.codes.pop(form["code"], None)
                verifier = form.get("code_verifier", "")
                made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
                if challenge is None or (self.pkce and made.decode() != challenge):
                    return 400, {"error": {"message": "This authorization code has been used.", "code": 100}}
            case "refresh_token" if not self.renews:
                if form.get("refresh_token") not in self.refreshes:
                    return 400, {"error": "invalid_grant"}
                self.refreshes.discard(form["refresh_token"])
            case _:
                return 400, {"error": "unsupported_grant_type"}
        return 200, self._given()

    def _given(self) -> Any:
        access, refresh = f"access-{secrets.token_hex(4)}", f"refresh-{secrets.token_hex(4)}"
        self.tokens[access] = self.account
        self.refreshes.add(refresh)
        said = {"access_token": access, "expires_in": self.expires}
        said |= {} if self.renews else {"refresh_token": refresh}
        return {"data": [said]} if self.shape == "inside" else said

    def _is_known(self, form: dict[str, str], authorization: str) -> bool:
        """Whether the client is the app, and shows its secret where it should and nowhere else."""
        if self.public:
            return form.get("client_id") == APP and "client_secret" not in form and not authorization
        if not self.basic:
            wanted = {"client_id": APP, "client_secret": self.secret}
            return not authorization and wanted.items() <= form.items()
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        return "client_secret" not in form and (unquote(name), unquote(secret)) == (APP, self.secret)

    def me(self, authorization: str) -> tuple[int, Any]:
        """Who a token speaks for."""
        account = self.tokens.get(authorization.removeprefix("Bearer "))
        return (200, {"id": account}) if account else (401, {"error": "invalid_token"})


@contextmanager
def over_http(fake: FakeAuthority) -> Iterator[FakeAuthority]:
    """The fake on a port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            with lock:
                self._answer(*fake.token(form, self.headers.get("authorization") or ""))

        def do_GET(self) -> None:
            with lock:
                self._answer(*fake.me(self.headers.get("authorization") or ""))

        def _answer(self, status: int, said: Any) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    lock, server = threading.Lock(), ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    with in_thread.served(server):
        yield fake
