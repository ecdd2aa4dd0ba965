"""Two hundred channels on one worker: none is asked too late, whatever other servers do to the desk."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import turns
from tests.channels import on_disk
from tests.flows import many_channels

COUNT = 200
# Promised are two. What is printed is the figure; the gate leaves room for a machine that is busy.
RHYTHMS_LATE_MAX = 3.0


def measured(folder: Path, seconds: float) -> dict[str, Any]:
    desk = on_disk.found(folder)
    said = desk.run(
        f"""
        import json
        from tests.flows import many_channels
        print(json.dumps(many_channels.main({COUNT}, {seconds})))
        """
    )
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    sys.stdout.write(f"{COUNT} channels: {found}\n")
    return found


@pytest.mark.network
def test_two_hundred_channels_are_asked_in_time_beside_slow_dead_and_hostile_servers(tmp_path: Path) -> None:
    found = measured(tmp_path, seconds=21)
    assert (
        found["accounts"] == COUNT - sum(many_channels.TROUBLED.values())
        and found["worst"] <= RHYTHMS_LATE_MAX
    ), found


@pytest.mark.network
@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_same_for_longer(tmp_path: Path) -> None:
    found = measured(tmp_path, seconds=50)
    assert found["worst"] <= RHYTHMS_LATE_MAX, found


def test_a_server_has_so_many_turns_and_gives_each_back() -> None:
    with pytest.raises(ValueError, match="broke"), turns.turn("a"):
        raise ValueError("it broke")
    taken = [turns.turn("a") for _ in range(turns.AT_ONCE_MAX + 1)]
    assert [one.__enter__() for one in taken] == [True] * turns.AT_ONCE_MAX + [False]
    with turns.turn("b") as other:
        assert other
    for one in taken:
        one.__exit__(None, None, None)
    with turns.turn("a") as again:
        assert again and dict(turns._under_way) == {"a": 1}
    assert not turns._under_way
