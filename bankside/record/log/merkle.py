"""The Merkle tree of RFC 6962 / RFC 9162 with SHA-256: roots, proofs and their verification.

Hashes are 32 bytes. A tree of n leaves splits at the largest power of two below n.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from bankside.record.log.leaf import leaf_hash as leaf_hash

HASH_BYTES: Final = 32
TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

# Reads MTH(D[i*2^h : (i+1)*2^h]) from wherever the tree is kept, given (h, i).
Node = Callable[[int, int], bytes]


class ProofWrong(ValueError):
    """The proof does not show what it claims. Nothing is to be believed of it."""


class FullTile(NamedTuple):
    """256 finished hashes of one tile level: `data` is the 8,192 bytes of tile `number` of `level`."""

    level: int
    number: int
    data: bytes


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of a one byte and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Iterable[bytes]) -> bytes:
    """MTH over leaf hashes (or over the roots of equally large complete subtrees, in order)."""
    row = b"".join(hashes)
    return _root(row) if row else EMPTY_ROOT


def _root(row: bytes) -> bytes:
    """Pairs neighbours until one is left; an odd last one moves up, which is RFC 6962's split."""
    sha256 = hashlib.sha256
    while len(row) > HASH_BYTES:
        odd = row[len(row) - len(row) % 64 :]
        pairs = struct.unpack(f"{len(row) // 64 * '64s'}{len(odd)}x", row)
        row = b"".join([sha256(b"\x01" + pair).digest() for pair in pairs]) + odd
    return row


class Tree:
    """A growing tree that keeps only its unfinished tiles: at most 255 hashes a level.

    `edge[level]` holds the hashes of the unfinished tile of that level; finished tiles are handed out
    by `extend`. Memory does not grow with the number of leaves.
    """

    def __init__(self, size: int = 0, edge: Iterable[bytes | bytearray] = ()) -> None:
        """An empty tree, or one that goes on from the unfinished tiles of `size` leaves."""
        self.size = size
        self.edge = [bytearray(hashes) for hashes in edge]
        if [len(hashes) // HASH_BYTES for hashes in self.edge] != edge_widths(size):
            raise ValueError(f"these unfinished tiles are not those of a tree of {size} leaves")

    def extend(self, leaf_hashes: Iterable[bytes]) -> list[FullTile]:
        """Appends leaf hashes in order; returns the tiles that became full, lowest level first each time."""
        return self.extend_joined(b"".join(leaf_hashes))

    def extend_joined(self, joined: bytes) -> list[FullTile]:
        """The same for hashes that lie one after the other in one bytes value."""
        if len(joined) % HASH_BYTES:
            raise ValueError("leaf hashes have 32 bytes each")
        done: list[FullTile] = []
        start = 0
        while start < len(joined):
            room = TILE_WIDTH - self.size % TILE_WIDTH
            part = joined[start : start + room * HASH_BYTES]
            start += len(part)
            self._take(part, done)
        return done

    def root(self) -> bytes:
        """MTH of all leaves so far, folded from the unfinished tiles."""
        below = b""
        for hashes in self.edge:
            if hashes or below:
                below = _root(bytes(hashes) + below)
        return below or EMPTY_ROOT

    def copy(self) -> Tree:
        """An independent tree of the same leaves."""
        return Tree(self.size, self.edge)

    def _take(self, part: bytes, done: list[FullTile]) -> None:
        """Adds at most what the lowest tile has room for, and carries full tiles upward."""
        index, level = self.size // TILE_WIDTH, 0
        self.size += len(part) // HASH_BYTES
        while part:
            if level == len(self.edge):
                self.edge.append(bytearray())
            hashes = self.edge[level]
            hashes += part
            if len(hashes) < TILE_WIDTH * HASH_BYTES:
                return
            data, part = bytes(hashes), _root(bytes(hashes))
            hashes.clear()
            done.append(FullTile(level, index, data))
            index, level = index // TILE_WIDTH, level + 1


def edge_widths(size: int) -> list[int]:
    """Hashes in the unfinished tile of each level, lowest first: floor(size / 256^level) mod 256."""
    widths = []
    while size:
        widths.append(size % TILE_WIDTH)
        size //= TILE_WIDTH
    return widths


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """The path of leaf `index` in the tree of `size` leaves, the leaf's sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range(node, middle, end))
            end = middle
        else:
            path.append(_range(node, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """The hashes that show that the tree of `old` leaves is the beginning of the tree of `new` leaves."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not begin with one of {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range(node, middle, end))
            end = middle
        else:
            path.append(_range(node, start, middle))
            start, whole = middle, False
    return [*([] if whole else [_range(node, start, end)]), *path[::-1]]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Checks that the leaf hash is number `index` of the tree with this size and root; ProofWrong if not."""
    if not 0 <= index < size:
        raise ProofWrong(f"a tree of {size} leaves has no leaf {index}")
    fn, sn, reached = index, size - 1, leaf
    for hash_ in path:
        fn, sn, left = _step(fn, sn)
        reached = node_hash(hash_, reached) if left else node_hash(reached, hash_)
    if sn != 0 or reached != root:
        raise ProofWrong("the path does not lead from the leaf to the root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Checks that the new tree only adds to the old one; ProofWrong if that is not shown."""
    if not 0 <= old <= new:
        raise ProofWrong(f"a tree of {new} leaves does not begin with one of {old}")
    if old in (0, new):
        if path or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise ProofWrong(
                "trees that are equal, or begin with nothing, have an empty proof and these roots"
            )
        return
    if not path:
        raise ProofWrong("the proof is empty")
    _walk(old, new, old_root, new_root, [old_root, *path] if old & (old - 1) == 0 else path)


def _walk(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for hash_ in path[1:]:
        fn, sn, left = _step(fn, sn)
        if left:
            fr, sr = node_hash(hash_, fr), node_hash(hash_, sr)
        else:
            sr = node_hash(sr, hash_)
    if sn != 0 or fr != old_root or sr != new_root:
        raise ProofWrong("the new tree is not shown to begin with the old one")


def _step(fn: int, sn: int) -> tuple[int, int, bool]:
    """One hash of a path: the next (fn, sn), and whether the hash goes to the left."""
    if sn == 0:
        raise ProofWrong("the path is too long")
    left = bool(fn & 1) or fn == sn
    if left:
        while fn & 1 == 0 and fn != 0:
            fn, sn = fn >> 1, sn >> 1
    return fn >> 1, sn >> 1, left


def _range(node: Node, start: int, end: int) -> bytes:
    """MTH(D[start:end]) from complete subtrees; `start` is a multiple of the largest of them."""
    width = end - start
    if width & (width - 1) == 0:
        height = width.bit_length() - 1
        return node(height, start >> height)
    middle = start + _split(width)
    return node_hash(_range(node, start, middle), _range(node, middle, end))


def _split(width: int) -> int:
    """The largest power of two below `width` (at least 2)."""
    return 1 << (width - 1).bit_length() - 1
