"""kill -9 at every step of both journeys and of answers: nothing lost, nothing twice, order and proofs kept.

Faults 1, 15 and 16, on both databases: the desk is killed at one step of a journey, another takes over, and
what can be seen at the end, on the network and on the desk, is what an unharmed desk would have left behind.
The same when PostgreSQL is killed instead, every process of it, and comes back while the desk lives on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.flows.desk import ROOT, environment
from tests.servers import postgresql

# Of a journey: each `weighty`-th step that nobody can take back, and each `every`-th of the others.
SAMPLE = {"sqlite": {"weighty": 3, "every": 90}, "postgresql": {"weighty": 8, "every": 200}}
SAMPLE_OF_THE_DATABASE = {"weighty": 40, "every": 400}
ALL = {"weighty": 1, "every": 1}
SECONDS_MAX = 3500
COUNTED = "channels.counts-read"
SEEN = ("facts", "network", "messages", "deliveries", "outcomes", "problems", "quarantined", "tables")
JOURNEYS = ("activity", "post", "answers")
DATABASES = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.skipif(bool(r := postgresql.missing()), reason=r)),
]

pytestmark = [pytest.mark.network, pytest.mark.timeout(2 * SECONDS_MAX)]


@pytest.mark.parametrize("database", DATABASES)
def test_a_kill_at_the_weighty_steps_leaves_what_an_unharmed_desk_leaves(
    tmp_path: Path, database: str
) -> None:
    assert_whole(lives(tmp_path, database=database, **SAMPLE[database]))


@pytest.mark.long
@pytest.mark.parametrize("database", DATABASES)
def test_a_kill_at_every_step_leaves_what_an_unharmed_desk_leaves(tmp_path: Path, database: str) -> None:
    told = lives(tmp_path, database=database, **ALL)
    assert_whole(told)
    assert_every_step(told)


@pytest.mark.parametrize("database", DATABASES[1:])
def test_a_kill_of_the_database_leaves_what_an_unharmed_one_leaves(tmp_path: Path, database: str) -> None:
    assert_whole(lives(tmp_path, database=database, kills="database", **SAMPLE_OF_THE_DATABASE))


@pytest.mark.long
@pytest.mark.parametrize("database", DATABASES[1:])
def test_a_kill_of_the_database_at_every_step_leaves_what_an_unharmed_one_leaves(
    tmp_path: Path, database: str
) -> None:
    told = lives(tmp_path, database=database, kills="database", **ALL)
    assert_whole(told)
    assert_every_step(told)


def lives(folder: Path, *, journeys: tuple[str, ...] = JOURNEYS, **plan: Any) -> list[dict[str, Any]]:
    """Of each journey the unharmed life and those that were cut short, as who plays them tells of them."""
    env = {**environment(folder / "data"), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    words = json.dumps({"folder": str(folder), "journeys": journeys, **plan})
    told: list[dict[str, Any]] = []
    with (folder / "trouble").open("w") as trouble, subprocess.Popen(
        [sys.executable, "-m", "tests.flows.mortal", words],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=trouble, text=True,
    ) as run:  # fmt: skip
        assert run.stdout is not None
        for line in run.stdout:
            told.append(json.loads(line))
            show(told)
    assert run.returncode == 0, (folder / "trouble").read_text()[-8000:]
    return told


def show(told: list[dict[str, Any]]) -> None:
    """One line for the newest kill."""
    one = told[-1]
    if "step" not in one:
        return
    end = "as unharmed" if seen(one) == seen(unharmed(told, one)) else "OTHERWISE"
    said = f"{end}; {', '.join(one['attempts'])}" if one["attempts"] else end
    sys.stdout.write(f"{one['journey']:>9} {one['step']:>4}  {one['where'][:88]:<88}  {said}\n")
    sys.stdout.flush()


def unharmed(told: list[dict[str, Any]], one: dict[str, Any]) -> dict[str, Any]:
    return next(whole for whole in told if whole["journey"] == one["journey"] and "step" not in whole)


def assert_whole(told: list[dict[str, Any]]) -> None:
    """Compares each end with that of the unharmed life of its journey."""
    cut_short = [one for one in told if "step" in one]
    sys.stdout.write(f"{len(cut_short)} kills\n")
    assert cut_short
    # A life may have a step less than the one it was planned by, and end in peace; one in a hundred, or one.
    outlived = [(one["journey"], one["step"]) for one in cut_short if not one["killed"]]
    assert len(outlived) <= max(1, len(cut_short) // 100), outlived
    for one in cut_short:
        whole = unharmed(told, one)
        assert (whole["problems"], whole["quarantined"]) == ([], 0)
        assert seen(one) == seen(whole), f"{one['journey']}, step {one['step']}: {one['where']}"


def assert_every_step(told: list[dict[str, Any]]) -> None:
    for whole in told:
        if "step" not in whole:
            kills = sum("step" in one and one["journey"] == whole["journey"] for one in told)
            assert kills == len(whole["steps"]), whole["journey"]


def seen(one: dict[str, Any]) -> dict[str, Any]:
    """What must be the same.

    A round of counting runs beside all else: one that was cut short comes again when its lease is over, which
    is after these lives (tests/channels/test_counts.py kills it on purpose).
    """
    told = {name: one[name] for name in SEEN}
    told["facts"] = {fact: times for fact, times in told["facts"].items() if fact != COUNTED}
    return told


def test_a_desk_that_resends_into_silence_is_found_out(tmp_path: Path) -> None:
    """Broken on purpose, and killed between the network's taking the post and its answer."""
    told = lives(tmp_path, journeys=("post",), weighty=1, every=0, blind=True)
    with pytest.raises(AssertionError, match="post, step"):
        assert_whole(told)
    assert any(len(one["network"]) == 2 for one in told)
