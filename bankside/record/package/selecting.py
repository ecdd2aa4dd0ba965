"""From an expression to the rows of the record that it means, in one condition that both databases read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import connection

from bankside.record import sealed
from bankside.record.forgetting.covered import SPARED
from bankside.record.models import Subject
from bankside.record.package.expression import (
    Both,
    Either,
    Everything,
    ExpressionWrong,
    Is,
    Not,
    Wanted,
    parse,
)
from bankside.said import Said

ROWS_PER_QUERY: Final = 500

# Entries that never had words of their own.
# ruff: noqa: S608 - every name in these conditions is our own
_WORDLESS: Final = "e.type in ('erase', 'shard')"
_ERASED: Final = (
    f"(not ({_WORDLESS}) and (not exists (select 1 from record_payload q where q.n = e.n)"
    " or not exists (select 1 from record_subject s where s.subj = e.subj)))"
)
_RESTRICTED: Final = (
    f"(e.type not in ({', '.join(sorted(map(repr, SPARED)))}) and exists (select 1 from record_restriction r"
    " where r.subj = e.subj and r.about in ('', e.obj)))"
)
_HELD: Final = (
    "(exists (select 1 from record_hold h where h.released_at = 0 and ((h.kind = 'subject' and"
    " h.target = e.subj) or (h.kind = 'object' and h.target = e.obj))) or e.obj in (select w.about from"
    " ({objects}) w join record_hold g on g.target = w.channel"
    " where g.kind = 'channel' and g.released_at = 0))"
)
_COLUMNS: Final = "e.n, e.lane, e.year, e.seq, e.fact, e.rid, e.t, e.actor, e.obj, e.subj, e.leaf"


def subjects_of(account: str) -> Sequence[str]:
    """Whose the account is, given as `network:id`; empty when the desk does not know it."""
    network, _, remote = account.partition(":")
    mac = sealed.mac("subject-map", f"{network}|{remote}")
    return list(Subject.objects.filter(mac=mac).values_list("subj", flat=True))


@dataclass(frozen=True)
class Outside:
    """What other rooms know: `objects` is SQL of rows (channel, about): which things are of which channel.

    `channels_named` gives the objs of channels by name or obj, `actors_named` who has an address, `accounts`
    whose an account of a network is.
    """

    objects: str = "select '' as channel, '' as about"
    channels_named: Callable[[str], Sequence[str]] = lambda name: ()
    actors_named: Callable[[str], Sequence[str]] = lambda address: ()
    accounts: Callable[[str], Sequence[str]] = subjects_of


class Selection(NamedTuple):
    """A condition over `record_entry e`, with its values, and how it is known which words are held."""

    condition: str
    values: tuple[Any, ...]
    held: str


class Row(NamedTuple):
    """An entry as it goes into a package, its words still shut. `held` and `restricted` as they are now."""

    n: int
    lane: int
    year: int
    seq: int
    fact: str
    id: str
    t: int
    actor: str
    obj: str
    subj: str
    leaf: bytes
    salt: bytes | None
    body: bytes | None
    restricted: bool
    held: bool


def selection(text: str, outside: Outside) -> Selection:
    """What an expression selects; raises ExpressionWrong, also for a channel or person that is not here."""
    held = _HELD.format(objects=outside.objects)
    condition, values = _of(parse(text), outside, held)
    return Selection(condition, tuple(values), held)


def count(chosen: Selection, until: int) -> int:
    """How many entries, of those up to arrival number `until`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*) from record_entry e where e.n <= %s and ({chosen.condition})",
            [until, *chosen.values],
        )
        return int(cursor.fetchone()[0])


def last(chosen: Selection, until: int) -> dict[tuple[int, int], int]:
    """By lane and year of a log, the highest number there of what is chosen."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select e.lane, e.year, max(e.seq) from record_entry e where e.n <= %s and ({chosen.condition})"
            " group by e.lane, e.year",
            [until, *chosen.values],
        )
        return {(lane, year): seq for lane, year, seq in cursor.fetchall()}


def newest() -> int:
    """The highest arrival number there is; 0 for an empty record."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(n), 0) from record_entry")
        return int(cursor.fetchone()[0])


