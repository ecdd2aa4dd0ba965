"""One log per lane and year: the first leaf of a new log ties it to the last head of the old one.

When entries that were signed are lost, the lane opens another log in the same year, called `2026-1`; its
number (the column `year`) is 20261, and that of the next year then 20270, called `2027-0`. So the numbers of
a lane only rise, and put its logs in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from django.conf import settings

from bankside.record import clock, rules_in_force
from bankside.record.ids import new_id
from bankside.record.log.leaf import leaf_bytes, leaf_hash
from bankside.record.log.merkle import root_of
from bankside.record.models import Checkpoint, Entry, Head

SHARD = "record.shard"
HASHES_AT_ONCE = 10_000
YEAR_MAX = 3_276  # ten times that is the largest small number of a database
_NAME = re.compile(r"[1-9][0-9]{3}(?:-[0-9])?")


def open_year(head: Head, now: int) -> None:
    """Starts the log of a new year when `now` (ms) lies in one; the caller holds the head's lock.

    A clock that runs backwards over New Year stays in the newer log.
    """
    year = clock.year_of(now)
    if head.year == 0:
        head.year = year
    if year > year_of(head.year):
        _open(head, later(head.year, year - year_of(head.year)), _tie(head), now)


def open_again(head: Head, number: int, last: Tied, now: int) -> None:
    """Starts another log in the same year, which names the head that was signed last and is lost; the caller
    holds the head's lock and writes it."""
    _open(head, number, last._asdict(), now)


class Tied(NamedTuple):
    """The head that the first leaf of a log names: of which log, how many entries, and the root as hex."""

    log: str
    size: int
    root: str


class Log(NamedTuple):
    """One log of the record and how many entries it has now; `left`: it stays as it was published, because
    entries of it are lost."""

    lane: int
    year: int
    size: int
    left: bool = False


def logs() -> list[Log]:
    """Every log that has entries, by lane and year; two statements, however many years there are.

    A log that was left has as many as were published.
    """
    found = [Log(head.lane, head.year, head.size) for head in Head.objects.filter(size__gt=0)]
    ties = _ties()
    for lane, _, leaf in ties:
        try:
            tie = msgspec.json.decode(leaf)
            found.append(Log(lane, number_of(tie["log"].rpartition("/")[2]), tie["size"]))
        except (msgspec.DecodeError, KeyError, ValueError):
            continue  # somebody changed the row; the audit names it, the other logs go on
    again = _opened_again(ties)
    if not again:
        return sorted(set(found))
    kept = {log for log in found if log.year >= again.get(log.lane, 0)}
    published = Checkpoint.objects.filter(size__gt=0).values_list("lane", "year", "size")
    left = {Log(*row, left=True) for row in published if row[1] < again.get(row[0], 0)}
    return sorted(kept | left)


def opened_again() -> dict[int, int]:
    """By lane the newest log that was opened because entries were lost: those before it were left."""
    return _opened_again(_ties())


def _ties() -> list[tuple[int, int, bytes]]:
    rows = Entry.objects.filter(fact=SHARD, seq=0).values_list("lane", "year", "leaf")
    return [(lane, number, bytes(leaf)) for lane, number, leaf in rows]


def _opened_again(ties: list[tuple[int, int, bytes]]) -> dict[int, int]:
    return {lane: number for lane, number, _ in sorted(ties) if is_again(number)}


def origin_of(lane: int, year: int) -> str:
    """The name of a log: `<host>/log/<lane>/<year>` (DESIGN section 10); `2026-1` is the first one again."""
    return f"{settings.LOG_ORIGIN_HOST}/log/{lane}/{name_of(year)}"


def name_of(number: int) -> str:
    """How a log is called beside its lane: 2026 is `2026`, and 20261 is `2026-1`."""
    return f"{number // 10}-{number % 10}" if number > YEAR_MAX else str(number)


def number_of(name: str) -> int:
    """The other way round; ValueError for no such name."""
    number = int(name.replace("-", "")) if _NAME.fullmatch(name) else 0
    if not number or year_of(number) > YEAR_MAX or (number > YEAR_MAX) != ("-" in name):
        raise ValueError(f"{name!r} is no log: a year, or one with -0 to -9 behind it")
    return number


def year_of(number: int) -> int:
    """The year of a log."""
    return number // 10 if number > YEAR_MAX else number


def later(number: int, years: int) -> int:
    """The number of the log that the same lane has so many years later, if nothing is lost."""
    return (year_of(number) + years) * 10 if number > YEAR_MAX else number + years


def following(number: int, year: int) -> Iterator[int]:
    """Every number that a later log of the same lane can have, up to the last one of that year, in order."""
    for one in range(year_of(number), max(year, year_of(number)) + 1):
        yield from (it for it in (one, *range(one * 10, one * 10 + 10)) if it > number)


def is_again(number: int) -> bool:
    """Whether a log was opened because entries were lost."""
    return number > YEAR_MAX and number % 10 > 0


def _open(head: Head, number: int, tie: dict[str, Any], now: int) -> None:
    head.year, head.size = number, 1
    _write(head, tie, now)


def _tie(head: Head) -> dict[str, Any]:
    root = root_of(_hashes(head))
    return {"log": origin_of(head.lane, head.year), "size": head.size, "root": root.hex()}


def _hashes(head: Head) -> Iterator[bytes]:
    """Of all entries, some at a time: within `prepared.unanswered` PostgreSQL keeps no cursor open."""
    rows = Entry.objects.filter(lane=head.lane, year=head.year).order_by("seq").values_list("hash", flat=True)
    for first in range(0, head.size, HASHES_AT_ONCE):
        yield from map(bytes, rows.filter(seq__gte=first, seq__lt=first + HASHES_AT_ONCE))


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
