"""Writes the files of the logs again as they were published, from the rows: after a restore there are none.

The rows must give the root of each head, and its signature is the one that was given then; nothing is signed.
"""

from __future__ import annotations

from bankside.record import published, seal
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import TILE_WIDTH
from bankside.record.log.tiles import CHECKPOINT, Part
from bankside.record.log.writer import NOTHING, read_back, write
from bankside.record.models import Checkpoint, Entry
from bankside.record.seal import SealStopped


def republish() -> int:
    """Writes every log up to its last head; how many. Raises SealStopped when rows do not give its root."""
    heads = list(Checkpoint.objects.filter(size__gt=0).exclude(note="").order_by("lane", "year"))
    for head in heads:
        folder = seal.folder_of(head.lane, head.year)
        write(folder, NOTHING, head.size, lambda part, head=head: _leaves(head, part))  # type: ignore[misc]
        if read_back(folder, NOTHING, head.size).hex() != head.root:
            raise SealStopped(f"the rows of log {head.lane}/{head.year} do not give the root of its head")
        folder.write(CHECKPOINT, head.note.encode())
    if heads:
        published.show_trust()
    return len(heads)


def _leaves(head: Checkpoint, part: Part) -> list[bytes]:
    first = part.number * TILE_WIDTH
    rows = Entry.objects.filter(
        lane=head.lane, year=head.year, seq__gte=first, seq__lt=first + part.width
    ).order_by("seq")
    leaves = [
        bytes(leaf)
        for leaf, hash_ in rows.values_list("leaf", "hash")
        if leaf_hash(bytes(leaf)) == bytes(hash_)
    ]
    if len(leaves) != part.width:
        raise SealStopped(f"a row from {first} on is missing or is not what was hashed")
    return leaves
