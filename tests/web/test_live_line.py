from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from bankside.people import sessions, staff
from bankside.record.watching import Change
from bankside.web import live_line
from tests.scene import Scene
from tests.web.conftest import BACKEND

OBJ = "a" * 32


@pytest.mark.parametrize(
    ("fact", "events"),
    [
        ("inbox.note-written", ["badges", "inbox", "record", f"thing-{OBJ}"]),
        ("channels.activity-received", ["badges", "inbox", "record", f"thing-{OBJ}"]),
        ("channels.delivery-uncertain", ["badges", "channels", "inbox", "publish", "record", f"thing-{OBJ}"]),
        ("channels.channel-paused", ["badges", "channels", "record", f"thing-{OBJ}"]),
        ("approvals.approval-given", ["badges", "inbox", "publish", "record", f"thing-{OBJ}"]),
        ("inbox.conversation-read", [f"reading-{OBJ}"]),
        ("record.entry-read", []),
    ],
)
def test_which_rooms_look_different_after_a_fact(fact: str, events: list[str]) -> None:
    assert live_line.events_of([Change(fact, OBJ), Change(fact, OBJ)]) == events


class Line:
    """One request to the live line, and what came of it."""

    def __init__(self, cookie: str = "", path: str = "/live/", origin: str = "", method: str = "GET") -> None:
        headers = [(b"cookie", cookie.encode()), (b"origin", origin.encode())]
        self.scope = {"type": "http", "path": path, "method": method, "headers": headers}
        self.sent: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(dict(message))

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()


def ask(line: Line) -> Line:
    asyncio.run(live_line.application(line.scope, line.receive, line.send))
    return line


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_line, "signed_in", lambda key: False)


def test_who_is_not_signed_in_hears_nothing(nobody: None) -> None:
    assert ask(Line()).status == 401


@pytest.mark.parametrize("wrong", [{"path": "/"}, {"method": "POST"}])
def test_there_is_one_address(nobody: None, wrong: dict[str, str]) -> None:
    assert ask(Line(**wrong)).status == 404


def test_the_line_is_full_at_some_point(nobody: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_line, "READERS_MAX", 0)
    assert ask(Line()).status == 503


def test_a_reader_hears_what_changed_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([[], [Change("inbox.note-written", OBJ)]])

    class Told:
        def changes(self) -> list[Change]:
            return next(told, [])

    monkeypatch.setattr(live_line, "signed_in", lambda key: key == "kept")
    monkeypatch.setattr(live_line, "Watch", Told)
    monkeypatch.setattr(live_line, "WATCH_MS", 1)
    monkeypatch.setattr(live_line, "_watching", None)
    line = Line(cookie=f"other=1; {settings.SESSION_COOKIE_NAME}=kept", origin=settings.PUBLIC_URL)

    async def listen() -> None:
        async with asyncio.timeout(10):
            listening = asyncio.create_task(live_line.application(line.scope, line.receive, line.send))
            while "note" not in line.text and f"thing-{OBJ}" not in line.text:
                await asyncio.sleep(0.005)
            line.gone.set()
            await listening

    asyncio.run(listen())
    assert line.status == 200
    assert line.headers[b"content-type"].startswith(b"text/event-stream")
    assert line.headers[b"access-control-allow-origin"] == settings.PUBLIC_URL.encode()
    assert f"event: thing-{OBJ}\ndata: thing-{OBJ}\n\n" in line.text
    assert live_line._readers == set()


def test_another_origin_may_not_listen_with_her_cookies(nobody: None) -> None:
    assert b"access-control-allow-origin" not in ask(Line(origin="https://evil.example")).headers


def test_a_session_ends_with_the_work_of_its_owner(scene: Scene) -> None:
    client, leaver = Client(), scene.people["responder"]
    client.force_login(leaver, backend=BACKEND)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert sessions.signed_in(key)
    staff.leave(leaver, by=scene.people["administrator"])
    assert not sessions.signed_in(key)
    assert not sessions.signed_in("")
    assert not sessions.signed_in(SessionStore().session_key or "unknown")
