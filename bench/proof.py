"""Proving one entry out of the tiles of a large log: no tile is remembered from one proof to the next."""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bankside.record.log.merkle import Tree
from bankside.record.log.proving import prove_entry
from bankside.record.log.tiles import Folder, head_text, parts_of, tile_path

PROOFS = 1_000
BATCH = 65_536
ORIGIN = "record.bank.example/log/0/2026"


def measure(size: int) -> dict[str, float]:
    """Proves entries of a log of `size`, no tile in memory: `proof-p50`, `proof-p99` in ms of the processor
    and `proof-wall-p99` in ms, tiles in the system's cache; `proof-disk-p99` without. `proof-ratio` is the
    median of the last in times of reading and hashing the same tiles from the disk, in the same run."""
    with tempfile.TemporaryDirectory(prefix="bankside-bench-") as made:
        folder = Folder(Path(made) / "log", Path(made) / ".new")
        levels = _write(folder, size)
        chance = random.Random(1)
        indexes = [chance.randrange(size) for _ in range(PROOFS)]
        from_disk, bare, cached, processor = [], [], [], []
        for index in indexes:
            _forget(folder, index, levels)
            from_disk.append(_seconds(partial(prove_entry, folder, index)))
            started = time.process_time()
            cached.append(_seconds(partial(prove_entry, folder, index)))
            processor.append(time.process_time() - started)
            _forget(folder, index, levels)
            bare.append(_seconds(partial(_read, folder, index, levels)))
    return {
        "proof-p50": _percentile(processor, 50) * 1000,
        "proof-p99": _percentile(processor, 99) * 1000,
        "proof-wall-p99": _percentile(cached, 99) * 1000,
        "proof-disk-p99": _percentile(from_disk, 99) * 1000,
        "proof-ratio": _percentile(from_disk, 50) / _percentile(bare, 50),
    }


def _write(folder: Folder, size: int) -> int:
    """The tiles of a log of that many entries, without the entries: no proof reads those."""
    tree = Tree()
    for start in range(0, size, BATCH):
        hashes = [hashlib.sha256(b"%d" % n).digest() for n in range(start, min(size, start + BATCH))]
        for full in tree.extend(hashes):
            _put(folder.path / tile_path(full.level, full.number), full.data)
    for part in parts_of(size):
        if part.level >= 0 and part.width < 256:
            _put(folder.path / part.path, bytes(tree.edge[part.level]))
    _put(folder.path / "checkpoint", head_text(ORIGIN, size, tree.root()).encode())
    os.sync()
    return len(tree.edge)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _read(folder: Folder, index: int, levels: int) -> None:
    """What no proof can do without: the tiles over the entry, each read and hashed once."""
    for path in _tiles(folder, index, levels):
        hashlib.sha256(path.read_bytes()).digest()


def _tiles(folder: Folder, index: int, levels: int) -> list[Path]:
    paths = [folder.path / tile_path(level, index >> 8 * (level + 1)) for level in range(levels)]
    return [path for path in paths if path.exists()] + [folder.path / "checkpoint"]


def _forget(folder: Folder, index: int, levels: int) -> None:
    """Takes the tiles out of the disk's cache, as far as the system lets us."""
    for path in _tiles(folder, index, levels):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _percentile(seconds: list[float], per_cent: int) -> float:
    return sorted(seconds)[len(seconds) * per_cent // 100]
