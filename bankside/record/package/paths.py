"""Proofs for many entries of one log under one head. Every node of the tree is computed once, or nearly so.

Pure: no Django and no database. What is remembered has a limit, so that a log of any size fits into memory.
"""

from __future__ import annotations

from typing import Final

from bankside.record.log.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, inclusion_proof, node_hash
from bankside.record.log.proofs import EntryProof
from bankside.record.log.tiles import Folder, Head

NODES_MAX: Final = 65_536
TILES_MAX: Final = 256


class Paths:
    """Makes the proofs of entries of a log, best asked for in order."""

    def __init__(self, folder: Folder, head: Head, checkpoint: bytes) -> None:
        self.head, self.checkpoint = head, checkpoint
        self._folder = folder
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._tiles: dict[tuple[int, int], bytes] = {}

    def proof(self, index: int) -> EntryProof:
        """Of one entry; LookupError when a tile is missing or cut off."""
        return EntryProof(index, tuple(inclusion_proof(self._node, index, self.head.size)), self.checkpoint)

    def leaf_hash(self, index: int) -> bytes:
        """What the published log has at this place."""
        return self._node(0, index)

    def _node(self, height: int, index: int) -> bytes:
        known = self._nodes.get((height, index))
        if known is None:
            if len(self._nodes) >= NODES_MAX:
                self._nodes.clear()
            known = self._nodes[height, index] = self._made(height, index)
        return known

    def _made(self, height: int, index: int) -> bytes:
        level, rest = divmod(height, TILE_HEIGHT)
        if rest:
            return node_hash(self._node(height - 1, 2 * index), self._node(height - 1, 2 * index + 1))
        number, place = divmod(index, TILE_WIDTH)
        return self._tile(level, number)[place * HASH_BYTES : (place + 1) * HASH_BYTES]

    def _tile(self, level: int, number: int) -> bytes:
        known = self._tiles.get((level, number))
        if known is None:
            if len(self._tiles) >= TILES_MAX:
                self._tiles.clear()
            known = self._tiles[level, number] = self._folder.tile(self.head.size, level, number)
        return known
