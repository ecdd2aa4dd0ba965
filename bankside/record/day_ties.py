"""The daily entries that tie all logs together, and whether the logs still are what they were tied as.

Each holds size and root of every log's head. So whoever writes one log anew must write all days since anew,
in another log, and every head that was kept of that one shows it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import models

from bankside.record import evidence
from bankside.record.append import Entry, entries_where
from bankside.record.away import AWAY
from bankside.record.facts.evidence import DayReconciled, LogEnd
from bankside.record.log.merkle import Tree
from bankside.record.log.note import NoteWrong
from bankside.record.log.tiles import HeadWrong
from bankside.record.log.verify import Report
from bankside.record.models import Checkpoint
from bankside.record.models import Entry as Row
from bankside.record.projection import facts_of
from bankside.record.shards import logs, name_of

FACT = "record.day-reconciled"
LISTED_MAX = 400
ROWS_PER_QUERY = 10_000
_SIZE = attrgetter("size")


class Promise(NamedTuple):
    """A root that somebody holds: where it stands, and of which log at which size."""

    place: str
    lane: int
    year: int
    size: int
    root: str


class Day(NamedTuple):
    """A reconciled day: its entry's number and id, when it was written (ms), and the fact (None: erased)."""

    n: int
    id: str
    t: int
    day: str
    fact: DayReconciled | None


def ends() -> Iterator[LogEnd]:
    """Every log as it ends now: its rows counted, and its last head."""
    rows = Row.objects.values_list("lane", "year").order_by().annotate(models.Count("n"))
    counted = {(lane, year): count for lane, year, count in rows}
    heads = {(head.lane, head.year): head for head in Checkpoint.objects.filter(size__gt=0)}
    for one in logs():
        lane, year = one.lane, one.year
        head = heads.get((lane, year))
        yield LogEnd(
            lane=lane, year=year, rows=counted.get((lane, year), 0), size=head.size if head else 0,
            root=head.root if head else "",
        )  # fmt: skip


def begun_at() -> int:
    """When the first entry of the record was written (ms), 0 when there is none."""
    return next((row.t for row in entries_where("n > 0 order by n limit 1", [])), 0)


def last_id() -> str:
    """The id of the newest of these entries, empty when there is none."""
    return next((one.id for one in _entries(1)), "")


def days(limit: int = 31) -> list[Day]:
    """The last days, newest first."""
    rows = _entries(min(limit, LISTED_MAX))
    return [Day(row.n, row.id, row.t, row.key.partition(":")[2], fact) for row, fact in _told(rows)]


def check(report: Report) -> None:
    """Names each day and each kept head that does not agree with the logs, and a broken chain."""
    promised: dict[tuple[int, int], list[Promise]] = {one: [] for one in evidence.logs()}
    for one in _of_days(report):
        promised.setdefault((one.lane, one.year), []).append(one)
    for lane, year in sorted(promised):
        by_days = sorted(promised[lane, year], key=_SIZE)
        _check_log(report, lane, year, heapq.merge(by_days, _of_evidence(report, lane, year), key=_SIZE))


def _of_days(report: Report) -> Iterator[Promise]:
    before = ""
    for row, fact in _told(reversed(_entries(-1))):
        place = f"entry {row.n}, the day {row.key.partition(':')[2]}"
        if (row.prev or "") != before:
            report.add(place, "does not follow the day that was reconciled before it")
        before = row.id
        for end in fact.logs if fact else ():
            if end.size:
                yield Promise(place, end.lane, end.year, end.size, end.root)
            if end.rows < end.size:
                report.add(place, f"log {end.lane}/{name_of(end.year)} had fewer rows than its head promised")


def _of_evidence(report: Report, lane: int, year: int) -> Iterator[Promise]:
    """The heads that were kept of a log, by size."""
    for one in evidence.kept(lane, year):
        if one.kind != evidence.STAMP:
            try:
                head = evidence.head_in(one)
            except (HeadWrong, NoteWrong) as wrong:
                report.add(f"evidence/{one.path}", str(wrong))
                continue
            yield Promise(f"evidence/{one.path}", lane, year, one.size, head.root.hex())


def _check_log(report: Report, lane: int, year: int, promises: Iterable[Promise]) -> None:
    """The root at each promised size, in one walk over the rows."""
    tree, name = Tree(), f"log {lane}/{name_of(year)}"
    for one in promises:
        _grow(tree, lane, year, one.size)
        if tree.size < one.size:
            report.add(one.place, f"{name} had {one.size} entries; the record has {tree.size}")
        elif tree.root().hex() != one.root:
            report.add(one.place, f"{name} had another root at {one.size} entries")


def _grow(tree: Tree, lane: int, year: int, size: int) -> None:
    """Up to `size` rows, as far as they are there without a gap."""
    while tree.size < size:
        until = min(size, tree.size + ROWS_PER_QUERY)
        rows = Row.objects.filter(lane=lane, year=year, seq__gte=tree.size, seq__lt=until).order_by("seq")
        found = list(rows.values_list("seq", "hash"))
        whole = [bytes(hash_) for place, (seq, hash_) in enumerate(found, tree.size) if seq == place]
        tree.extend(whole)
        if tree.size < until:
            return


def _entries(limit: int) -> list[Entry]:
    """Newest first; all for a negative limit."""
    if limit < 0:
        return entries_where("fact = %s order by n desc", [FACT])
    return entries_where("fact = %s order by n desc limit %s", [FACT, limit])


def _told(rows: Iterable[Entry]) -> Iterator[tuple[Entry, Any]]:
    """Each with its fact; None where its words are gone, or are not what they were, which `audit` names."""
    for row in rows:
        try:
            yield row, facts_of([row]).get(row.n)
        except AWAY:
            raise
        except Exception:
            yield row, None
