"""What is kept of heads: once, for good, in files that say by themselves what they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bankside.record import clock, evidence, seal
from bankside.record.evidence import COSIGNED, HEAD, STAMP, TEXT, Differs
from bankside.record.log.note import Signature, parse_note
from bankside.record.models import Checkpoint
from tests.record.tally import say

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-29T06:00:00Z")
LINE = Signature("witness.example/w1", b"\1\2\3\4", b"s" * 72)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.LOG_FOLDER, settings.WORM_COPIES = tmp_path / "log", ""
    return tmp_path / "evidence"


def head(*words: str) -> Checkpoint:
    """The head after these words."""
    with clock.frozen(NOW):
        say(*words)
        seal.seal_all()
    return Checkpoint.objects.get(size__gt=0)


def full(*_: object) -> None:
    raise OSError(28, "full")


def names(path: Path) -> list[str]:
    return sorted(str(one.relative_to(path)) for one in path.rglob("*") if one.is_file())


def test_a_cosigned_head_stays_when_the_next_one_comes(folder: Path) -> None:
    first = head("하나", "둘")
    evidence.keep_cosigned(0, 2026, first.note, [LINE], "witness.example/w1")
    second = head("셋")
    evidence.keep_stamp(0, 2026, second.note, b"der", "first")
    assert names(folder) == [
        "0/2026/2/witness.example_w1.cosigned", "0/2026/3/first.tsr", "0/2026/3/head", "0/2026/3/text",
    ]  # fmt: skip
    assert [(one.size, one.kind, one.name) for one in evidence.kept()] == [
        (2, COSIGNED, "witness.example_w1"), (3, STAMP, "first"), (3, HEAD, "head"), (3, TEXT, "text"),
    ]  # fmt: skip
    note = parse_note((folder / "0/2026/2/witness.example_w1.cosigned").read_bytes())
    assert note.text == parse_note(first.note.encode()).text and note.signatures[-1] == LINE
    assert len(note.signatures) == 2
    for one in evidence.kept():
        assert (folder / one.path).stat().st_mode & 0o777 == 0o400


def test_the_first_stays_and_another_history_is_told(folder: Path) -> None:
    made = head("하나", "둘")
    evidence.keep_head(0, 2026, made.note)
    evidence.keep_stamp(0, 2026, made.note, b"first", "one")
    evidence.keep_stamp(0, 2026, made.note, b"second", "one")
    assert evidence.read("0/2026/2/one.tsr") == b"first"
    text = parse_note(made.note.encode()).text
    other = text.replace(text.split("\n")[2], "q/PgzdiarMaTtyBiQbific2d5ZYtyLpo/HtZuFs16Zs=")
    forged = made.note.replace(text, other)
    said = r"Something else is there under the name 0/2026/2/head\."
    with pytest.raises(Differs, match=said):
        evidence.keep_head(0, 2026, forged)
    with pytest.raises(Differs, match=said):
        evidence.keep_stamp(0, 2026, forged, b"x", "two")
    with pytest.raises(Differs, match=said):
        evidence.keep_cosigned(0, 2026, forged, [LINE], "w")
    assert names(folder) == ["0/2026/2/head", "0/2026/2/one.tsr", "0/2026/2/text"]


def test_the_oldest_evidence_behind_an_entry_is_found() -> None:
    for words in (["1", "2"], ["3"], ["4", "5"]):
        made = head(*words)
        if made.size != 3:
            evidence.keep_stamp(0, 2026, made.note, b"der", "one")
        evidence.keep_cosigned(0, 2026, made.note, [LINE], "w")
    assert {(one.size, one.kind) for one in evidence.covering(0, 2026, 0)} == {
        (2, STAMP), (2, HEAD), (2, TEXT), (2, COSIGNED),
    }  # fmt: skip
    assert {(one.size, one.kind) for one in evidence.covering(0, 2026, 2)} == {
        (3, COSIGNED), (5, STAMP), (5, HEAD), (5, TEXT),
    }  # fmt: skip
    assert evidence.covering(0, 2026, 5) == [] and evidence.covering(3, 2026, 0) == []
    assert {one.size for one in evidence.kept(0, 2026, last=1)} == {5}
    assert list(evidence.kept(0, 2027)) == [] and evidence.logs() == [(0, 2026)]


def test_what_is_to_be_copied_is_marked_before_it_is_there(
    folder: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 1, in small: a kill between the two leaves a mark without a file, and never the other way."""
    made = head("하나")
    evidence.keep_head(0, 2026, made.note)
    settings.WORM_COPIES = str(tmp_path / "copies.toml")
    (tmp_path / "copies.toml").write_text('[vault]\nfolder = "/vault"\n')
    assert evidence.to_copy("vault", 9) == []
    assert evidence.mark_all("vault") == 1 and evidence.mark_all("vault") == 0
    evidence.copied("vault", "0/2026/1/head")
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", full)
        with pytest.raises(OSError, match="full"):
            evidence.keep_stamp(0, 2026, made.note, b"der", "one")
    assert evidence.to_copy("vault", 9) == ["0/2026/1/text"] and evidence.read("0/2026/1/text") is None
    evidence.keep_stamp(0, 2026, made.note, b"der", "one")
    assert sorted(evidence.to_copy("vault", 9)) == ["0/2026/1/one.tsr", "0/2026/1/text"]
    assert evidence.waiting("vault") == 2 and names(folder / ".new") == []


def test_a_name_cannot_leave_the_folder() -> None:
    made = head("하나")
    evidence.keep_stamp(0, 2026, made.note, b"der", "../../../etc/one")
    assert [one.name for one in evidence.kept() if one.kind == STAMP] == [".._.._.._etc_one"]


def test_wrong_settings_are_said(settings: Any, tmp_path: Path) -> None:
    settings.WORM_COPIES = str(tmp_path / "copies.toml")
    with pytest.raises(OSError, match=r"copies\.toml"):
        evidence.copy_names()
    for wrong in ("[", "x = 1", "['../up']", "\n".join(f"[a{n}]" for n in range(9))):
        (tmp_path / "copies.toml").write_text(wrong)
        with pytest.raises(ValueError, match="BANKSIDE_WORM_COPIES"):
            evidence.copy_names()
    made = head("하나")
    evidence.keep_head(0, 2026, made.note)  # what cannot be copied is kept all the same
