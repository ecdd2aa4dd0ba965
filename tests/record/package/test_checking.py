from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.record import log_keys, published
from bankside.record.append import Entry, append_many
from bankside.record.log.note import Key, parse_vkey, public_key
from bankside.record.log.trust import Trust
from bankside.record.log.verify import Report
from bankside.record.package import manifest
from bankside.record.package.checking import check_package, is_package
from bankside.record.package.making import Found
from tests.record.package import small

pytestmark = pytest.mark.django_db
PICTURE = b"a picture " * 40


@pytest.fixture
def out(settings: Any, tmp_path: Path) -> Path:
    settings.LOG_FOLDER = tmp_path / "log"
    said: list[Entry] = small.tell(4)
    small.erase(said[3])
    digest = hashlib.sha256(PICTURE).hexdigest()
    append_many([small.received(5, text=f"sha256 {digest}")])
    seal_all()
    small.made(tmp_path / "out", natives=[Found("a.png", "image/png", "0" * 64, None)])
    return tmp_path / "out"


def seal_all() -> None:
    from bankside.record import seal

    seal.seal_all()


def files(out: Path) -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


def flipped(path: Path, at: int, bit: int = 1) -> Callable[[], None]:
    """Flips a bit of one byte; what it returns puts it back."""
    data = path.read_bytes()
    path.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])

    def back() -> None:
        path.write_bytes(data)

    return back


def places(report: Report) -> set[str]:
    return {problem.place.split(" ")[0] for problem in report.problems}


def named(report: Report, path: str) -> bool:
    """Whether a problem names the file, also behind a line of the entries."""
    return any(path in f"{problem.place} {problem.what}" for problem in report.problems)


def test_a_package_is_known_by_its_manifest_and_holds(out: Path, tmp_path: Path) -> None:
    assert is_package(out) and not is_package(tmp_path / "log")
    report = check_package(out)
    assert (report.problems, report.entries, len(report.logs)) == ([], 5, 1)
    assert report.believed == str(out / "trust")
    report = check_package(out, published.log_trust())
    assert (report.problems, report.believed) == ([], "given")


def test_every_byte_of_manifest_and_proofs_and_of_others_some(out: Path) -> None:
    """Record sheet, fault 6 and target 2: all found, and the place is named."""
    chance, missed, tried = random.Random(7), [], 0
    every = {manifest.NAME, manifest.LEAF, manifest.PROOF, "proofs/0000/0000001.tlog-proof"}
    for path in files(out):
        size = (out / path).stat().st_size
        step = {manifest.NAME: 19}.get(path, 7) if path in every else max(1, min(size, 600))
        for at in range(chance.randrange(min(step, size)), size, step):
            back, tried = flipped(out / path, at, 1 << chance.randrange(8)), tried + 1
            report = check_package(out)
            if not named(report, path):
                missed.append((path, at, report.problems[:2]))
            back()
    assert not missed, missed[:3]
    assert tried > 200 and check_package(out).holds


@pytest.mark.long
@pytest.mark.more
def test_every_byte_of_manifest_and_proofs_in_full(out: Path) -> None:
    missed = []
    for path in (
        manifest.NAME,
        manifest.LEAF,
        manifest.PROOF,
        *(f for f in files(out) if f[:7] == "proofs/"),
    ):
        for at in range((out / path).stat().st_size):
            back = flipped(out / path, at, 1 << at % 8)
            if not named(check_package(out), path):
                missed.append((path, at))
            back()
    assert not missed, missed[:3]


def test_files_that_are_gone_more_or_others(out: Path, tmp_path: Path) -> None:
    for path in files(out):
        kept = (out / path).read_bytes()
        (out / path).unlink()
        assert named(check_package(out), path), path
        (out / path).write_bytes(kept)
    for path in ("more.txt", "proofs/0000/.hidden", "zz/more", "entries.jsonl.old"):
        (out / path).parent.mkdir(exist_ok=True)
        (out / path).write_bytes(b"more")
        assert path in places(check_package(out))
        (out / path).unlink()
    (out / "link").symlink_to("/etc/hostname")
    assert "link" in places(check_package(out))
    (out / "link").unlink()
    assert check_package(out).holds


