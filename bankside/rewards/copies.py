"""Texts that are nearly the same as one that earned before: by the shapes of texts, never by their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from bankside.rewards import shape
from bankside.rewards.asked import rows

if TYPE_CHECKING:
    from bankside.rewards.fraud import Seen

DAYS: Final = 30
DAY_MS: Final = 86_400_000
LOOKED_AT_MAX: Final = 2_000  # of those that share a part with a batch
PARTS: Final = ("a", "b", "c", "d")

Print = tuple[str, int, int, int]
"""Source, member, shape, moment (UTC ms)."""


def named(found: int | None) -> dict[str, int]:
    """The parts of a shape as columns have them; none for a text too short to have one."""
    return {} if found is None else dict(zip(PARTS, shape.parts(found), strict=True))


def nearest(seen: Sequence[Seen]) -> Iterator[tuple[Seen, dict[str, Any]]]:
    """Awards whose text is a near copy of an earlier one of the last 30 days, with the nearest of these.

    Each is compared with those that were kept before and with those before it in this batch.
    """
    shaped = [(one, one.shape) for one in seen if one.shape is not None]
    known = _known(shaped)
    for one, own in shaped:
        before = [p for part in _keys(own) for p in known.get(part, ())]
        near = [
            (shape.distance(own, other), member == one.row.member, source)
            for source, member, other, at in before
            if source != one.row.source and one.row.at - DAYS * DAY_MS < at
        ]
        if near and min(near)[0] <= shape.DISTANCE_MAX:
            bits, same, source = min(near)
            yield one, {"like": source, "bits": bits, "same_member": same}
        for part in _keys(own):
            known.setdefault(part, []).append((one.row.source, one.row.member, own, one.row.at))


def _keys(found: int) -> list[tuple[int, int]]:
    return list(enumerate(shape.parts(found)))


def _known(shaped: Sequence[tuple[Seen, int]]) -> dict[tuple[int, int], list[Print]]:
    """What was kept and shares a part with one of these; a statement for each part."""
    found: dict[tuple[int, int], list[Print]] = {}
    first = min((one.row.at for one, _ in shaped), default=0) - DAYS * DAY_MS
    for place, part in enumerate(PARTS):
        wanted = {shape.parts(own)[place] for _, own in shaped}
        select = f"{_SELECT} {part} from rewards_fingerprint where"
        end = "and at > %s order by at desc limit %s"
        for *kept, value in rows(select, part, wanted, end, [first, LOOKED_AT_MAX]):
            source, member, other, at = kept
            found.setdefault((place, value), []).append((source, member, other, at))
    return found


_SELECT = "select source, member, shape, at,"
