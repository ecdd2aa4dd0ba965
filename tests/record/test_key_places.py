"""A key beside what it opens is warned of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bankside.record import key_places

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(tmp_path: Path, settings: Any) -> Path:
    settings.DATA, settings.KEK_FILE = tmp_path / "data", tmp_path / "safe/kek"
    for path in (settings.DATA / "keys/kek", settings.KEK_FILE):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"k" * 32)
        path.chmod(0o400)
    path = settings.KEK_FILE
    assert isinstance(path, Path)
    return path


def test_elsewhere_and_for_the_desk_alone_is_well(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_places, "_disk", hash)
    assert key_places.warnings() == []


def test_in_the_data_folder_also_behind_a_link(key: Path, settings: Any) -> None:
    key.unlink()
    key.symlink_to(settings.DATA / "keys/kek")
    [said] = key_places.warnings()
    assert "lies in the data folder" in said


def test_on_the_disk_of_the_database(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    monkeypatch.setitem(connection.settings_dict, "NAME", "/var/lib/bankside/bankside.db")
    monkeypatch.setattr(key_places, "_disk", lambda path: 7)
    said = key_places.warnings()
    assert ["on the disk of the database" in words for words in said] == (
        [True] if connection.vendor == "sqlite" else []
    )


def test_a_key_that_others_may_read(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_places, "_disk", hash)
    key.chmod(0o440)
    [said] = key_places.warnings()
    assert "chmod 0400" in said


def test_the_file_with_the_passphrase_too_and_no_hsm(key: Path, settings: Any) -> None:
    settings.KEY_PROVIDER, settings.KEY_PASSPHRASE_FILE = "passphrase", str(settings.DATA / "said")
    assert any("said lies in the data folder" in words for words in key_places.warnings())
    for name in ("pkcs11", "transit"):
        settings.KEY_PROVIDER = name
        assert key_places.warnings() == []
