"""From candidates to durable postings: load what was decided, decide in order of arrival, write sets.

Everything happens in the caller's transaction and under the lock of the members. Why a candidate got what it
got is said by its posting (`why.py`); why one got nothing, or nothing yet, is kept in Earned. A replay finds
it there: nothing is decided twice.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, Final

from django.db import connection

from bankside.record import prepared
from bankside.rewards.ledger import funds, journal, locks, meter
from bankside.rewards.ledger.candidate import AWARDED, HELD, KNOWN, Candidate, Outcome
from bankside.rewards.ledger.decide import Key, State, decide
from bankside.rewards.ledger.journal import ISSUED, PENDING, Move
from bankside.rewards.ledger.tables import ROWS_MAX
from bankside.rewards.ledger.why import why_of

CANDIDATES_MAX: Final = 60_000
EARN: Final = "earn"
_EARNED: Final = (
    "source", "rule", "member", "programme", "kind", "network", "at", "day", "due", "cls", "points", "asked",
    "outcome", "reason", "inputs", "entry", "remote", "checked",
)  # fmt: skip
_LINE: Final = "\t".join(["%s"] * len(_EARNED)) + "\n"
_KEEP = f"insert into rewards_earned ({', '.join(_EARNED)}) values ({', '.join(['%s'] * len(_EARNED))})"  # noqa: S608
_COPY = f"copy rewards_earned ({', '.join(_EARNED)}) from stdin"
_CHANGE = (
    "update rewards_earned set points = %s, asked = %s, outcome = %s, reason = %s, due = %s"
    " where source = %s and rule = %s"
)
_TAKE_OUT = "delete from rewards_earned where source = %s and rule = %s"
_METER = (
    "insert into rewards_meter (member, body) values (%s, %s)"
    " on conflict (member) do update set body = excluded.body"
)
# Their rows are there: they were locked.
_METERS = """update rewards_meter m set body = s.body
    from unnest(%s::bigint[], %s::bytea[]) s(member, body) where m.member = s.member"""
_KNOWN = "select source, rule, points, outcome from rewards_earned where {among}"
_PAID = "select source, rule, points, 'awarded' from rewards_posting where {among} and kind = 'earn'"
_PLAIN = re.compile(r"[A-Za-z0-9:._-]*")
_NAMED = re.compile(r"[a-z]:")  # not empty, and not the word null
_UNCHECKED = "insert into rewards_unchecked (batch, after) values (%s, %s)"
# PostgreSQL: what a batch costs follows from the batch, and not from how long the tables are.
_BY_INDEX = "select set_config('enable_seqscan', %s, true), set_config('enable_hashjoin', %s, true)"


class BatchTooLarge(ValueError):
    """A call decides at most 60,000 candidates."""


def post(
    candidates: Sequence[Candidate], *, lane: int = 0, actor: str = "s:card",
    also: Callable[[], object] | None = None,
) -> list[Outcome]:  # fmt: skip
    """Decides candidates in order of arrival and writes what follows; their outcomes, in that order.

    `also` writes what else follows, while the members are locked; it neither reads nor copies.
    One transaction is open, and this is its only call of the ledger. The fact of the batch goes to `lane`.
    Raises BatchTooLarge. A source that comes again is known, whichever member it comes with.
    """
    if len(candidates) > CANDIDATES_MAX:
        raise BatchTooLarge(f"{len(candidates)} candidates in one call")
    if not candidates:
        return []
    with uncollected(), _by_index():
        return _posted(sorted(candidates, key=attrgetter("seq")), lane, actor, also)


def _posted(
    ordered: list[Candidate], lane: int, actor: str, also: Callable[[], object] | None
) -> list[Outcome]:
    state = _loaded(ordered)
    waiting = {key for key, (_, outcome) in state.known.items() if outcome == HELD}
    paid = dict(state.funds)
    outcomes = decide(ordered, state)
    if all(outcome.outcome == KNOWN for outcome in outcomes):
        return outcomes
    number = _numbered() if any(outcome.outcome == AWARDED for outcome in outcomes) else 0
    with prepared.unanswered():
        _keep_meters(state)
        funds.save({rule: used for rule, used in state.funds.items() if used != paid[rule]})
        if also:
            also()
        moves, left = _parted(ordered, outcomes)
        drawn = journal.draw(moves, number) if moves else None
    if left or waiting:
        _write(left, waiting, state)
    if drawn:
        journal.finish(drawn, lane=lane, actor=actor)
    return outcomes


def _parted(
    ordered: Iterable[Candidate], outcomes: Iterable[Outcome]
) -> tuple[list[Move], dict[Key, tuple[Candidate, Outcome]]]:
    """Awards, and what got nothing now. A key that was held and decided in one call counts once."""
    moves, left = list[Move](), dict[Key, tuple[Candidate, Outcome]]()
    for candidate, outcome in zip(ordered, outcomes, strict=True):
        if outcome.outcome == AWARDED:
            moves.append(_move(candidate, outcome))
            if left:
                left.pop((outcome.source, outcome.rule), None)
        elif outcome.outcome != KNOWN:
            left[outcome.source, outcome.rule] = candidate, outcome
    return moves, left


def _numbered() -> int:
    """The number of the batch, which has awards that nobody has looked at."""
    number = journal.next_number()
    with connection.cursor() as cursor:
        cursor.execute(_UNCHECKED, [number, number * ROWS_MAX - 1])
    return number


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for cycles meanwhile: a batch makes many rows and no cycles, and lost a fifth of its
    time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def _by_index() -> Iterator[None]:
    """Without plans that read whole tables, which PostgreSQL chooses before it has counted them."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_BY_INDEX, ["off", "off"])
        yield
        cursor.execute(_BY_INDEX, ["on", "on"])


