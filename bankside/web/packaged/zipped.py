"""A package as one ZIP file, made while it is sent: nothing of it is kept, whatever its size."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bankside.record.package import manifest

PART_BYTES: Final = 1 << 20
DEFLATED: Final = frozenset({".jsonl", ".csv", ".dat", ".xml", ".html", ".txt", ".json", ".css"})
LEVEL: Final = 1
TIME: Final = (2026, 1, 1, 0, 0, 0)
"""Of every file in the ZIP; what was when, the record says."""


class CutOff(RuntimeError):
    """Whoever takes the package may not any more, or it was deleted: the file ends in the middle."""


def zipped(folder: Path, name: str, may_go_on: Callable[[], bool]) -> Iterator[bytes]:
    """The bytes of the ZIP; everything lies in a folder of this name. Asks before every part of it whether it
    may go on, also inside a large file, and breaks off with CutOff."""
    for part in _parts(folder, name):
        if not may_go_on():
            raise CutOff(f"package {name} is not given any further")
        yield part


def _parts(folder: Path, name: str) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", allowZip64=True) as archive:  # type: ignore[call-overload]
        for path in manifest.paths_in(folder):
            yield from _one(archive, folder / path, f"{name}/{path}", sink)
    yield sink.taken()


def _one(archive: zipfile.ZipFile, file: Path, name: str, sink: _Sink) -> Iterator[bytes]:
    about = zipfile.ZipInfo(name, TIME)
    about.compress_type = zipfile.ZIP_DEFLATED if file.suffix in DEFLATED else zipfile.ZIP_STORED
    about._compresslevel = LEVEL  # type: ignore[attr-defined]
    about.external_attr = 0o600 << 16
    about.file_size = file.stat().st_size
    with file.open("rb") as source, archive.open(about, "w") as target:
        while part := source.read(PART_BYTES):
            target.write(part)
            if sink.size >= PART_BYTES:
                yield sink.taken()
    if sink.size >= PART_BYTES:
        yield sink.taken()


class _Sink:
    """What the archive has written and nobody has sent yet. It cannot go back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._told = self.size = 0

    def write(self, data: bytes) -> int:
        """Takes what the archive writes."""
        self._parts.append(bytes(data))
        self.size += len(data)
        self._told += len(data)
        return len(data)

    def tell(self) -> int:
        """How many bytes there were."""
        return self._told

    def flush(self) -> None:
        """Nothing to do."""

    def seekable(self) -> bool:
        """It is not."""
        return False

    def taken(self) -> bytes:
        """What has come since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return data
