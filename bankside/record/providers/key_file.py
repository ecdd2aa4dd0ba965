"""Keys from files: 32 random bytes, or a salt that makes a key of a passphrase (Argon2id, RFC 9106)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from bankside.record.durable import sync_folder
from bankside.record.keys import KEY_BYTES, KeyAway, KeyMissing, KeyWrong, make_once

NONCE_BYTES: Final = 12
SALT_BYTES: Final = 32
NEW: Final = ".new"
# RFC 9106, 4: the second recommended option with twice its memory; about a third of a second on two cores.
ITERATIONS, LANES, MEMORY_KIB = 3, 4, 131_072
MEMORY_KIB_MAX, ITERATIONS_MAX, LANES_MAX = 2_097_152, 64, 64
PASSPHRASE_CHARACTERS_MIN: Final = 16
FILE_BYTES_MAX: Final = 4096


class KeyFile:
    """32 random bytes in BANKSIDE_KEK_FILE, mode 0400."""

    name = "file"

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or settings.KEK_FILE

    def holder(self) -> str:
        """A fingerprint of the key."""
        return hmac.digest(self._key(), b"bankside key file", "sha256").hex()[:32]

    def make(self) -> None:
        """Makes the file; keeps the one that is there."""
        make_once(self.path, self._content())

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """12 random bytes of nonce, then AES-256-GCM."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self._key()).encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key. Nothing wrapped: on a desk of before generations it is the file itself."""
        if not wrapped:
            return self._key()
        try:
            return AESGCM(self._key()).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise KeyWrong(f"the wrapping key does not open with {self.path}: it was changed") from None

    def renewed(self) -> KeyFile:
        """A new key beside the old one, durable."""
        new = type(self)(self.path.with_name(self.path.name + NEW))
        new.make()
        return new

    def adopt(self) -> None:
        """By one rename: at no moment is there no key."""
        self.path.with_name(self.path.name + NEW).replace(self.path)
        sync_folder(self.path.parent)

    def _content(self) -> bytes:
        return secrets.token_bytes(KEY_BYTES)

    def _read(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(FILE_BYTES_MAX)
        except FileNotFoundError:
            raise KeyMissing(
                f"{self.path} is missing: restore it from the key backup, or run `bankside migrate` on a new"
                " desk"
            ) from None
        except OSError as refused:  # the disk does; what is in memory holds as long as its lease
            raise KeyAway(f"{self.path} cannot be read: {refused.strerror}") from None

    def _key(self) -> bytes:
        key = self._read()
        if len(key) != KEY_BYTES:
            raise KeyMissing(f"{self.path} has {len(key)} bytes, not 32: restore it from the key backup")
        return key


class Passphrase(KeyFile):
    """A passphrase that somebody knows, and a file with a random salt beside BANKSIDE_KEK_FILE.

    Whoever has the database alone cannot try passphrases: the salt is not in it.
    """

    name = "passphrase"

    def __init__(self, path: Path | None = None) -> None:
        kek: Path = settings.KEK_FILE
        super().__init__(path or kek.with_name(f"{kek.name}.salt"))
        self._made: tuple[bytes, bytes] = b"", b""

    def _content(self) -> bytes:
        salt = secrets.token_bytes(SALT_BYTES).hex()
        told = {"salt": salt, "iterations": ITERATIONS, "lanes": LANES, "memory_kib": MEMORY_KIB}
        return json.dumps({"argon2id": told}).encode()

    def _key(self) -> bytes:
        """Computed once for each content of the file."""
        said, content = _passphrase(), self._read()
        known = hashlib.sha256(content + said).digest()
        if self._made[0] != known:
            self._made = known, _derived(said, content, self.path)
        return self._made[1]


def _passphrase() -> bytes:
    """From the file that a service manager lays out for this process alone, or from the environment."""
    name: str = settings.KEY_PASSPHRASE_FILE
    try:
        said = Path(name).read_text("utf-8").strip() if name else settings.KEY_PASSPHRASE
    except FileNotFoundError:
        raise KeyMissing(f"{name} is missing: it holds the passphrase of the desk's keys") from None
    except OSError as refused:
        raise KeyAway(f"{name} cannot be read: {refused.strerror}") from None
    if len(said) < PASSPHRASE_CHARACTERS_MIN:
        raise KeyMissing(
            f"give a passphrase of {PASSPHRASE_CHARACTERS_MIN} characters or more:"
            " BANKSIDE_KEY_PASSPHRASE_FILE, or BANKSIDE_KEY_PASSPHRASE"
        )
    return said.encode()


def _derived(said: bytes, content: bytes, path: Path) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    try:
        told: dict[str, Any] = json.loads(content)["argon2id"]
        salt, iterations, lanes = bytes.fromhex(told["salt"]), int(told["iterations"]), int(told["lanes"])
        memory_kib = int(told["memory_kib"])
    except (ValueError, KeyError, TypeError):
        raise KeyMissing(f"{path} is damaged: restore it from the key backup") from None
    if memory_kib > MEMORY_KIB_MAX or iterations > ITERATIONS_MAX or lanes > LANES_MAX:
        raise KeyMissing(f"{path} asks for more than this version computes: restore it from the key backup")
    derived = Argon2id(
        salt=salt, length=KEY_BYTES, iterations=iterations, lanes=lanes, memory_cost=memory_kib
    )
    return derived.derive(said)
