"""What there is before points are spent: what these keys spent before, what members have, the next batch.

One statement, since somebody waits for it. It is asked after the members are locked and not together with the
lock: a statement sees what was committed when it began, which for one that waits is too early.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, get_type_hints

from django.db import connection

from bankside.record import prepared
from bankside.record.prepared import array
from bankside.rewards.ledger.journal import AVAILABLE, Move

Place = tuple[int, str]  # member, unit
HAS, NEXT = "has", "next"  # kinds of rows that are no postings


class Standing(NamedTuple):
    """`spent`: postings of each key; `left`: available points of each place by month; `number`: the next
    batch's."""

    spent: dict[str, list[Move]]
    left: dict[Place, dict[int, int]]
    number: int


def read(sources: Iterable[str], kind: str, places: Iterable[Place]) -> Standing:
    """Of postings those of one kind, by bucket; `left` has every place that is asked for. The members are
    locked."""
    wanted = sorted(set(places))
    standing, number = Standing({}, {place: {} for place in wanted}, 0), 0
    for move in _rows(list(dict.fromkeys(sources)), kind, wanted):
        if move.kind == NEXT:
            number = move.points
        elif move.kind != HAS:
            standing.spent.setdefault(move.source, []).append(move)
        elif (move.member, move.unit) in standing.left:
            pairs = (pair.split(" ") for pair in move.source.split(","))
            standing.left[move.member, move.unit] = {int(due): int(points) for due, points in pairs}
    for moves in standing.spent.values():
        moves.sort(key=lambda move: move.due)
    return standing._replace(number=number)


def _rows(sources: Sequence[str], kind: str, places: Sequence[Place]) -> list[Move]:
    members, units = [member for member, _ in places], [unit for _, unit in places]
    with prepared.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_ON_POSTGRESQL, [array(sources), kind, array(members), array(units)])
        else:
            cursor.execute(_ON_SQLITE, [json.dumps(sources), kind, json.dumps(members), json.dumps(units)])
        return [Move(*row) for row in cursor.fetchall()]


_MOVE: Final = ", ".join(Move._fields)


def _as_move(**columns: str) -> str:
    """The columns of a posting with these in their places, and nothing in the others."""
    nothing = {name: "0" if kind is int else "''" for name, kind in get_type_hints(Move).items()}
    return f"select {', '.join((nothing | columns)[name] for name in Move._fields)}"


# The buckets of a place in one row, "month points" after "month points": sixty rows took longest of all.
_LEFT: Final = _as_move(kind=f"'{HAS}'", member="b.member", unit="b.unit", source="{said}")
_AVAILABLE: Final = f"b.state = '{AVAILABLE}' and b.points > 0"
_NUMBERED: Final = _as_move(kind=f"'{NEXT}'", points="{number}")
# Lateral, so that each is found by its index: a plan that a connection keeps was one that read whole tables.
_ON_POSTGRESQL: Final = f"""
    select p.* from unnest(%s::text[]) k(source) cross join lateral (
        select {_MOVE} from rewards_posting m where m.source = k.source and m.kind = %s offset 0) p
    union all {_LEFT.format(said="b.said")} from (
        select w.*, found.said from unnest(%s::bigint[], %s::text[]) w(member, unit) cross join lateral (
            select string_agg(b.due || ' ' || b.points, ',') as said from rewards_bucket b
            where b.member = w.member and b.unit = w.unit and {_AVAILABLE}) found
        where found.said is not null) b
    union all {_NUMBERED.format(number="nextval('rewards_batch_number')")}"""  # noqa: S608
_AMONG: Final = "in (select value from json_each(%s))"
_ON_SQLITE: Final = f"""
    select {_MOVE} from rewards_posting where source {_AMONG} and kind = %s
    union all {_LEFT.format(said="group_concat(b.due || ' ' || b.points, ',')")} from rewards_bucket b
    where b.member {_AMONG} and b.unit {_AMONG} and {_AVAILABLE} group by b.member, b.unit
    union all {_NUMBERED.format(number="coalesce(max(id), 0) + 1")} from rewards_batch"""  # noqa: S608
