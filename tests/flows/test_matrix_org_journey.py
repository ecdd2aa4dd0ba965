"""A journey by the public surface alone, before a real Matrix server: a customer asks in private.

The channel is connected with a password, so that the desk signs in by itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import founded
from tests.flows.desk import ROOT, environment
from tests.flows.test_wordpress_journey import Program, served, state_of_answer, until
from tests.servers.matrix import PASSWORD, Matrix, Person
from tests.servers.program import free_port

ARRIVES_SECONDS_MAX = 30
SENT_SECONDS_MAX = 60
ROLES = ("responder",)

pytestmark = [pytest.mark.server("matrix"), pytest.mark.timeout(300)]
Desk = tuple[Callable[..., str], dict[str, Program], Person]


@pytest.fixture
def desk(tmp_path: Path, matrix: Matrix) -> Iterator[Desk]:
    """A running desk that speaks as an account of the bank, one program per role, and that account."""
    bank = matrix.account("care", "한울은행")
    env = {
        **environment(tmp_path / "desk"), "BANKSIDE_PORT": str(free_port(2)),
        "BANKSIDE_WIRE_PRIVATE_HOSTS": matrix.host,
        "CARE_PASSWORD": PASSWORD, "BANKSIDE_REPLY_UNDO_SECONDS": "1",
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
        "channel", "add", "matrix_org", "--name", "Care", "--setting", f"server={matrix.url}",
        "--setting", f"user={bank.id}", "--setting", "poll_seconds=5", "--secret", "password=CARE_PASSWORD",
    )  # fmt: skip
    tokens = {r: command("token", "create", "--staff", f"{r}@hanulbank.example").strip() for r in ROLES}
    with served(env) as address:
        yield command, {role: Program(address, token) for role, token in tokens.items()}, bank


def test_a_customer_asks_in_private_and_is_answered_once(desk: Desk, matrix: Matrix) -> None:
    command, by, bank = desk
    sanne = matrix.account("sanne", "Sanne de Vries")
    room = sanne.open(bank.id)
    asked = sanne.say(room, "Mijn pas 4242 4242 4242 4242 is weg. 도와주세요!")
    row = until(lambda: talked(by, "Sanne de Vries"), ARRIVES_SECONDS_MAX, "the message")
    lines = by["responder"].get(f"/conversations/{row}/messages")["items"]
    assert "4242 4242 4242" not in json.dumps(lines) and "도와주세요!" in lines[0]["text"]

    by["responder"].post(f"/conversations/{row}/replies", {"text": "Uw pas is geblokkeerd."})
    until(lambda: state_of_answer(by, row) == "sent", SENT_SECONDS_MAX, "the receipt of the answer")
    [answer] = [e["content"] for e in sanne.messages(room) if e["sender"] == bank.id]
    assert answer["body"] == "Uw pas is geblokkeerd."
    assert answer["m.relates_to"] == {"m.in_reply_to": {"event_id": asked}}

    sanne.change(room, asked, "Mijn pas is weg.")
    sanne.say(room, "Dank u!")
    until(lambda: "Dank u!" in str(said(by, row)), ARRIVES_SECONDS_MAX, "her thanks")
    assert "Mijn pas is weg." in str(said(by, row)) and len(said(by, row)) == 3
    assert "0 problems" in command("verify")


def said(by: dict[str, Program], row: str) -> list[str]:
    lines = by["responder"].get(f"/conversations/{row}/messages")["items"]
    return [line["text"] for line in lines if line.get("way")]


def talked(by: dict[str, Program], name: str) -> str:
    """The conversation with somebody; empty when there is none."""
    rows = by["responder"].get("/conversations")["items"]
    return next((str(row["id"]) for row in rows if row["name"] == name), "")
