"""An HSM as a provider of keys, against SoftHSM, which is real and in software."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.record import kek, rewrapping, subjects
from bankside.record.keys import KeyAway, KeyMissing, KeyWrong
from bankside.record.providers.token import Token

KEY, CONTEXT = bytes(range(32)), b"bankside/kek/1"
ONE, OTHER = "u:" + "a" * 32, "u:" + "b" * 32
LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN, SECONDS_MAX = "4271-비밀", 30


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A token of its own for this file. PKCS #11 loads a library once a process, with one configuration."""
    pytest.importorskip("pkcs11", reason="the package python-pkcs11 is not installed")
    library = next((path for path in LIBRARIES if Path(path).exists()), None)
    if library is None or not shutil.which("softhsm2-util"):
        pytest.skip("the Debian package softhsm2 is not installed")
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    (folder / "pin").write_text(f"{PIN}\n", "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOFTHSM2_CONF", str(folder / "conf"))
        words = [
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            "desk",
            "--so-pin",
            "so-7",
            "--pin",
            PIN,
        ]
        subprocess.run(words, check=True, capture_output=True, timeout=SECONDS_MAX)
        yield {
            "HSM_LIBRARY": library, "HSM_TOKEN": "desk", "HSM_KEY": "kek-1",
            "HSM_PIN_FILE": str(folder / "pin"),
        }  # fmt: skip


@pytest.fixture
def token(hsm: dict[str, Any], settings: Any) -> Token:
    for name, value in hsm.items():
        setattr(settings, name, value)
    made = Token()
    made.make()
    made.make()  # twice is once
    return made


def test_what_it_wraps_opens_in_its_context_alone(token: Token) -> None:
    wrapped = token.wrap(KEY, CONTEXT)
    assert token.unwrap(wrapped, CONTEXT) == KEY and KEY not in wrapped and len(wrapped) == 60
    with pytest.raises(KeyWrong):
        token.unwrap(wrapped, b"bankside/kek/2")
    for at in (0, 11, 12, 30, 59):
        changed = bytearray(wrapped)
        changed[at] ^= 1
        with pytest.raises(KeyWrong):
            token.unwrap(bytes(changed), CONTEXT)


def test_its_key_cannot_be_read_out(token: Token, hsm: dict[str, Any]) -> None:
    import pkcs11

    found = pkcs11.lib(hsm["HSM_LIBRARY"]).get_token(token_label="desk")
    with found.open(user_pin=PIN) as session:
        [key] = session.get_objects({pkcs11.Attribute.LABEL: "kek-1"})
        assert key[pkcs11.Attribute.SENSITIVE] and not key[pkcs11.Attribute.EXTRACTABLE]
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            key[pkcs11.Attribute.VALUE]


def test_another_key_of_the_token_opens_nothing(token: Token, settings: Any) -> None:
    wrapped = token.wrap(KEY, CONTEXT)
    settings.HSM_KEY = "kek-2"
    with pytest.raises(KeyMissing, match="no key kek-2"):
        token.unwrap(wrapped, CONTEXT)
    token.make()
    with pytest.raises(KeyWrong):
        token.unwrap(wrapped, CONTEXT)


def test_what_is_wrong_is_said(token: Token, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("0000")
    settings.HSM_PIN_FILE = str(tmp_path / "pin")
    with pytest.raises(KeyWrong, match="PinIncorrect"):
        token.wrap(KEY, CONTEXT)
    settings.HSM_PIN_FILE = str(tmp_path / "none")
    with pytest.raises(KeyMissing, match="BANKSIDE_HSM_PIN_FILE"):
        token.wrap(KEY, CONTEXT)


def test_a_token_that_is_not_there_is_away(token: Token, settings: Any) -> None:
    settings.HSM_TOKEN = "elsewhere"
    with pytest.raises(KeyAway, match="NoSuchToken"):
        token.wrap(KEY, CONTEXT)


@pytest.mark.django_db
def test_a_desk_moves_to_it_changes_its_key_and_goes_on(
    token: Token, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(rewrapping, "SETTLE_SECONDS", 0)
    subj = subjects.subject_of("somewhere", "one")
    key = subjects.key_of(subj)
    rewrapping.move("pkcs11", ONE, OTHER)
    settings.KEY_PROVIDER = "pkcs11"
    rewrapping.leave("pkcs11", ONE, OTHER)
    changed = rewrapping.rotate(ONE, OTHER)
    for forget in (kek.forget, subjects.forget):
        forget()
    assert subjects.key_of(subj) == key and kek.current().generation == changed.generation


def test_without_the_package_or_the_library_it_says_what_to_install(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "pkcs11", None)
        with pytest.raises(KeyMissing, match="python-pkcs11 is not installed"):
            Token().wrap(KEY, CONTEXT)
    settings.HSM_LIBRARY = ""
    pytest.importorskip("pkcs11", reason="the package python-pkcs11 is not installed")
    with pytest.raises(KeyMissing, match="BANKSIDE_HSM_LIBRARY"):
        Token().wrap(KEY, CONTEXT)
