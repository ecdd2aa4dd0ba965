"""The one way into the record: `append(fact, key)`, in the transaction of the business change.

Appending takes the row lock of the lane's head, so commit order is sequence order and a reader that
remembers a sequence number misses nothing. It is the last thing in a transaction: whoever appends to
several lanes does so in ascending order. What can be done before the lock is: on PostgreSQL a few facts of
one lane are encrypted first, and then numbered, hashed and written by one statement.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from django.conf import settings
from django.db import connection, transaction

from bankside.record import clock, prepared, recovery, rules_in_force, subjects
from bankside.record import fact as facts
from bankside.record.forgetting import retention
from bankside.record.log.leaf import LEAF_BYTES_MAX, leaf_bytes, leaf_hash
from bankside.record.models import Entry as Row
from bankside.record.models import Head
from bankside.record.payload import encrypt
from bankside.record.shards import open_year

ID_BYTES, SALT_BYTES = 16, 32
CHANCE_BYTES = ID_BYTES + SALT_BYTES
SELECT = "select n, lane, year, seq, key, fact, rid, type, t, actor, obj, subj, leaf from record_entry"
HEADS = "select lane, year, size from record_head"
INSERT_ENTRY = (
    "insert into record_entry (n, lane, year, seq, key, fact, rid, type, t, actor, obj, subj, leaf, hash)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
INSERT_PAYLOAD = "insert into record_payload (n, salt, body) values (%s, %s, %s)"
MOVE_HEAD = "update record_head set year = %s, size = %s where lane = %s"
# So many at most are placed by PostgreSQL itself (0007_place_few); for more, statements for many are quicker.
FEW = 9
PLACE = (
    "select * from record_place(%s, %s, %s, %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
    " %s::text[], %s::text[], %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[])"
)
SEQ, SEQ_DIGITS_MAX = b',"seq":', 16


class OutsideTransaction(RuntimeError):
    """A fact must be appended in the transaction of the change that it tells of."""


class Draft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact on its way into the record, with what its leaf says beside it.

    `basis`, `count` and `by` are those of an erasure, whose entry has no words of its own.
    """

    fact: Any
    key: str
    actor: str
    obj: str
    lane: int = 0
    subj: str | None = None
    prev: str | None = None
    src_t: int | None = None
    red: tuple[str, ...] = ()
    att: tuple[str, ...] = ()
    ret: str | None = None
    basis: str = ""
    count: int = 0
    by: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True, dict=True):
    """A recorded fact as followers see it. `new` is False when the key was already known."""

    n: int
    lane: int
    year: int
    seq: int
    key: str
    fact: str
    id: str
    type: str
    t: int
    actor: str
    obj: str
    subj: str
    leaf: bytes
    new: bool = False

    @cached_property
    def said(self) -> dict[str, Any]:
        """The leaf as a dictionary."""
        decoded: dict[str, Any] = msgspec.json.decode(self.leaf)
        return decoded

    @property
    def prev(self) -> str | None:
        """The id of the previous version of what this entry tells of."""
        return self.said.get("prev")

    @property
    def src_t(self) -> int | None:
        """The network's own time in milliseconds, when it gave one."""
        text = self.said.get("src_t")
        return clock.from_iso(text) if text else None

    @property
    def red(self) -> tuple[str, ...]:
        """Classes of personal numbers that were masked before anything was kept."""
        return tuple(self.said.get("red", ()))


def append(
    fact: object,
    key: str,
    *,
    actor: str,
    obj: str,
    lane: int = 0,
    subj: str | None = None,
    prev: str | None = None,
    src_t: int | None = None,
    red: tuple[str, ...] = (),
    att: tuple[str, ...] = (),
    ret: str | None = None,
) -> Entry:
    """Records one fact; the same key in the same lane gives the old entry back and writes nothing."""
    draft = Draft(
        fact=fact, key=key, actor=actor, obj=obj, lane=lane, subj=subj,
        prev=prev, src_t=src_t, red=red, att=att, ret=ret,
    )  # fmt: skip
    return append_many([draft])[0]


