"""Somebody holds the database's lock and does not let go (fault 39): whoever would add waits for so long and
no longer, is told, and nothing of it is there; afterwards the same is done once."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests import founded
from tests.flows.desk import ROOT, on_the_database
from tests.servers.postgresql import ADMIN

pytestmark = [pytest.mark.desk, pytest.mark.network, pytest.mark.timeout(300)]
WAIT_SECONDS = 2
LIFE = """
import json, sys, time, os
from bankside import settings
wait = float(sys.argv[1])
if wait:
    settings.LOCK_WAIT_SECONDS_MAX = wait
    options = settings.DATABASES["default"]["OPTIONS"]
    if "timeout" in options:
        options["timeout"] = wait
    else:
        options["options"] = f"-c lock_timeout={int(wait * 1000)}"
import django; django.setup()
from django.db import transaction
from bankside.record.append import append
from bankside.record.facts.people import TeamMade
from bankside.record.models import Entry
from bankside.web.problems import problem_of
began, said = time.monotonic(), {}
try:
    with transaction.atomic():
        fact = TeamMade(team="a" * 32, name="Seoul", zone="UTC")
        entry = append(fact, "test:once", actor="s:test", obj="a" * 32)
    said = {"seq": entry.seq, "new": entry.new}
except Exception as trouble:
    problem = problem_of(trouble)
    said = {"refused": type(trouble).__name__, "status": problem.status if problem else 0}
print(json.dumps(said | {"seconds": time.monotonic() - began}))
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    env = {**on_the_database(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    founded.lay(env)
    return env


@contextmanager
def held(env: dict[str, str]) -> Iterator[None]:
    """The lock that every append takes: SQLite's one writer, or the row of lane 0."""
    if "BANKSIDE_DATABASE_URL" not in env:
        with sqlite3.connect(Path(env["BANKSIDE_DATA"]) / "bankside.db", isolation_level=None) as it:
            it.execute("begin immediate")
            yield
            it.execute("rollback")
        it.close()
        return
    address = urlsplit(env["BANKSIDE_DATABASE_URL"])
    with psycopg.connect(f"postgresql://{ADMIN}@127.0.0.1:{address.port}{address.path}") as holder:
        holder.execute("select * from record_head where lane = 0 for update")
        yield
        holder.rollback()


def append(env: dict[str, str], wait_seconds: float = 0) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", LIFE, str(wait_seconds)], cwd=ROOT, env=env, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return said


def assert_waits(env: dict[str, str], seconds: float, given: float) -> None:
    with held(env):
        said = append(env, given)
    assert (said["refused"], said["status"]) == ("OperationalError", 503)
    assert seconds * 0.8 <= float(str(said["seconds"])) <= seconds + 15
    first, again = append(env), append(env)
    assert (first["new"], again["new"], again["seq"]) == (True, False, first["seq"])


def test_whoever_adds_waits_for_a_bounded_time_and_adds_nothing_by_half(env: dict[str, str]) -> None:
    assert_waits(env, WAIT_SECONDS, WAIT_SECONDS)


@pytest.mark.long
def test_the_same_with_the_time_that_desks_wait(env: dict[str, str]) -> None:
    from bankside.settings import LOCK_WAIT_SECONDS_MAX

    assert_waits(env, LOCK_WAIT_SECONDS_MAX, 0)
