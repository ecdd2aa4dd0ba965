"""Makes proofs from the tiles of a published log: an entry's, and that the log only grew.

Pure: no Django and no database. Each tile is read once for a proof, straight from the disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bankside.record.log.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    consistency_proof,
    inclusion_proof,
    node_hash,
    root_of,
)
from bankside.record.log.proofs import EntryProof, Growth, head_bytes, head_of
from bankside.record.log.tiles import CHECKPOINT, Folder, Head, tile_path, unpack


class NotThere(LookupError):
    """The published log has no such entry, or not yet."""


@dataclass
class Reader:
    """The tiles of a log of `size` entries, each read once at most."""

    folder: Folder
    size: int
    _read: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def node(self, height: int, index: int) -> bytes:
        """MTH(D[index*2^height : (index+1)*2^height]); LookupError when its tile is not there."""
        level, rest = divmod(height, TILE_HEIGHT)
        number, place = divmod(index << rest, TILE_WIDTH)
        tile = self._read.get((level, number))
        if tile is None:
            tile = self._read[level, number] = self.folder.tile(self.size, level, number)
        return root_of([tile[place * HASH_BYTES : (place + (1 << rest)) * HASH_BYTES]])

    def root(self, size: int) -> bytes:
        """The root of the first `size` entries, at most as many as the log has."""
        hashes, start = [], 0
        for height in reversed(range(size.bit_length())):
            if size >> height & 1:
                hashes.append(self.node(height, start >> height))
                start += 1 << height
        return _folded(hashes)


def prove_entry(folder: Folder, index: int, under: bytes | None = None) -> EntryProof:
    """The proof of an entry under the head that the folder shows, or under an earlier one that is given.

    Raises NotThere when the head does not reach it, because it is not published yet.
    """
    checkpoint, head = shown(folder) if under is None else (under, head_of(under))
    if not 0 <= index < head.size:
        raise NotThere(f"the published log has {head.size} entries: none has the index {index}")
    node = Reader(folder, head.size).node
    return EntryProof(index, tuple(inclusion_proof(node, index, head.size)), checkpoint)


def prove_growth(folder: Folder, old: int, new: int | None = None) -> Growth:
    """The proof from `old` to `new` entries; left out, `new` is the size of the head that the folder shows.

    A size other than the head's has no signed head: then the proof holds its three lines unsigned.
    """
    checkpoint, head = shown(folder)
    new = head.size if new is None else new
    if not 0 <= old <= new <= head.size:
        raise NotThere(f"the published log has {head.size} entries: {old} to {new} is no part of its growth")
    reader = Reader(folder, head.size)
    if new != head.size:
        checkpoint = head_bytes(Head(head.origin, new, reader.root(new)))
    return Growth(old, tuple(consistency_proof(reader.node, old, new)), checkpoint)


def leaf_at(folder: Folder, index: int) -> bytes:
    """The bytes of an entry from its bundle; raises NotThere or BundleWrong."""
    _, head = shown(folder)
    if not 0 <= index < head.size:
        raise NotThere(f"the published log has {head.size} entries: none has the index {index}")
    number, place = divmod(index, TILE_WIDTH)
    width = min(TILE_WIDTH, head.size - number * TILE_WIDTH)
    return unpack(folder.read(tile_path(-1, number, width)) or b"", width)[place]


def shown(folder: Folder) -> tuple[bytes, Head]:
    """The `checkpoint` of a folder and the head in it; raises NotThere or HeadWrong."""
    checkpoint = folder.read(CHECKPOINT)
    if checkpoint is None:
        raise NotThere(f"no log is published in {folder.path}: run `bankside log publish`")
    return checkpoint, head_of(checkpoint)


def _folded(hashes: list[bytes]) -> bytes:
    """The root over complete subtrees of falling size, the last two first."""
    root = hashes[-1] if hashes else EMPTY_ROOT
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root
