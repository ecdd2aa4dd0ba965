"""The file of a backup, byte for byte (docs/operate/back-up.md has the format). Pure: no Django, no database.

    bankside-backup/1 <newline>
    parts, one after the other: its length in four bytes, big end first, and its ciphertext
    manifest: JSON in the clear; its length in four bytes; SHA-256 of everything before

A part is AES-256-GCM under the key of this one backup; its nonce is its number in the file, and its section
and place are bound in. The manifest says of each section where it lies and what its bytes hash to, so that
damage is found without the key and named. Memory: one part.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bankside.record.durable import sync_folder

FORMAT: Final = 1
MAGIC: Final = b"bankside-backup/1\n"
PART_BYTES_MIN: Final = 1_048_576  # a part is closed by the row that passes this
PART_BYTES_MAX: Final = 80_000_000  # files are cut; a row of a table is far smaller
MANIFEST_BYTES_MAX: Final = 4_000_000
READ_BYTES: Final = 1_048_576
DIGEST_BYTES: Final = 32
LENGTH_BYTES: Final = 4
TAG_BYTES: Final = 16

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class BackupWrong(ValueError):
    """The file is damaged, cut off or no backup; the message names the place."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table, or all files of one kind: where it lies in the file and what it holds."""

    name: str
    at: int
    bytes: int
    parts: int
    rows: int
    sha256: str


@dataclass(slots=True)
class Manifest:
    """What stands in the clear: which backup, of when and of which schema. It names nobody.

    `made_at` is in ms; `migrations` are the names that were applied, by app; `heads` are the published heads.
    """

    id: str
    made_at: int
    version: str
    database: str
    migrations: dict[str, list[str]]
    columns: dict[str, list[str]]
    heads: list[str]
    trust: str
    format: int = FORMAT
    sections: list[Section] = field(default_factory=list)

    def section(self, name: str) -> Section | None:
        """The section of that name; None when the backup has none."""
        return next((one for one in self.sections if one.name == name), None)


class Writer:
    """Writes sections, each a series of rows; `finish` closes the file with its manifest."""

    def __init__(self, file: BinaryIO, manifest: Manifest, key: bytes) -> None:
        self.manifest = manifest
        self.file, self._key, self._hash, self._at, self._parts = file, AESGCM(key), hashlib.sha256(), 0, 0
        self._put(MAGIC)

    def section(self, name: str, rows: Iterable[Any]) -> Section:
        """Writes rows (lists of numbers, texts, bytes and nothing) in parts of about a MiB."""
        at, first, count, digest = self._at, self._parts, 0, hashlib.sha256()
        part: list[msgspec.Raw] = []
        size = 0
        for row in rows:
            part.append(msgspec.Raw(packed := _encode(row)))
            size += len(packed)
            count += 1
            if size >= PART_BYTES_MIN:
                digest.update(self._part(name, self._parts - first, part))
                part, size = [], 0
        digest.update(self._part(name, self._parts - first, part, last=True))
        made = Section(name, at, self._at - at, self._parts - first, count, digest.hexdigest())
        self.manifest.sections.append(made)
        return made

    def finish(self) -> str:
        """Writes the manifest and the sum; the hex SHA-256 of the whole file."""
        text = json.dumps(asdict(self.manifest), sort_keys=True).encode()
        self._put(text + len(text).to_bytes(LENGTH_BYTES, "big"))
        self._put(self._hash.digest())
        self.file.flush()
        os.fsync(self.file.fileno())
        return self._hash.hexdigest()

    def _part(self, name: str, place: int, rows: list[msgspec.Raw], *, last: bool = False) -> bytes:
        context = _context(self.manifest.id, name, place, last)
        sealed = self._key.encrypt(_nonce(self._parts), _encode(rows), context)
        self._parts += 1
        whole = len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed
        self._put(whole)
        return whole

    def _put(self, data: bytes) -> None:
        self.file.write(data)
        self._hash.update(data)
        self._at += len(data)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup whose sums were checked. `digest` is the hex SHA-256 of the whole file."""

    path: Path
    manifest: Manifest
    digest: str

    def rows(self, name: str, key: bytes) -> Iterator[Any]:
        """The rows of a section; nothing when there is none. Raises BackupWrong with the place."""
        section = self.manifest.section(name)
        if section is None:
            return
        number = _first_part(self.manifest, section)
        with self.path.open("rb") as file:
            file.seek(section.at)
            for place in range(section.parts):
                at, sealed = file.tell(), _read_part(file)
                context = _context(self.manifest.id, name, place, place == section.parts - 1)
                yield from _opened(
                    key, number + place, sealed, context, f"{name}, bytes {at} to {file.tell()}"
                )

    def check_all(self, key: bytes) -> int:
        """Opens every part and counts the rows; raises BackupWrong. Nothing is kept."""
        total = 0
        for section in self.manifest.sections:
            found = sum(1 for _ in self.rows(section.name, key))
            if found != section.rows:
                raise BackupWrong(f"{section.name} has {found} rows, not {section.rows}")
            total += found
        return total


def read(path: Path) -> Backup:
    """Checks the sums of the whole file, without any key; raises BackupWrong with the place that differs."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BackupWrong(
                f"{path} does not begin like a backup of this version (bytes 0 to {len(MAGIC)})"
            )
        manifest, at = _manifest(file, path, size)
        file.seek(size - DIGEST_BYTES)
        told, found = file.read(DIGEST_BYTES), _sum(file, 0, size - DIGEST_BYTES)
        if found.digest() != told:
            raise BackupWrong(f"{path} is damaged: {_damage(file, manifest, at, size)}")
    found.update(told)
    return Backup(path, manifest, found.hexdigest())


