"""Four workers on one PostgreSQL, killed at random or stopped past their lease: nothing lost or doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import founded
from tests.servers.postgresql import DESK, OWNER, PostgreSQL

pytestmark = [pytest.mark.server("postgresql"), pytest.mark.timeout(600)]
HERE = Path(__file__).resolve().parents[2]
IDLE_SECONDS = 3
AWAKE_SECONDS = 2
ROUNDS_MAX = 10
TOWN_SECONDS_MAX = 1800

SMALL = {"conversations": 12, "messages": 5, "post_every": 20, "answer_every": 6, "answers": 6}
LARGE = {"conversations": 120, "messages": 15, "post_every": 30, "answer_every": 6, "answers": 60}


@dataclass
class Desk:
    """A desk on a database of its own, worked by processes."""

    folder: Path
    environment: dict[str, str]

    def town(self, act: str, plan: dict[str, Any] | None = None) -> Any:
        """What one of the acts of tests/flows/town.py says, done in a process of its own."""
        call = f"print(act({str(self.folder)!r}, {act!r}, {plan!r}))"
        code = f"import django; django.setup(); from tests.flows.town import act; {call}"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=HERE, env=self.environment, capture_output=True, text=True,
            timeout=TOWN_SECONDS_MAX,
        )  # fmt: skip
        assert done.returncode == 0, f"{act}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return json.loads(done.stdout.splitlines()[-1])

    @contextmanager
    def workers(self, **plan: Any) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "tests.flows.workers", json.dumps(plan)]
        with subprocess.Popen(
            command, cwd=HERE, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as run:
            try:
                assert _said(run) == "ready"
                yield run
            finally:
                if run.stdin:
                    run.stdin.close()
                run.wait(30)


def _said(run: subprocess.Popen[str]) -> str:
    assert run.stdout is not None
    return run.stdout.readline().strip()


@pytest.fixture
def desk(postgresql: PostgreSQL, tmp_path: Path) -> Desk:
    name = postgresql.make(f"workers_{os.urandom(4).hex()}")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BANKSIDE_")}
    waits = f"?options=-c%20idle_in_transaction_session_timeout%3D{IDLE_SECONDS}s%20-c%20lock_timeout%3D20s"
    desk = Desk(tmp_path, {
        **ours, "DJANGO_SETTINGS_MODULE": "bankside.settings", "BANKSIDE_DATA": str(tmp_path / "data"),
        "BANKSIDE_DATABASE_URL": postgresql.url(name, DESK) + waits,
        "BANKSIDE_REPLY_UNDO_SECONDS": "0", "BANKSIDE_POLL_SECONDS": "1",
    })  # fmt: skip
    as_owner = {**desk.environment, "BANKSIDE_MIGRATE_DATABASE_URL": postgresql.url(name, OWNER)}
    founded.lay(as_owner)
    desk.town("found")
    return desk


WRONG = ("lost", "twice", "disorder", "unknown", "problems", "aside", "poisoned", "failed_jobs", "heads")


def wrong(found: dict[str, Any]) -> dict[str, Any]:
    """What should be nothing and is not."""
    return {name: found[name] for name in WRONG if found[name]}


def kill_at_random(desk: Desk, size: dict[str, int], kills: int) -> None:
    with desk.workers(workers=4, kills=kills, seed=20261124) as run:
        lived = desk.town("live", {**size, "seed": 7})
        assert _said(run) == f"killed {kills}"
        desk.town("rest")
    found = desk.town("count")
    sys.stderr.write(f"{lived}\n{found}\n")
    assert wrong(found) == {}
    assert lived["said"] == size["conversations"] * size["messages"]
    assert found["lanes"] > 2  # of sixteen; which ones is chance
    assert set(found["states"]) <= {"sent", "uncertain"}
    assert found["rebuilt"]["inbox_message"] >= lived["said"]


def test_killed_at_random(desk: Desk) -> None:
    kill_at_random(desk, SMALL, kills=20)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_at_random_two_hundred_times(desk: Desk) -> None:
    kill_at_random(desk, LARGE, kills=200)


STEPS = ["send", "before the call", "after the call", "attempt", "read", "follow", "seal"]


def test_stopped_past_its_lease(desk: Desk) -> None:
    """One worker stops at each step; three others do what those held; then all go on where they were."""
    with desk.workers(stops=STEPS) as run:
        sleepers = _speak_until_all_stopped(desk, run)
        with desk.workers(workers=3, kills=0):
            desk.town("rest")
            for sleeper in sleepers:
                os.kill(sleeper, signal.SIGCONT)
            time.sleep(AWAKE_SECONDS)
            desk.town("speak", {"times": 2})
            desk.town("rest")
    found = desk.town("count")
    sys.stderr.write(f"{found}\n")
    assert wrong(found) == {}
    assert set(found["states"]) <= {"sent", "uncertain"}


def _speak_until_all_stopped(desk: Desk, run: subprocess.Popen[str]) -> list[int]:
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(_said(run) for _ in STEPS))
    reader.start()
    for _ in range(ROUNDS_MAX):
        desk.town("speak", {"times": 3})
        reader.join(AWAKE_SECONDS)
        if not reader.is_alive():
            return [int(words.removeprefix("stopped ")) for words in said]
    raise AssertionError(f"only these came to their step: {said}")
