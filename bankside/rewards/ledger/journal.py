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
from contextlib import ExitStack
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
    if len(moves) >= ROWS_MAX:
        raise TooManyRows(f"{len(moves)} rows in a batch")
    with Batch(number or next_number()) as batch:
        batch.add(moves)
    with prepared.unanswered():
        return batch.finish(lane=lane, actor=actor, tell=tell)


def are_few(moves: Sequence[Move]) -> bool:
    """Whether they go by one statement, and not by COPY."""
    return len(moves) <= few_rows.ROWS_MAX


class Batch:
    """A batch that is written while it is made: `with Batch(number) as batch`, then `add`; after the block
    `shift`, which may be left out, and `finish`.

    On PostgreSQL its rows go to COPY as they come, and PostgreSQL works on them while the next are decided;
    nothing else can be asked of it meanwhile. Few rows, and those of SQLite, wait for `finish`.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._moves: list[Move] = []
        self._rows: list[tuple[Any, ...]] = []
        self._lines: list[str] = []
        self._shifts: dict[buckets.Key, int] = {}
        self._copied = 0
        self._copy: Any = None
        self._open = ExitStack()

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)

    def add(self, moves: Sequence[Move]) -> None:
        """Some more moves, in their order; raises TooManyRows, NotPlain."""
        first = self.number * ROWS_MAX + len(self._rows)
        if len(self._rows) + len(moves) >= ROWS_MAX:
            raise TooManyRows(f"{len(self._rows) + len(moves)} rows in a batch")
        rows = [(first + place, *move) for place, move in enumerate(moves)]
        lines = [line_of(row) for row in rows]
        _check_plain("".join(lines), len(rows), sum(1 for move in moves if move.why))
        self._moves += moves
        self._rows += rows
        self._lines += lines
        if connection.vendor == "postgresql" and not are_few(self._moves):
            self._send()
        _count(moves, self._shifts)

    def shift(self) -> None:
        """Moves the buckets of rows that were sent. Within `unanswered`, PostgreSQL is at it while whoever
        called makes what comes next."""
        if self._copied:
            self._shift()

    def finish(self, *, lane: int = 0, actor: str = "s:card", tell: Sequence[Draft] = ()) -> int:
        """What goes with the rows: buckets, the batch's own row and its fact in the record; its number."""
        self.shift()
        row = self._row()
        if self._copied:
            self._accompany(row)
        else:
            self._write(row)
        self._tell(row, lane, actor, tell)
        return self.number

    def _send(self) -> None:
        """To COPY, which reads the canonical form with an empty field where nothing is said."""
        if self._copy is None:
            self._open.enter_context(connection.wrap_database_errors)
            cursor = self._open.enter_context(connection.cursor())
            self._copy = self._open.enter_context(cursor.copy(_COPY))
        some = slice(self._copied, None)
        self._copy.write(
            "".join(
                line if row[-1] else f"{line[:-1]}\t\n"
                for row, line in zip(self._rows[some], self._lines[some], strict=True)
            )
        )
        self._copied = len(self._rows)

    def _shift(self) -> None:
        with connection.cursor() as cursor:
            buckets.shift(cursor, self._shifts)
        self._shifts = {}

    def _accompany(self, row: list[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_BATCH, row)

    def _write(self, row: list[Any]) -> None:
        if connection.vendor == "postgresql":
            few_rows.write(self._rows, row, self._shifts)
        else:
            with connection.cursor() as cursor:
                cursor.executemany(_INSERT, self._rows)
            self._shift()
            self._accompany(row)

    def _row(self) -> list[Any]:
        digest = hashlib.sha256("".join(self._lines).encode()).hexdigest()
        latest = max(move.at for move in self._moves)
        return [self.number, obj_of(self.number), latest, len(self._rows), digest]

    def _tell(self, row: list[Any], lane: int, actor: str, tell: Sequence[Draft]) -> None:
        number, obj, _, rows, digest = row
        moved = sum(move.points for move in self._moves)
        fact = BatchPosted(batch=obj, rows=rows, digest=digest, points=moved, marks=marks_of(self._lines))
        own = Draft(fact=fact, key=f"rewards.batch-posted:{obj}", actor=actor, obj=obj, lane=lane)
        if not append_many([own, *tell])[0].new:
            raise BatchKnown(f"batch {number} is in the record, and not in the journal")


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
    return int(number_asked().rows()[0][0])


def number_asked() -> prepared.Asked:
    """The same, asked for."""
    if connection.vendor == "postgresql":
        return prepared.Asked("select nextval('rewards_batch_number')", [])
    return prepared.Asked("select coalesce(max(id), 0) + 1 from rewards_batch", [])


def _check_plain(text: str, rows: int, saying: int) -> None:
    tabs = rows * (len(FIELDS) - 1) + saying
    if text.count("\n") != rows or text.count("\t") != tabs or "\\" in text:
        raise NotPlain("a source, a rule or a unit has a tab, a line end or a backslash in it")


def _count(moves: Iterable[Move], shifts: dict[buckets.Key, int]) -> None:
    """Adds by how much each bucket changes. Only pending and available points lie in buckets."""
    for _, _, _, due, until, member, unit, dr, cr, points, *_ in moves:
        for state, change in ((dr, -points), (cr, points)):
            if state in (PENDING, AVAILABLE):
                key = (member, unit, state, due if state == PENDING else until)
                shifts[key] = shifts.get(key, 0) + change
