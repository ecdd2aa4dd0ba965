"""From candidates to durable postings: load what was decided, decide in order of arrival, write sets.

Everything happens in the caller's transaction and under the lock of the members. Why a candidate got what it
got is said by its posting (`why.py`); why one got nothing, or nothing yet, is kept in Earned. A replay finds
it there: nothing is decided twice.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from operator import attrgetter
from typing import Any, Final, NamedTuple

from django.db import connection

from bankside.record import prepared
from bankside.rewards.ledger import funds, journal, locks, meter
from bankside.rewards.ledger.active import Active, merged
from bankside.rewards.ledger.candidate import AWARDED, HELD, KNOWN, Candidate, Outcome
from bankside.rewards.ledger.decide import Key, State, decide
from bankside.rewards.ledger.journal import ISSUED, PENDING, Move
from bankside.rewards.ledger.tables import ROWS_MAX
from bankside.rewards.ledger.why import why_of

CANDIDATES_MAX: Final = 60_000
EARN: Final = "earn"
TOGETHER: Final = 256  # candidates that are decided before PostgreSQL gets their awards
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
    "insert into rewards_meter (member, body, newest, days) values (%s, %s, %s, %s) on conflict (member)"
    " do update set body = excluded.body, newest = excluded.newest, days = excluded.days"
)
# Their rows are there: they were locked.
_METERS = """update rewards_meter m set body = s.body, newest = s.newest, days = s.days
    from unnest(%s::bigint[], %s::bytea[], %s::bigint[], %s::bigint[]) s(member, body, newest, days)
    where m.member = s.member"""
_KNOWN = "select source, rule, points, outcome from rewards_earned where {among}"
_PAID = "select source, rule, points, 'awarded' from rewards_posting where {among} and kind = 'earn'"
_PLAIN = re.compile(r"(?:[a-z]:[A-Za-z0-9:._-]*(?:,|$))+")  # each not empty, and not the word null
_UNCHECKED = "insert into rewards_unchecked (batch, after) values (%s, %s)"
# PostgreSQL: what a batch costs follows from the batch, and not from how long the tables are.
_BY_INDEX = "select set_config('enable_seqscan', %s, true), set_config('enable_hashjoin', %s, true)"


class BatchTooLarge(ValueError):
    """A call decides at most 60,000 candidates."""


def post(candidates: Sequence[Candidate], *, lane: int = 0, actor: str = "s:card") -> list[Outcome]:
    """Decides candidates in order of arrival and writes what follows; their outcomes, in that order.

    One transaction is open, and this is its only call of the ledger. The fact of the batch goes to `lane`.
    Raises BatchTooLarge. A source that comes again is known, whichever member it comes with.
    """
    return post_shares([candidates], {}, lane=lane, actor=actor)


def post_shares(
    shares: Iterable[Sequence[Candidate]], active: Mapping[int, Active], *, lane: int = 0,
    actor: str = "s:card",
) -> list[Outcome]:  # fmt: skip
    """The same for candidates that come in shares, each of higher members than the one before: PostgreSQL
    locks and reads for a share while the next is made. Then `active` has the days on which these members were
    active, to be kept with their meters."""
    with uncollected():
        ordered, state, kept, number = _loaded(shares)
        return _posted(ordered, state, kept, active, number, lane, actor) if ordered else []


def _posted(
    ordered: list[Candidate], state: State, kept: dict[int, Active], active: Mapping[int, Active],
    number: int, lane: int, actor: str,
) -> list[Outcome]:  # fmt: skip
    waiting = {key for key, (_, outcome) in state.known.items() if outcome == HELD}
    paid = dict(state.funds)
    with ExitStack() as writing:
        outcomes, left, batch = _decided(ordered, state, number, writing)
        changed = merged(kept, active)
        meters = _folded(state, kept | changed, state.moved | changed.keys())
    if left or waiting:
        _write(left, waiting, state)
    with prepared.unanswered():
        if batch:
            batch.shift()
        if batch or left:
            _keep_meters(meters)
            funds.save({rule: used for rule, used in state.funds.items() if used != paid[rule]})
        if batch:
            _keep_unchecked(number)
            batch.finish(lane=lane, actor=actor)
        _by_index("on")
    return outcomes


def _decided(
    ordered: list[Candidate], state: State, number: int, writing: ExitStack
) -> tuple[list[Outcome], dict[Key, tuple[Candidate, Outcome]], journal.Batch | None]:
    """Decides some after the other, and has the awards of each written while the next are decided; also what
    got nothing now, and the batch when there are awards."""
    outcomes, left, batch = list[Outcome](), dict[Key, tuple[Candidate, Outcome]](), None
    for first in range(0, len(ordered), TOGETHER):
        some = ordered[first : first + TOGETHER]
        decided = decide(some, state)
        outcomes += decided
        if moves := _parted(some, decided, left):
            batch = batch or writing.enter_context(journal.Batch(number))
            batch.add(moves)
    return outcomes, left, batch


def _parted(
    some: Iterable[Candidate], outcomes: Iterable[Outcome], left: dict[Key, tuple[Candidate, Outcome]]
) -> list[Move]:
    """Awards; what got nothing now is `left`. A key that was held and decided in one call counts once."""
    moves = []
    for candidate, outcome in zip(some, outcomes, strict=True):
        if outcome.outcome == AWARDED:
            moves.append(_move(candidate, outcome))
            if left:
                left.pop((outcome.source, outcome.rule), None)
        elif outcome.outcome != KNOWN:
            left[outcome.source, outcome.rule] = candidate, outcome
    return moves


def _keep_unchecked(number: int) -> None:
    """Nobody has looked yet at the awards of this batch."""
    with connection.cursor() as cursor:
        cursor.execute(_UNCHECKED, [number, number * ROWS_MAX - 1])


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


def _by_index(others: str) -> None:
    """Without plans that read whole tables, which PostgreSQL chooses before it has counted them: "off" and
    "on", in this transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_BY_INDEX, [others, others])


