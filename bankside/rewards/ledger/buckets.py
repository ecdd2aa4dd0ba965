"""Buckets: what a member has pending, by day, and available, by month. Empty ones are taken away.

They can be computed again from the journal, and `EXPECTED` is how.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from bankside.rewards.ledger.locks import array

Key = tuple[int, str, str, int]  # member, unit, state, due

_KEY = "member = %s and unit = %s and state = %s and due = %s"
UNNESTED = "unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])"
ADD = (
    "insert into rewards_bucket (member, unit, state, due, points) {rows}"
    " on conflict (member, unit, state, due) do update set points = rewards_bucket.points + excluded.points"
)
# The members are locked, so that nobody makes the same bucket meanwhile: a third less than "on conflict".
_ADD_ALL = f"""
    merge into rewards_bucket b using (select * from {UNNESTED}) s(member, unit, state, due, points)
    on b.member = s.member and b.unit = s.unit and b.state = s.state and b.due = s.due
    when matched then update set points = b.points + s.points
    when not matched then insert (member, unit, state, due, points)
        values (s.member, s.unit, s.state, s.due, s.points)"""  # noqa: S608
_TAKE_ALL = f"""
    update rewards_bucket b set points = b.points + s.points
    from {UNNESTED} s(member, unit, state, due, points)
    where b.member = s.member and b.unit = s.unit and b.state = s.state and b.due = s.due
    returning b.points"""  # noqa: S608
_EMPTY_ALL = f"""
    delete from rewards_bucket b using {UNNESTED} s(member, unit, state, due, points)
    where b.member = s.member and b.unit = s.unit and b.state = s.state and b.due = s.due and b.points = 0"""  # noqa: S608

# How every posting moves buckets: it adds to the one that it credits and takes from the one that it debits.
MOVED = """
    select member, unit, 'pending' as state, due, points from rewards_posting where cr = 'pending'
    union all select member, unit, 'pending', due, -points from rewards_posting where dr = 'pending'
    union all select member, unit, 'available', until, points from rewards_posting where cr = 'available'
    union all select member, unit, 'available', until, -points from rewards_posting where dr = 'available'"""
# What the journal says of every bucket.
EXPECTED = f"""
    select member, unit, state, due, sum(points) as points from ({MOVED}) as moved
    group by member, unit, state, due having sum(points) <> 0"""  # noqa: S608
# Buckets that are not what the journal says: what they should have, and what they have.
WRONG = f"""
    select member, unit, state, due, sum(points), sum(has) from (
        select member, unit, state, due, points, 0 as has from ({MOVED}) as moved
        union all select member, unit, state, due, 0, points from rewards_bucket
    ) as sides group by member, unit, state, due having sum(points) <> sum(has)
    order by member, unit, state, due limit %s"""  # noqa: S608


class NotThere(RuntimeError):
    """A bucket does not have the points that were to be taken from it."""


def shift(cursor: Any, shifts: Mapping[Key, int]) -> None:
    """Changes buckets by so many points each, in the order of their keys; raises NotThere."""
    rows = [(*key, points) for key, points in sorted(shifts.items())]
    if more := [row for row in rows if row[-1] > 0]:
        _add(cursor, more)
    if less := [row for row in rows if row[-1] < 0]:
        _take(cursor, less)


def _add(cursor: Any, rows: list[tuple[Any, ...]]) -> None:
    if connection.vendor == "postgresql":
        cursor.execute(_ADD_ALL, columns(rows))
    else:
        cursor.executemany(ADD.format(rows="values (%s, %s, %s, %s, %s)"), rows)


def _take(cursor: Any, rows: list[tuple[Any, ...]]) -> None:
    """Takes points away, all or an error; the CHECK of the table is what refuses too much of a bucket."""
    if connection.vendor == "postgresql":
        cursor.execute(_TAKE_ALL, columns(rows))
        left = cursor.fetchall()
        found = len(left)
        if (0,) in left:
            cursor.execute(_EMPTY_ALL, columns(rows))
    else:
        cursor.executemany(
            f"update rewards_bucket set points = points + %s where {_KEY}",  # noqa: S608
            [(points, *key) for *key, points in rows],
        )
        found = cursor.rowcount
        cursor.executemany(
            f"delete from rewards_bucket where {_KEY} and points = 0",  # noqa: S608
            [row[:4] for row in rows],
        )
    if found != len(rows):
        raise NotThere(f"{len(rows) - found} of {len(rows)} buckets are not there")


def columns(rows: list[tuple[Any, ...]]) -> list[str]:
    """Rows of (member, unit, state, due, points) as PostgreSQL's UNNESTED takes them."""
    return [array(column) for column in zip(*rows, strict=True)]
