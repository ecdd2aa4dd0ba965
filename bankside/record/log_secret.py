"""The secret that all log keys are made of, and the key that it gives for one log.

Pure: no settings and no database, so that the signer, which has neither, makes the same keys as a desk
that signs for itself.
"""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bankside.record.durable import sync_folder
from bankside.record.keys import KEY_BYTES, KeyMissing, make_once

# Of 32 random bytes about 30 differ; fewer than 16 do so once in 10^10 times.
DIFFERENT_BYTES_MIN: Final = 16


def before_of(file: Path) -> Path:
    """Where the secret lies that is going out of use."""
    return file.with_name(f"{file.name}.before")


def changing(file: Path) -> bool:
    """Whether two secrets sign. A link to the same one is a change that was broken off before it began."""
    before = before_of(file)
    return before.exists() and not (file.exists() and before.samefile(file))


def private_keys(file: Path, origin: str) -> list[Ed25519PrivateKey]:
    """The keys that sign heads of this log, the newest first: one, or two while the secret is being changed.

    HKDF-SHA256 over the secret, bound to the log: a key signs for one log alone. Raises KeyMissing.
    """
    before = [before_of(file)] if changing(file) else []
    return [key_of(path, origin) for path in (file, *before)]


def to_come(file: Path) -> Path:
    """The next secret, made once: a change that was broken off goes on with the same one."""
    new = file.with_name(f"{file.name}.new")
    make_once(new)
    return new


def replace(file: Path, *, keep: bool) -> None:
    """Takes the next secret into use; with `keep` the old one stays beside it. At no moment is there none."""
    new, before = to_come(file), before_of(file)
    if keep and not before.exists():
        os.link(file, before)
        sync_folder(file.parent)
    new.replace(file)
    sync_folder(file.parent)
    forget()


def end(file: Path) -> None:
    """Takes the old secret away for good."""
    before_of(file).unlink()
    sync_folder(file.parent)
    forget()


def forget() -> None:
    """Drops the keys that this process remembers."""
    _key.cache_clear()


def is_weak(secret: bytes) -> bool:
    """Whether these are no 32 random bytes: too few differ, or they are text, or they count up or down."""
    steps = {(after - before) % 256 for before, after in pairwise(secret)}
    return (
        len(secret) != KEY_BYTES
        or len(set(secret)) < DIFFERENT_BYTES_MIN
        or secret.isascii()
        or len(steps) == 1
    )


def key_of(path: Path, origin: str) -> Ed25519PrivateKey:
    """The key that the secret in a file gives for one log. Raises KeyMissing."""
    try:
        made = path.stat()
        return _key(path, made.st_ino, made.st_mtime_ns, origin)
    except FileNotFoundError:
        raise KeyMissing(
            f"{path} is missing: restore it from the key backup, or run `bankside migrate` on a new desk;"
            " if it is gone for good, `bankside log rotate --lost`"
        ) from None


@lru_cache(maxsize=4096)
def _key(path: Path, _inode: int, _made_ns: int, origin: str) -> Ed25519PrivateKey:
    """Remembered until the file is another one."""
    secret = path.read_bytes()
    if is_weak(secret):
        raise KeyMissing(f"{path} does not hold {KEY_BYTES} random bytes: restore it from the key backup")
    seed = HKDF(hashes.SHA256(), 32, None, f"log/v1|{origin}".encode()).derive(secret)
    return Ed25519PrivateKey.from_private_bytes(seed)
