"""From candidates to durable postings: load what was decided, decide in order of arrival, write sets.

Everything happens in the caller's transaction and under the lock of the members. Why each candidate got what
it got is kept with the posting (`Earned`), and a replay finds it there: nothing is decided twice.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, Final

from django.db import connection

from bankside.rewards.ledger import funds, journal, locks, meter
from bankside.rewards.ledger.candidate import AWARDED, HELD, KNOWN, Candidate, Outcome
from bankside.rewards.ledger.decide import Key, State, decide
from bankside.rewards.ledger.journal import ISSUED, PENDING, Move

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
_METER = (
    "insert into rewards_meter (member, body) values (%s, %s)"
    " on conflict (member) do update set body = excluded.body"
)
_METERS = """insert into rewards_meter (member, body) select * from unnest(%s::bigint[], %s::bytea[])
    on conflict (member) do update set body = excluded.body"""
# PostgreSQL: what a batch costs follows from the batch, and not from how long the tables are.
_BY_INDEX = "select set_config('enable_seqscan', %s, true), set_config('enable_hashjoin', %s, true)"


class BatchTooLarge(ValueError):
    """A call decides at most 60,000 candidates."""


def post(candidates: Sequence[Candidate], *, lane: int = 0, actor: str = "s:card") -> list[Outcome]:
    """Decides candidates in order of arrival and writes what follows; their outcomes, in that order.

    One transaction is open, and this is its only call of the ledger. The fact of the batch goes to `lane`.
    Raises BatchTooLarge. A source that comes again is known, whichever member it comes with.
    """
    if len(candidates) > CANDIDATES_MAX:
        raise BatchTooLarge(f"{len(candidates)} candidates in one call")
    if not candidates:
        return []
    with _uncollected(), _by_index():
        return _posted(sorted(candidates, key=attrgetter("seq")), lane, actor)


def _posted(ordered: list[Candidate], lane: int, actor: str) -> list[Outcome]:
    state = _loaded(ordered)
    waiting = {key for key, (_, outcome) in state.known.items() if outcome == HELD}
    paid = dict(state.funds)
    outcomes = decide(ordered, state)
    new = [pair for pair in zip(ordered, outcomes, strict=True) if pair[1].outcome != KNOWN]
    if new:
        _write(new, waiting, state)
        funds.save({rule: used for rule, used in state.funds.items() if used != paid[rule]})
        journal.write([_move(c, o) for c, o in new if o.points], lane=lane, actor=actor)
    return outcomes


@contextmanager
def _uncollected() -> Iterator[None]:
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
    condition, values = locks.among("source", dict.fromkeys(candidate.source for candidate in candidates))
    with connection.cursor() as cursor:
        cursor.execute(f"select source, rule, points, outcome from rewards_earned where {condition}", values)  # noqa: S608
        return {(source, rule): (points, outcome) for source, rule, points, outcome in cursor.fetchall()}


def _move(candidate: Candidate, outcome: Outcome) -> Move:
    terms = candidate.terms
    return Move(
        candidate.source, terms.rule, EARN, candidate.settles, candidate.expires, candidate.member,
        terms.unit, ISSUED, PENDING, outcome.points, candidate.at, terms.programme, candidate.origin,
    )  # fmt: skip


def _write(new: Sequence[tuple[Candidate, Outcome]], waiting: set[Key], state: State) -> None:
    """Decisions and meters, each by one statement. A key that was held and decided in one call counts
    once."""
    decided = {(o.source, o.rule): (c, o) for c, o in new}
    fresh = [_kept(c, o) for key, (c, o) in decided.items() if key not in waiting]
    changed = [
        (o.points, c.points, o.outcome, o.reason, c.settles, *key)
        for key, (c, o) in decided.items()
        if key in waiting
    ]
    meters = [(member, meter.fold(state.meters[member])) for member in sorted(state.moved)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, fresh)
            bodies = (f'"\\\\x{body.hex()}"' for _, body in meters)
            cursor.execute(_METERS, [locks.array(member for member, _ in meters), locks.array(bodies)])
        else:
            cursor.executemany(_KEEP, fresh)
            cursor.executemany(_METER, meters)
        if changed:
            cursor.executemany(_CHANGE, changed)


def _kept(c: Candidate, o: Outcome) -> tuple[Any, ...]:
    """A row of Earned. Only what was awarded is for fraud checks to look at."""
    terms = c.terms
    return (
        c.source, terms.rule, c.member, terms.programme, c.kind, c.network, c.at, c.day, c.settles, terms.cls,
        o.points, c.points, o.outcome, o.reason, c.inputs, c.entry, c.remote, o.outcome != AWARDED,
    )  # fmt: skip


def _copy(cursor: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    text = "".join([_LINE % row for row in rows])
    if text.count("\n") != len(rows) or text.count("\t") != len(rows) * (len(_EARNED) - 1):
        raise journal.NotPlain("a source, a reason or the inputs have a tab or a line end in them")
    with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        copy.write(text.replace("\\", "\\\\"))
