"""Who gets how much: one plain loop over candidates in order of arrival. Pure: it reads and writes no table.

What a candidate gets follows from the candidates that arrived before it, never from their time, so that the
result is the same for any size of batch, and for workers that share the members out among them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bankside.rewards.ledger import meter
from bankside.rewards.ledger.candidate import (
    AWARDED,
    CAP_POINTS,
    CAP_TIMES,
    CAPPED,
    COOL_DOWN,
    FUND,
    HELD,
    KNOWN,
    LATE,
    REFUSED,
    Candidate,
    Outcome,
)

Key = tuple[str, str]


@dataclass(slots=True)
class State:
    """What was decided so far, as loaded, and changed by `decide`.

    `known`: (source, rule) -> points and outcome. `meters`: member -> folded caps; `moved`: members whose
    meter changed. `funds`: rule -> points that were paid from its fund.
    """

    known: dict[Key, tuple[int, str]]
    meters: dict[int, meter.Folded]
    funds: dict[str, int]
    moved: set[int] = field(default_factory=set)


def decide(candidates: Iterable[Candidate], state: State) -> list[Outcome]:
    """The outcome of each candidate, in the order given, which must be that of arrival."""
    outcomes, known = [], state.known
    for candidate in candidates:
        key = (candidate.source, candidate.terms.rule)
        before = known.get(key)
        if before is not None and (before[1] != HELD or candidate.held):
            outcomes.append(Outcome(*key, before[0], KNOWN, before[1]))
            continue
        points, outcome, reason = _decided(candidate, state)
        known[key] = (points, outcome)
        outcomes.append(Outcome(*key, points, outcome, reason))
    return outcomes


def _decided(candidate: Candidate, state: State) -> tuple[int, str, str]:
    """Points, outcome and reason of a candidate that was not decided before."""
    if candidate.refused:
        return 0, REFUSED, candidate.refused
    if candidate.held:
        return 0, HELD, candidate.held
    points, reason = _metered(candidate, state)
    if reason == LATE:
        return 0, REFUSED, LATE
    return points, AWARDED if points else CAPPED, reason


def _metered(candidate: Candidate, state: State) -> tuple[int, str]:
    """The points that caps, cool-down and fund leave of what is asked, counted in the meter; and what cut
    it."""
    terms, folded = candidate.terms, state.meters[candidate.member]
    name = meter.name_of(terms)
    numbers = folded.get(name)
    if numbers is None:
        numbers = [0]
    if terms.cooldown_ms and meter.cools(numbers, candidate.at, terms.cooldown_ms):
        return 0, COOL_DOWN
    place = meter.place_of(numbers, meter.window_of(candidate))
    if not place:
        return 0, LATE
    folded[name] = numbers
    state.moved.add(candidate.member)
    if terms.cooldown_ms and candidate.at > numbers[0]:
        numbers[0] = candidate.at
    points, reason = _left(candidate, numbers[place], numbers[place + 1], state.funds)
    if points:
        numbers[place] += points
        numbers[place + 1] += 1
        if terms.fund:
            state.funds[terms.rule] += points
    return points, reason


def _left(candidate: Candidate, used: int, times: int, funds: dict[str, int]) -> tuple[int, str]:
    """What is left of the points asked for, and the limit that was met; "" when none was."""
    terms, points = candidate.terms, candidate.points
    if terms.cap_times and times >= terms.cap_times:
        return 0, CAP_TIMES
    reason = ""
    if terms.cap_points and points > terms.cap_points - used:
        points, reason = max(0, terms.cap_points - used), CAP_POINTS
    if terms.fund and points > terms.fund - funds[terms.rule]:
        points, reason = max(0, terms.fund - funds[terms.rule]), FUND
    return points, reason
