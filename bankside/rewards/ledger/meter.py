"""How much of its caps a member has used: all rules of a member folded into one small row.

A row is a map from the rule (with the length of its window) to numbers: the last act that counted (UTC ms),
then window, points and times for each of the newest windows. Few rows, one read and one write for each member
of a batch: that is what makes a batch quick (stack sheet, section 5).
"""

from __future__ import annotations

from typing import Final

import msgspec

from bankside.rewards.ledger.candidate import Candidate, Terms

# What arrives later than so many newer windows is refused: its own was folded away.
WINDOWS_MAX: Final = 4
EACH: Final = 3
Folded = dict[str, list[int]]

_decode = msgspec.msgpack.Decoder(Folded).decode
_encode = msgspec.msgpack.Encoder().encode


def unfold(body: bytes) -> Folded:
    """What a row says; nothing when it is empty."""
    return _decode(body) if body else {}


def fold(folded: Folded) -> bytes:
    """The row of it."""
    return _encode(folded)


def name_of(terms: Terms) -> str:
    """Under which name a rule is counted: a rule that changes from day to month begins anew."""
    return f"{terms.per[0]}:{terms.rule}"


def window_of(candidate: Candidate) -> int:
    """The day, week (from Monday) or month in which an act counts."""
    match candidate.terms.per:
        case "day":
            return candidate.day
        case "week":
            return (candidate.day + 3) // 7
        case _:
            return candidate.month


def cools(numbers: list[int], at: int, cooldown_ms: int) -> bool:
    """Whether an act of that moment is too near to the latest that counted, before or after it."""
    return bool(numbers[0]) and abs(at - numbers[0]) < cooldown_ms


def place_of(numbers: list[int], window: int) -> int:
    """Where a window's points stand in the numbers, made when new; 0 when it is too old to be known."""
    for place in range(1, len(numbers), EACH):
        if numbers[place] == window:
            return place + 1
    if len(numbers) > WINDOWS_MAX * EACH:
        oldest = min(range(1, len(numbers), EACH), key=numbers.__getitem__)
        if window < numbers[oldest]:
            return 0
        numbers[oldest : oldest + EACH] = [window, 0, 0]
        return oldest + 1
    numbers += [window, 0, 0]
    return len(numbers) - 2