def rows(chosen: Selection, until: int) -> Iterator[list[Row]]:
    """The entries in order of arrival, at most 500 at a time; each part is a query of its own."""
    sql = (
        f"select {_COLUMNS}, p.salt, p.body, {_RESTRICTED}, {chosen.held}"
        " from record_entry e left join record_payload p on p.n = e.n"
        f" where e.n > %s and e.n <= %s and ({chosen.condition}) order by e.n limit {ROWS_PER_QUERY}"
    )
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, [after, until, *chosen.values])
            found = [_row(columns) for columns in cursor.fetchall()]
        if found:
            yield found
        if len(found) < ROWS_PER_QUERY:
            return
        after = found[-1].n


def _row(columns: Sequence[Any]) -> Row:
    *plain, leaf, salt, body, restricted, held = columns
    words = (None if salt is None else bytes(salt), None if body is None else bytes(body))
    return Row._make((*plain, bytes(leaf), *words, bool(restricted), bool(held)))


Condition = tuple[str, list[Any]]


def _of(wanted: Wanted, outside: Outside, held: str) -> Condition:
    match wanted:
        case Everything():
            return "1 = 1", []
        case Not(one=one):
            inner, values = _of(one, outside, held)
            return f"not ({inner})", values
        case Both(parts=parts):
            return _joined(" and ", parts, outside, held)
        case Either(parts=parts):
            return _joined(" or ", parts, outside, held)
        case Is():
            condition, values = _comparison(wanted, outside, held)
            return (f"not ({condition})" if wanted.sign == "!=" else condition), values


def _joined(word: str, parts: tuple[Wanted, ...], outside: Outside, held: str) -> Condition:
    conditions, values = zip(*(_of(part, outside, held) for part in parts), strict=True)
    return word.join(f"({one})" for one in conditions), [value for some in values for value in some]


def _comparison(is_: Is, outside: Outside, held: str) -> Condition:
    """One comparison, as if its sign were not !=."""
    values: list[Any] = list(is_.values)
    match is_.field:
        case "time":
            sign = "=" if is_.sign == "!=" else is_.sign
            return f"e.t {sign} %s", values
        case "period":
            return " or ".join(["(e.t >= %s and e.t < %s)"] * len(values)), [
                ms for one in values for ms in one
            ]
        case "room":
            return " or ".join(["e.fact like %s"] * len(values)), [f"{room}.%" for room in values]
        case "state":
            return " or ".join(_state(str(state), held) for state in values), []
        case "channel":
            found = [obj for name in values for obj in _known(is_, outside.channels_named, name)]
            inner = f"select w.about from ({outside.objects}) w where w.channel in ({_marks(found)})"
            return f"e.obj in ({inner})", found
        case "account":
            return _in("e.subj", [subj for name in values for subj in _known(is_, outside.accounts, name)])
        case "actor":
            return _in("e.actor", [one for name in values for one in _actors(is_, outside, str(name))])
        case "entry":
            return _either("e.n", "e.rid", values, "%s")
        case "conversation":
            return _either("e.obj", "e.obj", values, "(select f.obj from record_entry f where f.n = %s)")
        case "subject":
            return _in("e.subj", values)
        case "object":
            return _in("e.obj", values)
        case "type":
            return _in("e.type", values)
        case _:
            return _in("e.fact", values)


def _state(state: str, held: str) -> str:
    match state:
        case "erased":
            return _ERASED
        case "restricted":
            return f"({_RESTRICTED} and not {_ERASED})"
        case "held":
            return f"({held} and not {_ERASED})"
        case _:
            return f"(not ({_WORDLESS}) and not {_ERASED} and not {_RESTRICTED})"


def _in(column: str, values: Sequence[Any]) -> Condition:
    return f"{column} in ({_marks(values)})", list(values)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _either(by_number: str, by_id: str, values: Sequence[Any], number: str) -> Condition:
    """Numbers and ids may stand in one list."""
    return " or ".join(
        f"{by_number} = {number}" if isinstance(value, int) else f"{by_id} = %s" for value in values
    ), list(values)


def _known(is_: Is, find: Callable[[str], Sequence[str]], name: Any) -> Sequence[str]:
    found = find(str(name))
    if not found:
        what = Said("There is no %(field)s called %(name)s here.", field=is_.field, name=str(name))
        raise ExpressionWrong(what, *is_.at)
    return found


def _actors(is_: Is, outside: Outside, name: str) -> Sequence[str]:
    return [name] if "@" not in name else _known(is_, outside.actors_named, name)
