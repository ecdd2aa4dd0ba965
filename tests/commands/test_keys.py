"""`bankside key status`, `key rotate` and `key move`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bankside.people import policy, staff
from bankside.record import kek, rewrapping
from bankside.record.models import WrappingKey
from bankside.record.providers import key_file
from tests.commands.ask import Ask

pytestmark = pytest.mark.django_db
TWO = ("--by", "eins@bank.example", "--and", "twee@bank.example")


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two key custodians and an administrator, and a key file that no other test meets."""
    monkeypatch.setattr(rewrapping, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(key_file, "MEMORY_KIB", 64)
    path = tmp_path / "safe/kek"
    path.parent.mkdir()
    path.write_bytes(settings.KEK_FILE.read_bytes())
    path.chmod(0o400)
    settings.KEK_FILE = path
    for name, role in (
        ("eins", policy.KEY_CUSTODIAN),
        ("twee", policy.KEY_CUSTODIAN),
        ("drie", "administrator"),
    ):
        staff.add(f"{name}@bank.example", name, role=role)


def test_status_says_who_keeps_it_and_nothing_of_it(ask: Ask) -> None:
    said = ask("key", "status", "--json")
    told = json.loads(said.out)
    assert (said.code, told["provider"], told["state"], told["left"]) == (0, "file", "at hand", 0)
    assert list(told["generations"]) == [str(kek.current().generation)]
    assert kek.current().key.hex() not in said.out
    assert "provider: file, at hand" in ask("key", "status").out


def test_a_key_that_cannot_be_had_is_said_with_exit_1(ask: Ask, settings: Any) -> None:
    kek.forget()
    settings.KEK_FILE.unlink()
    said = ask("key", "status")
    assert said.code == 1 and "dropped" in said.out and "is missing" in said.out


def test_rotate_takes_two_key_custodians(ask: Ask) -> None:
    for pair in (("eins", "eins"), ("eins", "drie"), ("drie", "twee")):
        said = ask("key", "rotate", "--by", f"{pair[0]}@bank.example", "--and", f"{pair[1]}@bank.example")
        assert said.code == 1 and said.err
    before = kek.current().generation
    said = ask("key", "rotate", *TWO, "--json")
    assert (said.code, json.loads(said.out)["generation"]) == (0, before + 1)
    assert list(WrappingKey.objects.values_list("generation", flat=True)) == [before + 1]


def test_move_and_its_end(ask: Ask, settings: Any) -> None:
    settings.KEY_PASSPHRASE = "vier woorden en een getal 7"
    said = ask("key", "move", "passphrase", *TWO)
    assert said.code == 0 and "BANKSIDE_KEY_PROVIDER=passphrase" in said.err
    assert ask("key", "move", "passphrase", "--end", *TWO).code == 1
    settings.KEY_PROVIDER = "passphrase"
    kek.forget()
    assert ask("key", "move", "passphrase", "--end", *TWO).code == 0
    assert "provider: passphrase, at hand" in ask("key", "status").out
    assert ask("key", "move", "cloud", *TWO).code == 1
