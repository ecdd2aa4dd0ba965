"""What there is before points are spent: what these keys spent before, what members have, the next batch.

One statement, since somebody waits for it. It is asked after the members are locked and not together with the
lock: a statement sees what was committed when it began, which for one that waits is too early.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, get_type_hints

from django.db import connection

from bankside.record import prepared
from bankside.rewards.ledger import locks
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
    of_sources, first = locks.among("source", sources)
    of_members, second = locks.among("member", dict.fromkeys(member for member, _ in places))
    of_units, third = locks.among("unit", dict.fromkeys(unit for _, unit in places))
    statement = (
        f"{_SPENT} where {of_sources} and kind = %s union all {_LEFT} where {of_members} and {of_units}"
        f" and state = '{AVAILABLE}' and points > 0 group by member, unit union all "
    )
    if connection.vendor == "postgresql":
        statement = statement.replace("group_concat", "string_agg") + _NUMBERED
    else:
        statement += _COUNTED
    with prepared.cursor() as cursor:
        cursor.execute(statement, [*first, kind, *second, *third])
        return [Move(*row) for row in cursor.fetchall()]


def _as_move(**columns: str) -> str:
    """The columns of a posting with these in their places, and nothing in the others."""
    nothing = {name: "0" if kind is int else "''" for name, kind in get_type_hints(Move).items()}
    return f"select {', '.join((nothing | columns)[name] for name in Move._fields)}"


_SPENT: Final = f"select {', '.join(Move._fields)} from rewards_posting"  # noqa: S608
# The buckets of a place in one row, "month points" after "month points": sixty rows took longest of all.
_LEFT: Final = f"""{
    _as_move(kind=f"'{HAS}'", member="member", unit="unit", source="group_concat(due || ' ' || points, ',')")
} from rewards_bucket"""
_NUMBERED: Final = _as_move(kind=f"'{NEXT}'", points="nextval('rewards_batch_number')")
_COUNTED: Final = f"""{_as_move(kind=f"'{NEXT}'", points="coalesce(max(id), 0) + 1")} from rewards_batch"""
