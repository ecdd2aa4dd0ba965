"""The one way into the journal: `write(moves)`, in the transaction of whatever they follow from.

Moves that are written together are a batch. Its rows are numbered without a gap, and the record gets one
fact with the SHA-256 of their canonical form: a line for each row, its fields in the order of `FIELDS`,
whole numbers in decimal, parted by tabs, ended by a line feed, in UTF-8. A row that says why it was awarded
has this as one more field at its end; others end before it, as all did before there was one. The fact also
has three bytes of each line's own SHA-256, in Base64, by which the audit says which row it is that differs.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from bankside.record import prepared
from bankside.record.append import Draft, OutsideTransaction, append_many
from bankside.record.facts.rewards import BatchPosted
from bankside.rewards.ledger import buckets, few_rows
from bankside.rewards.ledger.tables import ROWS_MAX

FIELDS: Final = (
    "id", "source", "rule", "kind", "due", "until", "member", "unit", "dr", "cr", "points", "at", "programme",
    "origin",
)  # fmt: skip
LINE: Final = "\t".join(
    "%d" if name in {"id", "due", "until", "member", "points", "at", "programme"} else "%s" for name in FIELDS
)
COLUMNS: Final = (*FIELDS, "why")
SAYING: Final = f"{LINE}\t%s\n"
MARK_BYTES: Final = 3
ISSUED, PENDING, AVAILABLE, REDEEMED = "issued", "pending", "available", "redeemed"
EXPIRED, CLAWED, WRITTEN_OFF = "expired", "clawed", "write-off"
_INSERT = (
    f"insert or fail into rewards_posting ({', '.join(COLUMNS)}) values ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608
)
_COPY = f"copy rewards_posting ({', '.join(COLUMNS)}) from stdin"
_BATCH = "insert into rewards_batch (id, obj, at, rows, digest) values (%s, %s, %s, %s, %s)"


class TooManyRows(ValueError):
    """A batch has fewer than 65,536 rows."""


class NotPlain(ValueError):
    """A source, a rule, a unit or what a row says has a tab, a line end or a backslash in it."""


class BatchKnown(RuntimeError):
    """The record has a batch of this number that the journal lost: something was taken out of the journal."""


class Move(NamedTuple):
    """Points from one account of a member's to another; the columns of a posting but for its number."""

    source: str
    rule: str
    kind: str
    due: int
    until: int
    member: int
    unit: str
    dr: str
    cr: str
    points: int
    at: int
    programme: int = 0
    origin: str = ""
    why: str = ""


class Drawn(NamedTuple):
    """A batch as it will be written: its moves, its postings with their numbers, their canonical lines, its
    own row, and by how much buckets change that were not changed yet."""

    moves: Sequence[Move]
    rows: list[tuple[Any, ...]]
    lines: list[str]
    batch: list[Any]
    shifts: dict[buckets.Key, int]


def write(
    moves: Sequence[Move], *, lane: int = 0, actor: str = "s:card", number: int = 0,
    tell: Sequence[Draft] = (),
) -> int:  # fmt: skip
    """Writes moves as one batch, moves the buckets, and records the digest; its number, 0 for no moves.

    `number`: the batch's, when `next_number` gave it before. `tell`: what else is recorded, after the batch.
    The members are locked (`locks.py`). A key that is known raises IntegrityError, a bucket that does not
    have the points NotThere; the whole transaction is then to be given up.
    """
    if not moves:
        return 0
    number = number or next_number()
    with prepared.unanswered():
        drawn = draw(moves, number)
    return finish(drawn, lane=lane, actor=actor, tell=tell)


def draw(moves: Sequence[Move], number: int) -> Drawn:
    """The first half of `write`, of some moves: tells PostgreSQL how buckets change, and makes the rows while
    it sees to that."""
    if len(moves) >= ROWS_MAX:
        raise TooManyRows(f"{len(moves)} rows in a batch")
    shifts, first = _shifts(moves), number * ROWS_MAX
    if connection.vendor == "postgresql" and not _few(moves):
        with connection.cursor() as cursor:
            buckets.shift(cursor, shifts)
    rows = [(first + place, *move) for place, move in enumerate(moves)]
    lines = [line_of(row) for row in rows]
    text = "".join(lines)
    _check_plain(text, len(rows), sum(1 for move in moves if move.why))
    digest = hashlib.sha256(text.encode()).hexdigest()
    batch = [number, obj_of(number), max(move.at for move in moves), len(rows), digest]
    return Drawn(moves, rows, lines, batch, shifts)


