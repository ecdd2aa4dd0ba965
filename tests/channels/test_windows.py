"""How long and how often one may answer, by the windows of a data file."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bankside.channels import windows
from bankside.channels.models import Channel
from bankside.networks.declared import Window
from tests.channels import by_hand_networks as networks

HOUR = 3_600_000


def channel(monkeypatch: pytest.MonkeyPatch, *found: Window) -> Channel:
    networks.put_up(monkeypatch, msgspec.structs.replace(networks.wall(), windows=found))
    return Channel(network=networks.WALL)


def window(**fields: Any) -> Window:
    return Window(kind="private message", **fields)


def test_a_window_closes_so_many_hours_after_the_other_side_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    found = windows.left(channel(monkeypatch, window(hours=24)), private=True, since_ms=HOUR, answers=9)
    assert found == windows.Room(until_ms=25 * HOUR, messages=-1, hours=24, most=0)
    assert not found.closed(25 * HOUR - 1) and found.closed(25 * HOUR)


def test_a_window_takes_so_many_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    row = channel(monkeypatch, window(hours=48, messages=5))
    left = [windows.left(row, private=True, since_ms=HOUR, answers=n) for n in (0, 4, 5, 6)]
    assert [one and one.messages for one in left] == [5, 1, 0, 0]
    assert [bool(one and one.closed(2 * HOUR)) for one in left] == [False, False, True, True]


def test_of_several_the_widest_counts_and_for_ever_is_the_widest(monkeypatch: pytest.MonkeyPatch) -> None:
    two = channel(monkeypatch, window(hours=24), window(hours=168), window(hours=1, of="edit"))
    found = windows.left(two, private=True, since_ms=HOUR, answers=0)
    assert found and found.hours == 168
    assert windows.left(two, private=False, since_ms=HOUR, answers=0) is None
    ever = channel(monkeypatch, window(hours=24), window(hours=0))
    assert windows.left(ever, private=True, since_ms=HOUR, answers=0) is None


def test_comments_have_a_window_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    row = channel(monkeypatch, window(hours=168, of="reply", messages=1))
    found = windows.left(row, private=False, since_ms=HOUR, answers=0)
    assert found and (found.hours, found.messages) == (168, 1)
    assert windows.left(row, private=True, since_ms=HOUR, answers=0) is None
    assert windows.left(row, private=False, since_ms=0, answers=0) is None
