"""Key files of the desk, and what can be wrong with its keys. The key that wraps all others: `kek`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from bankside.record.durable import make_folder, sync_folder

KEY_BYTES = 32


class KeyMissing(RuntimeError):
    """A key is not there; without it nothing that is encrypted can be read."""


class WrappingKeyMissing(KeyMissing):
    """What the provider of the wrapping key needs is not there, for longer than a key may lie in memory."""


class KeyWrong(RuntimeError):
    """A key is there and is another one, or what it wraps was changed, or whoever keeps it refuses us."""


class KeyAway(RuntimeError):
    """Whoever keeps the key does not answer, longer than a key may lie in memory. It goes on by itself."""


# Nothing is wrong with what was being done: it is done again when the keys can be had.
NO_KEY = (KeyAway, KeyWrong, WrappingKeyMissing)


class KeyProviderUnknown(RuntimeError):
    """KEY_PROVIDER names a provider that this version does not have."""


def make_keys() -> None:
    """Makes the key file for sessions of a new desk; keeps the one that exists."""
    make_once(settings.DATA / "keys" / "web", secrets.token_urlsafe(48).encode())


def make_once(path: Path, content: bytes = b"") -> None:
    """Makes a key file, durably and for the desk's user alone, unless it is there: 32 random bytes."""
    make_folder(path.parent, 0o700)
    if path.exists():
        return
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content or secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(new, path)  # whole or not at all, and never in the place of another
    finally:
        new.unlink(missing_ok=True)
    sync_folder(path.parent)
