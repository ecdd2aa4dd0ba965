"""What the published log knows that a backup does not: erasures decided after it, and how much is lost.

The log holds no personal data, so that copies of it may lie anywhere; it is believed only when it verifies
with the keys of the desk and goes on from the heads that are in the backup. Pure: no Django, no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bankside.record.log.leaf import parse
from bankside.record.log.proofs import head_of
from bankside.record.log.proving import Reader
from bankside.record.log.tiles import CHECKPOINT, Folder, Head, parts_of, unpack
from bankside.record.log.trust import Trust
from bankside.record.log.verify import verify_folder

ERASE: Final = b'"type":"erase"'
NAMED_MAX: Final = 3


class LogNotBelieved(RuntimeError):
    """The log does not verify, or is not the one that the backup goes on in."""


@dataclass(frozen=True)
class Newer:
    """`erasures` are erase leaves, canonical bytes; `sizes` the entries of each log by its name."""

    erasures: tuple[bytes, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)

    def ahead(self, known: dict[str, int]) -> dict[str, int]:
        """How many entries each log has that are not among so many known ones."""
        lost = {origin: size - known.get(origin, 0) for origin, size in self.sizes.items()}
        return {origin: count for origin, count in lost.items() if count > 0}


def is_there(folder: Path) -> bool:
    """Whether a log lies there."""
    return any(True for _ in _logs(folder))


def look(folder: Path, trust: Trust | None, heads: Iterable[Head]) -> Newer:
    """Checks every file of the log, then that it goes on from `heads`, and takes its erasures.

    `trust` are the keys that may sign. Raises LogNotBelieved with the place.
    """
    report = verify_folder(folder, trust)
    if report.problems:
        named = "; ".join(f"{place}: {what}" for place, what in report.problems[:NAMED_MAX])
        raise LogNotBelieved(f"The log in {folder} does not verify: {named}")
    found = {head.origin: (log, head) for log, head in _logs(folder)}
    for old in heads:
        _goes_on(folder, found, old)
    erasures = tuple(leaf for log, head in found.values() for leaf in _erasures(log, head))
    return Newer(erasures, {origin: head.size for origin, (_, head) in found.items()})


def _goes_on(folder: Path, found: dict[str, tuple[Folder, Head]], old: Head) -> None:
    if old.origin not in found:
        raise LogNotBelieved(f"In {folder} there is no log {old.origin}, of which the backup has a head.")
    log, head = found[old.origin]
    if head.size < old.size:
        raise LogNotBelieved(
            f"The log {old.origin} in {folder} has {head.size} entries and the backup {old.size}:"
            " give a newer copy of the log."
        )
    if Reader(log, head.size).root(old.size) != old.root:
        raise LogNotBelieved(f"The log {old.origin} in {folder} does not go on from the head in the backup.")


def _logs(folder: Path) -> Iterator[tuple[Folder, Head]]:
    for file in sorted(folder.rglob(CHECKPOINT)):
        if ".new" not in file.relative_to(folder).parts:
            yield Folder(file.parent, file.parent), head_of(file.read_bytes())


def _erasures(log: Folder, head: Head) -> Iterator[bytes]:
    for part in parts_of(head.size):
        if part.level < 0:
            for leaf in unpack(log.read(part.path) or b"", part.width):
                if ERASE in leaf and parse(leaf)["type"] == "erase":
                    yield leaf
