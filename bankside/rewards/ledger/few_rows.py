"""A small batch on PostgreSQL: its postings, its own row and the buckets that they move, by one statement.

A person waits for it, and what she waits for is the way to the database and back. Large batches go by COPY
(`journal.py`) and by the statements of `buckets.py`, which for many rows are quicker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django.db.models import BigIntegerField

from bankside.record import prepared
from bankside.record.prepared import array
from bankside.rewards.ledger.buckets import ADD, UNNESTED, Key, NotThere, columns
from bankside.rewards.ledger.tables import Posting

ROWS_MAX: Final = 24
BATCH: Final = ("id", "obj", "at", "rows", "digest")
_SAME: Final = "b.member = s.member and b.unit = s.unit and b.state = s.state and b.due = s.due"
# The buckets of locked members stand still: one that becomes empty is taken away, the others have less. As
# the parts of a statement see the same state, no bucket is met by both. The CHECK refuses to take too much.
_ROWS: Final = f"select * from {UNNESTED}"  # noqa: S608
_TAKE: Final = f"""
    less (member, unit, state, due, points) as materialized ({_ROWS}),
    emptied as (
        delete from rewards_bucket b using less s where {_SAME} and b.points + s.points = 0 returning 1),
    taken as (
        update rewards_bucket b set points = b.points + s.points from less s
        where {_SAME} and b.points + s.points <> 0 returning 1)"""  # noqa: S608


def write(rows: Sequence[Sequence[Any]], batch: Sequence[Any], shifts: Mapping[Key, int]) -> None:
    """Writes the postings (columns as `Posting` has them) and the batch (BATCH), and changes buckets by so
    many points each; raises NotThere, within `unanswered` when answers are waited for."""
    more = [(*key, points) for key, points in sorted(shifts.items()) if points > 0]
    less = [(*key, points) for key, points in sorted(shifts.items()) if points < 0]
    values = [*map(array, zip(*rows, strict=True)), *batch]
    values += [*(columns(more) if more else ()), *(columns(less) if less else ())]
    prepared.ask(_statement(bool(more), bool(less)), values, lambda found: _check(found[0][0], len(less)))


def _check(found: int, wanted: int) -> None:
    if found != wanted:
        raise NotThere(f"{wanted - found} of {wanted} buckets are not there")


@lru_cache(maxsize=4)
def _statement(more: bool, less: bool) -> str:
    """One text for any number of rows, of which each connection keeps one plan."""
    posted = _named(str(field.column) for field in Posting._meta.concrete_fields)
    parts = [
        f"posted as (insert into rewards_posting ({posted}) select * from {_arrays()})",  # noqa: S608
        f"batched as (insert into rewards_batch ({_named(BATCH)}) values ({_named(['%s'] * len(BATCH))}))",  # noqa: S608
    ]
    if more:
        parts.append(f"added as ({ADD.format(rows=_ROWS)})")
    if less:
        parts.append(_TAKE)
    found = "(select count(*) from emptied) + (select count(*) from taken)" if less else "0"
    return f"with {', '.join(parts)} select {found}"


def _arrays() -> str:
    kinds = ("bigint" if isinstance(f, BigIntegerField) else "text" for f in Posting._meta.concrete_fields)
    return f"unnest({_named(f'%s::{kind}[]' for kind in kinds)})"


def _named(words: Iterable[str]) -> str:
    return ", ".join(words)
