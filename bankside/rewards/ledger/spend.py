"""Spending points, first those that expire first, and what offers give back on card payments.

Credits of offers lie in the same journal, in units of their currency: available until a statement takes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from bankside.record.append import Draft
from bankside.rewards.ledger import awards, claw, journal, locks, standing
from bankside.rewards.ledger.candidate import PURCHASE
from bankside.rewards.ledger.claw import Taken
from bankside.rewards.ledger.days import NEVER_MONTH, Calendar
from bankside.rewards.ledger.journal import AVAILABLE, CLAWED, ISSUED, REDEEMED, WRITTEN_OFF, Move
from bankside.said import Said

REDEEM, UNDO, OFFER, REFUND = "redeem", "undo", "offer", "refund"


class NotEnough(ValueError):
    """The member does not have so many points."""


class KeyTaken(ValueError):
    """The key was used for something else."""


class NotCredited(ValueError):
    """More is to be taken back than an offer gave."""


class Spend(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A wish to spend; `key` is its own for ever, `at` UTC ms."""

    member: int
    points: int
    key: str
    at: int
    unit: str = "pt"
    programme: int = 0


class Redeemed(NamedTuple):
    """What was spent, from which buckets (month, points); `known`: it had been spent before under this
    key."""

    points: int
    buckets: tuple[tuple[int, int], ...]
    known: bool


class Credit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an offer gives: issued to available, at once. `source` is the payment, `rule` the offer."""

    member: int
    unit: str
    amount: int
    source: str
    rule: str
    at: int
    programme: int = 0
    origin: str = PURCHASE
    expires: int = NEVER_MONTH


class Uncredit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is taken back of what an offer gave for `of_source`. `source` is the refund: there may be
    several."""

    member: int
    unit: str
    amount: int
    source: str
    rule: str
    at: int
    of_source: str
    programme: int = 0
    origin: str = PURCHASE
    expires: int = NEVER_MONTH


class Judged(NamedTuple):
    """What came of each wish, in the order given; the moves of those that were granted, and their batch's
    number."""

    outcomes: list[Redeemed | NotEnough | KeyTaken]
    moves: list[Move]
    number: int


def redeem(
    member: int, points: int, *, key: str, at: int, unit: str = "pt", zone: str = "UTC", programme: int = 0,
    lane: int = 0, actor: str = "s:card", tell: Sequence[Draft] = (),
) -> Redeemed:  # fmt: skip
    """Spends points of a member; the same wish under the same key is spent once. Raises NotEnough,
    KeyTaken.

    `tell`: what else is recorded when it is new, after the batch.
    """
    wish = Spend(member=member, points=points, key=key, at=at, unit=unit, programme=programme)
    return redeem_all([wish], zone=zone, lane=lane, actor=actor, tell=tell)[0]


def redeem_all(
    wishes: Sequence[Spend], *, zone: str = "UTC", lane: int = 0, actor: str = "s:card",
    tell: Sequence[Draft] = (),
) -> list[Redeemed]:  # fmt: skip
    """Spends for many members, all or nothing, as one batch: a statement's file."""
    locks.lock(wish.member for wish in wishes)
    judged, done = judge(wishes, zone), list[Redeemed]()
    for outcome in judged.outcomes:
        if not isinstance(outcome, Redeemed):
            raise outcome
        done.append(outcome)
    write(judged, lane=lane, actor=actor, tell=tell)
    return done


def judge(wishes: Sequence[Spend], zone: str) -> Judged:
    """What comes of wishes, one after the other, each for itself; the members are locked, and nothing is
    written."""
    known, left, number = standing.read(
        (wish.key for wish in wishes), REDEEM, ((wish.member, wish.unit) for wish in wishes)
    )
    calendar, judged = Calendar(zone), Judged([], [], number)
    for wish in wishes:
        try:
            if wish.key in known:
                judged.outcomes.append(_same(wish, known[wish.key]))
                continue
            taken = _first(wish, left[wish.member, wish.unit], calendar.month(wish.at))
        except (NotEnough, KeyTaken) as refused:
            judged.outcomes.append(refused)
            continue
        known[wish.key] = [_move(wish, month, points) for month, points in taken]
        judged.moves.extend(known[wish.key])
        judged.outcomes.append(Redeemed(wish.points, taken, known=False))
    return judged


def write(judged: Judged, *, lane: int = 0, actor: str = "s:card", tell: Sequence[Draft] = ()) -> None:
    """Spends what was granted, as one batch; `tell`: what else is recorded with it, after the batch."""
    journal.write(judged.moves, lane=lane, actor=actor, number=judged.number, tell=tell)


def undo(key: str, at: int, *, lane: int = 0, actor: str = "s:card") -> int:
    """Puts back what was spent under a key, into the same buckets; the points, 0 when there is nothing
    (more).

    A bucket whose month is over takes them too: there they expire, as they would have.
    """
    locks.lock(move.member for spent in _spent([key]).values() for move in spent)
    if _spent([key], UNDO):
        return 0
    spent = _spent([key]).get(key, [])
    moves = [move._replace(kind=UNDO, dr=REDEEMED, cr=AVAILABLE, at=at) for move in spent]
    journal.write(moves, lane=lane, actor=actor)
    return sum(move.points for move in moves)


def credit(
    member: int, unit: str, amount: int, *, source: str, rule: str, at: int, programme: int = 0,
    origin: str = PURCHASE, expires: int = NEVER_MONTH, lane: int = 0,
) -> int:  # fmt: skip
    """Gives what an offer promised; the amount, 0 when it was given before."""
    given = Credit(
        member=member, unit=unit, amount=amount, source=source, rule=rule, at=at, programme=programme,
        origin=origin, expires=expires,
    )  # fmt: skip
    return credit_all([given], lane=lane)[0]


