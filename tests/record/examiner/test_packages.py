"""The examiner's page and `verify` agree on packages: whole ones hold, damage is found in the same files."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from bankside.record.package.checking import check_package
from tests.record.examiner.test_checking import NODE, asked, b64
from tests.record.package import small

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.more,
    pytest.mark.skipif(not NODE, reason="Node is missing: apt-get install nodejs"),
]
FLIPS_PER_FILE = 2


@pytest.fixture
def package(settings: Any, tmp_path: Path) -> Path:
    settings.LOG_FOLDER = tmp_path / "log"
    entries = small.tell(6)
    small.erase(entries[0])
    small.restrict(entries[1])
    small.made(tmp_path / "package")
    return tmp_path / "package"


def case(package: Path, instead: dict[str, str | None] | None = None, *, keys: bool = True) -> dict[str, Any]:
    trust = {"trust": b64((package / "trust").read_bytes())} if keys else {}
    return {"kind": "package", "folder": str(package), "instead": instead or {}, **trust}


def test_a_whole_package_holds_with_keys_and_without(package: Path) -> None:
    told, without = asked([case(package), case(package, keys=False)])
    assert (told["problems"], told["entries"]) == ([], 6) and told["files"] > 10
    assert without["holds"]


def test_every_file_with_a_byte_changed_cut_off_or_missing_is_found(package: Path, tmp_path: Path) -> None:
    """The places are those that `verify` names (target 2)."""
    chance, copy = random.Random(50), tmp_path / "copy"
    shutil.copytree(package, copy)
    cases, ours, names = [], [], []
    for file in sorted(p for p in package.rglob("*") if p.is_file()):
        path, data = file.relative_to(package).as_posix(), file.read_bytes()
        changes: list[bytes | None] = [None, data[:-1], data + b"\n"]
        for _ in range(FLIPS_PER_FILE):
            at = chance.randrange(len(data))
            changes.append(data[:at] + bytes([data[at] ^ 1 << chance.randrange(7)]) + data[at + 1 :])
        for changed in changes:
            cases.append(case(package, {path: None if changed is None else b64(changed)}))
            (copy / path).unlink() if changed is None else (copy / path).write_bytes(changed)
            ours.append({problem.place for problem in check_package(copy, _trust(package)).problems})
            (copy / path).write_bytes(data)
            names.append(path)
    said = [{one["place"] for one in told["problems"]} for told in asked(cases)]
    assert all(ours) and all(said) and len(cases) > 100
    assert [n for n, s in zip(names, said, strict=True) if not _names(n, s)] == []


def test_a_file_too_many_and_words_of_another_are_found(package: Path) -> None:
    lines, leaf = (package / "entries.jsonl").read_bytes(), (package / "manifest.leaf").read_bytes()
    cases = [
        case(package, {"more.txt": b64("x")}),
        case(package, {"entries.jsonl": b64(lines.replace(b"mijn limiet", b"mijn limieT"))}),
        case(package, {"manifest.leaf": b64(leaf.replace(b"export", b"config"))}),
    ]
    more, words, other = asked(cases)
    assert [one["place"] for one in more["problems"]] == ["more.txt"]
    assert {one["place"] for one in words["problems"]} >= {"entries.jsonl"}
    assert not other["holds"]


def _trust(package: Path) -> Any:
    from bankside.record.log.trust import parse_trust

    return parse_trust((package / "trust").read_bytes())


def _names(path: str, places: set[str]) -> bool:
    """A damaged manifest or its entry may be told of the other; every other file is named itself."""
    return any(place.split(" #")[0] == path for place in places) or path.startswith("manifest")
