"""Logs that were left because entries of them are lost: what stands behind their last heads was never signed.

The fact that ended recovery mode has the root of these entries, and the log that was opened then has that
fact: so they cannot be changed unnoticed either.
"""

from __future__ import annotations

from bankside.record import shards
from bankside.record.append import entries_where
from bankside.record.log.merkle import root_of
from bankside.record.log.verify import Report
from bankside.record.models import Checkpoint, Entry
from bankside.record.projection import facts_of


def unsigned(lane: int, before: int) -> list[str]:
    """Of each log of a lane, with a number below `before`, what stands behind its published head: its name,
    first, how many, and their root."""
    sizes = dict(Checkpoint.objects.filter(lane=lane).values_list("year", "size"))
    rows = Entry.objects.filter(lane=lane, year__lt=before)
    lines = []
    for number in rows.order_by("year").values_list("year", flat=True).distinct():
        first = sizes.get(number, 0)
        behind = rows.filter(year=number, seq__gte=first).order_by("seq")
        hashes = [bytes(one) for one in behind.values_list("hash", flat=True)]
        if hashes:
            lines.append(f"{shards.origin_of(lane, number)} {first} {len(hashes)} {root_of(hashes).hex()}")
    return lines


def check(report: Report) -> None:
    """What was never signed against what the record says of it."""
    lanes = shards.opened_again()
    if not lanes:
        return
    told = facts_of(entries_where("fact = %s order by n", ["record.desk-recovered"]))
    known = {line for fact in told.values() for line in fact.unsigned}
    for lane, number in lanes.items():
        for line in unsigned(lane, before=number):
            if line not in known:
                report.add(f"log {line.partition(' ')[0]}", "has entries that were never signed, or others")