def rewritten(out: Path, change: Callable[[dict[str, Any]], None], line: int = 0) -> Report:
    """Somebody changes a line of the entries and writes a manifest that agrees with it."""
    there = (out / "entries.jsonl").read_text().splitlines()
    said = json.loads(there[line])
    change(said)
    there[line] = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    (out / "entries.jsonl").write_text("\n".join(there) + "\n")
    again(out)
    return check_package(out)


def again(out: Path) -> None:
    reading = manifest.Reading(out / manifest.NAME)
    for _ in reading.files():
        pass
    for _ in manifest.write(out, reading.about):
        pass


def of_line(report: Report, line: int = 1) -> str:
    [what] = [p.what for p in report.problems if f"entries.jsonl line {line}" in f"{p.place} {p.what}"]
    return what


def test_a_manifest_written_anew_is_not_the_one_that_the_record_vouches_for(out: Path) -> None:
    def other_words(said: dict[str, Any]) -> None:
        said["plaintext"] = said["plaintext"].replace("signs me out", "signs me in")

    report = rewritten(out, other_words)
    assert {p.what for p in report.problems if p.place == manifest.NAME} == {
        "is not the one that the record vouches for"
    }
    assert of_line(report) == "has other words than those to which its leaf commits"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"key": "00" * 32}, "has other words than those to which its leaf commits"),
        ({"key": "xyz"}, "has other words than those to which its leaf commits"),
        ({"state": "erased"}, "is said to be erased, and has words"),
        ({"state": "fine"}, "is said to be fine, and has words"),
        ({"fact": "inbox.note-written"}, "is called inbox.note-written, and its words are of another fact"),
        ({"text": ""}, "has other words than its text file "),
        ({"text": "../../etc/passwd"}, "'../../etc/passwd' is no file of a package (../../etc/passwd)"),
        ({"text": "text/0000/0000002.txt"}, "has other words than its text file text/0000/0000002.txt"),
        ({"number": "0000002"}, "is numbered 0000002"),
        ({"more": 1}, "is not the line of an entry"),
        ({"natives": [{"path": f"natives/00/{'0' * 64}.png", "name": "a", "mime": "b", "sha256": "0" * 64,
                       "size": 1}]}, f"does not speak of its file natives/00/{'0' * 64}.png"),
    ],
)  # fmt: skip
def test_lines_that_lie(out: Path, change: dict[str, Any], what: str) -> None:
    assert of_line(rewritten(out, lambda said: said.update(change))) == what


def test_a_proof_of_another_entry_or_a_leaf_of_another_proof(out: Path) -> None:
    report = rewritten(out, lambda said: said.update(proof="proofs/0000/0000002.tlog-proof"))
    assert any("number 0" in problem.what for problem in report.problems)
    other = (out / "entries.jsonl").read_text().replace('\\"seq\\":1,', '\\"seq\\":2,')
    (out / "entries.jsonl").write_text(other)
    assert not check_package(out).holds


def test_keys_that_one_was_given_decide_and_not_those_that_lie_there(out: Path) -> None:
    origin = published.log_trust().logs[0].name
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    other: Key = public_key(origin, 1, Ed25519PrivateKey.generate())
    report = check_package(out, Trust(logs=[other], quorum="none"))
    assert not report.holds and "no key that you trust has signed" in report.problems[0].what
    assert parse_vkey(other.vkey) == other and log_keys.public_keys(origin)[0] != other


def test_a_package_cut_short_by_its_end(out: Path) -> None:
    there = (out / "entries.jsonl").read_text().splitlines()
    (out / "entries.jsonl").write_text("\n".join(there[:-1]) + "\n")
    again(out)
    assert "has 4 entries, not 5" in {p.what for p in check_package(out).problems}


def test_no_folder_of_nothing_is_a_package(tmp_path: Path) -> None:
    assert not is_package(tmp_path)
    (tmp_path / manifest.NAME).write_bytes(b"{}")
    assert is_package(tmp_path) and not check_package(tmp_path).holds
    shutil.rmtree(tmp_path)
