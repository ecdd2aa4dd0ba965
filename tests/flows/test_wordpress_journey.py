"""The whole journey by the public surface alone: commands, API, a real blog, and the record at the end.

A post with a picture, approved by somebody else; a reader's comment arrives; the answer stands under it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import founded
from tests.flows.desk import ROOT, environment
from tests.servers.wordpress import WordPress
from tests.web.caller import png

TITLE = "연차보고서 2026"  # the blog is shared: no other test may use this one
# What is printed is the figure; the gate leaves room for a machine that is busy.
ARRIVES_SECONDS_PROMISED, ARRIVES_SECONDS_MAX = 10, 60
READY_SECONDS_MAX = 60
SENT_SECONDS_MAX = 40
ROLES = ("author", "approver", "responder", "administrator", "auditor")

pytestmark = [pytest.mark.server("wordpress"), pytest.mark.timeout(300)]


class Program:
    """A program with somebody's token."""

    def __init__(self, address: str, token: str) -> None:
        self._base, self._headers = f"{address}/api/v1", {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        return httpx.request(method, f"{self._base}{path}", headers=self._headers, timeout=20, **how)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, said: Any = None, **how: Any) -> Any:
        answer = self.ask("POST", path, **(how or {"json": said or {}}))
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()


@pytest.fixture
def desk(tmp_path: Path, wordpress: WordPress) -> Iterator[tuple[Callable[..., str], dict[str, Program]]]:
    """A running desk with a blog and one program per role, made by commands alone."""
    env = {
        **environment(tmp_path / "desk"), "BANKSIDE_PORT": "8740",
        "BANKSIDE_WIRE_PRIVATE_HOSTS": wordpress.host,
        "BLOG_PASSWORD": wordpress.app_password, "BANKSIDE_REPLY_UNDO_SECONDS": "1",
    }  # fmt: skip

    def command(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bankside", *words],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    founded.lay(env)
    for role in ROLES:
        command("staff", "add", f"{role}@hanulbank.example", "--role", role)
    command(
        "channel", "add", "wordpress", "--name", "Blog", "--setting", f"site={wordpress.url}",
        "--setting", f"user={wordpress.user}", "--setting", "poll_seconds=5",
        "--secret", "app_password=BLOG_PASSWORD",
    )  # fmt: skip
    tokens = {
        role: command("token", "create", "--staff", f"{role}@hanulbank.example").strip() for role in ROLES
    }
    with served(env) as address:
        yield command, {role: Program(address, token) for role, token in tokens.items()}


@contextmanager
def served(env: dict[str, str]) -> Iterator[str]:
    """`bankside run` until the test is over."""
    run = subprocess.Popen(
        [sys.executable, "-m", "bankside", "run"], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    try:
        address = run.stdout.readline().split()[-1]
        until(lambda: _answers(address), READY_SECONDS_MAX, "the desk")
        yield address
    finally:
        run.terminate()
        run.wait(30)
        run.stdout.close()


def test_a_post_with_a_picture_a_comment_and_an_answer(
    desk: tuple[Callable[..., str], dict[str, Program]], wordpress: WordPress
) -> None:
    command, by = desk
    channel = by["author"].get("/channels")["items"][0]
    number = published(by, channel["obj"])
    post = next(p for p in wordpress.posts() if p["title"]["raw"] == TITLE)
    assert post["featured_media"], "the picture is on the blog"
    assert by["author"].get(f"/posts/{number}/deliveries")["items"][0]["url"] == post["link"]

    comment = wordpress.comment(post["id"], "Fleur de Jong", "Waar staat pagina 12? 카드 4242 4242 4242 4242")
    row = arrived(lambda: next(iter(by["responder"].get("/conversations")["items"]), None), "the comment")
    assert row["name"] == "Fleur de Jong"
    lines = by["responder"].get(f"/conversations/{row['id']}/messages")["items"]
    assert "4242 4242 4242" not in json.dumps(lines)
    assert "•••• 4242" in lines[0]["text"]

    by["responder"].post(
        f"/conversations/{row['id']}/replies", {"text": "Goedemiddag, op bladzijde 12 van de pdf."}
    )
    answer = until(
        lambda: next((c for c in wordpress.comments(post["id"]) if c["parent"] == comment), None),
        SENT_SECONDS_MAX, "the answer",
    )  # fmt: skip
    assert "bladzijde 12" in answer["content"]["raw"]
    until(lambda: state_of_answer(by, row["id"]) == "sent", SENT_SECONDS_MAX, "the receipt of the answer")
    told(by)
    assert "0 problems" in command("verify")
    command("rebuild")
    assert state_of_answer(by, row["id"]) == "sent"


def published(by: dict[str, Program], channel: str) -> str:
    """Writes, submits, approves as somebody else, sends; the number of the post."""
    picture = by["author"].post("/media", files={"file": ("report.png", png((400, 300)), "image/png")})
    words = {
        channel: {
            "title": TITLE, "kind": "article", "lang": "ko",
            "text": "2026 연차보고서를 공개합니다.\n\n不良率为0.58%。 Het jaarverslag staat online.",
            "media": [{"media": picture["obj"], "alt": "연차보고서 표지"}],
        }
    }  # fmt: skip
    draft = by["author"].post("/posts", {"title": "연차보고서", "words": words})
    version = by["author"].post(f"/posts/{draft['id']}/submission", {"edition": draft["edition"]})
    agreed = {"words": [{"channel": p["channel"], "digest": p["digest"]} for p in version["words"]]}
    refused = by["author"].ask("POST", f"/posts/{draft['id']}/approval", json=agreed)
    assert refused.status_code == 403, "an author never approves"
    by["approver"].post(f"/posts/{draft['id']}/approval", agreed)
    by["author"].post(f"/posts/{draft['id']}/schedule", {"due_at": None})
    path = f"/posts/{draft['id']}/deliveries"
    until(lambda: by["author"].get(path)["items"][0]["state"] == "sent", SENT_SECONDS_MAX, "the post")
    return str(draft["id"])


def state_of_answer(by: dict[str, Program], conversation: str) -> str:
    lines = by["responder"].get(f"/conversations/{conversation}/messages")["items"]
    return next((line["state"] for line in reversed(lines) if line.get("way") == "out"), "")


def told(by: dict[str, Program]) -> None:
    """Every step of the journey is a fact."""
    facts = {entry["fact"] for entry in by["auditor"].get("/record/entries?limit=200")["items"]}
    assert {
        "channels.channel-connected", "publish.post-submitted", "approvals.approval-asked",
        "approvals.approval-given", "publish.post-scheduled", "channels.delivery-requested",
        "channels.attempt-started", "channels.post-published", "channels.activity-received",
        "inbox.message-triaged", "inbox.reply-written", "approvals.policy-consent",
    } <= facts  # fmt: skip


def until(asked: Callable[[], Any], seconds: float, what: str) -> Any:
    """What is asked for, as soon as it is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := asked():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what} did not come within {seconds} s")


def arrived(asked: Callable[[], Any], what: str) -> Any:
    """What somebody said on a network, as soon as it is at the desk; tells how long that took."""
    began = time.monotonic()
    found = until(asked, ARRIVES_SECONDS_MAX, what)
    seconds = time.monotonic() - began
    sys.stdout.write(f"\n{what} came after {seconds:.1f} s ({ARRIVES_SECONDS_PROMISED} promised)")
    return found


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", timeout=2).status_code in {200, 503}
    except httpx.HTTPError:
        return False