def uncredit(source: str, rule: str, at: int, *, lane: int = 0) -> Taken:
    """Takes back exactly what an offer gave for a payment; once. What is not there any more is written
    off."""
    given = _credited([source]).get((source, rule))
    if given is None:
        return Taken(0, 0)
    back = Uncredit(
        member=given.member, unit=given.unit, amount=given.points, source=source, rule=rule, at=at,
        of_source=source, programme=given.programme, origin=given.origin, expires=given.until,
    )  # fmt: skip
    moves = _credit_moves([back])[1]
    journal.write(moves, lane=lane)
    shortfall = sum(move.points for move in moves if move.dr == WRITTEN_OFF)
    return Taken(sum(move.points for move in moves) - shortfall, shortfall)


def credit_all(changes: Sequence[Credit | Uncredit], *, lane: int = 0, actor: str = "s:card") -> list[int]:
    """Gives and takes back for many payments, in this order, as one batch; what moved by each, 0 when
    known."""
    moved, moves = _credit_moves(changes)
    journal.write(moves, lane=lane, actor=actor)
    return moved


def _credit_moves(changes: Sequence[Credit | Uncredit]) -> tuple[list[int], list[Move]]:
    locks.lock(change.member for change in changes)
    known = _keys(change.source for change in changes)
    given = _credited(c.of_source for c in changes if isinstance(c, Uncredit))
    amounts = {key: move.points for key, move in given.items()}
    left = {place: dict(awards.available(*place)) for place in {(c.member, c.unit) for c in changes}}
    moved, moves = [], []
    for change in changes:
        key = (change.source, change.rule, OFFER if isinstance(change, Credit) else REFUND)
        if key in known:
            moved.append(0)
            continue
        known.add(key)
        moved.append(change.amount)
        buckets = left[change.member, change.unit]
        if isinstance(change, Credit):
            amounts[change.source, change.rule] = change.amount
            buckets[change.expires] = buckets.get(change.expires, 0) + change.amount
            moves.append(_change(change, OFFER, change.expires, ISSUED, AVAILABLE, change.amount))
        else:
            if change.amount > amounts.get((change.of_source, change.rule), 0):
                raise NotCredited(Said("An offer did not give so much for this payment."))
            moves += _back(change, buckets)
    return moved, moves


def _back(change: Uncredit, buckets: dict[int, int]) -> Iterable[Move]:
    taken = 0
    for month, points in claw.parts(change.amount, buckets, change.expires):
        taken += points
        yield _change(change, REFUND, month, AVAILABLE, CLAWED, points)
    if taken < change.amount:
        yield _change(change, REFUND, 0, WRITTEN_OFF, CLAWED, change.amount - taken)


def _change(change: Credit | Uncredit, kind: str, month: int, dr: str, cr: str, points: int) -> Move:
    return Move(
        change.source, change.rule, kind, month, month, change.member, change.unit, dr, cr, points, change.at,
        change.programme, change.origin,
    )  # fmt: skip


def _first(wish: Spend, left: dict[int, int], month: int) -> tuple[tuple[int, int], ...]:
    """From which buckets: those that expire first, none whose month is over; raises NotEnough."""
    there = sum(points for due, points in left.items() if due >= month)
    if wish.points < 1 or wish.points > there:
        raise NotEnough(
            Said("There are %(there)s points, and %(wanted)s are wanted.", there=there, wanted=wish.points)
        )
    taken, wanted = [], wish.points
    for due in sorted(due for due, points in left.items() if due >= month and points):
        points = min(wanted, left[due])
        if points:
            left[due] -= points
            wanted -= points
            taken.append((due, points))
    return tuple(taken)


def _move(wish: Spend, month: int, points: int) -> Move:
    return Move(
        wish.key, "", REDEEM, month, month, wish.member, wish.unit, AVAILABLE, REDEEMED, points, wish.at,
        wish.programme,
    )  # fmt: skip


def _same(wish: Spend, spent: list[Move]) -> Redeemed:
    """What was spent under this key, if the wish is the same."""
    points = sum(move.points for move in spent)
    if (points, spent[0].member, spent[0].unit) != (wish.points, wish.member, wish.unit):
        raise KeyTaken(Said("This was used before, for something else. Nothing was spent now."))
    return Redeemed(points, tuple(sorted((move.until, move.points) for move in spent)), known=True)


def _spent(keys: Iterable[str], kind: str = REDEEM) -> dict[str, list[Move]]:
    found: dict[str, list[Move]] = {}
    for move in _moves(keys, kind):
        found.setdefault(move.source, []).append(move)
    return found


def _credited(sources: Iterable[str]) -> dict[tuple[str, str], Move]:
    return {(move.source, move.rule): move for move in _moves(sources, OFFER)}


def _moves(sources: Iterable[str], kind: str) -> list[Move]:
    condition, values = locks.among("source", dict.fromkeys(sources))
    statement = (
        f"select {', '.join(Move._fields)} from rewards_posting where {condition} and kind = %s order by due"  # noqa: S608
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, kind])
        return [Move(*row) for row in cursor.fetchall()]


def _keys(sources: Iterable[str]) -> set[tuple[Any, ...]]:
    condition, values = locks.among("source", dict.fromkeys(sources))
    with connection.cursor() as cursor:
        cursor.execute(f"select source, rule, kind from rewards_posting where {condition}", values)  # noqa: S608
        return set(cursor.fetchall())
