"""The one way into the record: `append(fact, key)`, in the transaction of the business change.

Appending takes the row lock of the lane's head, so commit order is sequence order and a reader that
remembers a sequence number misses nothing. It is the last thing in a transaction: whoever appends to
several lanes does so in ascending order.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from bankside.record import clock, rules_in_force, subjects
from bankside.record import fact as facts
from bankside.record.ids import new_id
from bankside.record.leaf import leaf_bytes, leaf_hash
from bankside.record.models import Entry as Row
from bankside.record.models import Head
from bankside.record.payload import encrypt
from bankside.record.shards import open_year

KEYS_PER_QUERY_MAX = 500  # SQLite's default limit on parameters is 999
INSERT_ENTRY = (
    "insert into record_entry (n, lane, year, seq, key, fact, rid, type, t, actor, obj, subj, leaf, hash)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
INSERT_PAYLOAD = "insert into record_payload (n, salt, body) values (%s, %s, %s)"
MOVE_HEAD = "update record_head set year = %s, size = %s where lane = %s"


class OutsideTransaction(RuntimeError):
    """A fact must be appended in the transaction of the change that it tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fact on its way into the record, with what its leaf says beside it."""

    fact: object
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


@dataclass(frozen=True)
class Entry:
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
    leaf: bytes = field(repr=False)
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
    """Records facts, numbered in the order given; at most 1,000 a call is what the worker uses."""
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("open transaction.atomic() around the change and its fact")
    heads = {head.lane: head for head in _locked(draft.lane for draft in drafts)}
    placed = {(row.lane, row.key): entry_of(row) for row in _known(drafts)}
    fresh = {(d.lane, d.key): d for d in drafts if (d.lane, d.key) not in placed}
    if fresh:
        placed |= {(e.lane, e.key): e for e in _write(heads, list(fresh.values()))}
    return [placed[draft.lane, draft.key] for draft in drafts]


def entry_of(row: Row, new: bool = False) -> Entry:
    """A row as followers see it."""
    return Entry(
        n=row.n, lane=row.lane, year=row.year, seq=row.seq, key=row.key, fact=row.fact, id=row.rid,
        type=row.type, t=row.t, actor=row.actor, obj=row.obj, subj=row.subj, leaf=bytes(row.leaf), new=new,
    )  # fmt: skip


def _locked(lanes: Iterable[int]) -> list[Head]:
    """The heads, their rows locked in ascending order: so no two who append wait for each other."""
    return list(Head.objects.select_for_update().filter(lane__in=set(lanes)).order_by("lane"))


def _known(drafts: Sequence[Draft]) -> Iterable[Row]:
    """Rows of these lanes that have one of these keys."""
    lanes, keys = {draft.lane for draft in drafts}, [draft.key for draft in drafts]
    for start in range(0, len(keys), KEYS_PER_QUERY_MAX):
        yield from Row.objects.filter(lane__in=lanes, key__in=keys[start : start + KEYS_PER_QUERY_MAX])


def _write(heads: dict[int, Head], drafts: list[Draft]) -> list[Entry]:
    """Rows by hand-written SQL: models of so many rows would cost more than hashing and encrypting."""
    now = clock.now_ms()
    used = [heads[lane] for lane in sorted({draft.lane for draft in drafts})]
    for head in used:
        open_year(head, now)
    with connection.cursor() as cursor:
        sealed = []
        for n, draft in zip(_next_numbers(cursor, len(drafts)), drafts, strict=True):
            sealed.append(_seal(draft, heads[draft.lane], n, now))
            heads[draft.lane].size += 1
        cursor.executemany(INSERT_ENTRY, [_row(entry) for entry, _, _ in sealed])
        cursor.executemany(INSERT_PAYLOAD, [(entry.n, salt, body) for entry, salt, body in sealed])
        cursor.executemany(MOVE_HEAD, [(head.year, head.size, head.lane) for head in used])
    return [entry for entry, _, _ in sealed]


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


def _seal(draft: Draft, head: Head, n: int, now: int) -> tuple[Entry, bytes, bytes]:
    """The next entry of a lane with its leaf, and the salt and ciphertext of its words."""
    kind = facts.kind_of(draft.fact)
    subj = draft.subj or subjects.desk()
    rid, salt, seq = new_id(), secrets.token_bytes(32), head.size
    body, ct, cm = encrypt(subjects.key_of(subj), rid, salt, facts.encode(draft.fact))
    leaf = leaf_bytes(_leaf(draft, kind.leaf, seq, rid, subj, now) | {"ct": ct, "cm": cm})
    entry = Entry(
        n=n, lane=head.lane, year=head.year, seq=seq, key=draft.key, fact=kind.name, id=rid, type=kind.leaf,
        t=now, actor=draft.actor, obj=draft.obj, subj=subj, leaf=leaf, new=True,
    )  # fmt: skip
    return entry, salt, body


def _row(e: Entry) -> tuple[Any, ...]:
    where = (e.n, e.lane, e.year, e.seq, e.key)
    return (*where, e.fact, e.id, e.type, e.t, e.actor, e.obj, e.subj, e.leaf, leaf_hash(e.leaf))


def _leaf(draft: Draft, kind: str, seq: int, rid: str, subj: str, now: int) -> dict[str, Any]:
    leaf: dict[str, Any] = {
        "v": 1, "seq": seq, "id": rid, "obj": draft.obj, "t": clock.iso(now), "type": kind,
        "actor": draft.actor, "subj": subj, "ret": draft.ret or settings.RETENTION_DEFAULT,
        "pol": rules_in_force.fingerprint(),
    }  # fmt: skip
    if draft.prev:
        leaf["prev"] = draft.prev
    if draft.src_t is not None:
        leaf["src_t"] = clock.iso(draft.src_t)
    if draft.red:
        leaf["red"] = sorted(draft.red)
    if draft.att:
        leaf["att"] = list(draft.att)
    return leaf