def append_many(drafts: Sequence[Draft]) -> list[Entry]:
    """Records facts, numbered in the order given; at most 1,000 a call is what the worker uses.

    Raises ReadOnly while nothing may be added (recovery.py).
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("open transaction.atomic() around the change and its fact")
    reading = recovery.is_reading(facts.kind_of(draft.fact).leaf for draft in drafts)
    if not reading:
        recovery.require_room()
    if _are_few(drafts) and (placed_now := _write_few(drafts)):
        return placed_now
    heads = {head.lane: head for head in _locked((draft.lane for draft in drafts), reading)}
    if not heads:
        recovery.require_open()
    placed = {(known.lane, known.key): known for known in _known(drafts)}
    fresh = {(d.lane, d.key): d for d in drafts if (d.lane, d.key) not in placed}
    if fresh:
        placed |= {(e.lane, e.key): e for e in _write(heads, list(fresh.values()))}
    return [placed[draft.lane, draft.key] for draft in drafts]


def lock(lanes: Iterable[int]) -> None:
    """Holds these lanes until the transaction ends: nothing is appended to them meanwhile by anybody else."""
    _locked(lanes)


def entry_of(row: Row, new: bool = False) -> Entry:
    """A row as followers see it."""
    return Entry(
        n=row.n, lane=row.lane, year=row.year, seq=row.seq, key=row.key, fact=row.fact, id=row.rid,
        type=row.type, t=row.t, actor=row.actor, obj=row.obj, subj=row.subj, leaf=bytes(row.leaf), new=new,
    )  # fmt: skip


def entries_where(condition: str, values: Sequence[Any]) -> list[Entry]:
    """Recorded entries by a condition in SQL of our own, and what may follow it: models would cost more than
    asking."""
    with connection.cursor() as cursor:
        cursor.execute(f"{SELECT} where {condition}", values)
        rows = [(*columns, bytes(leaf)) for *columns, leaf in cursor.fetchall()]
    return [Entry(*row) for row in rows]


class _Place(NamedTuple):
    """Where an entry will be, as far as it is known; of a head the same is read."""

    lane: int
    year: int
    size: int = 0


def _are_few(drafts: Sequence[Draft]) -> bool:
    if connection.vendor != "postgresql" or not 0 < len(drafts) <= FEW or any(draft.by for draft in drafts):
        return False
    return len({draft.lane for draft in drafts}) == 1 and len({draft.key for draft in drafts}) == len(drafts)


def _write_few(drafts: Sequence[Draft]) -> list[Entry]:
    """Sealed first, then placed by one statement; empty, and nothing written, when a key is known or a year
    begins."""
    now, lane = clock.now_ms(), drafts[0].lane
    subjects.load(draft.subj for draft in drafts if draft.subj)
    place, same, chance = _Place(lane, clock.year_of(now)), _same_for_all(now), secrets.token_bytes
    sealed = [_seal(draft, place, 0, now, chance(CHANCE_BYTES), same) for draft in drafts]
    if any(len(entry.leaf) > LEAF_BYTES_MAX - SEQ_DIGITS_MAX for entry, _, _ in sealed):
        return []
    leaves = [entry.leaf.partition(SEQ + b"0,") for entry, _, _ in sealed]
    columns = zip(*((e.key, e.fact, e.id, e.type, e.actor, e.obj, e.subj) for e, _, _ in sealed), strict=True)
    befores, afters = [before + SEQ for before, _, _ in leaves], [b"," + after for _, _, after in leaves]
    salts, bodies = (salt for _, salt, _ in sealed), (body for _, _, body in sealed)
    arrays = map(prepared.array, (*columns, befores, afters, salts, bodies))
    return [
        msgspec.structs.replace(entry, n=n, year=year, seq=seq, leaf=before + b"%d" % seq + after)
        for (n, year, seq), (entry, _, _), before, after in zip(
            _placed(lane, [lane, place.year, now, *arrays]), sealed, befores, afters, strict=False
        )
    ]


def _placed(lane: int, values: Sequence[Any]) -> list[tuple[int, int, int]]:
    """The arrival number, the year and the sequence number of each; from here on the lane is locked."""
    with prepared.cursor() as cursor:
        cursor.execute(PLACE, values)
        return list(cursor.fetchall())


def _locked(lanes: Iterable[int], reading: bool = True) -> list[Head]:
    """The heads, their rows locked in ascending order: so no two who append wait for each other.

    Unless `reading`, none while nothing may be added but what tells of reading (recovery.py).
    """
    wanted = sorted(set(lanes))
    unless = "" if reading else " and not exists (select 1 from record_standstill)"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{HEADS} where lane = any(%s){unless} order by lane for update", [wanted])
        else:
            among = "lane in (select value from json_each(%s))"
            cursor.execute(f"{HEADS} where {among}{unless}", [json.dumps(wanted)])
        return [Head(*row) for row in cursor.fetchall()]


def _known(drafts: Sequence[Draft]) -> list[Entry]:
    """Entries of these lanes that have one of these keys; one statement."""
    lanes, keys = sorted({draft.lane for draft in drafts}), [draft.key for draft in drafts]
    if connection.vendor == "postgresql":
        return entries_where("lane = any(%s) and key = any(%s)", [lanes, keys])
    among = "select value from json_each(%s)"
    return entries_where(f"lane in ({among}) and key in ({among})", [json.dumps(lanes), json.dumps(keys)])


def _write(heads: dict[int, Head], drafts: list[Draft]) -> list[Entry]:
    """Rows by hand-written SQL: models of so many rows would cost more than hashing and encrypting."""
    now = clock.now_ms()
    used = [heads[lane] for lane in sorted({draft.lane for draft in drafts})]
    for head in used:
        open_year(head, now)
    subjects.load(draft.subj for draft in drafts if draft.subj and not draft.by)
    same, chance = _same_for_all(now), secrets.token_bytes(CHANCE_BYTES * len(drafts))
    entries, rows, payloads = [], [], []
    with connection.cursor() as cursor:
        for place, (n, draft) in enumerate(zip(_next_numbers(cursor, len(drafts)), drafts, strict=True)):
            head, own = heads[draft.lane], chance[place * CHANCE_BYTES : (place + 1) * CHANCE_BYTES]
            entry, salt, body = _seal(draft, head, n, now, own, same)
            head.size += 1
            entries.append(entry)
            rows.append(_row(entry))
            if body:
                payloads.append((n, salt, body))
        _write_all(cursor, _insert(INSERT_ENTRY), rows)
        _write_all(cursor, _insert(INSERT_PAYLOAD), payloads)
        _write_all(cursor, MOVE_HEAD, [(head.year, head.size, head.lane) for head in used])
    return entries


def _write_all(cursor: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """A single row by itself: PostgreSQL's driver opens a pipeline for many, which one does not pay back."""
    if len(rows) == 1:
        cursor.execute(statement, rows[0])
    else:
        cursor.executemany(statement, rows)


