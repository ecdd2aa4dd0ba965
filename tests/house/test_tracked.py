"""What is in the repository works everywhere: no place of one machine, no address of a package registry."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house import tree

# Written in pieces, so that this file may be looked at too.
HOMES = re.compile(
    r"(?<![\w.$}])/(?:" + "|".join(["root", "home/[a-z]+", "Users/", "work", "opt/pypi"]) + r")\b"
)
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "yarn" + "pkg.com"]
REGISTRIES = re.compile("|".join(re.escape(host) for host in HOSTS))
LOCKS = {
    "uv.lock",
    "poetry.lock",
    "Pipfile.lock",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    ".npmrc",
}
VERSION = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.!+-]+)", re.MULTILINE)
BUILT = {"node_modules", "vendor", "dist", "build"}


def places(text: str) -> list[str]:
    """Paths of one machine, and addresses of registries."""
    return [*HOMES.findall(text), *REGISTRIES.findall(text)]


def is_a_pin(file: Path) -> bool:
    """True for the lists of pinned packages."""
    return file.parent == Path("requirements") and file.suffix == ".txt"


def unpinned(text: str) -> list[str]:
    """Lines of a list of pins that are neither a version with hashes nor one of its hashes."""
    pin = re.compile(r"[\w.\[\],-]+==[\w.!+-]+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|(    )?#.*|")
    return [line for line in text.splitlines() if not pin.fullmatch(line)]


def test_nothing_names_one_machine_or_a_registry() -> None:
    here = Path("tests/house/test_tracked.py")
    assert {str(f): found for f in tree.files() if f != here and (found := places(tree.text(f)))} == {}


def test_pins_have_hashes_and_no_address() -> None:
    pins = [file for file in tree.files() if is_a_pin(file) and file.name != "debian.txt"]
    assert len(pins) >= 4
    assert {str(file): found for file in pins if (found := unpinned(tree.text(file)))} == {}
    assert [str(file) for file in pins if re.search(r"https?:|//", tree.text(file))] == []


def test_a_package_has_one_version_in_all_lists() -> None:
    """pip refuses two lists together whose versions differ, and Spark beside a desk would change the desk."""
    kept: dict[str, set[str]] = {}
    for file in tree.files():
        for name, version in VERSION.findall(tree.text(file)) if is_a_pin(file) else ():
            kept.setdefault(name, set()).add(version)
    assert {name: found for name, found in kept.items() if len(found) > 1} == {}
    assert len(kept) > 100


def test_no_lock_file_and_nothing_built_is_tracked() -> None:
    assert [str(file) for file in tree.files() if file.name in LOCKS or BUILT & set(file.parts)] == []


def test_a_place_of_one_machine_is_found() -> None:
    assert places("DATA = '/" + "home/daeun/bankside'") != []
    assert places("index-url = https://" + HOSTS[0] + "/simple") == [HOSTS[0]]
    assert places("see /conversations/7/closure/ and https://bank.example/home/") == []


def test_a_pin_without_a_hash_is_found() -> None:
    assert unpinned("django==5.2.1\n") == ["django==5.2.1"]
    assert unpinned("--index-url somewhere\n") == ["--index-url somewhere"]
    assert unpinned("django==5.2.1 \\\n    --hash=sha256:" + "0" * 64 + "\n") == []