class _Asked(NamedTuple):
    """A share of candidates, and what was asked for it."""

    candidates: Sequence[Candidate]
    meters: prepared.Asked
    known: prepared.Asked


def _loaded(
    shares: Iterable[Sequence[Candidate]],
) -> tuple[list[Candidate], State, dict[int, Active], int]:
    """Locks the members, then reads what was decided: in this order, so that nobody decides in between. The
    candidates in order of arrival, beside it; active days of their members; the number of the batch."""
    asked, count = list[_Asked](), 0
    with prepared.unanswered():
        for share in shares:
            count += len(share)
            if count > CANDIDATES_MAX:
                raise BatchTooLarge(f"{count} candidates in one call")
            if share:
                asked.append(_asked(share, first=not asked))
        if not asked:
            return [], State({}, {}, {}), {}, 0
        ordered = sorted((one for share in asked for one in share.candidates), key=attrgetter("seq"))
        number = journal.number_asked()
        return ordered, *_state(asked, ordered), number.rows()[0][0]


def _asked(share: Sequence[Candidate], *, first: bool) -> _Asked:
    if first:
        _by_index("off")
    return _Asked(share, locks.metered(candidate.member for candidate in share), _known(share))


def _state(asked: Iterable[_Asked], candidates: Iterable[Candidate]) -> tuple[State, dict[int, Active]]:
    terms = {id(c.terms): c.terms for c in candidates}.values()
    state, active = State({}, {}, funds.load({one.rule: one for one in terms if one.fund}.values())), {}
    for share in asked:
        for candidate in share.candidates:
            state.meters[candidate.member], active[candidate.member] = {}, _NEVER
        for member, body, newest, days in share.meters.rows():
            if body:
                state.meters[member] = meter.unfold(bytes(body))
            if days:
                active[member] = Active(newest, days)
        for source, rule, points, outcome in share.known.rows():
            state.known[source, rule] = points, outcome
    return state, active


_NEVER: Final = Active()


def _known(candidates: Iterable[Candidate]) -> prepared.Asked:
    condition, values = _among(dict.fromkeys(candidate.source for candidate in candidates))
    return prepared.Asked(f"{_KNOWN} union all {_PAID}".format(among=condition), values * 2)


def _among(sources: Iterable[str]) -> tuple[str, list[Any]]:
    """As `locks.among`. Plain names need no quotes in an array, and with none in it one is quickly made."""
    names = list(sources)
    text = ",".join(names)
    if connection.vendor == "postgresql" and _PLAIN.fullmatch(text) and text.count(",") == len(names) - 1:
        return "source = any(%s::text[])", [f"{{{text}}}"]
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


def _folded(state: State, active: Mapping[int, Active], moved: set[int]) -> list[tuple[int, bytes, int, int]]:
    """Rows of the meters that changed."""
    return [(member, meter.fold(state.meters[member]), *active[member]) for member in sorted(moved)]


def _keep_meters(rows: list[tuple[int, bytes, int, int]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.executemany(_METER, rows)
        elif rows:
            members, bodies, *days = zip(*rows, strict=True)
            texts = (f'"\\\\x{body.hex()}"' for body in bodies)
            cursor.execute(_METERS, [locks.array(column) for column in (members, texts, *days)])


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
