"""Keys from a file of random bytes, and from a passphrase with a salt in a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.record.keys import KeyAway, KeyMissing, KeyProviderUnknown, KeyWrong
from bankside.record.providers import NAMES, key_file, named
from bankside.record.providers.key_file import KeyFile, Passphrase

COSTS = (key_file.ITERATIONS, key_file.LANES, key_file.MEMORY_KIB)
KEY, CONTEXT = bytes(range(32)), b"bankside/kek/1"
SAID = "다리 건너 은행 een lange zin"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.KEK_FILE, settings.KEY_PASSPHRASE, settings.KEY_PASSPHRASE_FILE = tmp_path / "kek", SAID, ""
    monkeypatch.setattr(key_file, "MEMORY_KIB", 64)  # what a desk takes is tried once, below


KINDS = pytest.mark.parametrize("kind", [KeyFile, Passphrase])


@KINDS
def test_what_it_wraps_opens_in_its_context_alone(kind: Callable[[], KeyFile]) -> None:
    provider = kind()
    provider.make()
    wrapped = provider.wrap(KEY, CONTEXT)
    assert len(wrapped) == 60 and kind().unwrap(wrapped, CONTEXT) == KEY
    assert wrapped != provider.wrap(KEY, CONTEXT)  # a fresh nonce each time
    with pytest.raises(KeyWrong):
        provider.unwrap(wrapped, b"bankside/kek/2")
    for at in range(60):
        changed = bytearray(wrapped)
        changed[at] ^= 1
        with pytest.raises(KeyWrong):
            provider.unwrap(bytes(changed), CONTEXT)


@KINDS
def test_its_file_is_made_once_and_for_the_desk_alone(kind: Callable[[], KeyFile]) -> None:
    provider = kind()
    provider.make()
    before = provider.path.read_bytes()
    provider.make()
    assert provider.path.read_bytes() == before and provider.path.stat().st_mode & 0o777 == 0o400


@KINDS
def test_a_renewed_key_is_another_one_and_takes_the_place_of_the_old(kind: Callable[[], KeyFile]) -> None:
    provider = kind()
    provider.make()
    wrapped, holder = provider.wrap(KEY, CONTEXT), provider.holder()
    new = provider.renewed()
    assert new.holder() == provider.renewed().holder() != holder == kind().holder()
    again, named_so = new.wrap(KEY, CONTEXT), new.holder()
    provider.adopt()
    assert kind().holder() == named_so
    assert kind().unwrap(again, CONTEXT) == KEY and not new.path.exists()
    with pytest.raises(KeyWrong):
        kind().unwrap(wrapped, CONTEXT)


@KINDS
def test_without_its_file_it_says_what_to_do(kind: Callable[[], KeyFile]) -> None:
    with pytest.raises(KeyMissing, match="restore it from the key backup"):
        kind().wrap(KEY, CONTEXT)


@KINDS
def test_a_disk_that_refuses_is_waited_for(kind: Callable[[], KeyFile]) -> None:
    """Fault 2: the first bytes of a process's memory give EIO to whoever reads them."""
    one = kind()
    one.path.symlink_to("/proc/self/mem")
    with pytest.raises(KeyAway, match="cannot be read: Input/output error"):
        one.wrap(KEY, CONTEXT)
    one.path.unlink()
    one.make()
    assert one.wrap(KEY, CONTEXT)


def test_a_file_of_another_length_is_no_key() -> None:
    KeyFile().path.write_bytes(b"k" * 31)
    with pytest.raises(KeyMissing, match="31 bytes"):
        KeyFile().holder()


def test_another_passphrase_is_another_key(settings: Any) -> None:
    Passphrase().make()
    wrapped, holder = Passphrase().wrap(KEY, CONTEXT), Passphrase().holder()
    settings.KEY_PASSPHRASE = SAID.upper()
    assert Passphrase().holder() != holder
    with pytest.raises(KeyWrong):
        Passphrase().unwrap(wrapped, CONTEXT)


def test_the_passphrase_is_not_in_the_file_and_a_short_one_is_refused(settings: Any) -> None:
    Passphrase().make()
    assert SAID not in Passphrase().path.read_text() and Passphrase().path.name == "kek.salt"
    settings.KEY_PASSPHRASE = "fifteen letters"
    with pytest.raises(KeyMissing, match="16 characters"):
        Passphrase().holder()


def test_a_passphrase_from_a_file_is_the_same_without_its_line_end(tmp_path: Path, settings: Any) -> None:
    Passphrase().make()
    holder = Passphrase().holder()
    (tmp_path / "said").write_text(SAID + "\n", "utf-8")
    settings.KEY_PASSPHRASE, settings.KEY_PASSPHRASE_FILE = "", str(tmp_path / "said")
    assert Passphrase().holder() == holder
    settings.KEY_PASSPHRASE_FILE = str(tmp_path / "gone")
    with pytest.raises(KeyMissing, match="gone is missing"):
        Passphrase().holder()


@pytest.mark.parametrize(
    "change", [{"salt": "zz"}, {"lanes": None}, {"memory_kib": 10**9}, {"iterations": 10**9}]
)
def test_a_salt_file_that_was_changed_costs_neither_memory_nor_time(change: dict[str, Any]) -> None:
    Passphrase().make()
    path = Passphrase().path
    told = json.loads(path.read_text())
    told["argon2id"] |= change
    path.chmod(0o600)
    path.write_text(json.dumps(told))
    with pytest.raises(KeyMissing, match="restore it from the key backup"):
        Passphrase().holder()


def test_a_passphrase_costs_what_rfc_9106_recommends() -> None:
    assert COSTS[:2] == (3, 4) and COSTS[2] >= 65_536


def test_providers_are_known_by_name(settings: Any) -> None:
    assert [named(name).name for name in NAMES] == list(NAMES)
    settings.KEY_PROVIDER = "cloud"
    with pytest.raises(KeyProviderUnknown, match="this version has file, passphrase, pkcs11, transit"):
        named()
