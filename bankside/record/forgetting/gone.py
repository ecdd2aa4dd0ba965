"""Which words of a lane the record itself says are gone: erased by two people, or past their term."""

from __future__ import annotations

from bisect import bisect_right

from bankside.record.append import entries_where
from bankside.record.forgetting import covered
from bankside.record.forgetting.covered import Scope
from bankside.record.models import Entry
from bankside.record.projection import facts_of

SLICE = 500
FAR = 2**53
Place = tuple[int, int]


class Gone:
    """What the erase entries of a lane and the ends of terms cover; read once, then asked of each row."""

    def __init__(self, lane: int) -> None:
        self._erased: dict[Scope, Place] = {}
        for entry in entries_where("lane = %s and fact = %s order by year, seq", [lane, covered.ERASED]):
            self._erased[covered.scope_of(entry.leaf)] = (entry.year, entry.seq)
        self._expired: dict[int, list[Place]] = {}
        ended = entries_where("lane = %s and fact = %s order by year, seq", [lane, covered.EXPIRED])
        for some in covered.slices(ended, SLICE):
            for fact in facts_of(list(some)).values():
                self._expired.setdefault(fact.year, []).extend(zip(fact.firsts, fact.lasts, strict=True))
        for runs in self._expired.values():
            runs.sort()

    def tells_of(self, row: Entry) -> bool:
        """Whether the record says why this entry, of the same lane, has no words."""
        if row.fact == covered.ERASED:
            return True
        scopes = (Scope(row.subj), Scope(row.subj, row.obj))
        if any((row.year, row.seq) < self._erased.get(scope, (0, 0)) for scope in scopes):
            return True
        runs = self._expired.get(row.year, [])
        place = bisect_right(runs, (row.seq, FAR)) - 1
        return place >= 0 and runs[place][0] <= row.seq <= runs[place][1]
