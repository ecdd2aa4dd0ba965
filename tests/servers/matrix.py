"""A real server of the Matrix protocol for tests: Synapse, of one bank alone, with a database in a file.

Installed once (matrix_install.py) and kept; a session gets a folder of its own and a free port of 127.0.0.1,
and speaks to no other server. Skips, with the reason, when it cannot be had. Nothing of it is a fake.
"""

from __future__ import annotations

import hmac
import itertools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.servers.matrix_install import NotInstalled, installed, python
from tests.servers.program import answering, free_port, process

HOME = "hanulbank.example"
SHARED = "a secret of the tests"
PASSWORD = "a password of the tests"
START_SECONDS_MAX = 60
MANY = {"per_second": 10_000, "burst_count": 10_000}


@dataclass
class Person:
    """An account on the server, and what its owner does with her own client."""

    matrix: Matrix
    id: str
    token: str = field(repr=False)

    def open(self, whom: str, **more: Any) -> str:
        """A direct conversation, as a client opens it."""
        wanted = {"preset": "trusted_private_chat", "is_direct": True, "invite": [whom], **more}
        return str(self.call("POST", "createRoom", wanted)["room_id"])

    def join(self, room: str) -> None:
        self.call("POST", f"join/{quote(room, safe='')}", {})

    def leave(self, room: str) -> None:
        self.call("POST", f"rooms/{quote(room, safe='')}/leave", {})

    def say(self, room: str, text: str, *, answers: str = "", **content: Any) -> str:
        """A message; the name of its event."""
        above = {"m.relates_to": {"m.in_reply_to": {"event_id": answers}}} if answers else {}
        return self.put(room, {"msgtype": "m.text", "body": text, **above, **content})

    def change(self, room: str, event: str, text: str) -> str:
        """New words for a message."""
        fresh = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event}
        return self.put(
            room, {**fresh, "body": f"* {text}", "m.new_content": fresh, "m.relates_to": relation}
        )

    def put(self, room: str, content: dict[str, Any], kind: str = "m.room.message") -> str:
        """An event with any content."""
        return str(self.call("PUT", f"{_room(room)}/send/{kind}/{self._number()}", content)["event_id"])

    def take_away(self, room: str, event: str) -> None:
        self.call("PUT", f"{_room(room)}/redact/{quote(event, safe='')}/{self._number()}", {})

    def encrypt(self, room: str) -> None:
        """From now on the conversation is encrypted."""
        self.call("PUT", f"{_room(room)}/state/m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})

    def rooms(self) -> list[str]:
        return list(self.call("GET", "joined_rooms")["joined_rooms"])

    def invited(self) -> list[str]:
        """The conversations to which she is invited."""
        return list(self.call("GET", "sync?timeout=0").get("rooms", {}).get("invite", {}))

    def messages(self, room: str) -> list[dict[str, Any]]:
        """Every message of a conversation that was not taken away, oldest first."""
        page = self.call("GET", f"{_room(room)}/messages?dir=b&limit=1000")
        there = [e for e in page["chunk"] if e["type"] == "m.room.message" and e["content"]]
        return there[::-1]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the server under her own session."""
        return self.matrix.call(method, f"/_matrix/client/v3/{path}", body, token=self.token)

    def _number(self) -> str:
        return f"t{next(self.matrix.numbers)}"


@dataclass
class Matrix:
    """The running server."""

    url: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    @property
    def host(self) -> str:
        """`127.0.0.1:<port>`, as the list of private hosts wants it."""
        return self.url.removeprefix("http://")

    def account(self, name: str, shown: str = "") -> Person:
        """Somebody new, by the way that is open to whoever runs the server."""
        user = f"{name}{next(self.numbers)}"
        place = "/_synapse/admin/v1/register"
        nonce = self.call("GET", place)["nonce"]
        signed = "\0".join([nonce, user, PASSWORD, "notadmin"]).encode()
        wanted = {
            "nonce": nonce, "username": user, "password": PASSWORD, "admin": False,
            "displayname": shown or name,
            "mac": hmac.new(SHARED.encode(), signed, "sha1").hexdigest(),
        }  # fmt: skip
        made = self.call("POST", place, wanted)
        return Person(self, made["user_id"], made["access_token"])

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> Any:
        """One call; its JSON back."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = httpx.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=60)
        assert answer.is_success, f"{answer.status_code} {method} {path}: {answer.text[:300]}"
        return answer.json()


def _room(room: str) -> str:
    return f"rooms/{quote(room, safe='')}"


@pytest.fixture(scope="session")
def matrix() -> Iterator[Matrix]:
    """A server of this session. What was said stays from test to test: make accounts of your own."""
    try:
        kept = installed()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with running(kept) as server:
        yield server


@contextmanager
def running(kept: Path, **other: Any) -> Iterator[Matrix]:
    """Starts a server with a folder of its own, and ends both whatever happens; `other`: settings of it."""
    folder = Path(tempfile.mkdtemp(prefix="bankside-matrix-"))
    try:
        port = free_port()
        settings = folder / "homeserver.yaml"
        settings.write_text(json.dumps({**_settings(folder, port), **other}))  # JSON is YAML
        command = [str(python(kept)), "-m", "synapse.app.homeserver", "--config-path", str(settings)]
        subprocess.run([*command, "--generate-keys"], check=True, capture_output=True, cwd=folder, timeout=60)
        url, log = f"http://127.0.0.1:{port}", folder / "synapse.log"
        with process(command, log, folder=folder) as program:
            answering(f"{url}/health", program, log, START_SECONDS_MAX)
            yield Matrix(url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settings(folder: Path, port: int) -> dict[str, Any]:
    listener = {
        "port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": False,
        "resources": [{"names": ["client"], "compress": False}],
    }  # fmt: skip
    return {
        "server_name": HOME,
        "listeners": [listener],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "synapse.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "pid_file": str(folder / "pid"),
        "registration_shared_secret": SHARED,
        "macaroon_secret_key": "of the tests",
        "form_secret": "of the tests",
        "report_stats": False,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "rc_message": MANY,
        "rc_login": {"address": MANY, "account": MANY, "failed_attempts": MANY},
        "rc_invites": {"per_room": MANY, "per_user": MANY, "per_issuer": MANY},
        "rc_joins": {"local": MANY},
        "rc_room_creation": MANY,
    }
