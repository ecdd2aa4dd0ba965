"""ARCHITECTURE.md tells of the rooms and arrows of the import contracts, and of files that there are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.house import tree

PAGE = tree.text(Path("ARCHITECTURE.md"))
LINES_MAX = 110


def arrows(page: str) -> list[set[str]]:
    """The layers as the page draws them, from above."""
    drawn = re.search(r"## The arrows.*?```\n(.*?)```", page, re.S)
    assert drawn, "the page draws no arrows"
    return [set(re.findall(r"\w+", line)) for line in drawn[1].splitlines()]


def rooms(page: str) -> set[str]:
    """The rooms that the table lists."""
    return set(re.findall(r"^\| \[(\w+)\]", page, re.M))


def contracts() -> list[set[str]]:
    """The layers as the import contracts have them."""
    project = tomllib.loads(tree.text(Path("pyproject.toml")))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    return [set(re.findall(r"\w+", layer)) for layer in layers]


def files_named(page: str) -> list[str]:
    """Files of rooms that the page names in code marks, such as `inbox/reply.py`."""
    return re.findall(r"`((?:\w+/)+\w+\.py)`", page)


def test_the_arrows_are_the_contracts() -> None:
    assert arrows(PAGE) == contracts()


def test_the_rooms_are_the_contracts() -> None:
    assert rooms(PAGE) == {name for layer in contracts() for name in layer}


def test_the_files_it_names_are_there() -> None:
    assert [name for name in files_named(PAGE) if not (tree.ROOMS / name).is_file()] == []


def test_it_is_two_pages() -> None:
    assert len(PAGE.splitlines()) <= LINES_MAX


def test_another_arrow_is_found() -> None:
    changed = PAGE.replace("inbox | publish", "inbox\npublish")
    assert arrows(changed) != contracts()
    assert rooms("| [gossip](bankside/gossip) | tells | tell |") == {"gossip"}
    assert files_named("see `inbox/gossip.py`") == ["inbox/gossip.py"]
