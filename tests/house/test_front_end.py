"""Front-end files are those that were pinned, carry their licences, and are not committed."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house import tree

sys.path.insert(0, str(tree.ROOT / "bin"))
import front_end

VENDOR = tree.ROOT / "bankside/web/static/vendor"
FONTS = front_end.FONTS
MANIFEST = tomllib.loads((tree.ROOT / "bankside/web/vendor.toml").read_text())
fetched = pytest.mark.skipif(not front_end.is_there(), reason="not fetched: run bin/front_end.py")


@fetched
def test_every_file_is_the_one_that_was_pinned() -> None:
    files = [file for package in MANIFEST["package"] for file in package.get("file", [])]
    found = {file["to"]: hashlib.sha256((VENDOR / file["to"]).read_bytes()).hexdigest() for file in files}
    assert found == {file["to"]: file["sha256"] for file in files}


@fetched
def test_nothing_else_lies_there() -> None:
    wanted = {file["to"] for package in MANIFEST["package"] for file in package.get("file", [])}
    found = {str(file.relative_to(VENDOR)) for file in VENDOR.rglob("*") if file.is_file()}
    assert {name for name in found - wanted if not name.startswith("licences/")} == {".stamp", "icons.svg"}


def test_what_only_the_checks_need_is_never_served() -> None:
    served = {package["name"] for package in MANIFEST["package"]}
    assert served.isdisjoint(package["name"] for package in MANIFEST["check"])
    assert not front_end.CHECK.is_relative_to(tree.ROOT / "bankside")


@fetched
def test_the_fonts_of_cards_are_those_that_were_pinned_and_are_never_served() -> None:
    files = [file for package in MANIFEST["card"] for file in package["file"]]
    found = {file["to"]: hashlib.sha256((FONTS / file["to"]).read_bytes()).hexdigest() for file in files}
    assert found == {file["to"]: file["sha256"] for file in files}
    assert {file.name for file in FONTS.iterdir()} == {*found, "licences"}
    assert not FONTS.is_relative_to(tree.ROOT / "bankside/web")


@fetched
def test_every_font_of_cards_is_free_and_says_so() -> None:
    assert {package["licence"] for package in MANIFEST["card"]} == {"OFL-1.1"}
    licences = [file.read_text() for file in (FONTS / "licences").iterdir()]
    assert len(licences) == len(MANIFEST["card"])
    assert all("SIL OPEN FONT LICENSE" in licence.upper() for licence in licences)


def test_the_fonts_that_cards_are_lettered_in_are_all_pinned() -> None:
    from bankside.rewards.art import lettering

    pinned = {file["to"] for package in MANIFEST["card"] for file in package["file"]}
    assert {name for face in lettering.FACES for name in lettering._chain(face, "")} == pinned


def test_a_font_that_was_changed_is_fetched_again(tmp_path: Path) -> None:
    package = {"name": "thing", "file": [{"to": "a.ttf", "sha256": hashlib.sha256(b"a").hexdigest()}]}
    (tmp_path / "licences").mkdir()
    (tmp_path / "licences/thing.txt").write_text("free")
    assert not front_end._lies_in(tmp_path, package)
    (tmp_path / "a.ttf").write_bytes(b"a")
    assert front_end._lies_in(tmp_path, package)
    (tmp_path / "a.ttf").write_bytes(b"b")
    assert not front_end._lies_in(tmp_path, package)


@fetched
def test_every_package_comes_with_its_licence() -> None:
    assert len(list((VENDOR / "licences").iterdir())) == len(MANIFEST["package"])
    assert all(package["licence"] for package in MANIFEST["package"])


@fetched
def test_the_sprite_holds_every_icon() -> None:
    sprite = (VENDOR / "icons.svg").read_text()
    assert [name for name in MANIFEST["icons"]["names"] if f'<symbol id="i-{name}" ' not in sprite] == []
    assert "<script" not in sprite


def packed(folder: Path, files: dict[str, bytes]) -> Path:
    """An npm archive made for a test."""
    archive = folder / "thing-1.0.0.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return archive


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"a.js": b"stolen()", "LICENSE": b"free"})
    pinned: dict[str, Any] = {"name": "thing", "file": [{"from": "a.js", "to": "a.js", "sha256": "0" * 64}]}
    with pytest.raises(front_end.NotFetched, match=r"thing/a\.js is not what was pinned"):
        front_end._unpack(pinned, archive, tmp_path / "vendor")
    assert not (tmp_path / "vendor/a.js").exists()


def test_an_icon_that_is_not_there_is_named(tmp_path: Path) -> None:
    drawing = b'<!-- c --><svg viewBox="0 0 24 24">\n  <path d="M1 1" />\n</svg>'
    archive = packed(tmp_path, {"icons/check.svg": drawing})
    archives = {front_end.ICONS: archive, front_end.MARKS: archive}
    made = front_end._sprite(["check"], archives)
    assert '<symbol id="i-check" viewBox="0 0 24 24"><path d="M1 1" /></symbol>' in made
    with pytest.raises(front_end.NotFetched, match="no drawing for sun"):
        front_end._sprite(["sun"], archives)
