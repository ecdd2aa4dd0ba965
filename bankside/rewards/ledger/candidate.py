"""What asks the ledger for points, and what the ledger answers. Plain structs: nothing here reads a table."""

from __future__ import annotations

from typing import Final

import msgspec

AWARDED, CAPPED, HELD, KNOWN, REFUSED = "awarded", "capped", "held", "known", "refused"
PURCHASE, PARTICIPATION = "purchase", "participation"

# Why an award was cut or nothing, in the words of the ledger; a caller's own reasons stand beside these.
CAP_POINTS, CAP_TIMES, COOL_DOWN, FUND, LATE = "cap-points", "cap-times", "cool-down", "fund", "late"
REASONS: Final = (CAP_POINTS, CAP_TIMES, COOL_DOWN, FUND, LATE)


class Terms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a rule of one version allows; made once for each rule, shared by its candidates.

    `programme` is the row id of the version, `rule` the rule's name (unique among all programmes that are
    live).
    A member gets at most `cap_points` and `cap_times` awards per `per` (`day`, `week` from Monday, `month`);
    0 is no limit. `cooldown_ms`: between two acts that count. `fund`: all that the rule may ever pay to all
    members together, 0 for no limit.
    """

    programme: int
    rule: str
    unit: str = "pt"
    cap_points: int = 0
    cap_times: int = 0
    per: str = "day"
    cooldown_ms: int = 0
    fund: int = 0
    cls: str = "A"


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """An act for which a rule would pay `points`, before caps, cool-down and fund.

    `source` is the act's natural key for ever, without tabs, line ends or backslashes; `seq` its arrival
    number, by which candidates are ordered; `at` when it was recorded (UTC ms); `day` and `month` that
    moment's
    in the programme's zone, since 1970. From the day `settles` on the points may become available, and they
    expire at the end of the month `expires`: `days.Calendar` computes all four.

    `held`: a reason; nothing is paid until the same act is posted again without it. `refused`: a reason;
    nothing is paid, and the decision is kept. `kind`, `network`, `inputs` (JSON as `why.seen` makes it),
    `entry` (arrival number in the record), `remote` (32 hex, or "") and `acted` (when the act was recorded,
    if that is not `at`) are for the receipt.
    """

    source: str
    seq: int
    member: int
    terms: Terms
    points: int
    at: int
    day: int
    month: int
    settles: int
    expires: int
    origin: str = PARTICIPATION
    kind: str = ""
    network: str = ""
    inputs: str = "{}"
    entry: int = 0
    remote: str = ""
    held: str = ""
    refused: str = ""
    acted: int = 0


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of a candidate: awarded, capped, held, refused; or known: it had been decided before.

    `points` were given (0 when none); an award that a cap or a fund cut has its `reason`. When known,
    `points` are those given then and `reason` is the outcome of then.
    """

    source: str
    rule: str
    points: int
    outcome: str
    reason: str = ""
