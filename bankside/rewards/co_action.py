"""Members who are always at the same places at the same time: a graph of acting together.

Two members are linked when they acted in the same conversation within minutes. If almost all their
conversations of the last 30 days are the same (Jaccard above 0.8), a person looks at them (card sheet,
section 2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from bankside.rewards.asked import rows

if TYPE_CHECKING:
    from bankside.rewards.fraud import Seen

DAYS: Final = 30
DAY_MS: Final = 86_400_000
TOGETHER_MS: Final = 10 * 60_000
SHARED_MIN: Final = 5  # fewer conversations in common are chance
ALIKE_PERCENT: Final = 80
PLACES_READ_MAX: Final = 20_000
OTHERS_MAX: Final = 50

Act = tuple[int, int]
"""A member and a moment (UTC ms)."""


def always_together(seen: Sequence[Seen]) -> Iterator[tuple[Seen, dict[str, Any]]]:
    """Awards of members who are always found beside another one, with how alike the two are."""
    pairs = [
        (one, {member for member, _ in others[:OTHERS_MAX] if member != one.row.member})
        for one, others in beside(seen, TOGETHER_MS)
    ]
    pairs = [(one, others) for one, others in pairs if others]
    members = {one.row.member for one, _ in pairs}.union(*(others for _, others in pairs))
    visits = _visits(members, min((one.row.at for one, _ in pairs), default=0)) if pairs else {}
    for one in seen:
        if one.place:
            visits.setdefault(one.row.member, {}).setdefault(one.place, one.row.at)
    for one, others in pairs:
        mine = _places(visits, one.row.member, one.row.at) | {one.place}
        found = [_alike(mine, _places(visits, other, one.row.at), other) for other in sorted(others)]
        best = max(found, key=lambda alike: (alike["percent"], alike["shared"]))
        if best["percent"] > ALIKE_PERCENT and best["shared"] >= SHARED_MIN:
            yield one, best


def beside(seen: Sequence[Seen], within_ms: int) -> Iterator[tuple[Seen, list[Act]]]:
    """Each award of a place with who was there so long before it or in the same moment, itself included."""
    there = [one for one in seen if one.place]
    if not there:
        return
    first, last = min(one.row.at for one in there) - within_ms, max(one.row.at for one in there)
    acts: dict[str, list[Act]] = {}
    kept = rows(_AT_PLACES, "place", {one.place for one in there}, _BETWEEN, [first, last, PLACES_READ_MAX])
    for place, member, at in kept:
        acts.setdefault(place, []).append((member, at))
    for one in there:
        acts.setdefault(one.place, []).append((one.row.member, one.row.at))
    for one in there:
        yield one, [(m, at) for m, at in acts[one.place] if one.row.at - within_ms <= at <= one.row.at]


_AT_PLACES = "select place, member, at from rewards_fingerprint where"
_BETWEEN = "and at between %s and %s order by at desc limit %s"


def _visits(members: set[int], at: int) -> dict[int, dict[str, int]]:
    """By member, the places of the 30 days before, each with the first moment there."""
    found: dict[int, dict[str, int]] = {}
    kept = rows(_OF_MEMBERS, "member", members, "and at > %s order by at limit %s",
                [at - DAYS * DAY_MS, PLACES_READ_MAX])  # fmt: skip
    for member, place, moment in kept:
        found.setdefault(member, {}).setdefault(place, moment)
    return found


_OF_MEMBERS = "select member, place, at from rewards_fingerprint where"


def _places(visits: dict[int, dict[str, int]], member: int, at: int) -> set[str]:
    return {place for place, moment in visits.get(member, {}).items() if at - DAYS * DAY_MS < moment <= at}


def _alike(mine: set[str], theirs: set[str], other: int) -> dict[str, Any]:
    shared = len(mine & theirs)
    return {"other": other, "shared": shared, "percent": 100 * shared // max(1, len(mine | theirs))}
