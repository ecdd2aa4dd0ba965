"""An older copy of a desk is put back, with everything else as it is in life: a desk, a database and a
signer, each in processes of its own (fault 10, T2, T16)."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from psycopg import sql

from tests import founded
from tests.flows.desk import ROOT, on_the_database
from tests.house import tree
from tests.house.test_documents import to_run
from tests.record.signers import running
from tests.servers.postgresql import ADMIN

pytestmark = [pytest.mark.desk, pytest.mark.network, pytest.mark.timeout(600)]
HOST = "desk.hanulbank.example"
PORT = 9140 + os.getpid() % 300
ADDRESS = f"http://127.0.0.1:{PORT}"
SECONDS_MAX = 120
READY_SECONDS_MAX = 60
TWO = ("--by", "mina@hanulbank.example", "--and", "jiwon@hanulbank.example", "--reason", "no newer backup")
URLS = ("BANKSIDE_DATABASE_URL", "BANKSIDE_MIGRATE_DATABASE_URL")


@dataclass
class Desk:
    """A founded desk that asks a signer; `do` runs one of its commands."""

    env: dict[str, str]

    @property
    def data(self) -> Path:
        return Path(self.env["BANKSIDE_DATA"])

    def do(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bankside", *words], cwd=ROOT, env=self.env, capture_output=True,
            text=True, timeout=SECONDS_MAX, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def add(self, name: str, role: str = "author", code: int = 0) -> str:
        email = f"{name}@hanulbank.example"
        return self.do("staff", "add", email, "--name", name, "--role", role, code=code)

    def copy(self, data: Path, name: str) -> Desk:
        """The same desk as it is now, at another place; nobody may be at work in it."""
        shutil.copytree(self.data, data)
        env = {**self.env, "BANKSIDE_DATA": str(data)}
        if URLS[0] in env:
            address = urlsplit(env[URLS[0]])
            with psycopg.connect(
                f"postgresql://{ADMIN}@127.0.0.1:{address.port}/postgres", autocommit=True
            ) as it:
                made = sql.SQL("create database {} template {}")
                it.execute(made.format(sql.Identifier(name), sql.Identifier(address.path[1:])))
            env |= {one: urlunsplit(urlsplit(env[one])._replace(path=f"/{name}")) for one in URLS}
        return Desk(env)

    @contextmanager
    def pages(self) -> Iterator[None]:
        """Its pages and API, until the end of the block."""
        run = subprocess.Popen(
            [sys.executable, "-m", "bankside", "web"], cwd=ROOT, env=self.env, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            until = time.monotonic() + READY_SECONDS_MAX
            while not _answers():
                assert run.poll() is None and time.monotonic() < until
                time.sleep(0.2)
            yield
        finally:
            run.terminate()
            run.wait(30)


def _answers() -> bool:
    try:
        return httpx.get(f"{ADDRESS}/health", timeout=5).status_code in (200, 503)
    except httpx.TransportError:
        return False


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    address = f"unix:{tmp_path}/signer.socket"
    env = on_the_database(tmp_path / "data") | {
        "BANKSIDE_LOG_ORIGIN_HOST": HOST, "BANKSIDE_SIGNER": address, "BANKSIDE_PORT": str(PORT),
        "BANKSIDE_PUBLIC_URL": ADDRESS,
    }  # fmt: skip
    founded.lay(env)
    with running(tmp_path / "s", address, HOST):
        yield Desk(env)


def test_a_desk_that_went_back_to_yesterday_stands_still_until_two_people_let_it_go_on(
    desk: Desk, tmp_path: Path
) -> None:
    for name, role in (("mina", "records-officer"), ("jiwon", "compliance"), ("program", "approver")):
        desk.add(name, role)
    made = json.loads(desk.do("token", "create", "--staff", "program@hanulbank.example", "--json"))
    [token] = [word for word in made.values() if isinstance(word, str) and len(word) > 30]
    desk.do("work", "--once")
    yesterday = desk.copy(tmp_path / "yesterday", f"yesterday_{os.urandom(4).hex()}")
    desk.add("today")
    desk.do("work", "--once")
    [head] = [one for one in json.loads(desk.do("log", "checkpoint", "--json")) if one["lane"] == 0]

    yesterday.do("work", "--once")  # it asks the signer when it starts, before anything was added
    for _ in range(2):  # and is still in recovery mode at the next start
        assert "The desk is in recovery mode" in yesterday.add("later", code=1)
        yesterday.do("work", "--once")
    with yesterday.pages():
        health = httpx.get(f"{ADDRESS}/health", timeout=60)
        assert (health.status_code, health.json()["read_only"]) == (503, "recovery")
        assert 'bankside_read_only{reason="recovery"} 1' in httpx.get(f"{ADDRESS}/metrics", timeout=60).text
        hook = httpx.post(f"{ADDRESS}/hooks/anything", timeout=60, content=b"{}")
        assert (hook.status_code, hook.headers["retry-after"]) == (503, "60")
        bearer = {"Authorization": f"Bearer {token}"}
        me = httpx.get(f"{ADDRESS}/api/v1/me", timeout=60, headers=bearer)
        assert me.status_code == 200, "reading goes on"
        key = {"Idempotency-Key": "7c1de4a0"}
        asked = {"headers": bearer | key, "json": {"reason": "x"}}
        written = httpx.post(f"{ADDRESS}/api/v1/freeze", timeout=60, **asked)  # type: ignore[arg-type]
        assert (written.status_code, written.headers["content-type"]) == (503, "application/problem+json")
        assert "two people have looked" in written.json()["detail"]

    assert "First look for a newer backup" in yesterday.do("log", "recover", *TWO, code=1)
    [line] = to_run(tree.text(Path("docs/operate/incidents.md")), "run in a flow")
    said = yesterday.do(*shlex.split(line)[1:])  # as the page of incidents has it
    assert f"another log: {HOST}/log/0/{head['year']}-1" in said
    yesterday.add("later")
    yesterday.do("work", "--once")
    for where in ((), (str(yesterday.data / "log"),)):
        assert f"of the {head['size']} entries that were signed" in yesterday.do("verify", *where)
    # The one that was gone comes back: its own log goes on, under its own name, and no size has two roots.
    desk.add("forked")
    desk.do("work", "--once")
    assert "0 problems" in desk.do("verify")
