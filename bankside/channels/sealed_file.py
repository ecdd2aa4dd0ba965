"""Files of the media folder: ciphertext named by its own SHA-256, under a key that is used for one file only.

The key hangs on a subject's key and on a salt that is kept elsewhere. Without either, the file says nothing.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from bankside.record import subjects
from bankside.record.durable import make_folder, sync_folder

_NONCE_ONCE = bytes(12)  # a key of one picture encrypts exactly one file


class Damaged(RuntimeError):
    """The file is missing or is not the one that was stored."""


def keep(content: bytes, *, obj: str, subj: str, salt: bytes) -> str:
    """Writes the content for good and returns the SHA-256 (hex) that names it.

    `obj` (32 hex) and `salt` (32 bytes, new each time) make the key; raises subjects.Forgotten.
    """
    sealed = AESGCM(_key(obj, subj, salt)).encrypt(_NONCE_ONCE, content, obj.encode())
    digest = hashlib.sha256(sealed).hexdigest()
    _write(_path(digest), sealed)
    return digest


def read(digest: str, *, obj: str, subj: str, salt: bytes) -> bytes:
    """The content again. Raises Damaged, and subjects.Forgotten after an erasure."""
    key = _key(obj, subj, salt)
    try:
        return AESGCM(key).decrypt(_NONCE_ONCE, _path(digest).read_bytes(), obj.encode())
    except FileNotFoundError:
        raise Damaged(f"The file of picture {obj} is missing: restore it from the backup.") from None
    except InvalidTag:
        raise Damaged(f"The file of picture {obj} was changed: restore it from the backup.") from None


def trouble(digest: str) -> str:
    """What is wrong with the file, as far as can be said without its key; empty when it is as it was."""
    try:
        with _path(digest).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "is missing"
    return "" if found == digest else "was changed"


def drop(digest: str) -> bool:
    """Deletes the file; False when there is none."""
    try:
        _path(digest).unlink()
    except FileNotFoundError:
        return False
    return True


def _key(obj: str, subj: str, salt: bytes) -> bytes:
    derived = HKDF(hashes.SHA256(), 32, salt, b"med/v1|" + obj.encode())
    return derived.derive(subjects.key_of(subj))


def _path(digest: str) -> Path:
    return Path(settings.MEDIA_FOLDER) / digest[:2] / digest


def _write(path: Path, content: bytes) -> None:
    """On the disk for good before a row names it: file, then its name, then the folder."""
    make_folder(path.parent, 0o700)
    temporary = path.with_name(f".{secrets.token_hex(8)}")
    with temporary.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    sync_folder(path.parent)