def finish(drawn: Drawn, *, lane: int = 0, actor: str = "s:card", tell: Sequence[Draft] = ()) -> int:
    """The second half of `write`: postings, batch and record."""
    if _few(drawn.moves):
        with prepared.cursor() as cursor:
            few_rows.write(cursor, drawn.rows, drawn.batch, drawn.shifts)
    else:
        with connection.cursor() as cursor:
            _insert(cursor, drawn)
            if connection.vendor != "postgresql":
                buckets.shift(cursor, drawn.shifts)
            cursor.execute(_BATCH, drawn.batch)
    _tell(drawn, lane, actor, tell)
    return int(drawn.batch[0])


def _few(moves: Sequence[Move]) -> bool:
    return connection.vendor == "postgresql" and len(moves) <= few_rows.ROWS_MAX


def line_of(row: Sequence[Any]) -> str:
    """A row, number first, in its canonical form."""
    return SAYING % tuple(row) if row[-1] else LINE % tuple(row[:-1]) + "\n"


def marks_of(lines: Iterable[str]) -> str:
    """Three bytes of each line's SHA-256, in Base64: four characters a row."""
    sha256 = hashlib.sha256
    return base64.b64encode(b"".join(sha256(line.encode()).digest()[:MARK_BYTES] for line in lines)).decode()


def obj_of(number: int) -> str:
    """The obj of a batch: its number in 32 hexadecimal digits."""
    return f"{number:032x}"


def next_number() -> int:
    """The number of the next batch; on SQLite there is one writer, PostgreSQL hands them out."""
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("open transaction.atomic() around the change and its postings")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("select nextval('rewards_batch_number')")
        else:
            cursor.execute("select coalesce(max(id), 0) + 1 from rewards_batch")
        return int(cursor.fetchone()[0])


def _insert(cursor: Any, drawn: Drawn) -> None:
    """On PostgreSQL the canonical form is what COPY reads, with an empty field where nothing is said."""
    if connection.vendor != "postgresql":
        cursor.executemany(_INSERT, drawn.rows)
        return
    with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        copy.write(
            "".join(
                line if row[-1] else f"{line[:-1]}\t\n"
                for row, line in zip(drawn.rows, drawn.lines, strict=True)
            )
        )


def _check_plain(text: str, rows: int, saying: int) -> None:
    tabs = rows * (len(FIELDS) - 1) + saying
    if text.count("\n") != rows or text.count("\t") != tabs or "\\" in text:
        raise NotPlain("a source, a rule or a unit has a tab, a line end or a backslash in it")


def _shifts(moves: Iterable[Move]) -> dict[buckets.Key, int]:
    """By how much each bucket changes. Only pending and available points lie in buckets."""
    shifts: dict[buckets.Key, int] = {}
    for _, _, _, due, until, member, unit, dr, cr, points, *_ in moves:
        for state, change in ((dr, -points), (cr, points)):
            if state in (PENDING, AVAILABLE):
                key = (member, unit, state, due if state == PENDING else until)
                shifts[key] = shifts.get(key, 0) + change
    return shifts


def _tell(drawn: Drawn, lane: int, actor: str, tell: Sequence[Draft]) -> None:
    number, obj, _, rows, digest = drawn.batch
    moved = sum(move.points for move in drawn.moves)
    fact = BatchPosted(batch=obj, rows=rows, digest=digest, points=moved, marks=marks_of(drawn.lines))
    own = Draft(fact=fact, key=f"rewards.batch-posted:{obj}", actor=actor, obj=obj, lane=lane)
    if not append_many([own, *tell])[0].new:
        raise BatchKnown(f"batch {number} is in the record, and not in the journal")
