"""Taking back: a deletion within the hold, and proved fraud. At most once, never more than was awarded.

Settled points are not touched by a deletion (card sheet, section 2: earned points are not revoked on vague
terms). A reversal takes what is there; what was spent already is written off, and nobody's points are
negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bankside.rewards.ledger import awards, journal
from bankside.rewards.ledger.awards import DELETE, FRAUD, SETTLE, Award
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
        _of(award, DELETE, award.due, award.until, PENDING, award.points, at)
        for award in awards.of_source(source)
        if not award.fates and day < award.due
    ]
    journal.write(moves, lane=lane, actor=actor)
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
            moves.append(_of(award, FRAUD, award.due, award.until, PENDING, award.points, at))
    journal.write(moves, lane=lane, actor=actor)
    shortfall = sum(move.points for move in moves if move.dr == WRITTEN_OFF)
    return Taken(sum(move.points for move in moves) - shortfall, shortfall)


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
    for month, points in parts(award.points, left, award.until):
        taken += points
        yield _of(award, FRAUD, month, month, AVAILABLE, points, at)
    if taken < award.points:
        yield _of(award, FRAUD, 0, 0, WRITTEN_OFF, award.points - taken, at)


def _order(months: Iterable[int], own: int) -> list[int]:
    return sorted(months, key=lambda month: (month != own, month))


def _of(award: Award, kind: str, due: int, until: int, dr: str, points: int, at: int) -> Move:
    return Move(
        award.source, award.rule, kind, due, until, award.member, award.unit, dr, CLAWED, points, at,
        award.programme, award.origin,
    )  # fmt: skip
