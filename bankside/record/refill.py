"""Fills every empty derived table in one reading of the record, which is opened once for all of them.

After a restore: nothing is there that anybody could be reading meanwhile, so that no shadow is needed. A
projection that cannot take a batch falls behind and follows by itself, as it would on any day.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from bankside.record import fact as facts
from bankside.record.append import Entry
from bankside.record.away import AWAY
from bankside.record.models import Cursor, Head, Quarantined
from bankside.record.projection import (
    BATCH_MAX,
    Projection,
    catch_up,
    entries_after,
    facts_of,
    followers,
)

log = logging.getLogger(__name__)
Progress = Callable[[int], None]
ALL: Final[frozenset[str]] = frozenset()


@dataclass
class _Follows:
    """A projection, the names of the facts that it wants (none: all), and the lanes where it fell behind."""

    projection: Projection
    wanted: frozenset[str]
    behind: set[int]


def refill(progress: Progress = lambda entries: None) -> int:
    """Fills the tables of every projection from the first entry on; how many entries were read."""
    all_of_them = [f for f in followers() if isinstance(f, Projection)]
    _begin_anew(all_of_them)
    following = [_Follows(one, facts.names_of(one.facts), set()) for one in all_of_them]
    total = 0
    for lane in Head.objects.order_by("lane").values_list("lane", flat=True):
        place = (0, -1)
        while rows := entries_after(lane, *place, BATCH_MAX):
            place = (rows[-1].year, rows[-1].seq)
            _take(following, lane, place, rows)
            total += len(rows)
            progress(total)
    for one in following:
        for lane in sorted(one.behind):
            while catch_up(one.projection, lane):
                pass
    return total


def _begin_anew(all_of_them: Sequence[Projection]) -> None:
    """Empties the tables and forgets how far they were followed; reactions keep their places."""
    names = [one.name for one in all_of_them]
    with transaction.atomic():
        for one in all_of_them:
            for model in one.tables:
                model._default_manager.all().delete()
        Cursor.objects.filter(follower__in=names).delete()
        Quarantined.objects.filter(follower__in=names).delete()


def _take(following: Sequence[_Follows], lane: int, place: tuple[int, int], rows: Sequence[Entry]) -> None:
    """One batch for all who are not behind, in one transaction."""
    ready = [one for one in following if lane not in one.behind]
    wanted = ALL if any(not one.wanted for one in ready) else ALL.union(*(one.wanted for one in ready))
    said = facts_of([row for row in rows if not wanted or row.fact in wanted])
    with transaction.atomic():
        taken = [one for one in ready if _deliver(one, lane, rows, said)]
        for one in taken:
            year, seq = place
            Cursor.objects.update_or_create(
                follower=one.projection.name, lane=lane, defaults={"year": year, "seq": seq}
            )


def _deliver(one: _Follows, lane: int, rows: Sequence[Entry], said: dict[int, Any]) -> bool:
    """Whether the projection took its entries of the batch; if not, nothing of them."""
    told = [(row, said.get(row.n)) for row in rows if not one.wanted or row.fact in one.wanted]
    if not told:
        return True
    try:
        with transaction.atomic(), one.projection.batch(told):
            for entry, fact in told:
                one.projection.apply(entry, fact)
    except AWAY:
        raise
    except Exception as trouble:
        log.warning("%s goes on by itself from here: %s", one.projection.name, type(trouble).__name__)
        one.behind.add(lane)
        return False
    return True
