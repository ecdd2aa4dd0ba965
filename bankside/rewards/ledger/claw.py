"""Taking back: a deletion or a refund within the hold, and proved fraud. At most once, never more than was
awarded; and giving back what was not fraud after all.

Settled points are not touched by a deletion or a refund (card sheet, section 2: earned points are not revoked
on vague terms). A reversal takes what is there; what was spent already is written off, and nobody's points
are negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bankside.rewards.ledger import awards, journal
from bankside.rewards.ledger.awards import DELETE, FRAUD, RESTORE, RETURN, SETTLE, Award
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.ledger.journal import AVAILABLE, CLAWED, PENDING, WRITTEN_OFF, Move


class Taken(NamedTuple):
    """Points that were taken back, and those that were spent already and are written off."""

    points: int
    shortfall: int


def claw_back(source: str, at: int, *, zone: str = "UTC", lane: int = 0, actor: str = "s:card") -> int:
    """What the member did was deleted at that moment: its points are taken back if their hold is not over.

    The points taken; 0 when there were none, they settled, the day of settling had come, or it was done
    before.
    """
    day = Calendar(zone).day(at)
    moves = [
        _of(award, DELETE, award.due, award.until, PENDING, award.left, at)
        for award in awards.of_source(source)
        if not award.fates and day < award.due
    ]
    journal.write(moves, lane=lane, actor=actor)
    return sum(move.points for move in moves)


def give_back(source: str, part: int, whole: int, keys: Sequence[str], at: int, zone: str = "UTC") -> int:
    """Of a payment of `whole` a `part` was given back so far: the same part of what it earned, rounded down
    in favour of the member, is taken back while the hold lasts; all of it with the whole. The points taken.

    `keys`: of each refund so far with this source, at most 80 characters, in order. What is taken on seeing a
    refund is posted under its key: no refund takes twice.
    """
    if part >= whole:
        return claw_back(source, at, zone=zone)
    day, moves = Calendar(zone).day(at), list[Move]()
    for award in awards.of_source(source):
        points = award.points * part // whole - award.returned
        if not award.fates and day < award.due and points > 0:
            key = next(key for key in keys if key not in awards.returns(award))
            move = _of(award, RETURN, award.due, award.until, PENDING, points, at)
            moves.append(move._replace(source=key, why=source))
    journal.write(moves)
    return sum(move.points for move in moves)


def reverse(source: str, at: int, *, lane: int = 0, actor: str = "s:card") -> Taken:
    """Takes back everything that a source earned, settled or not; once. That two people agreed is the
    caller's.

    From available points: first from the award's own bucket, then from those that expire first. (0, 0) when
    there is nothing or it was done before.
    """
    moves: list[Move] = []
    found = [award for award in awards.of_source(source) if not award.fates & {DELETE, FRAUD}]
    left = {award.unit: dict(awards.available(award.member, award.unit)) for award in found}
    for award in found:
        if SETTLE in award.fates:
            moves += _from_available(award, left[award.unit], at)
        else:
            moves.append(_of(award, FRAUD, award.due, award.until, PENDING, award.left, at))
    journal.write(moves, lane=lane, actor=actor)
    shortfall = sum(move.points for move in moves if move.dr == WRITTEN_OFF)
    return Taken(sum(move.points for move in moves) - shortfall, shortfall)


def restore(source: str, at: int, *, zone: str = "UTC", lane: int = 0, actor: str = "s:card") -> Taken:
    """Undoes a reversal, once: what was taken is the member's again, and what was written off is no loss any
    more. That two people agree is the caller's. (0, 0) when nothing was reversed, or it is undone.

    Points go back into the month that they were taken from, or would have settled to; one that has passed
    meanwhile is moved on, so that as many months are left as when they were taken. Nothing waits for the hold
    again: two people have looked.
    """
    moves = [
        move
        for award in awards.of_source(source)
        if FRAUD in award.fates and RESTORE not in award.fates
        for move in _restored(award, at, Calendar(zone))
    ]
    journal.write(moves, lane=lane, actor=actor)
    shortfall = sum(move.points for move in moves if move.cr == WRITTEN_OFF)
    return Taken(sum(move.points for move in moves) - shortfall, shortfall)


def _restored(award: Award, at: int, calendar: Calendar) -> Iterator[Move]:
    """By month, as two that have passed may be moved on to the same one."""
    back, now = dict[int, int](), calendar.month(at)
    for dr, until, points, taken_at in awards.reversals(award):
        month = until if dr == WRITTEN_OFF or until >= now else now + max(0, until - calendar.month(taken_at))
        back[month] = back.get(month, 0) + points
    for month, points in sorted(back.items()):
        cr = AVAILABLE if month else WRITTEN_OFF
        yield _of(award, RESTORE, month, month, CLAWED, points, at)._replace(cr=cr)


def parts(wanted: int, left: dict[int, int], own: int) -> Iterator[tuple[int, int]]:
    """(month, points) to take from available buckets, which `left` loses; they may be fewer than wanted."""
    for month in _order(left, own):
        points = min(wanted, left[month])
        if points:
            left[month] -= points
            wanted -= points
            yield month, points


def _from_available(award: Award, left: dict[int, int], at: int) -> Iterator[Move]:
    taken = 0
    for month, points in parts(award.left, left, award.until):
        taken += points
        yield _of(award, FRAUD, month, month, AVAILABLE, points, at)
    if taken < award.left:
        yield _of(award, FRAUD, 0, 0, WRITTEN_OFF, award.left - taken, at)


def _order(months: Iterable[int], own: int) -> list[int]:
    return sorted(months, key=lambda month: (month != own, month))


def _of(award: Award, kind: str, due: int, until: int, dr: str, points: int, at: int) -> Move:
    return Move(
        award.source, award.rule, kind, due, until, award.member, award.unit, dr, CLAWED, points, at,
        award.programme, award.origin,
    )  # fmt: skip
