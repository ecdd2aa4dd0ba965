"""One log per lane and year: the first leaf of a new log ties it to the last head of the old one."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from django.conf import settings

from bankside.record import clock, rules_in_force
from bankside.record.ids import new_id
from bankside.record.leaf import leaf_bytes, leaf_hash
from bankside.record.merkle import root_of
from bankside.record.models import Entry, Head

SHARD = "record.shard"


def open_year(head: Head, now: int) -> None:
    """Starts the log of a new year when `now` (ms) lies in one; the caller holds the head's lock.

    A clock that runs backwards over New Year stays in the newer log.
    """
    year = clock.year_of(now)
    if head.year == 0:
        head.year = year
    if year > head.year:
        tie = _tie(head)
        head.year, head.size = year, 1
        _write(head, tie, now)


class Log(NamedTuple):
    """One log of the record and how many entries it has now."""

    lane: int
    year: int
    size: int


def logs() -> list[Log]:
    """Every log that has entries, by lane and year; two statements, however many years there are."""
    found = [Log(head.lane, head.year, head.size) for head in Head.objects.filter(size__gt=0)]
    for lane, leaf in Entry.objects.filter(fact=SHARD, seq=0).values_list("lane", "leaf"):
        try:
            tie = msgspec.json.decode(bytes(leaf))
            found.append(Log(lane, int(tie["log"].rpartition("/")[2]), tie["size"]))
        except (msgspec.DecodeError, KeyError, ValueError):
            continue  # somebody changed the row; the audit names it, the other logs go on
    return sorted(set(found))


def origin_of(lane: int, year: int) -> str:
    """The name of a log: `<host>/log/<lane>/<year>` (DESIGN section 10)."""
    return f"{settings.LOG_ORIGIN_HOST}/log/{lane}/{year}"


def _tie(head: Head) -> dict[str, Any]:
    rows = Entry.objects.filter(lane=head.lane, year=head.year).order_by("seq")
    root = root_of(bytes(h) for h in rows.values_list("hash", flat=True).iterator())
    return {"log": origin_of(head.lane, head.year), "size": head.size, "root": root.hex()}


def _write(head: Head, tie: dict[str, Any], now: int) -> None:
    rid = new_id()
    leaf = leaf_bytes(
        {"v": 1, "seq": 0, "id": rid, "t": clock.iso(now), "type": "shard", "actor": "s:record",
         "ret": settings.RETENTION_DEFAULT, "pol": rules_in_force.fingerprint()} | tie
    )  # fmt: skip
    Entry.objects.create(
        lane=head.lane, year=head.year, seq=0, key=f"shard:{head.lane}:{head.year}", fact=SHARD,
        rid=rid, type="shard", t=now, actor="s:record", obj="", subj="", leaf=leaf, hash=leaf_hash(leaf),
    )  # fmt: skip
