"""Checks card payments and files against what the record says of them, and names every batch that differs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final, TypeVar

from bankside.record import projection
from bankside.record.append import entries_where
from bankside.record.facts.rewards import FileMade, PaymentsTaken
from bankside.record.log.verify import Report
from bankside.rewards import payment, statement
from bankside.rewards.models import Line, MadeFile, Payment

FACTS_PER_PAGE: Final = 50
T = TypeVar("T", PaymentsTaken, FileMade)


def check(report: Report) -> None:
    """Adds to the report what does not agree. It changes nothing."""
    _payments(report)
    _files(report)


def _payments(report: Report) -> None:
    rows = 0
    for fact in _facts("rewards.payments-taken", PaymentsTaken):
        there = list(Payment.objects.filter(batch=fact.batch))
        rows += len(there)
        if len(there) != fact.rows or payment.digest_of(there) != fact.digest:
            report.add(f"card payments of batch {fact.batch}", "are not what was recorded")
    if Payment.objects.count() != rows:
        report.add("card payments", "are there that no batch of the record has")


def _files(report: Report) -> None:
    told = set()
    for fact in _facts("rewards.file-made", FileMade):
        told.add(fact.file)
        row = MadeFile.objects.filter(obj=fact.file).first()
        if row is None or (row.kind, row.rows, row.sha256) != (fact.kind, fact.rows, fact.sha256):
            report.add(f"file {fact.file}", "is not what was recorded")
        elif (
            row.kind in statement.KINDS and hashlib.sha256(statement.body_of(row)).hexdigest() != fact.sha256
        ):
            report.add(f"lines of file {fact.file}", "do not give what was recorded")
    for (name,) in Line.objects.exclude(file="").values_list("file").distinct().order_by("file"):
        if name not in told:
            report.add(f"lines of file {name}", "are in no file of the record")


def _facts(name: str, kind: type[T]) -> Iterator[T]:
    """What the record says, oldest first, a page at a time."""
    after = 0
    while entries := entries_where("fact = %s and n > %s order by n limit %s", [name, after, FACTS_PER_PAGE]):
        after = entries[-1].n
        facts = projection.facts_of(entries)
        yield from (facts[one.n] for one in entries if isinstance(facts.get(one.n), kind))
