"""The list of all files of a package, each with its size and SHA-256. Pure.

JSON, one file a line, sorted by path as bytes, so that it is written and read without holding all of it.
What vouches for it is an entry of the record that names its SHA-256 (`manifest.leaf`), with that entry's
proof (`manifest.tlog-proof`): the head in it is signed by the log, and by witnesses where there are any.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

NAME, LEAF, PROOF = "manifest.json", "manifest.leaf", "manifest.tlog-proof"
OUTSIDE: Final = frozenset({NAME, LEAF, PROOF})
"""Files that the manifest cannot name."""
LINE_BYTES_MAX: Final = 16_384
PART_BYTES: Final = 1 << 20
_PATH: Final = re.compile(r"(?!.*(?:^|/)\.)[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_HASH: Final = re.compile("[0-9a-f]{64}")
_encode = msgspec.json.Encoder(order="sorted").encode


class ManifestWrong(ValueError):
    """The manifest is not in its form; the message names the line."""


class Listed(NamedTuple):
    """A file as the manifest names it."""

    path: str
    size: int
    sha256: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    sha256: str
    size: int


def write(folder: Path, about: dict[str, Any]) -> Iterator[Listed]:
    """Writes the manifest of everything in the folder, and gives each file as it is hashed."""
    with (folder / NAME).open("wb") as file:
        file.write(b'{"files":[\n')
        before = b""
        for path in paths_in(folder):
            if path in OUTSIDE:
                continue
            listed = Listed(path, *measured(f"{folder}/{path}"))
            file.write(before + line_of(listed))
            before = b",\n"
            yield listed
        file.write(b'\n],"package":' + _encode(about) + b"}\n")


def line_of(listed: Listed) -> bytes:
    """The line of a file, without what follows it."""
    return _encode({"path": listed.path, "size": listed.size, "sha256": listed.sha256})


class Reading:
    """Reads a manifest line by line; `about` and `sha256` (hex, of all its bytes) are there at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hash = hashlib.sha256()
        self.about: dict[str, Any] = {}

    @property
    def sha256(self) -> str:
        """Of what was read so far."""
        return self._hash.hexdigest()

    def files(self) -> Iterator[Listed]:
        """Every file, in order; raises ManifestWrong at the first line that is not as it is written."""
        with self._path.open("rb") as lines:
            if self._line(lines, 1) != b'{"files":[\n':
                raise ManifestWrong("line 1 is not how a manifest begins")
            number, before = 1, ""
            while True:
                number += 1
                line = self._line(lines, number)
                if line.startswith(b'],"package":'):
                    self._end(line, number, lines.read(1))
                    return
                listed = self._file(line, number)
                if before.encode() >= listed.path.encode():
                    raise ManifestWrong(f"line {number} is not in the order of paths")
                before = listed.path
                yield listed

    def digest(self) -> str:
        """SHA-256 (hex) of the whole file, whatever is in it."""
        return measured(self._path)[1]

    def _line(self, lines: Any, number: int) -> bytes:
        line: bytes = lines.readline(LINE_BYTES_MAX)
        if not line.endswith(b"\n"):
            raise ManifestWrong(f"line {number} is cut off or too long")
        self._hash.update(line)
        return line

    def _file(self, line: bytes, number: int) -> Listed:
        told = line.removesuffix(b"\n").removesuffix(b",")
        try:
            found = msgspec.json.decode(told, type=_File)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise ManifestWrong(f"line {number} does not name a file") from None
        listed = Listed(found.path, found.size, found.sha256)
        right = is_path(listed.path) and _HASH.fullmatch(listed.sha256) and listed.size >= 0
        if not right or listed.path in OUTSIDE or line_of(listed) != told:
            raise ManifestWrong(f"line {number} is not written as the line of a file is")
        return listed

    def _end(self, line: bytes, number: int, more: bytes) -> None:
        body = line.removeprefix(b'],"package":').removesuffix(b"}\n")
        try:
            self.about = msgspec.json.decode(body, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise ManifestWrong(f"line {number} does not say what the package is") from None
        if more or _encode(self.about) != body:
            raise ManifestWrong(f"line {number} is not how a manifest ends")


def is_path(path: str) -> bool:
    """Whether this may be the path of a file of a package: plain names, none hidden, none that leads out."""
    return _PATH.fullmatch(path) is not None


def measured(path: Path | str) -> tuple[int, str]:
    """Size and SHA-256 (hex) of a file, read in parts of a MiB."""
    size, hash_ = 0, hashlib.sha256()
    file = os.open(path, os.O_RDONLY)
    try:
        while part := os.read(file, PART_BYTES):
            size += len(part)
            hash_.update(part)
    finally:
        os.close(file)
    return size, hash_.hexdigest()


def paths_in(folder: Path) -> Iterator[str]:
    """The paths of all files in a folder, sorted as bytes, one folder at a time in memory.

    What is neither file nor folder, such as a link, is named too: no manifest names it.
    """
    yield from _paths_in(str(folder), "")


def _paths_in(folder: str, before: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        found = [(one.name, one.is_dir(follow_symlinks=False)) for one in entries]
    told = [
        (f"{before}{name}/" if is_folder else f"{before}{name}", name, is_folder) for name, is_folder in found
    ]
    for path, name, is_folder in sorted(told, key=lambda one: os.fsencode(one[0])):
        if is_folder:
            yield from _paths_in(f"{folder}/{name}", path)
        else:
            yield path
