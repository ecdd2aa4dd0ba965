"""Publishing the logs: tiles, bundles and heads in files, so that others can check without the database.

Apart from appending, and after it. Each step may be the last one before a power cut: files of a size are
always the same bytes, so that writing them again changes nothing; the head's row is the promise and comes
after the files were read back; the `checkpoint` file follows the row. Heads are not signed.
"""

from __future__ import annotations

import logging
import shutil
import time
from contextlib import nullcontext
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from bankside.record import clock
from bankside.record.away import AWAY
from bankside.record.leaf import leaf_hash
from bankside.record.merkle import (
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
from bankside.record.models import Checkpoint, Entry
from bankside.record.shards import Log, logs, origin_of
from bankside.record.tiles import CHECKPOINT, BundleWrong, Folder, Part, head_text, pack, parts_of, unpack

ENTRIES_PER_HEAD_MAX = 16_384
HEADS_PER_CALL_MAX = 8
SAID_AGAIN_SECONDS = 60.0

log = logging.getLogger(__name__)
_said: dict[str, float] = {}


class SealStopped(RuntimeError):
    """Rows, tiles and the last head do not agree: nothing more is published until a person has looked."""


def seal_all() -> int:
    """Publishes what was appended since; how many heads were published. One log that stops stops no other."""
    published = 0
    heads = {(head.lane, head.year): head for head in Checkpoint.objects.all()}
    for one in logs():
        try:
            published += seal(one, heads.get((one.lane, one.year)))
        except AWAY:
            raise  # the database is busy or away: nothing is wrong with the log
        except Exception as trouble:  # also a row of which somebody made something else
            _say(f"log {one.lane}/{one.year} is not published: {trouble}")
    return published


def seal(one: Log, last: Checkpoint | None = None) -> int:
    """Brings one log's files up to its size, at most 16,384 entries a head; how many heads it published.

    `last` is its newest head, None when there is none. Raises SealStopped.
    """
    head, done = last or Checkpoint(lane=one.lane, year=one.year, root=EMPTY_ROOT.hex()), 0
    folder = folder_of(one.lane, one.year)
    while head.size < one.size and done < HEADS_PER_CALL_MAX:
        with transaction.atomic() if _several_may_publish() else nullcontext():
            if not _our_turn(head):
                return done
            before, head = head.size, _publish(folder, head, min(one.size, head.size + ENTRIES_PER_HEAD_MAX))
        _show(folder, head)
        _tidy(folder, before, head.size)
        done += 1
    if not done and head.size:
        _show(folder, head)
    return done


def folder_of(lane: int, year: int) -> Folder:
    """Where the files of a log lie."""
    return Folder(settings.LOG_FOLDER / str(lane) / str(year), settings.LOG_FOLDER / ".new")


def _several_may_publish() -> bool:
    return str(transaction.get_connection().vendor) == "postgresql"


def _our_turn(head: Checkpoint) -> bool:
    """Where several workers run, the one that holds the row of the head publishes; the others pass by."""
    if not _several_may_publish():
        return True
    row, _ = Checkpoint.objects.get_or_create(lane=head.lane, year=head.year)
    turn = Checkpoint.objects.select_for_update(skip_locked=True).filter(pk=row.pk, size=head.size)
    return turn.first() is not None


def _publish(folder: Folder, head: Checkpoint, size: int) -> Checkpoint:
    """One step: files, read back, promised."""
    start = _Start.of_tiles(folder, head) or _Start.of_rows(head)
    _write(folder, start, head, size)
    root = _read_back(folder, start, size)
    _check_grows(folder, head, size, root)
    return _promise(head, size, root)


@dataclass(frozen=True)
class _Start:
    """From where files are written: all of them from nothing when the tiles on disk are not whole."""

    size: int
    tree: Tree

    @classmethod
    def of_tiles(cls, folder: Folder, head: Checkpoint) -> _Start | None:
        """The unfinished tiles of the last head, if they give its root."""
        edge = folder.edge(head.size)
        if edge is None:
            return None
        tree = Tree(head.size, edge)
        return cls(head.size, tree) if tree.root().hex() == head.root else None

    @classmethod
    def of_rows(cls, head: Checkpoint) -> _Start:
        """From the rows, if they give the root of the last head; else whoever changed them is to be found."""
        tree = Tree()
        rows = Entry.objects.filter(lane=head.lane, year=head.year, seq__lt=head.size).order_by("seq")
        tree.extend(leaf_hash(bytes(leaf)) for leaf in rows.values_list("leaf", flat=True).iterator())
        if (tree.size, tree.root().hex()) != (head.size, head.root):
            raise SealStopped(
                f"neither its tiles nor its rows give the root that was promised at {head.size}"
            )
        return cls(0, Tree())


def _write(folder: Folder, start: _Start, head: Checkpoint, size: int) -> None:
    """Bundles and tiles that `size` entries have and the start had not."""
    tree, full = start.tree.copy(), list[FullTile]()
    for part in parts_of(size, since=start.size):
        if part.level >= 0:
            continue
        leaves = _leaves(head, part)
        folder.write(part.path, pack(leaves))
        fresh = leaves[max(0, tree.size - part.number * TILE_WIDTH) :]
        full += tree.extend(leaf_hash(leaf) for leaf in fresh)
    finished = {(tile.level, tile.number): tile.data for tile in full}
    for part in parts_of(size, since=start.size):
        if part.level >= 0:
            unfinished = bytes(tree.edge[part.level]) if part.width < TILE_WIDTH else b""
            folder.write(part.path, unfinished or finished[part.level, part.number])


def _leaves(head: Checkpoint, part: Part) -> list[bytes]:
    """The leaves of one bundle from the rows; SealStopped when one is missing or is not what was hashed."""
    first = part.number * TILE_WIDTH
    rows = Entry.objects.filter(
        lane=head.lane, year=head.year, seq__gte=first, seq__lt=first + part.width
    ).order_by("seq")
    leaves: list[bytes] = []
    for seq, leaf, hash_ in rows.values_list("seq", "leaf", "hash"):
        if seq != first + len(leaves):
            raise SealStopped(f"row {first + len(leaves)} is missing")
        if leaf_hash(bytes(leaf)) != bytes(hash_):
            raise SealStopped(f"row {seq} is not what was hashed")
        leaves.append(bytes(leaf))
    if len(leaves) != part.width:
        raise SealStopped(f"row {first + len(leaves)} is missing")
    return leaves


def _read_back(folder: Folder, start: _Start, size: int) -> bytes:
    """Reads every new file again, checks each against those above and below it, and gives the root."""
    try:
        for part in parts_of(size, since=start.size):
            _check_part(folder, part, size)
    except (BundleWrong, LookupError) as wrong:
        raise SealStopped(f"a file is not what was written: {wrong}") from None
    edge = folder.edge(size)
    if edge is None:
        raise SealStopped("an unfinished tile is not what was written")
    return Tree(size, edge).root()


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


def _check_grows(folder: Folder, head: Checkpoint, size: int, root: bytes) -> None:
    """The new head must begin with the last one, by the proof that anybody could ask for."""
    try:
        path = consistency_proof(lambda height, index: folder.node(size, height, index), head.size, size)
        verify_consistency(head.size, size, bytes.fromhex(head.root), root, path)
    except (ProofWrong, LookupError) as wrong:
        raise SealStopped(f"the head at {size} does not begin with the one at {head.size}: {wrong}") from None


def _promise(head: Checkpoint, size: int, root: bytes) -> Checkpoint:
    """Commits the head's row, unless somebody else published meanwhile."""
    with transaction.atomic():
        row, _ = Checkpoint.objects.get_or_create(lane=head.lane, year=head.year)
        changes = {"size": size, "root": root.hex(), "at": clock.now_ms()}
        if not Checkpoint.objects.filter(pk=row.pk, size=head.size).update(**changes):
            raise SealStopped(f"somebody else published a head after {head.size} at the same time")
    row.refresh_from_db()
    return row


def _show(folder: Folder, head: Checkpoint) -> None:
    """Puts the head in its file, also when the last worker died before it could."""
    text = head_text(origin_of(head.lane, head.year), head.size, bytes.fromhex(head.root)).encode()
    if folder.read(CHECKPOINT) != text:
        folder.write(CHECKPOINT, text)


def _tidy(folder: Folder, before: int, size: int) -> None:
    """Takes away unfinished tiles whose full tile is there now; whoever holds an old head reads that.

    Only after the new head is shown: until then the files of the old one are all there.
    """
    for part in parts_of(size, since=before):
        if part.width == TILE_WIDTH:
            shutil.rmtree(folder.path / f"{part.path}.p", ignore_errors=True)


def _say(trouble: str) -> None:
    """Once a minute at most: a log that stopped is met every second."""
    now = time.monotonic()
    if now - _said.get(trouble, -SAID_AGAIN_SECONDS) >= SAID_AGAIN_SECONDS:
        _said[trouble] = now
        log.error(trouble)
