"""The keys' file of a backup: small, of one backup alone, and too old after 30 days (record sheet 3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bankside.record.backup import backing_up, backup_keys
from bankside.record.backup.backup_keys import (
    DAY_MS,
    KeysTooOld,
    KeysWrong,
    check,
    differ,
    place,
    read,
    write,
)

MADE: dict[str, Any] = {"backup": "ab" * 16, "made_at": 1_000, "sha256": "cd" * 32, "key": bytes(range(32))}


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA = tmp_path / "data"
    settings.KEK_FILE, settings.LOG_KEY_FILE = tmp_path / "safe/kek", settings.DATA / "keys/log"
    for name, data in (
        ("safe/kek", b"k" * 32), ("safe/kek.salt", b"s"), ("data/keys/log", b"l" * 32),
        ("data/keys/web", b"w"), ("data/keys/kek.new", b"half done"),
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_it_holds_every_key_file_and_puts_each_where_this_desk_looks(folder: Path, settings: Any) -> None:
    made = write(folder / "keys", **MADE)
    assert read(folder / "keys") == made
    assert made.secret == MADE["key"]
    assert set(made.files) == {"kek", "kek.salt", "log", "web"}
    assert (folder / "keys").stat().st_mode & 0o777 == 0o400
    assert differ(made) == []
    settings.DATA, settings.KEK_FILE = folder / "new", folder / "elsewhere/kek"
    settings.LOG_KEY_FILE = folder / "new/keys/log"
    place(made)
    place(made)
    assert (folder / "elsewhere/kek").read_bytes() == b"k" * 32
    assert (folder / "new/keys/log").read_bytes() == b"l" * 32
    assert (folder / "new/keys/web").read_bytes() == b"w"
    (folder / "new/keys/web").chmod(0o600)
    (folder / "new/keys/web").write_bytes(b"another")
    assert differ(made) == [folder / "new/keys/web"]


def test_it_opens_its_own_backup_for_thirty_days(folder: Path) -> None:
    made = write(folder / "keys", **MADE)
    check(made, backup=made.backup, sha256=made.sha256, now=1_000 + 30 * DAY_MS)
    with pytest.raises(KeysTooOld, match="30 days"):
        check(made, backup=made.backup, sha256=made.sha256, now=1_001 + 30 * DAY_MS)
    check(made, backup=made.backup, sha256=made.sha256, now=1_001 + 30 * DAY_MS, old=True)
    for backup, sha256 in (("00" * 16, made.sha256), (made.backup, "00" * 32)):
        with pytest.raises(KeysWrong, match="another backup"):
            check(made, backup=backup, sha256=sha256, now=1_000)


def test_every_byte_that_is_changed_is_found(folder: Path) -> None:
    """But for white space between the values, which says nothing."""
    write(folder / "keys", **MADE)
    whole, damaged = (folder / "keys").read_bytes(), folder / "damaged"
    same = read(folder / "keys")
    for at in range(len(whole)):
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        try:
            assert read(damaged) == same
        except KeysWrong:
            continue
        assert whole[at : at + 1].isspace()


def test_what_is_no_keys_file_is_refused(folder: Path) -> None:
    for data in (b"", b"{}", b"[]", b'{"keys": {}, "sha256": ""}', b"\xff" * 99):
        (folder / "other").write_bytes(data)
        with pytest.raises(KeysWrong):
            read(folder / "other")
    with (folder / "other").open("wb") as file:
        file.truncate(backup_keys.FILE_BYTES_MAX + 1)
    with pytest.raises(KeysWrong, match="more than"):
        read(folder / "other")


@pytest.mark.parametrize("name", ["../web", ".hidden", "", "a/b"])
def test_no_key_file_is_put_elsewhere(folder: Path, name: str) -> None:
    made = write(folder / "keys", **MADE)
    made.files[name] = made.files["web"]
    with pytest.raises(KeysWrong, match="no name of a key file"):
        place(made)


def test_what_is_too_large_for_a_key_is_none(folder: Path) -> None:
    (folder / "data/keys/film").write_bytes(b"x" * (backup_keys.KEY_FILE_BYTES_MAX + 1))
    with pytest.raises(KeysWrong, match="is no key"):
        write(folder / "keys", **MADE)
    assert not (folder / "keys").exists()


@pytest.mark.django_db
def test_no_backup_spans_a_change_of_the_wrapping_key(
    folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_FOLDER = settings.NETWORKS_FOLDER = settings.LOG_FOLDER = folder / "none"
    monkeypatch.setattr(backing_up, "_tables", lambda writer: None)
    wrapped = iter(([(1, "file", b"a")], [(2, "file", b"b")]))
    monkeypatch.setattr(backing_up, "_wrapped", lambda: next(wrapped))
    with pytest.raises(backing_up.KeysChanged, match="make it again"):
        backing_up.back_up(folder / "copy", folder / "copy.keys")
    assert not (folder / "copy").exists() and not (folder / "copy.keys").exists()
