"""kill -9 of the web process, or of the whole PostgreSQL, while programs write through the API.

What was acknowledged is there, once.

Everybody sends each act under an `Idempotency-Key` and sends it again until it is answered. A key whose
request was cut off is answered with a conflict: then the program looks whether it was done, as people do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import founded
from tests.flows.desk import ROOT, environment
from tests.servers import postgresql
from tests.servers.postgresql import PostgreSQL

PORT = 8770
ADDRESS = f"http://127.0.0.1:{PORT}"
READY_SECONDS_MAX = 60
ENDS_SECONDS_MAX = 90
WRITERS = 4
DATABASES = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.skipif(bool(r := postgresql.missing()), reason=r)),
]

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]


@dataclass
class Desk:
    """A desk's web process, which is killed and started again, and what its writers heard."""

    env: dict[str, str]
    token: str
    kills: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    _run: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "bankside", "web"]
        self._run = subprocess.Popen(
            command, cwd=ROOT, env=self.env, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < end:
            try:
                httpx.get(f"{ADDRESS}/health", timeout=2)
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise AssertionError("the web process does not answer")

    def kill(self) -> None:
        """The whole group at once: the process that serves has no time for anything."""
        assert self._run is not None
        os.killpg(self._run.pid, signal.SIGKILL)
        self._run.wait(30)

    def titles(self, client: httpx.Client) -> Counter[str]:
        """Every post there is, by title."""
        found: Counter[str] = Counter()
        cursor = ""
        while True:
            page = self._page(client, cursor)
            found.update(item["title"] for item in page["items"])
            cursor = page["next"] or ""
            if not cursor:
                return found

    def _page(self, client: httpx.Client, cursor: str) -> Any:
        """One page of posts: 503 is asked again, for the database may have gone a moment ago."""
        ends, asked = time.monotonic() + ENDS_SECONDS_MAX, {"limit": 200, "cursor": cursor}
        while (answer := client.get("/posts", params=asked)).status_code == 503 and time.monotonic() < ends:
            time.sleep(0.05)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=f"{ADDRESS}/api/v1", headers=headers, timeout=60)

    def write(self, name: str, stop: threading.Event) -> None:
        """One program: act after act, each until it knows how it ended."""
        number = 0
        while not stop.is_set():
            self.insist(f"{name} 공지 公告 bericht {number}")
            number += 1

    def insist(self, title: str) -> None:
        key, ends = f"post {title.encode().hex()[:150]}", time.monotonic() + ENDS_SECONDS_MAX
        while time.monotonic() < ends:
            try:
                with self.client() as client:
                    answer = client.post("/posts", json={"title": title}, headers={"Idempotency-Key": key})
                    if answer.status_code == 409:  # it was cut off; nobody knows how it ended: look
                        self.answers["look whether it was done"] += 1
                        if self.titles(client)[title]:
                            return
                        key += "'"
                        continue
            except httpx.HTTPError:
                self.answers["no answer"] += 1
                time.sleep(0.05)
                continue
            if answer.status_code in {200, 201}:
                repeated = answer.headers.get("Idempotency-Replayed")
                self.answers["the old answer again" if repeated else "done"] += 1
                self.acknowledged[title] = answer.json()["id"]
                return
            self.answers[f"status {answer.status_code}"] += 1
            assert answer.status_code == 503, answer.text
            time.sleep(0.05)
        raise AssertionError(f"{title} was never answered")


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[PostgreSQL | None]:
    """A server of its own that can be killed; None is SQLite."""
    if getattr(request, "param", "") != "postgresql":
        yield None
        return
    with postgresql.running(durable=True) as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, database: PostgreSQL | None) -> Iterator[Desk]:
    env = {**environment(tmp_path / "desk"), "BANKSIDE_PORT": str(PORT)}
    if database:
        name = database.make("killed")
        env["BANKSIDE_DATABASE_URL"] = database.url(name)
        env["BANKSIDE_MIGRATE_DATABASE_URL"] = database.url(name, postgresql.OWNER)

    def command(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bankside", *words],
            cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    if database:  # a server of its own has nothing to copy
        command("migrate")
    else:
        founded.lay(env)
    command("staff", "add", "author@hanulbank.example", "--role", "author")
    one = Desk(env, command("token", "create", "--staff", "author@hanulbank.example").strip())
    one.start()
    yield one
    one.kill()
    assert "0 problems" in command("verify")


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_what_was_acknowledged_is_there_once(desk: Desk) -> None:
    killed_while_writing(desk, kills=4, kill=lambda: again(desk))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_what_was_acknowledged_is_there_once_after_many_kills(desk: Desk) -> None:
    killed_while_writing(desk, kills=60, kill=lambda: again(desk))


@pytest.mark.parametrize("database", DATABASES[1:], indirect=True)
def test_what_was_acknowledged_survives_the_database(desk: Desk, database: PostgreSQL) -> None:
    killed_while_writing(desk, kills=4, kill=lambda: database_again(database))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", DATABASES[1:], indirect=True)
def test_what_was_acknowledged_survives_the_database_many_times(desk: Desk, database: PostgreSQL) -> None:
    killed_while_writing(desk, kills=60, kill=lambda: database_again(database))


def again(desk: Desk) -> None:
    """The web process dies and another one is started."""
    desk.kill()
    desk.start()


def database_again(database: PostgreSQL) -> None:
    """Every process of the server dies; it comes back on the same folder, and the web lives on."""
    database.kill()
    time.sleep(0.3)
    assert database.start_again_if_gone()


def killed_while_writing(desk: Desk, *, kills: int, kill: Callable[[], None]) -> None:
    with writers(desk) as troubles:
        for number in range(kills):
            time.sleep(0.5 + 0.11 * (number % 7))
            kill()
        time.sleep(0.5)
    assert troubles == []
    with desk.client() as client:
        there = desk.titles(client)
    sys.stdout.write(f"\n{kills} kills, {len(there)} posts there, {dict(desk.answers)}\n")
    assert desk.acknowledged, "somebody was answered"
    assert desk.acknowledged.keys() - there.keys() == set(), "what was acknowledged is gone"
    assert {title: times for title, times in there.items() if times > 1} == {}
    assert sum(desk.answers[cut] for cut in ("no answer", "status 503")) > 0, "nobody was cut off"


@contextmanager
def writers(desk: Desk) -> Iterator[list[BaseException]]:
    """Several programs at once, until the block ends and each knows how its last act ended."""
    stop, troubles = threading.Event(), list[BaseException]()

    def write(name: str) -> None:
        try:
            desk.write(name, stop)
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        yield troubles
    finally:
        stop.set()
        for thread in threads:
            thread.join(ENDS_SECONDS_MAX)
