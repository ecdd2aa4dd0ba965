"""Rooms and files are named for things; a network's name and hosts stand in its own files alone."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from tests.house import tree

DRAWERS = {
    "utils",
    "util",
    "common",
    "helpers",
    "helper",
    "services",
    "core",
    "base",
    "managers",
    "misc",
    "lib",
}
CODE = ("bankside", "tests", "bin", "bench")
READ = {".py", ".html", ".js", ".css", ".toml", ""}


def drawers(file: Path) -> list[str]:
    """Parts of a path that name a drawer and not a thing."""
    words = {word for part in file.parts for word in re.split(r"[._-]", part)}
    whole = {part.split(".")[0] for part in file.parts}
    return sorted((whole | words) & DRAWERS)


@cache
def networks() -> dict[str, set[str]]:
    """What each network is known by: the stem of its file and its fixed hosts."""
    found = {}
    for file in (tree.ROOMS / "networks").glob("*.toml"):
        data = tomllib.loads(file.read_text())
        found[file.stem] = {file.stem, *data["hosts"].get("fixed", [])}
    return found


def is_its_own(file: Path, stem: str) -> bool:
    """True for the files, tests, recordings and servers of that network."""
    inside = file.parts[:2] in {("bankside", "networks"), ("tests", "networks")}
    return inside or any(stem in part for part in file.parts)


def mentions(text: str, names: set[str]) -> list[str]:
    """The names that a text mentions, as whole words. `s:name` is an actor in the record's own samples."""
    return sorted(n for n in names if re.search(rf"(?<![\w.])(?<!\bs:){re.escape(n)}(?![\w])", text, re.I))


def test_files_are_named_for_things() -> None:
    assert [str(file) for file in tree.files() if file.parts[0] in CODE and drawers(file)] == []


def test_a_drawer_is_found() -> None:
    assert drawers(Path("bankside/inbox/utils.py")) == ["utils"]
    assert drawers(Path("bankside/inbox/text_helpers.py")) == ["helpers"]
    assert drawers(Path("bankside/common/words.py")) == ["common"]
    assert drawers(Path("bankside/publish/library.py")) == []


def test_a_network_is_named_in_its_own_files_alone() -> None:
    found = []
    for file in tree.files():
        if file.parts[0] not in CODE or file.suffix not in READ:
            continue
        text = tree.text(file).lower()
        for stem, names in networks().items():
            # An English word too: only the name in quotation marks counts, and only in the test below,
            # because every room's tests use this network.
            if stem == "practice" or is_its_own(file, stem):
                continue
            there = {name for name in names if name.lower() in text}  # in most there is none
            found += [f"{file}: {name}" for name in mentions(text, there)]
    assert found == []


def test_the_practice_network_is_named_only_where_the_invented_bank_is_made() -> None:
    quoted = re.compile(r"""["']practice["']""")
    allowed = {("bankside", "networks"), ("bankside", "commands")}
    files = [file for file in tree.under("bankside") if file.parts[:2] not in allowed]
    assert [str(file) for file in files if quoted.search(tree.text(file))] == []


def test_a_name_out_of_place_is_found() -> None:
    names = {"examplenet", "api.example.net"}
    assert mentions('if channel.network == "examplenet":', names) == ["examplenet"]
    assert mentions('get("https://api.example.net/v1")', names) == ["api.example.net"]
    assert mentions("the examplenetwork is another word", names) == []
    assert mentions('"actor": "s:examplenet"', names) == [] != mentions('"news:examplenet"', names)
    assert not is_its_own(Path("bankside/inbox/reply.py"), "examplenet")
    assert is_its_own(Path("bankside/networks/examplenet.py"), "examplenet")
    assert is_its_own(Path("tests/servers/examplenet.py"), "examplenet")
