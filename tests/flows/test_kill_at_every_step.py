"""kill -9 at every step of both journeys and of answers: nothing lost, nothing twice, order and proofs kept.

Faults 1, 15 and 16: the desk is killed at one step of a journey, another takes over, and what can be seen at
the end, on the network and on the desk, is what an unharmed desk would have left behind.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.flows.desk import ROOT, environment

SAMPLE_EVERY = 29
SECONDS_MAX = 1500
SEEN = ("facts", "network", "messages", "deliveries", "outcomes", "problems", "quarantined", "tables")
JOURNEYS = ("activity", "post", "answers")

pytestmark = pytest.mark.timeout(1600)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_kill_at_the_weighty_steps_leaves_what_an_unharmed_desk_leaves(
    tmp_path: Path, journey: str
) -> None:
    assert_whole(journey, lives(tmp_path, journey, SAMPLE_EVERY))


@pytest.mark.long
@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_kill_at_every_step_leaves_what_an_unharmed_desk_leaves(tmp_path: Path, journey: str) -> None:
    whole, *others = lives(tmp_path, journey, 1)
    assert len(others) == len(whole["steps"])
    assert_whole(journey, [whole, *others])


def lives(folder: Path, journey: str, every: int, *broken: str) -> list[dict[str, Any]]:
    """The unharmed life and those that were cut short, as the process that plays them tells of them."""
    env = {**environment(folder / "data"), "DJANGO_SETTINGS_MODULE": "bankside.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.flows.mortal", str(folder), journey, str(every), *broken],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_whole(journey: str, told: list[dict[str, Any]]) -> None:
    """Prints one line per kill, then compares each end with the unharmed one."""
    whole, *others = told
    assert (whole["problems"], whole["quarantined"]) == ([], 0)
    for one in others:
        end = "as unharmed" if seen(one) == seen(whole) else "OTHERWISE"
        said = f"{end}; {', '.join(one['attempts'])}" if one["attempts"] else end
        sys.stdout.write(f"{journey:>9} {one['step']:>4}  {one['where'][:88]:<88}  {said}\n")
    assert [one["step"] for one in others if not one["killed"]] == []
    for one in others:
        assert seen(one) == seen(whole), f"{journey}, step {one['step']}: {one['where']}"


def seen(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in SEEN}


def test_a_desk_that_resends_into_silence_is_found_out(tmp_path: Path) -> None:
    """Broken on purpose, and killed between the network's taking the post and its answer."""
    told = lives(tmp_path, "post", 0, "blind")
    with pytest.raises(AssertionError, match="post, step"):
        assert_whole("post", told)
    assert any(len(one["network"]) == 2 for one in told)
