"""Who read what, as it follows from the record: a row for each reading and each file that was taken away.

It takes every fact whose leaf says `read` or `export`, whichever room told it.
"""

from __future__ import annotations

from typing import Any, Final

from bankside.people.models import Holder, Reading, Review
from bankside.record import facts as known
from bankside.record.append import Entry
from bankside.record.fact import KINDS
from bankside.record.facts.inbox import ConversationAssigned, ConversationFetched
from bankside.record.facts.reading import ReadingsReviewed
from bankside.record.projection import Projection

known.load()
CALLED: Final = {
    "inbox.conversation-read": Reading.OPENED,
    "inbox.conversation-sent-ahead": Reading.AHEAD,
    "inbox.conversation-fetched": Reading.AHEAD,
    "record.entry-read": Reading.WORDS,
}
REASON_CHARACTERS_MAX: Final = 500
COUNTS: Final = ("rows", "entries", "found")
# A package is ordered, made and taken away: the desk's own part of it is nobody's reading.
OF_THE_DESK: Final = frozenset({"record.package-made", "record.package-stopped"})
_TOLD: Final = tuple(
    kind.cls for kind in KINDS.values() if kind.leaf in {"read", "export"} and kind.name not in OF_THE_DESK
)


class Readings(Projection):
    """Reading, Holder, Review."""

    name = "people.readings"
    tables = (Reading, Holder, Review)
    facts = (ConversationAssigned, ConversationFetched, ReadingsReviewed, *_TOLD)

    def apply(self, entry: Entry, fact: Any) -> None:
        """One entry; of an erased one it is known that it was, and nothing else."""
        match entry.fact:
            case "inbox.conversation-assigned":
                _assigned(entry, fact)
            case "people.readings-reviewed":
                _reviewed(entry, fact)
            case _:
                _read(entry, fact)


READINGS = Readings()


def kind_of(entry: Entry) -> str:
    """How a reading is counted; what is not known by name is either a search or the words of an entry."""
    if entry.type == "export":
        return Reading.EXPORTED
    return CALLED.get(entry.fact, Reading.SEARCHED if entry.fact.endswith("searched") else Reading.WORDS)


def _read(entry: Entry, fact: Any) -> None:
    kind = kind_of(entry)
    # What is in the payload alone is forgotten with it; what the leaf says stays.
    row = {
        "at": entry.t, "actor": entry.actor, "kind": kind, "fact": entry.fact, "obj": entry.obj,
        "things": _things(fact), "reason": str(getattr(fact, "reason", ""))[:REASON_CHARACTERS_MAX],
    }  # fmt: skip
    if Reading.objects.filter(pk=entry.n).update(**row):
        return
    elsewhere = kind in {Reading.OPENED, Reading.AHEAD} and _is_elsewhere(entry)
    Reading.objects.create(id=entry.n, elsewhere=elsewhere, **row)


def _is_elsewhere(entry: Entry) -> bool:
    holder = Holder.objects.filter(obj=entry.obj).values_list("uid", flat=True).first()
    return bool(holder) and f"u:{holder}" != entry.actor


def _things(fact: Any) -> int:
    for name in COUNTS:
        value = getattr(fact, name, None)
        if value is not None:
            return value if isinstance(value, int) else len(value)
    return 0 if fact is None else 1


def _assigned(entry: Entry, fact: ConversationAssigned | None) -> None:
    """An erased conversation was nobody's: so the rows are those that a rebuild gives."""
    if fact is None:
        Holder.objects.filter(obj=entry.obj).delete()
        Reading.objects.filter(obj=entry.obj).update(elsewhere=False)
    elif not Holder.objects.filter(obj=entry.obj).update(uid=fact.to):
        Holder.objects.create(id=entry.n, obj=entry.obj, uid=fact.to)


def _reviewed(entry: Entry, fact: ReadingsReviewed | None) -> None:
    if fact is None:
        Review.objects.filter(pk=entry.n).delete()
        return
    Review.objects.create(
        id=entry.n, month=fact.month, zone=fact.zone, actor=entry.actor, at=entry.t, readings=fact.readings,
        own=fact.own, unusual=fact.unusual, note=fact.note,
    )  # fmt: skip
