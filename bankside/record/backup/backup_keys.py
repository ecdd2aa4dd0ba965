"""The keys' file of a backup: what opens it, and the key files of the desk. Small, apart, and soon destroyed.

The backup is one ciphertext under a key that stands here and nowhere else, so that destroying this file
destroys the backup with every copy of it (decision 25). At most 30 days later that has to be done.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings

from bankside.record.backup.backup_file import fresh
from bankside.record.keys import KEY_BYTES
from bankside.record.log_secret import before_of

FORMAT: Final = "bankside-keys/1"
LIFE_DAYS_MAX: Final = 30
DAY_MS: Final = 86_400_000
FILE_BYTES_MAX: Final = 4_000_000
KEY_FILE_BYTES_MAX: Final = 65_536
# Files of the desk that the settings may put elsewhere, by the name that they have in a keys' file.
KEK, SALT, LOG, LOG_BEFORE = "kek", "kek.salt", "log", "log.before"
UNFINISHED: Final = ".new"


class KeysWrong(ValueError):
    """The keys' file is damaged, or belongs to another backup."""


class KeysTooOld(KeysWrong):
    """The keys' file should have been destroyed by now."""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What a keys' file holds. `sha256` is that of the whole backup; `files` are key files, in base64."""

    format: str
    backup: str
    made_at: int
    until: int
    sha256: str
    key: str
    files: dict[str, str]

    @property
    def secret(self) -> bytes:
        """The 32-byte key of the backup."""
        return base64.b64decode(self.key)


def new_key() -> bytes:
    """A key for one backup."""
    return secrets.token_bytes(KEY_BYTES)


def write(path: Path, *, backup: str, made_at: int, sha256: str, key: bytes) -> Keys:
    """Writes the keys' file, durably and for its owner alone."""
    made = Keys(
        format=FORMAT, backup=backup, made_at=made_at, until=made_at + LIFE_DAYS_MAX * DAY_MS, sha256=sha256,
        key=base64.b64encode(key).decode(),
        files={name: base64.b64encode(_limited(file)).decode() for name, file in _there()},
    )  # fmt: skip
    text = json.dumps({"keys": msgspec.to_builtins(made), "sha256": _sum(made)}, indent=1, sort_keys=True)
    with fresh(path, 0o400) as file:
        file.write(text.encode() + b"\n")
    return made


def read(path: Path) -> Keys:
    """A keys' file that is whole; raises KeysWrong."""
    if path.stat().st_size > FILE_BYTES_MAX:
        raise KeysWrong(f"{path} is no keys' file: it has more than {FILE_BYTES_MAX} bytes")
    try:
        told = msgspec.json.decode(path.read_bytes())
        keys = msgspec.convert(told["keys"], Keys)
        whole = told["sha256"] == _sum(keys) and keys.format == FORMAT and len(keys.secret) == KEY_BYTES
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        whole = False
    if not whole:
        raise KeysWrong(f"{path} is damaged, or no keys' file of this version")
    return keys


def check(keys: Keys, *, backup: str, sha256: str, now: int, old: bool = False) -> None:
    """Whether these keys are of that backup, and not older than they may be; `old` lets them be."""
    if (keys.backup, keys.sha256) != (backup, sha256):
        raise KeysWrong("The keys' file belongs to another backup: each backup has one of its own.")
    if now > keys.until and not old:
        raise KeysTooOld(
            f"The keys' file is older than {LIFE_DAYS_MAX} days and should have been destroyed: what was"
            " erased since may be in this backup. If there is nothing newer, say --old-keys, and give the"
            " newest log."
        )


def place(keys: Keys) -> None:
    """Puts the key files where this desk looks for them, durably; what lies there is replaced."""
    for name, text in sorted(keys.files.items()):
        file = _place_of(name)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as out:
            out.write(base64.b64decode(text))
            out.flush()
            os.fsync(out.fileno())


def differ(keys: Keys) -> list[Path]:
    """Key files that lie where these would, and are others."""
    wanted = {_place_of(name): base64.b64decode(text) for name, text in keys.files.items()}
    return sorted(file for file, data in wanted.items() if file.exists() and file.read_bytes() != data)


def _there() -> Iterator[tuple[str, Path]]:
    """The key files of this desk, those first that the settings name."""
    named = {name: _place_of(name) for name in (KEK, SALT, LOG, LOG_BEFORE)}
    yield from ((name, file) for name, file in named.items() if file.is_file())
    for file in sorted((settings.DATA / "keys").glob("*")):
        if file.is_file() and file not in named.values() and _is_other_key(file.name, named):
            yield file.name, file


def _is_other_key(name: str, named: Container[str]) -> bool:
    return not name.startswith(".") and not name.endswith(UNFINISHED) and name not in named


def _place_of(name: str) -> Path:
    if "/" in name or name.startswith(".") or not name:
        raise KeysWrong(f"{name!r} is no name of a key file")
    log: Path = settings.LOG_KEY_FILE
    kek: Path = settings.KEK_FILE
    salt = kek.with_name(f"{kek.name}.salt")
    named: dict[str, Path] = {KEK: kek, SALT: salt, LOG: log, LOG_BEFORE: before_of(log)}
    return named.get(name, settings.DATA / "keys" / name)


def _limited(file: Path) -> bytes:
    data = file.read_bytes()
    if len(data) > KEY_FILE_BYTES_MAX:
        raise KeysWrong(f"{file} has more than {KEY_FILE_BYTES_MAX} bytes and is no key")
    return data


def _sum(keys: Keys) -> str:
    plain: Any = json.dumps(msgspec.to_builtins(keys), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()
