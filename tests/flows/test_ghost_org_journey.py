"""A journey by the public surface alone, before a real Ghost: a post that is agreed to, and a comment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import founded
from tests.flows.desk import ROOT, environment
from tests.flows.test_wordpress_journey import Program, served, state_of_answer, until
from tests.servers.ghost import ANSWERS, Ghost
from tests.servers.program import free_port
from tests.web.caller import png

TITLE = "연차보고서 2026 · 年度报告"  # the publication is shared: no other test may use this one
ARRIVES_SECONDS_MAX = 20
SENT_SECONDS_MAX = 60
ROLES = ("author", "approver", "responder")

pytestmark = [pytest.mark.server("ghost"), pytest.mark.timeout(300)]


@pytest.fixture
def desk(tmp_path: Path, ghost: Ghost) -> Iterator[tuple[Callable[..., str], dict[str, Program]]]:
    """A running desk with the publication as its channel, and one program per role."""
    env = {
        **environment(tmp_path / "desk"), "BANKSIDE_PORT": str(free_port(2)),
        "BANKSIDE_WIRE_PRIVATE_HOSTS": ghost.host,
        "GHOST_KEY": ghost.admin_key, "BANKSIDE_REPLY_UNDO_SECONDS": "1",
    }  # fmt: skip

    def command(*words: str) -> str:
        program = [sys.executable, "-m", "bankside", *words]
        done = subprocess.run(program, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    founded.lay(env)
    for role in ROLES:
        command("staff", "add", f"{role}@hanulbank.example", "--role", role)
    command(
        "channel", "add", "ghost_org", "--name", "News", "--setting", f"site={ghost.url}",
        "--setting", f"member={ANSWERS}", "--setting", "poll_seconds=5", "--secret", "admin_key=GHOST_KEY",
    )  # fmt: skip
    tokens = {r: command("token", "create", "--staff", f"{r}@hanulbank.example").strip() for r in ROLES}
    with served(env) as address:
        yield command, {role: Program(address, token) for role, token in tokens.items()}


def test_a_post_that_is_agreed_to_is_there_once_and_a_comment_is_answered(
    desk: tuple[Callable[..., str], dict[str, Program]], ghost: Ghost
) -> None:
    command, by = desk
    channel = by["author"].get("/channels")["items"][0]
    assert channel["state"] == "open"
    published(by, channel["obj"])
    [post] = [p for p in ghost.posts() if p["title"] == TITLE]
    assert post["status"] == "published" and post["feature_image"] and "Het jaarverslag" in post["html"]

    comment = ghost.reader("Fleur de Jong").comment(post["id"], "Waar staat pagina 12?")
    row = until(lambda: talked(by, "Fleur de Jong"), ARRIVES_SECONDS_MAX, "the comment")
    by["responder"].post(f"/conversations/{row}/replies", {"text": "Goedemiddag, op bladzijde 12."})
    until(lambda: state_of_answer(by, row) == "sent", SENT_SECONDS_MAX, "the receipt of the answer")
    [answer] = [c for c in ghost.comments(post["id"]) if c["parent_id"] == comment]
    assert "bladzijde 12" in answer["html"] and answer["member"]["name"] == "Hanul Bank"
    assert "0 problems" in command("verify")


def published(by: dict[str, Program], channel: str) -> None:
    """Writes, submits, approves as somebody else, sends."""
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
    by["approver"].post(f"/posts/{draft['id']}/approval", agreed)
    by["author"].post(f"/posts/{draft['id']}/schedule", {"due_at": None})
    path = f"/posts/{draft['id']}/deliveries"
    until(lambda: by["author"].get(path)["items"][0]["state"] == "sent", SENT_SECONDS_MAX, "the post")


def talked(by: dict[str, Program], name: str) -> str:
    """The conversation with somebody; empty when there is none."""
    rows = by["responder"].get("/conversations")["items"]
    return next((str(row["id"]) for row in rows if row["name"] == name), "")
