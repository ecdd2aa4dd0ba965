"""The key that wraps all other keys, and where it comes from (KEY_PROVIDER).

`file`: 32 random bytes in KEK_FILE, mode 0400, outside the database and outside its backups.
"""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

KEY_BYTES = 32


class KeyMissing(RuntimeError):
    """The key file is not there; without it nothing that is encrypted can be read."""


class KeyProviderUnknown(RuntimeError):
    """KEY_PROVIDER names a provider that this version does not have."""


@lru_cache(maxsize=4)
def kek_of(path: Path) -> bytes:
    """The 32-byte key-encryption key; raises KeyMissing with what to do."""
    if settings.KEY_PROVIDER != "file":
        raise KeyProviderUnknown(f"BANKSIDE_KEY_PROVIDER={settings.KEY_PROVIDER!r}; this version has `file`")
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        raise KeyMissing(
            f"{path} is missing: restore it from the key backup, or run `bankside migrate`"
        ) from None
    if len(key) != 32:
        raise KeyMissing(f"{path} has {len(key)} bytes, not 32: restore it from the key backup")
    return key


def kek() -> bytes:
    """The key of the configured provider."""
    return kek_of(settings.KEK_FILE)


def make_keys() -> None:
    """Makes the key files of a new desk; keeps those that exist. Called by `bankside migrate`."""
    make_once(settings.KEK_FILE)
    make_once(settings.DATA / "keys" / "web", secrets.token_urlsafe(48).encode())
    kek_of.cache_clear()


def make_once(path: Path, content: bytes = b"") -> None:
    """Makes a key file, durably and for the desk's user alone, unless it is there: 32 random bytes."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content or secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