def _loaded(candidates: Sequence[Candidate]) -> State:
    """Locks the members, then reads what was decided: in this order, so that nobody decides in between."""
    bodies = locks.metered(candidate.member for candidate in candidates)
    paying = {
        terms.rule: terms for terms in {id(c.terms): c.terms for c in candidates}.values() if terms.fund
    }
    return State(
        known=_known(candidates),
        meters={member: meter.unfold(body) for member, body in bodies.items()},
        funds=funds.load(paying.values()),
    )


def _known(candidates: Iterable[Candidate]) -> dict[Key, tuple[int, str]]:
    condition, values = _among(dict.fromkeys(candidate.source for candidate in candidates))
    known = f"{_KNOWN} union all {_PAID}".format(among=condition)
    with connection.cursor() as cursor:
        cursor.execute(known, values * 2)
        return {(source, rule): (points, outcome) for source, rule, points, outcome in cursor.fetchall()}


def _among(sources: Iterable[str]) -> tuple[str, list[Any]]:
    """As `locks.among`. Plain names need no quotes in an array, and with none in it one is quickly made."""
    names = list(sources)
    text = "".join(names)
    if connection.vendor == "postgresql" and _PLAIN.fullmatch(text) and all(map(_NAMED.match, names)):
        return "source = any(%s::text[])", [locks.array(names)]
    return locks.among("source", names)


def _move(candidate: Candidate, outcome: Outcome) -> Move:
    terms = candidate.terms
    return Move(
        candidate.source, terms.rule, EARN, candidate.settles, candidate.expires, candidate.member,
        terms.unit, ISSUED, PENDING, outcome.points, candidate.at, terms.programme, candidate.origin,
        why_of(candidate, outcome.points, outcome.reason),
    )  # fmt: skip


def _write(left: dict[Key, tuple[Candidate, Outcome]], waiting: set[Key], state: State) -> None:
    """What got nothing, and what does not wait any more, each by one statement."""
    fresh = [_kept(c, o) for key, (c, o) in left.items() if key not in waiting]
    changed = [
        (o.points, c.points, o.outcome, o.reason, c.settles, *key)
        for key, (c, o) in left.items()
        if key in waiting
    ]
    awarded = [key for key in waiting if state.known[key][1] == AWARDED]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, fresh)
        else:
            cursor.executemany(_KEEP, fresh)
        for statement, keys in ((_CHANGE, changed), (_TAKE_OUT, awarded)):
            if keys:
                cursor.executemany(statement, keys)


def _keep_meters(state: State) -> None:
    meters = [(member, meter.fold(state.meters[member])) for member in sorted(state.moved)]
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.executemany(_METER, meters)
        elif meters:
            bodies = (f'"\\\\x{body.hex()}"' for _, body in meters)
            cursor.execute(_METERS, [locks.array(member for member, _ in meters), locks.array(bodies)])


def _kept(c: Candidate, o: Outcome) -> tuple[Any, ...]:
    """A row of Earned; there is nothing in it for fraud checks to look at."""
    terms = c.terms
    return (
        c.source, terms.rule, c.member, terms.programme, c.kind, c.network, c.at, c.day, c.settles, terms.cls,
        o.points, c.points, o.outcome, o.reason, c.inputs, c.entry, c.remote, True,
    )  # fmt: skip


def _copy(cursor: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    text = "".join([_LINE % row for row in rows])
    if text.count("\n") != len(rows) or text.count("\t") != len(rows) * (len(_EARNED) - 1):
        raise journal.NotPlain("a source, a reason or the inputs have a tab or a line end in them")
    with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        copy.write(text.replace("\\", "\\\\"))
