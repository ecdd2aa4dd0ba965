"""The file of a backup: what goes in comes out, and no byte of it can be changed unnoticed (faults 6, 7)."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.record.backup.backup_file import Backup, BackupWrong, Manifest, Writer, fresh, read
from bankside.record.payload import KEY_BYTES

KEY = bytes(range(KEY_BYTES))
ROWS = {
    "people": [[1, "김하늘", None, b"\x00\xff"], [2, "王", 1.5, b""]],
    "empty": [],
    "files": [["a", 0, b"x" * 99]],
}
VALUES = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=9), st.binary(max_size=9))


def manifest() -> Manifest:
    return Manifest(
        id="ab" * 16, made_at=1, version="1", database="sqlite", migrations={"record": ["0001"]},
        columns={}, heads=[], trust="",
    )  # fmt: skip


def made(folder: Path, key: bytes = KEY) -> Path:
    path = folder / "backup"
    with fresh(path) as file:
        writer = Writer(file, manifest(), key)
        for name, rows in ROWS.items():
            writer.section(name, rows)
        writer.finish()
    return path


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    backup = read(made(tmp_path))
    assert {one.name: list(backup.rows(one.name, KEY)) for one in backup.manifest.sections} == ROWS
    assert backup.check_all(KEY) == 3
    assert list(backup.rows("unknown", KEY)) == []


@given(st.lists(st.lists(VALUES, min_size=1, max_size=20), max_size=30))
@settings(max_examples=30)
def test_any_rows_come_back_as_they_were(rows: list[list[object]]) -> None:
    file = io.BytesIO()
    file.fileno = lambda: os.open(os.devnull, os.O_RDONLY)  # type: ignore[method-assign]
    writer = Writer(file, manifest(), KEY)
    section = writer.section("rows", rows)
    assert section.rows == len(rows)


def test_many_parts_are_read_one_at_a_time(tmp_path: Path) -> None:
    path, rows = tmp_path / "backup", [[n, b"\x01" * 300_000] for n in range(20)]
    with fresh(path) as file:
        writer = Writer(file, manifest(), KEY)
        assert writer.section("big", rows).parts > 4
        writer.section("small", [[1]])
        writer.finish()
    backup = read(path)
    assert list(backup.rows("big", KEY)) == rows
    assert list(backup.rows("small", KEY)) == [[1]]


def test_every_byte_that_is_changed_is_found_without_a_key(tmp_path: Path) -> None:
    path = made(tmp_path)
    whole = path.read_bytes()
    backup = read(path)
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(BackupWrong) as wrong:
            read(path)
        for one in backup.manifest.sections:
            if one.at <= at < one.at + one.bytes:
                assert f"{one.name} (bytes {one.at} to {one.at + one.bytes})" in str(wrong.value)


def test_a_file_that_is_cut_off_is_refused_wherever(tmp_path: Path) -> None:
    path = made(tmp_path)
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(BackupWrong):
            read(path)
    path.write_bytes(whole + b"\x00")
    with pytest.raises(BackupWrong):
        read(path)


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    backup = read(made(tmp_path))
    for one in backup.manifest.sections:
        with pytest.raises(BackupWrong, match=f"{one.name}, bytes {one.at} to"):
            list(backup.rows(one.name, bytes(KEY_BYTES)))


def test_sections_that_were_exchanged_do_not_open(tmp_path: Path) -> None:
    """Somebody who can write the file makes its sums right again; the parts know their places."""
    backup = read(made(tmp_path))
    first, *others = backup.manifest.sections
    renamed = [replace(first, name="files"), *(replace(one, name="people") for one in others)]
    backup.manifest.sections[:] = renamed
    with pytest.raises(BackupWrong):
        Backup(backup.path, backup.manifest, backup.digest).check_all(KEY)


def test_a_missing_row_is_noticed(tmp_path: Path) -> None:
    backup = read(made(tmp_path))
    backup.manifest.sections[0] = replace(backup.manifest.sections[0], rows=3)
    with pytest.raises(BackupWrong, match="has 2 rows, not 3"):
        backup.check_all(KEY)


def test_a_new_file_takes_its_name_when_it_is_whole_and_replaces_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), fresh(tmp_path / "one") as file:
        file.write(b"half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "one.unfinished").write_bytes(b"left by a process that was killed")
    with fresh(tmp_path / "one", 0o400) as file:
        file.write(b"whole")
        assert not (tmp_path / "one").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o400
    with pytest.raises(FileExistsError), fresh(tmp_path / "one") as file:
        file.write(b"other")
    assert (tmp_path / "one").read_bytes() == b"whole"
