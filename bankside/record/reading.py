"""Looking into the record: entries without their words, one entry with them, and the heads of the logs.

Who may look is decided above this room. Opening words is itself a fact, written before they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import models, transaction

from bankside.record import readings, subjects
from bankside.record.append import entry_of
from bankside.record.facts.record import EntryRead
from bankside.record.forgetting.restricted import Hidden, Restricted
from bankside.record.ids import new_id
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.tiles import head_text
from bankside.record.models import Checkpoint, Entry, Payload
from bankside.record.payload import Unreadable, decrypt
from bankside.record.shards import Log, logs, origin_of
from bankside.said import Said

PAGE_MAX = 200
ID = re.compile("[0-9a-f]{32}")
DIGITS_MAX = 18


class NoSuchEntry(LookupError):
    """The record has no entry of that arrival number."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as lists show it: everything but its words. Times in ms, `hash` in hex, `leaf` as its text."""

    n: int
    lane: int
    year: int
    seq: int
    t: int
    actor: str
    fact: str
    type: str
    obj: str
    subj: str
    id: str
    hash: str
    leaf: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The words of an entry: which fact in which version, and its fields as JSON has them."""

    fact: str
    v: int
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogHead:
    """A log with its last published head: `size` and `root` (hex) at time `at`; `entries` are in the record.

    `text` is the head as it is published, a signed note. A log that was never published has size 0, no text.
    """

    lane: int
    year: int
    origin: str
    entries: int
    size: int
    root: str
    at: int
    text: str


def entries(
    *,
    fact: str = "",
    obj: str = "",
    actor: str = "",
    since_ms: int | None = None,
    until_ms: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Listed]:
    """Entries, newest first: at most `limit` (200 at most) that arrived before number `before`.

    `fact` is a whole name or a room with a dot ("inbox."); times are our own, `until_ms` not included.
    """
    wanted = models.Q()
    if fact:
        wanted &= models.Q(fact__startswith=fact) if fact.endswith(".") else models.Q(fact=fact)
    for name, value in (("obj", obj), ("actor", actor)):
        wanted &= models.Q(**{name: value}) if value else models.Q()
    for name, moment in (("t__gte", since_ms), ("t__lt", until_ms), ("n__lt", before)):
        wanted &= models.Q() if moment is None else models.Q(**{name: moment})
    rows = Entry.objects.filter(wanted).order_by("-n")[: max(0, min(limit, PAGE_MAX))]
    return [_listed(row) for row in rows]


def place_of(name: str) -> Listed:
    """An entry by its arrival number or its id (32 hex characters), without its words; raises NoSuchEntry."""
    if ID.fullmatch(name):
        row = Entry.objects.filter(rid=name).first()
        if row is None:
            raise NoSuchEntry(Said("The record has no entry %(number)s.", number=name))
        return _listed(row)
    return entry(int(name) if name.isdecimal() and len(name) <= DIGITS_MAX else 0)


def entry(n: int) -> Listed:
    """One entry without its words; raises NoSuchEntry."""
    return _listed(_row(n))


def facts_of(numbers: Iterable[int]) -> dict[int, str]:
    """The names of the facts of entries, by their arrival numbers; those that are not there are left out."""
    return dict(Entry.objects.filter(n__in=set(numbers)).values_list("n", "fact"))


def words_of(actor: str, n: int, reason: str = "") -> Opened | None:
    """The words of an entry, after the fact that this person opened them; None when they were erased.

    Raises NoSuchEntry, and payload.Unreadable when the words are not those that the leaf commits to.
    """
    row = _row(n)
    with transaction.atomic():
        opened = _open(row)
        if opened is not None:
            read = EntryRead(entry=row.rid, reason=reason)
            readings.tell(read, f"record.entry-read:{new_id()}", actor=actor, obj=row.obj)
    return opened


def checkpoint() -> list[LogHead]:
    """Every log with its last published head, in order of lane and year."""
    published = {(c.lane, c.year): c for c in Checkpoint.objects.all()}
    return [_log_head(log, published.get((log.lane, log.year))) for log in logs()]


def _log_head(log: Log, last: Checkpoint | None) -> LogHead:
    origin = origin_of(log.lane, log.year)
    if last is None:
        return LogHead(log.lane, log.year, origin, log.size, 0, "", 0, "")
    text = last.note or head_text(origin, last.size, bytes.fromhex(last.root))
    return LogHead(log.lane, log.year, origin, log.size, last.size, last.root, last.at, text)


def _row(n: int) -> Entry:
    row = Entry.objects.filter(n=n).first()
    if row is None:
        raise NoSuchEntry(Said("The record has no entry %(number)s.", number=str(n)))
    return row


def _open(row: Entry) -> Opened | None:
    payload = Payload.objects.filter(n=row.n).first()
    if payload is None:
        return None
    if Hidden().holds(entry_of(row)):
        raise Restricted(Said("These words are restricted: they are kept, and shown to nobody."))
    try:
        key = subjects.key_of(row.subj)
    except subjects.Forgotten:
        return None
    cm = _sound(row).get("cm", "")
    plain = msgspec.json.decode(decrypt(key, row.rid, bytes(payload.salt), bytes(payload.body), cm))
    return Opened(plain["fact"], plain["v"], plain["data"])


def _sound(row: Entry) -> dict[str, Any]:
    """The fields of the leaf; Unreadable when it is not what was hashed: what it commits to is not known."""
    leaf = bytes(row.leaf)
    if leaf_hash(leaf) != bytes(row.hash):
        raise Unreadable(f"record {row.rid}: its leaf is not what was hashed")
    fields: dict[str, Any] = msgspec.json.decode(leaf)
    return fields


def _listed(row: Entry) -> Listed:
    return Listed(
        n=row.n, lane=row.lane, year=row.year, seq=row.seq, t=row.t, actor=row.actor, fact=row.fact,
        type=row.type, obj=row.obj, subj=row.subj, id=row.rid, hash=bytes(row.hash).hex(),
        leaf=bytes(row.leaf).decode(),
    )  # fmt: skip
