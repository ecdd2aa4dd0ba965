"""A whole Ghost for tests: the program that publications run, with a database in a file.

Installed once (ghost_install.py) and kept with a publication that is set up; a session gets a copy of it on a
free port of 127.0.0.1. Skips, with the reason, when it cannot be had. Nothing of it is a fake.
"""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bankside.networks.ghost_org.server import token_of
from tests.servers import ghost_set_up
from tests.servers.ghost_install import NotInstalled, installed

ANSWERS = "answers@hanulbank.example"


@dataclass
class Reader:
    """A member of the publication, and what she does with her own browser."""

    ghost: Ghost
    id: str
    name: str
    browser: httpx.Client = field(repr=False)

    def comment(self, post_id: str, text: str, *, parent: str = "", reply_to: str = "") -> str:
        """She comments, and it has a number."""
        above = {"parent_id": parent} | ({"in_reply_to_id": reply_to} if reply_to else {})
        where = {"post_id": post_id, **(above if parent else {})}
        return str(self._say("POST", "", {"html": f"<p>{text}</p>", **where})["id"])

    def change(self, comment: str, text: str) -> None:
        self._say("PUT", f"{comment}/", {"html": f"<p>{text}</p>"})

    def take_away(self, comment: str) -> None:
        self._say("PUT", f"{comment}/", {"status": "deleted"})

    def _say(self, method: str, path: str, comment: dict[str, str]) -> dict[str, Any]:
        place = f"{self.ghost.url}/members/api/comments/{path}"
        answer = self.browser.request(method, place, json={"comments": [comment]})
        assert answer.is_success, f"{answer.status_code} {answer.text[:300]}"
        [made] = answer.json()["comments"]
        return dict(made)


@dataclass
class Ghost:
    """A running publication. What is not a reader's is done as its owner's integration may do it."""

    url: str
    admin_key: str
    _browsers: ExitStack = field(default_factory=ExitStack, repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    @property
    def host(self) -> str:
        """`127.0.0.1:<port>`, as the list of private hosts wants it."""
        return self.url.removeprefix("http://")

    @property
    def settings(self) -> dict[str, str]:
        """Settings of a channel on this publication, which answers as a member of the bank's own."""
        return {"site": self.url, "member": ANSWERS}

    @property
    def secrets(self) -> dict[str, str]:
        """Secrets of a channel on this publication."""
        return {"admin_key": self.admin_key, "hook_secret": "the secret of the webhooks"}

    def reader(self, name: str) -> Reader:
        """Somebody new, signed in by the link that Ghost would mail to her."""
        member = self.member(name, f"reader{next(self._numbers)}@example.org")
        [link] = self.api("GET", f"members/{member}/signin_urls/")["member_signin_urls"]
        browser = self._browsers.enter_context(httpx.Client(timeout=60))
        assert browser.get(link["url"]).status_code == 302
        return Reader(self, member, name, browser)

    def member(self, name: str, mail: str) -> str:
        [made] = self.api("POST", "members/", json={"members": [{"name": name, "email": mail}]})["members"]
        return str(made["id"])

    def posts(self, kind: str = "posts") -> list[dict[str, Any]]:
        """Everything there is, oldest first, as its owner sees it; `kind` may be `pages`."""
        asked = {"limit": "all", "order": "created_at asc", "formats": "html"}
        return list(self.api("GET", f"{kind}/", params=asked)[kind])

    def comments(self, post_id: str = "") -> list[dict[str, Any]]:
        """Every comment that is not deleted, oldest first; `post_id`: of one post."""
        asked: dict[str, str | int] = {"limit": 1000, "order": "created_at asc"}
        asked |= {"filter": f"post_id:'{post_id}'"} if post_id else {}
        return list(self.api("GET", "comments/", params=asked)["comments"])

    def hide(self, comment: str, status: str = "hidden") -> None:
        """What its people do with a comment in Ghost itself."""
        self.api("PUT", f"comments/{comment}/", json={"comments": [{"id": comment, "status": status}]})

    def api(self, method: str, path: str, **how: Any) -> Any:
        """One call of the interface, its JSON back; {} when it says nothing."""
        headers = {
            "authorization": f"Ghost {token_of(self.admin_key, time.time())}",
            "accept-version": "v6.0",
        }
        answer = httpx.request(
            method, f"{self.url}/ghost/api/admin/{path}", headers=headers, timeout=60, **how
        )  # fmt: skip
        assert answer.is_success, f"{answer.status_code} {method} {path}: {answer.text[:300]}"
        return answer.json() if answer.content else {}


@pytest.fixture(scope="session")
def ghost() -> Iterator[Ghost]:
    """A Ghost of this session; its posts stay from test to test, so ask for what is yours."""
    try:
        kept = installed()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with running(kept) as publication:
        yield publication


@contextmanager
def running(kept: Path) -> Iterator[Ghost]:
    """Copies the publication, starts its program, and ends it and the copy whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="bankside-ghost-"))
    try:
        shutil.copytree(kept / "template", folder, symlinks=True, dirs_exist_ok=True)
        key = json.loads((folder / "told.json").read_text())["admin_key"]
        with ghost_set_up.started(kept, folder) as url:
            publication = Ghost(url, key)
            publication.member("Hanul Bank", ANSWERS)
            with publication._browsers:
                yield publication
    finally:
        shutil.rmtree(folder, ignore_errors=True)
