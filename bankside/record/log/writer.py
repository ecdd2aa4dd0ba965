"""Writes the files of a log: bundles and tiles, each read back and checked before a head is asked for.

Pure: no Django and no database; where the leaves come from is the caller's affair. Files of a size are always
the same bytes, so that writing them again changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bankside.record.log.leaf import leaf_hash, leaf_hashes
from bankside.record.log.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_WIDTH,
    FullTile,
    ProofWrong,
    Tree,
    consistency_proof,
    root_of,
    verify_consistency,
)
from bankside.record.log.proving import Reader
from bankside.record.log.tiles import BundleWrong, Folder, Head, Part, head_text, pack, parts_of, unpack

ENTRIES_PER_HEAD_MAX = 16_384

# The leaves of one bundle, as many as it is wide.
Leaves = Callable[[Part], Sequence[bytes]]


class FilesWrong(RuntimeError):
    """The files are not what was written, or do not go on from the last head: no head may be signed."""


@dataclass(frozen=True)
class Start:
    """From where files are written: from a size with its unfinished tiles, or from nothing."""

    size: int
    tree: Tree


NOTHING = Start(0, Tree())


def start_of_tiles(folder: Folder, size: int, root: bytes) -> Start | None:
    """The unfinished tiles of the last head, if they give its root."""
    edge = folder.edge(size)
    if edge is None:
        return None
    tree = Tree(size, edge)
    return Start(size, tree) if tree.root() == root else None


def write(folder: Folder, start: Start, size: int, leaves_of: Leaves) -> None:
    """Bundles and tiles that `size` entries have and the start had not."""
    tree, full = start.tree.copy(), list[FullTile]()
    parts = list(parts_of(size, since=start.size))
    for part in parts:
        if part.level < 0:
            leaves = leaves_of(part)
            folder.write(part.path, pack(leaves))
            fresh = leaves[max(0, tree.size - part.number * TILE_WIDTH) :]
            full += tree.extend_joined(leaf_hashes(fresh))
    finished = {(tile.level, tile.number): tile.data for tile in full}
    for part in parts:
        if part.level >= 0:
            unfinished = bytes(tree.edge[part.level]) if part.width < TILE_WIDTH else b""
            folder.write(part.path, unfinished or finished[part.level, part.number])


def read_back(folder: Folder, start: Start, size: int) -> bytes:
    """Reads every new file again, checks each against those above and below it, and gives the root."""
    try:
        for part in parts_of(size, since=start.size):
            _check_part(folder, part, size)
    except (BundleWrong, LookupError) as wrong:
        raise FilesWrong(f"a file is not what was written: {wrong}") from None
    edge = folder.edge(size)
    if edge is None:
        raise FilesWrong("an unfinished tile is not what was written")
    return Tree(size, edge).root()


def check_grows(folder: Folder, old: int, old_root: bytes, size: int, root: bytes) -> list[bytes]:
    """The proof that the new head begins with the last one, checked as anybody would; raises FilesWrong."""
    try:
        path = consistency_proof(Reader(folder, size).node, old, size)
        verify_consistency(old, size, old_root, root, path)
    except (ProofWrong, LookupError) as wrong:
        raise FilesWrong(f"the head at {size} does not begin with the one at {old}: {wrong}") from None
    return path


def tidy(folder: Folder, before: int, size: int) -> None:
    """Takes away unfinished tiles whose full tile is there now; whoever holds an old head reads that.

    Only after the new head is shown: until then the files of the old one are all there.
    """
    for part in parts_of(size, since=before):
        if part.width == TILE_WIDTH:
            shutil.rmtree(folder.path / f"{part.path}.p", ignore_errors=True)


def write_whole(folder: Folder, origin: str, leaves: Sequence[bytes]) -> str:
    """A log from nothing, such as an export has; its head, which nobody has signed yet."""
    old, old_root = 0, EMPTY_ROOT
    for end in [*range(ENTRIES_PER_HEAD_MAX, len(leaves), ENTRIES_PER_HEAD_MAX), len(leaves)]:
        start = start_of_tiles(folder, old, old_root) or NOTHING
        write(folder, start, end, lambda part: leaves[(at := part.number * TILE_WIDTH) : at + part.width])
        root = read_back(folder, start, end)
        check_grows(folder, old, old_root, end, root)
        tidy(folder, old, end)
        old, old_root = end, root
    return head_text(*Head(origin, old, old_root))


def _check_part(folder: Folder, part: Part, size: int) -> None:
    if part.level < 0:
        leaves = unpack(folder.read(part.path) or b"", part.width)
        if b"".join(map(leaf_hash, leaves)) != folder.tile(size, 0, part.number):
            raise LookupError(part.path)
    elif part.width == TILE_WIDTH:
        above = folder.tile(size, part.level + 1, part.number // TILE_WIDTH)
        place = part.number % TILE_WIDTH * HASH_BYTES
        if root_of([folder.tile(size, part.level, part.number)]) != above[place : place + HASH_BYTES]:
            raise LookupError(part.path)