def _insert(statement: str) -> str:
    """On SQLite `or fail`: each writes one row, no part of which has to be undone. Else SQLite, as there is a
    trigger, copies every page that it changes, which took more than half of the time."""
    return statement if connection.vendor == "postgresql" else f"insert or fail{statement[len('insert') :]}"


def _next_numbers(cursor: Any, count: int) -> list[int]:
    """Arrival numbers: SQLite has one writer, so the next ones are free; PostgreSQL hands them out."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "select nextval(pg_get_serial_sequence('record_entry', 'n')) from generate_series(1, %s)", [count]
        )
        return [n for (n,) in cursor.fetchall()]
    cursor.execute("select coalesce(max(n), 0) from record_entry")
    last = cursor.fetchone()[0]
    return list(range(last + 1, last + 1 + count))


def _same_for_all(now: int) -> dict[str, Any]:
    """What the leaves of one transaction have in common."""
    ret, pol = settings.RETENTION_DEFAULT, rules_in_force.fingerprint()
    return {"v": 1, "t": clock.iso(now), "ret": ret, "pol": pol}


def _seal(
    draft: Draft, head: Head | _Place, n: int, now: int, chance: bytes, same: dict[str, Any]
) -> tuple[Entry, bytes, bytes]:
    """The next entry of a lane with its leaf, and the salt and ciphertext of its words."""
    kind = facts.kind_of(draft.fact)
    subj = draft.subj or subjects.desk()
    rid, salt = chance[:ID_BYTES].hex(), chance[ID_BYTES:]
    said: dict[str, Any] = {"seq": head.size, "id": rid, "type": kind.leaf, "subj": subj}
    if draft.by:
        body, erases = b"", {"basis": draft.basis, "count": draft.count, "by": sorted(draft.by)}
        leaf = leaf_bytes(same | said | erases | _own(draft, kind))
    else:
        body, ct, cm = encrypt(subjects.key_of(subj), rid, salt, facts.encode(draft.fact))
        leaf = leaf_bytes(same | said | {"ct": ct, "cm": cm} | _own(draft, kind))
    entry = Entry(
        n, head.lane, head.year, head.size, draft.key, kind.name, rid, kind.leaf, now, draft.actor, draft.obj,
        subj, leaf, True,
    )  # fmt: skip
    return entry, salt, body


def _row(e: Entry) -> tuple[Any, ...]:
    where = (e.n, e.lane, e.year, e.seq, e.key)
    return (*where, e.fact, e.id, e.type, e.t, e.actor, e.obj, e.subj, e.leaf, leaf_hash(e.leaf))


def _own(draft: Draft, kind: facts.Kind) -> dict[str, Any]:
    """What a leaf says of its draft alone."""
    leaf: dict[str, Any] = {"actor": draft.actor}
    if draft.obj or not draft.by:
        leaf["obj"] = draft.obj
    if ret := draft.ret or retention.class_of(kind.name, kind.leaf):
        leaf["ret"] = ret
    if draft.prev:
        leaf["prev"] = draft.prev
    if draft.src_t is not None:
        leaf["src_t"] = clock.iso(draft.src_t)
    if draft.red:
        leaf["red"] = sorted(draft.red)
    if draft.att:
        leaf["att"] = list(draft.att)
    return leaf