def _manifest(file: BinaryIO, path: Path, size: int) -> tuple[Manifest, int]:
    end = size - DIGEST_BYTES - LENGTH_BYTES
    wrong = f"{path} is cut off or its end is damaged (the manifest before byte {size})"
    if end < len(MAGIC):
        raise BackupWrong(wrong)
    file.seek(end)
    length = int.from_bytes(file.read(LENGTH_BYTES), "big")
    if length > min(MANIFEST_BYTES_MAX, end - len(MAGIC)):
        raise BackupWrong(wrong)
    file.seek(end - length)
    text = file.read(length)
    try:
        return msgspec.json.decode(text, type=Manifest), end - length
    except msgspec.DecodeError:
        raise BackupWrong(wrong) from None


def _damage(file: BinaryIO, manifest: Manifest, end: int, size: int) -> str:
    """The sections whose bytes are not those that were written, or else the manifest."""
    found = [
        f"{one.name} (bytes {one.at} to {one.at + one.bytes})"
        for one in manifest.sections
        if _sum(file, one.at, one.at + one.bytes).hexdigest() != one.sha256
    ]
    return ", ".join(found) or f"its manifest (bytes {end} to {size})"


def _sum(file: BinaryIO, start: int, stop: int) -> Any:
    digest = hashlib.sha256()
    file.seek(start)
    while start < stop and (data := file.read(min(READ_BYTES, stop - start))):
        digest.update(data)
        start += len(data)
    return digest


def _first_part(manifest: Manifest, section: Section) -> int:
    return sum(one.parts for one in manifest.sections if one.at < section.at)


def _read_part(file: BinaryIO) -> bytes:
    length = int.from_bytes(file.read(LENGTH_BYTES), "big")
    return file.read(length) if TAG_BYTES <= length <= PART_BYTES_MAX + TAG_BYTES else b""


def _opened(key: bytes, number: int, sealed: bytes, context: bytes, place: str) -> Iterator[Any]:
    try:
        packed = AESGCM(key).decrypt(_nonce(number), sealed, context)
    except (InvalidTag, ValueError):
        raise BackupWrong(f"{place}: does not open with the key of its keys' file") from None
    yield from _decode(packed)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _context(id_: str, name: str, place: int, last: bool) -> bytes:
    return f"{id_}|{name}|{place}|{int(last)}".encode()


@contextmanager
def fresh(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A new file beside `path`, which takes its name at the end, durably; gone when anything went wrong.

    A process that is killed leaves the unfinished one, `<name>.unfinished`, which the next backup overwrites.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)  # refuses to replace
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)
