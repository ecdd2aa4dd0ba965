"""What a page reads of a row, as one value: a database takes as long to hand over a number as a whole row.

The packed value of a row repeats columns that stand beside it. It is written by the projection and holds for
one version of the layout; whoever changes the layout lets `measures.counts` be rebuilt.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any, Final

from bankside.late import numpy as np
from bankside.measures import topics
from bankside.measures.columns import VERBS, WRITERS
from bankside.measures.models import Incoming, Outgoing, Talk

if TYPE_CHECKING:
    from numpy.typing import NDArray

LANG_BYTES: Final = 8
CHANNEL_BYTES: Final = 16
KINDS: Final = ("", "note", "article", "page")
PURPOSES: Final = (Outgoing.POST, Outgoing.REPLY, Outgoing.OUTSIDE)
_TALK: Final = struct.Struct("<16s8s5q3i")
_OUTGOING: Final = struct.Struct("<16s8s2q6i")
_INCOMING: Final = struct.Struct("<8s8s2q2h")
Layout = list[tuple[str, str]]  # names and kinds, as numpy's dtype takes them
TALK: Final[Layout] = (
    [("channel", "<u8"), ("channel_rest", "<u8"), ("lang", "<u8")]
    + [(name, "<i8") for name in ("n", "opened_at", "due_at", "answered_at", "closed_at")]
    + [(name, "<i4") for name in ("turn", "flags", "answer_by")]
)
OUTGOING: Final[Layout] = [
    ("channel", "<u8"),
    ("channel_rest", "<u8"),
    ("lang", "<u8"),
    ("n", "<i8"),
    ("at", "<i8"),
] + [(name, "<i4") for name in ("purpose", "kind", "topics", "private", "link", "answers")]

INCOMING: Final[Layout] = [
    ("channel", "<u8"),
    ("lang", "<u8"),
    ("n", "<i8"),
    ("at", "<i8"),
    ("verb", "<i2"),
    ("private", "<i2"),
]


def of_talk(row: Talk) -> bytes:
    """The packed value of a conversation; see TALK. Flags: private, asked, answered in private, moved."""
    flags = row.private | bool(row.asked_n) << 1 | row.answer_private << 2 | bool(row.moved_n) << 3
    return _TALK.pack(
        _channel(row.channel), _lang(row.lang), row.pk, row.opened_at, row.due_at, row.answered_at,
        row.closed_at, row.turn, flags, WRITERS.index(row.answer_by),
    )  # fmt: skip


def of_outgoing(row: Outgoing) -> bytes:
    """The packed value of words of ours; see OUTGOING. `topics`: a bit for each of the known ones."""
    named = row.topics.split(",")
    bits = sum(1 << place for place, topic in enumerate(topics.known()) if topic in named)
    return _OUTGOING.pack(
        _channel(row.channel), _lang(row.lang), row.pk, row.at, PURPOSES.index(row.purpose),
        KINDS.index(row.kind) if row.kind in KINDS else 0, bits, row.private, row.link, row.answers,
    )  # fmt: skip


def of_incoming(row: Incoming) -> bytes:
    """The packed value of what somebody did; see INCOMING. `verb`: its place in VERBS."""
    return _INCOMING.pack(
        _channel(row.channel)[:8], _lang(row.lang), row.pk, row.at, VERBS.index(row.verb), row.private
    )


def opened(values: bytes, layout: Layout) -> NDArray[Any]:
    """Packed values, one behind the other, as an array with named columns."""
    return np.frombuffer(values, np.dtype(layout))


def channel_code(obj: str) -> int:
    """What stands in `channel` for a channel's obj: the first half of it, which is random."""
    return int.from_bytes(_channel(obj)[:8], "little")


def language_code(lang: str) -> int:
    """What stands in `lang` for a language."""
    return int.from_bytes(_lang(lang).ljust(LANG_BYTES, b"\0"), "little")


def language_of(code: int) -> str:
    """The language that stands in `lang`."""
    return int(code).to_bytes(LANG_BYTES, "little").rstrip(b"\0").decode("ascii")


def primary(lang: str) -> str:
    """A language without its script and country, in lower case: `zh-Hant-TW` is zh. Empty for no such tag."""
    first = lang.replace("_", "-").partition("-")[0].lower()
    return first if first.isascii() and first.isalpha() and len(first) <= LANG_BYTES else ""


def _channel(obj: str) -> bytes:
    """The obj itself; of anything else its digest, so that no row is refused for it."""
    try:
        own = bytes.fromhex(obj)
    except ValueError:
        own = b""
    return own if len(own) == CHANNEL_BYTES else hashlib.sha256(obj.encode()).digest()[:CHANNEL_BYTES]


def _lang(lang: str) -> bytes:
    return lang.encode("ascii")
