"""Checks the journal against the record, and the buckets against the journal, and names every row that
differs.

Each batch has a fact with the digest of its rows in canonical form. The database puts that form together, so
that checking costs little more than reading. Only where a digest differs are rows looked at one by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection

from bankside.record import projection
from bankside.record.append import Entry, entries_where
from bankside.record.facts.rewards import BatchPosted
from bankside.record.log.verify import Report
from bankside.rewards.ledger import buckets
from bankside.rewards.ledger.journal import COLUMNS, FIELDS, line_of, marks_of, obj_of
from bankside.rewards.ledger.tables import ROWS_MAX

FACT: Final = "rewards.batch-posted"
FACTS_PER_PAGE: Final = 50
PROBLEMS_MAX: Final = 1000
MARK_CHARS: Final = 4
Told = dict[int, BatchPosted]
_SELECT: Final = f"select {', '.join(COLUMNS)} from rewards_posting"  # noqa: S608


def check(report: Report) -> None:
    """Adds to the report what does not agree. It reads one state of the database, and changes nothing."""
    with _one_state():
        known = _check_batches(report)
        _check_strays(report, known)
        _check_buckets(report)


def _check_batches(report: Report) -> dict[int, int]:
    """Every batch that the record tells of; their numbers with their rows."""
    known: dict[int, int] = {}
    after = 0
    while entries := entries_where("fact = %s and n > %s order by n limit %s", [FACT, after, FACTS_PER_PAGE]):
        after = entries[-1].n
        told = _told(entries)
        known |= {number: fact.rows for number, fact in told.items()}
        for entry in entries:
            if _number(entry) not in told:
                report.add(_place(_number(entry)), "what the record says of it cannot be read")
        _check_tables(report, told)
        texts = _texts(told)
        for number, fact in told.items():
            text = texts.get(number, "")
            if hashlib.sha256(text.encode()).hexdigest() != fact.digest:
                _name(report, number, fact)
    return known


def _check_tables(report: Report, told: Told) -> None:
    """The table of batches, which is only a copy of what the record says."""
    rows = _rows(
        "select id, obj, rows, digest from rewards_batch where id >= %s and id <= %s",
        [min(told, default=0), max(told, default=-1)],
    )
    found = {number: tuple(rest) for number, *rest in rows}
    for number, fact in told.items():
        if found.get(number) != (obj_of(number), fact.rows, fact.digest):
            what = "is not what the record says" if number in found else "is missing"
            report.add(f"{_place(number)} in its table", what)


def _name(report: Report, number: int, fact: BatchPosted) -> None:
    """Row by row, by the marks of a batch whose digest differs."""
    first, named = number * ROWS_MAX, len(report.problems)
    rows = _rows(f"{_SELECT} where id >= %s and id < %s order by id",
                 [first, first + ROWS_MAX])  # fmt: skip
    there = {row[0]: row for row in rows}
    for place in range(fact.rows):
        row = there.pop(first + place, None)
        if row is None:
            report.add(f"posting {first + place}", "is missing")
        elif _mark(row) != fact.marks[place * MARK_CHARS : (place + 1) * MARK_CHARS]:
            report.add(_named(row), "is not what was recorded")
    for row in there.values():
        report.add(_named(row), "is in no batch of the record")
    if len(report.problems) == named and not report.full:
        report.add(_place(number), "its rows do not give the digest that was recorded")


def _check_strays(report: Report, known: dict[int, int]) -> None:
    """Rows and batches that the record knows nothing of; looked for only when there are too many."""
    [(count,)] = _rows("select count(*) from rewards_batch", [])
    if count > len(known):
        for number, _ in _rows("select id, rows from rewards_batch order by id", []):
            if number not in known:
                report.add(f"{_place(number)} in its table", "is not in the record")
    [(count,)] = _rows("select count(*) from rewards_posting", [])
    if count > sum(known.values()) or report.problems:
        for (number,) in _rows(f"select distinct id / {ROWS_MAX} from rewards_posting", []):  # noqa: S608
            if number not in known:
                _name_strays(report, number)


def _name_strays(report: Report, number: int) -> None:
    first = number * ROWS_MAX
    query = f"{_SELECT} where id >= %s and id < %s order by id limit %s"
    for row in _rows(query, [first, first + ROWS_MAX, PROBLEMS_MAX]):
        report.add(_named(row), "is in no batch of the record")


def _check_buckets(report: Report) -> None:
    """Every bucket against the sum of what moved into and out of it; an empty one is as if it were not
    there."""
    for member, unit, state, due, should, has in _rows(buckets.WRONG, [PROBLEMS_MAX]):
        place = f"bucket {state} {due} of member {member} in {unit}"
        report.add(place, f"has {has}, and the journal gives {should}")


class _Reader(projection.Follower):
    """Takes the facts of batches as they are."""

    name = "rewards.audit"
    facts = (BatchPosted,)

    def __init__(self) -> None:
        self.told: Told = {}

    def take(self, entry: Entry, fact: Any) -> tuple[()]:
        if isinstance(fact, BatchPosted) and fact.batch == entry.obj:
            self.told[_number(entry)] = fact
        return ()


def _told(entries: list[Entry]) -> Told:
    reader = _Reader()
    projection.deliver(reader, entries)
    return reader.told


def _texts(told: Told) -> dict[int, str]:
    """The canonical form of batches, as the database puts it together."""
    if not told:
        return {}
    tab, end = ("E'\\t'", "E'\\n'") if connection.vendor == "postgresql" else ("char(9)", "char(10)")
    line = f" || {tab} || ".join(FIELDS) + f" || case when why = '' then '' else {tab} || why end || {end}"
    joined = (
        "string_agg(line, '' order by id)" if connection.vendor == "postgresql" else "group_concat(line, '')"
    )
    query = f"""
        select id / {ROWS_MAX}, {joined} from (
            select id, {line} as line from rewards_posting where id >= %s and id < %s order by id
        ) as lines group by id / {ROWS_MAX}"""  # noqa: S608
    return dict(_rows(query, [min(told) * ROWS_MAX, (max(told) + 1) * ROWS_MAX]))


@contextmanager
def _one_state() -> Iterator[None]:
    """A transaction that sees one state and keeps nobody from writing; inside of another, that one."""
    if connection.in_atomic_block:
        yield
        return
    how = " isolation level repeatable read, read only" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"begin{how}")
        try:
            yield
        finally:
            cursor.execute("rollback")


def _mark(row: tuple[Any, ...]) -> str:
    try:
        return marks_of([line_of(row)])
    except TypeError:  # somebody put a text where a number should be
        return ""


def _number(entry: Entry) -> int:
    return int(entry.obj, 16)


def _place(number: int) -> str:
    return f"batch {number} of the journal"


def _named(row: tuple[Any, ...]) -> str:
    number, source, rule, kind, *_ = row
    return f"posting {number} ({kind} {source} {rule})".replace(" )", ")")


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
