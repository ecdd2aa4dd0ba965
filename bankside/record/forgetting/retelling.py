"""What was derived from words that are gone, or hidden, is derived anew without them.

Every derived row's id is the arrival number of its first entry, and a row is made and changed by entries
about one thing in one lane. So the rows of a thing can be dropped by number, and its entries applied again in
order: the living tables are then what a rebuild would make, row for row, whatever room they belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import Any

from django.db import models

from bankside.record.append import Entry
from bankside.record.forgetting import covered
from bankside.record.models import Quarantined

OBJS = 100
"""So many things are told anew at once: their entries are held in memory."""
Hidden = Callable[[Entry], bool]
Tell = Callable[[Sequence[Entry], Hidden], None]


def retell(
    follower: str, tables: Sequence[type[models.Model]], wanted: Set[str], turn: Entry, fact: Any, tell: Tell
) -> None:
    """Tells a projection again, by `tell`, all that it knows of what the entry `turn` is about.

    `wanted`: the names of the facts that it takes; empty for all.
    """
    objs, hidden = _concerned(turn, fact)
    for some in covered.slices(objs, OBJS):
        entries = [entry for entry in covered.about(some, turn) if not wanted or entry.fact in wanted]
        if not entries:
            continue
        _drop(tables, [entry.n for entry in entries])
        aside = _set_aside(follower, [entry.n for entry in entries])
        tell([entry for entry in entries if entry.n not in aside], hidden)


def _concerned(turn: Entry, fact: Any) -> tuple[list[str], Hidden]:
    """The things to tell anew, and which entries have no words from here on."""
    if turn.fact == covered.ERASED:
        scope = covered.scope_of(turn.leaf)
        return covered.objs_of(scope, turn), scope.holds
    if fact is None:  # somebody took its words away: the audit says so
        return [], lambda entry: False
    if turn.fact == covered.EXPIRED:
        gone = covered.in_runs(fact.year, turn.lane, fact.firsts, fact.lasts)
        numbers = {entry.n for entry in gone}
        return sorted({entry.obj for entry in gone}), lambda entry: entry.n in numbers
    return covered.objs_of(covered.Scope(fact.subject, fact.about), turn), lambda entry: False


def _drop(tables: Sequence[type[models.Model]], numbers: Sequence[int]) -> None:
    for some in covered.slices(numbers):
        for table in tables:
            table._default_manager.filter(pk__in=some).delete()


def _set_aside(follower: str, numbers: Sequence[int]) -> set[int]:
    """Entries that the projection could not take before: it does not stumble over them again."""
    found: set[int] = set()
    for some in covered.slices(numbers):
        rows = Quarantined.objects.filter(follower=follower, n__in=some)
        found |= set(rows.values_list("n", flat=True))
    return found
