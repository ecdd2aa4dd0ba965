"""What offers may know of members, read for all of them at once and then only where something changed.

Taking part, spending with the member's consent, and what she declared herself. Nothing is inferred: no column
here is read from what anybody wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection

from bankside.late import numpy as np
from bankside.rewards import holdout
from bankside.rewards.columns import INTERESTS_MAX, Columns
from bankside.rewards.ledger.active import DAYS_KEPT
from bankside.rewards.ledger.days import DAY_MS, Calendar
from bankside.rewards.rules.standing import Standing
from bankside.rewards.rules.terms import Programme

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAYS: Final = 30
"""Over how many days spending and active days are counted, today among them."""

_PEOPLE: Final = """
    select m.id, m.obj, m.language, m.tenure_since, m.interests from rewards_member m
    where m.status = 'active' and not m.employee and m.joined_at <= %s {which} order by m.id"""
# Only payments that were taken for offers, and only of members who agree to it at this moment.
_SPENT: Final = """
    select p.member_id, sum(case p.kind when 'clearing' then p.amount else -p.amount end)
    from rewards_payment p
    join rewards_consent c on c.member_id = p.member_id and c.purpose = 'spend'
        and c.given_at <= %s and (c.withdrawn_at = 0 or c.withdrawn_at > %s)
    where p.for_offers and p.kind in ('clearing', 'refund') and p.currency = %s and p.at > %s and p.at <= %s
    {which} group by p.member_id"""
_ACTIVE: Final = "select m.member, m.newest, m.days from rewards_meter m where m.days <> 0 {which}"
_LINKED: Final = """
    select m.member_id, min(m.linked_at) from rewards_link m
    where m.linked_at <= %s and (m.unlinked_at = 0 or m.unlinked_at > %s) {which} group by m.member_id"""


class _Person(NamedTuple):
    """A row of _PEOPLE."""

    id: int
    obj: str
    language: str
    tenure_since: int
    interests: Sequence[str]


def columns(programme: Programme, at_ms: int) -> Columns:
    """All active members as they stood at a moment: a row each, in the order of their ids.

    Interests and language are those of now; everything else is as of then.
    """
    people = _people(at_ms, None)
    made = Columns(
        np.array([person.id for person in people], np.int64),
        np.array([holdout.seed(person.obj) for person in people], np.uint64),
    )
    _fill(made, programme, at_ms, people, None)
    return made


def refresh(known: Columns, programme: Programme, at_ms: int, members: Iterable[int]) -> int:
    """Reads some members again into their rows; only columns in which something changed count as changed.

    How many of them have a row: who joined later has none, and is in the next `columns`.
    """
    wanted = known.members[known.rows_of(members)].tolist()
    people = [person for person in _people(at_ms, wanted) if person.id in set(wanted)] if wanted else []
    if people:
        _fill(known, programme, at_ms, people, [person.id for person in people])
    return len(people)


def standing_of(member: int, programme: Programme, at_ms: int) -> Standing | None:
    """One member, read alone; None for whoever offers are not for: not active, or working for the bank."""
    people = _people(at_ms, [member])
    if not people:
        return None
    alone = Columns(np.array([member], np.int64), np.zeros(1, np.uint64))
    _fill(alone, programme, at_ms, people, [member])
    return alone.row(member)


def months_between(calendar: Calendar, since_ms: int, at_ms: int) -> int:
    """Calendar months since a moment; 0 when it is not known."""
    return max(0, calendar.month(at_ms) - calendar.month(since_ms)) if since_ms else 0


def _fill(
    into: Columns, programme: Programme, at_ms: int, people: list[_Person], only: list[int] | None
) -> None:
    rows, calendar = into.rows_of(person.id for person in people), Calendar(programme.zone)
    ids = into.members[rows]
    into.put_languages(rows, [person.language for person in people])
    into.put_interests(rows, [person.interests[:INTERESTS_MAX] for person in people])
    today = calendar.day(at_ms)
    tenure = [months_between(calendar, person.tenure_since, at_ms) for person in people]
    into.put("tenure", rows, np.array(tenure, np.int64))
    begin = at_ms - DAYS * DAY_MS
    spent = [at_ms, at_ms, programme.currency, begin, at_ms]
    into.put("spend", rows, _numbers(ids, _SPENT, spent, only, "p.member_id"))
    active = _active_days(ids, today, only)
    into.put("active_days", rows, active)
    into.put("tier", rows, np.array([programme.tier_of(n) for n in range(DAYS + 1)])[active.clip(0, DAYS)])
    linked = _numbers(ids, _LINKED, [at_ms, at_ms], only, "m.member_id")
    into.put("link_days", rows, np.where(linked > 0, (at_ms - linked) // DAY_MS, 0))


def _active_days(ids: NDArray[np.int64], today: int, only: list[int] | None) -> NDArray[np.int64]:
    """How many of the last DAYS days each of these members was active, as `active.count` counts for one."""
    found = np.array(_asked(_ACTIVE, [], only, "m.member"), np.int64).reshape(-1, 3)
    later = found[:, 1] - today  # a shift by 64 or more is not defined
    days = np.where(
        later >= 0, found[:, 2] >> later.clip(0, DAYS_KEPT), found[:, 2] << (-later).clip(0, DAYS)
    )
    counted = np.bitwise_count(days & ((1 << DAYS) - 1)).astype(np.int64)
    return _placed(ids, found[:, 0], counted)


def _people(at_ms: int, only: list[int] | None) -> list[_Person]:
    found = _asked(_PEOPLE, [at_ms], only, "m.id")
    return [_Person(pk, obj, lang, since, _words(interests)) for pk, obj, lang, since, interests in found]


def _words(told: Any) -> Sequence[str]:
    """JSON as a database gives it: text, or read already. The same few lists come again and again."""
    return _list(told) if isinstance(told, str) else told


@cache
def _list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _numbers(
    ids: NDArray[np.int64], statement: str, values: list[Any], only: list[int] | None, column: str
) -> NDArray[np.int64]:
    """A number for each of the members `ids` (ascending), 0 where the statement has none."""
    found = np.array(_asked(statement, values, only, column), np.int64).reshape(-1, 2)
    return _placed(ids, found[:, 0], found[:, 1])


def _placed(ids: NDArray[np.int64], whose: NDArray[np.int64], what: NDArray[np.int64]) -> NDArray[np.int64]:
    """`what` at the places of the members `whose` among `ids` (ascending), 0 elsewhere."""
    numbers = np.zeros(len(ids), np.int64)
    rows = np.searchsorted(ids, whose)
    there = rows < len(ids)
    rows, whose, what = rows[there], whose[there], what[there]
    right = ids[rows] == whose
    numbers[rows[right]] = what[right]
    return numbers


def _asked(statement: str, values: list[Any], only: list[int] | None, column: str) -> list[tuple[Any, ...]]:
    which, given = "", list(values)
    if only is not None:
        postgresql = connection.vendor == "postgresql"
        among = "= any(%s)" if postgresql else "in (select value from json_each(%s))"
        which, given = f"and {column} {among}", [*values, only if postgresql else json.dumps(only)]
    with connection.cursor() as cursor:
        cursor.execute(statement.format(which=which), given)
        return list(cursor.fetchall())
