"""Which entries an erasure, a restriction or the end of a term is about.

An `erase` leaf covers the entries of its lane that came before it, in older logs as well: all of its
subject's, or, with `obj`, those about that one thing. What tells of reading and of keeping stays, whoever is
forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from bankside.record.append import Entry, entries_where

ERASED, EXPIRED = "record.erased", "record.words-expired"
RESTRICTED, LIFTED = "record.words-restricted", "record.restriction-lifted"
TURNS = frozenset({ERASED, EXPIRED, RESTRICTED, LIFTED})
"""The facts after which what was derived from other entries is derived anew."""
SPARED = ("erase", "export", "hold", "read", "release", "restrict", "verify")
"""Types of leaves whose words are never erased with a thing: they say who read and who decided, not what."""
SLICE = 500


class Scope(NamedTuple):
    """Words of a subject: all of them, or (`about`) those of one thing."""

    subj: str
    about: str = ""

    def holds(self, entry: Entry) -> bool:
        """Whether an entry's words are among them."""
        return entry.subj == self.subj and self.about in ("", entry.obj) and entry.type not in SPARED


def scope_of(leaf: bytes) -> Scope:
    """What an `erase` leaf is about."""
    said = msgspec.json.decode(leaf)
    return Scope(said["subj"], said.get("obj", ""))


def erased_at(scope: Scope) -> int:
    """When (UTC ms) exactly this scope was erased last, -1 when it never was. Words that came later are not
    meant by any of its erasures."""
    # Of a thing there are few entries, of the desk's subject and of a fact many: only the first has an index.
    first, second = ("obj", "subj") if scope.about else ("subj", "obj")
    newest = f"{first} = %s and {second} || '' = %s and fact || '' = %s order by n desc limit 1"
    values = (scope.about, scope.subj) if scope.about else (scope.subj, scope.about)
    return next((one.t for one in entries_where(newest, [*values, ERASED])), -1)


def lanes_of(scope: Scope) -> dict[int, int]:
    """How many entries with words of this scope each lane has; lanes without are left out."""
    condition, values = where(scope)
    sql = f"select e.lane, count(*) from record_entry e where {condition} group by e.lane"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return dict(sorted(cursor.fetchall()))


def objs_of(scope: Scope, before: Entry | None = None) -> list[str]:
    """The things that these entries are about; `before`: those of its lane that came before it."""
    condition, values = where(scope, before)
    with connection.cursor() as cursor:
        cursor.execute(f"select distinct obj from record_entry e where {condition} order by obj", values)  # noqa: S608
        return [obj for (obj,) in cursor.fetchall()]


def between(people: Sequence[str], desk: str) -> list[str]:
    """The things that one of these people began and that nobody but they and the desk ever spoke of."""
    marks = ", ".join(["%s"] * len(people))
    sql = f"""select e.obj from record_entry e where e.subj <> '' and e.obj in (
            select a.obj from record_entry a where a.subj in ({marks}))
        group by e.obj
        having sum(case when e.subj = %s then 0 when e.subj in ({marks}) then 0 else 1 end) = 0
        and sum(case when e.subj = %s then 1 else 0 end) > 0
        order by e.obj"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*people, desk, *people, desk])
        both = [obj for (obj,) in cursor.fetchall()]
    first = "n = (select min(n) from record_entry where obj = %s)"
    return [obj for obj in both if (one := entries_where(first, [obj])) and one[0].subj in people]


def about(objs: Sequence[str], before: Entry) -> list[Entry]:
    """All entries about these things in the lane of `before` that came before it, in order."""
    found: list[Entry] = []
    for some in slices(objs):
        marks = ", ".join(["%s"] * len(some))
        condition = f"obj in ({marks}) and lane = %s and (year < %s or (year = %s and seq < %s))"
        found += entries_where(condition, [*some, before.lane, before.year, before.year, before.seq])
    return sorted(found, key=lambda entry: (entry.year, entry.seq))


def drop_words(scope: Scope, before: Entry | None, limit: int) -> int:
    """Deletes salt and ciphertext of at most `limit` entries that an erasure covers; how many were left to
    delete. In a transaction of the caller."""
    condition, values = where(scope, before)
    sql = f"""delete from record_payload where n in (select e.n from record_entry e
        join record_payload p on p.n = e.n where {condition} order by e.n limit %s)"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, limit])
        return int(cursor.rowcount)


def words_left(scope: Scope) -> dict[int, int]:
    """How many entries of the scope have words now, by lane."""
    condition, values = where(scope)
    sql = f"""select e.lane, count(*) from record_entry e join record_payload p on p.n = e.n
        where {condition} group by e.lane order by e.lane"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return dict(cursor.fetchall())


def in_runs(year: int, lane: int, firsts: Iterable[int], lasts: Iterable[int]) -> list[Entry]:
    """The entries of these runs of a log."""
    found: list[Entry] = []
    for first, last in zip(firsts, lasts, strict=True):
        found += entries_where("lane = %s and year = %s and seq between %s and %s", [lane, year, first, last])
    return found


def slices(objs: Sequence[Any], size: int = SLICE) -> Iterator[Sequence[Any]]:
    """A few at a time, as a statement takes them."""
    for start in range(0, len(objs), size):
        yield objs[start : start + size]


def where(scope: Scope, before: Entry | None = None) -> tuple[str, list[Any]]:
    """The condition for rows `e` of record_entry in this scope, with its values; `before`: see `objs_of`."""
    spared = "e.type not in (" + ", ".join(f"'{kind}'" for kind in SPARED) + ")"
    condition = f"e.subj = %s and {spared}"
    values: list[Any] = [scope.subj]
    if scope.about:
        condition, values = f"{condition} and e.obj = %s", [*values, scope.about]
    if before is not None:
        condition += " and e.lane = %s and (e.year < %s or (e.year = %s and e.seq < %s))"
        values = [*values, before.lane, before.year, before.year, before.seq]
    return condition, values
