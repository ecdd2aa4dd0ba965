"""The same days on SQLite and on PostgreSQL: the same inbox, the same rebuild, the same record, checked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import founded
from tests.flows.desk import ROOT, environment
from tests.flows.same_days import CUSTOMERS
from tests.servers.postgresql import OWNER, PostgreSQL

pytestmark = [pytest.mark.server("postgresql"), pytest.mark.timeout(600)]
DAYS_SECONDS_MAX = 280


@pytest.fixture(scope="module")
def told(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What came of the days on each database; the desk has its own role on PostgreSQL."""
    name = postgresql.make("same_days")
    urls = {"DATABASE": postgresql.url(name), "MIGRATE_DATABASE": postgresql.url(name, OWNER)}
    there = {f"BANKSIDE_{key}_URL": url for key, url in urls.items()}
    desks = {"sqlite": {}, "postgresql": there}
    return {database: days(tmp_path_factory.mktemp(database), more) for database, more in desks.items()}


def days(folder: Path, more: dict[str, str]) -> dict[str, Any]:
    """Founds a desk, lives the days there in a process of their own, and returns what came of them."""
    short = {"BANKSIDE_REPLY_UNDO_SECONDS": "0", "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    env = {**environment(folder / "data"), **short, **more}
    founded.lay(env)
    env.pop("BANKSIDE_MIGRATE_DATABASE_URL", None)
    code = (
        "import django, sys; django.setup(); from tests.flows.same_days import act; print(act(sys.argv[1]))"
    )
    found: dict[str, Any] = json.loads(run([sys.executable, "-c", code, str(folder)], env).splitlines()[-1])
    return found


def run(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=DAYS_SECONDS_MAX
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


def test_all_sixteen_lanes_are_used(told: dict[str, dict[str, Any]]) -> None:
    assert told["sqlite"]["lanes"] == [1, [0]]
    assert told["postgresql"]["lanes"] == [16, list(range(16))]


@pytest.mark.parametrize("what", ["shown", "facts", "states", "rebuilt", "verified", "published", "heads"])
def test_the_same_came_of_it_on_both(told: dict[str, dict[str, Any]], what: str) -> None:
    assert told["sqlite"][what] == told["postgresql"][what]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_there_was_something_to_compare(told: dict[str, dict[str, Any]], database: str) -> None:
    """The record holds, the rebuild shows what was shown before, and all was sent."""
    here = told[database]
    assert here["rebuilt"]["inbox_message"] > CUSTOMERS
    assert here["verified"] == here["published"] == [here["heads"], []]
    assert here["the same after the rebuild"]
    assert set(here["states"]) == {"sent"}
    assert len(here["shown"]["talks"]) == CUSTOMERS
    assert all(here["shown"]["found"].values()), here["shown"]["found"]
