"""Publishing the logs: tiles, bundles and signed heads in files, so that others check without the database.

Apart from appending, and after it. Each step may be the last one before a power cut: files of a size are
always the same bytes, so that writing them again changes nothing; a head is signed after its files were read
back; its row is the promise; the `checkpoint` file follows the row.
"""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext

from django.conf import settings
from django.db import transaction

from bankside.record import clock, published, recovery, signing
from bankside.record.away import AWAY
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import EMPTY_ROOT, TILE_WIDTH, Tree, consistency_proof
from bankside.record.log.proofs import Growth
from bankside.record.log.proving import Reader
from bankside.record.log.tiles import CHECKPOINT, Folder, Part, head_text
from bankside.record.log.writer import (
    NOTHING,
    Start,
    check_grows,
    read_back,
    start_of_tiles,
    tidy,
    write,
)
from bankside.record.models import Checkpoint, Entry
from bankside.record.shards import Log, logs, name_of, origin_of

ENTRIES_PER_HEAD_MAX = 16_384
HEADS_PER_CALL_MAX = 8
SAID_AGAIN_SECONDS = 60.0
REFUSED_MAX = 400

log = logging.getLogger(__name__)
_said: dict[str, float] = {}


class SealStopped(RuntimeError):
    """Rows, tiles and the last head do not agree: nothing more is published until a person has looked."""


class NothingReproduces(SealStopped):
    """Neither tiles nor rows give the root that was signed: this is not the record that was promised."""


def seal_all(*, again: bool = False, asks: bool = False) -> int:
    """Publishes what was appended since; how many heads were published. One log that stops stops no other.

    What cannot go on from what was signed puts the desk into recovery mode. Such a log is left alone, until
    somebody has looked and asks `again`. With `asks` the signer is asked about logs too that have not grown:
    a desk that starts may be an older copy of itself.
    """
    done, found = 0, logs()
    heads = {(head.lane, head.year): head for head in Checkpoint.objects.all()}
    newest = {one.lane: one for one in found}
    for one in found:
        try:
            asked = asks and one == newest[one.lane]
            done += seal(one, heads.get((one.lane, one.year)), again=again, asks=asked)
        except AWAY:
            raise  # the database is busy or away: nothing is wrong with the log
        except (signing.SignerRefused, NothingReproduces) as refused:
            _stop(one, str(refused))
        except Exception as trouble:  # also a row of which somebody made something else
            _say(f"log {one.lane}/{name_of(one.year)} is not published: {trouble}")
    return done


def seal(one: Log, last: Checkpoint | None = None, *, again: bool = False, asks: bool = False) -> int:
    """Brings one log's files up to its size, at most 16,384 entries a head; how many heads it published.

    `last` is its newest head, None when there is none. Raises SealStopped, FilesWrong and NotSigned.
    """
    if recovery.low_disk():
        return 0
    head, done = last or Checkpoint(lane=one.lane, year=one.year, root=EMPTY_ROOT.hex()), 0
    folder = folder_of(one.lane, one.year)
    if head.refused and not (again or one.left):
        raise SealStopped(f"{head.refused}; when two people have looked: `bankside log recover`")
    while head.size < one.size and done < HEADS_PER_CALL_MAX:
        with transaction.atomic() if _several_may_publish() else nullcontext():
            if not _our_turn(head):
                return done
            before, head = head.size, _publish(folder, head, min(one.size, head.size + ENTRIES_PER_HEAD_MAX))
        show(folder, head)
        tidy(folder, before, head.size)
        done += 1
    if not done and head.size:
        good = one.left or (signing.is_signed(head.note, origin_of(head.lane, head.year)) and not asks)
        show(folder, head if good else _promise(folder, head, head.size, bytes.fromhex(head.root), []))
    return done


def folder_of(lane: int, year: int) -> Folder:
    """Where the files of a log lie."""
    return Folder(settings.LOG_FOLDER / str(lane) / name_of(year), published.folder().scratch)


def show(folder: Folder, head: Checkpoint) -> None:
    """Puts the head in its file, also when the last worker died before it could; and whom to believe."""
    if folder.read(CHECKPOINT) != head.note.encode():
        published.show_trust()
        folder.write(CHECKPOINT, head.note.encode())


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
    """One step: files, read back, signed, promised."""
    old_root = bytes.fromhex(head.root) or EMPTY_ROOT
    start = start_of_tiles(folder, head.size, old_root) or _start_of_rows(head)
    write(folder, start, size, lambda part: _leaves(head, part))
    root = read_back(folder, start, size)
    return _promise(folder, head, size, root, check_grows(folder, head.size, old_root, size, root))


def _start_of_rows(head: Checkpoint) -> Start:
    """All files anew, if the rows give the last head's root; else whoever changed them is to be found."""
    tree = Tree()
    rows = Entry.objects.filter(lane=head.lane, year=head.year, seq__lt=head.size).order_by("seq")
    tree.extend(leaf_hash(bytes(leaf)) for leaf in rows.values_list("leaf", flat=True).iterator())
    if (tree.size, tree.root().hex()) != (head.size, head.root):
        raise NothingReproduces(
            f"neither its tiles nor its rows give the root that was promised at {head.size}"
        )
    return NOTHING


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


def _promise(folder: Folder, head: Checkpoint, size: int, root: bytes, path: list[bytes]) -> Checkpoint:
    """Has the head signed and commits its row, unless somebody else published meanwhile."""
    text = head_text(origin_of(head.lane, head.year), size, root)
    note = _signed(folder, Growth(head.size, tuple(path), text.encode()), size)
    with transaction.atomic():
        row, _ = Checkpoint.objects.get_or_create(lane=head.lane, year=head.year)
        changes = {"size": size, "root": root.hex(), "note": note, "at": clock.now_ms(), "refused": ""}
        if not Checkpoint.objects.filter(pk=row.pk, size=head.size).update(**changes):
            raise SealStopped(f"somebody else published a head after {head.size} at the same time")
    row.refresh_from_db()
    return row


def _signed(folder: Folder, growth: Growth, size: int) -> str:
    """The signed head. A signer that is ahead is asked to go on from what it signed: it did so just before a
    power cut, and this desk wrote the same entries then; if it did not, no proof leads there."""
    try:
        return signing.signed(growth)
    except signing.SignerAhead as ahead:
        path = consistency_proof(Reader(folder, size).node, ahead.size, size)
        return signing.signed(Growth(ahead.size, tuple(path), growth.checkpoint))


def _stop(one: Log, refused: str) -> None:
    """Keeps why, for every process of the desk; apart from what was undone."""
    row, _ = Checkpoint.objects.get_or_create(lane=one.lane, year=one.year)
    Checkpoint.objects.filter(pk=row.pk).update(refused=refused[:REFUSED_MAX])
    recovery.begin(refused)
    _say(f"log {one.lane}/{name_of(one.year)} is not published: {refused}")


def _say(trouble: str) -> None:
    """Once a minute at most: a log that stopped is met every second."""
    now = time.monotonic()
    if now - _said.get(trouble, -SAID_AGAIN_SECONDS) >= SAID_AGAIN_SECONDS:
        _said[trouble] = now
        log.error(trouble)
