"""The newest head of a log that witnesses signed as well: what an entry is proved under where it reaches it.

Heads are published every second and witnesses are asked every five minutes, so on a busy desk the newest head
has the signature of the log alone; an auditor who asks for a quorum of witnesses could use no proof under it.
"""

from __future__ import annotations

from collections import Counter

from bankside.record import evidence, published
from bankside.record.log.note import NoteWrong, check, parse_note
from bankside.record.log.proofs import head_of
from bankside.record.log.proving import NotThere, Reader, shown
from bankside.record.log.tiles import Folder, HeadWrong
from bankside.record.models import Witnessed


def head_behind(folder: Folder, lane: int, year: int, index: int) -> bytes | None:
    """The newest head that most witnesses signed, with all their lines, if it reaches this index.

    None when there is none that the published log still leads to: then the published head is what there is.
    """
    sizes = Counter(
        Witnessed.objects.filter(lane=lane, year=year, size__gt=index).values_list("size", flat=True)
    )
    size = max(sizes, key=lambda one: (sizes[one], one), default=0)
    note = evidence.cosigned(lane, year, size) if size else None
    return note if note is not None and _holds(folder, note) else None


def _holds(folder: Folder, note: bytes) -> bool:
    """Whether every signature holds and the log as it is published leads to this head."""
    try:
        head = head_of(note)
        check(parse_note(note), published.log_trust().keys_for(head.origin))
        return head.size <= shown(folder)[1].size and Reader(folder, head.size).root(head.size) == head.root
    except (NoteWrong, HeadWrong, NotThere, LookupError):
        return False
