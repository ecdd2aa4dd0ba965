"""Files for other systems of the bank: credits for statements, and gifts to causes.

Every line is in exactly one file: a file takes lines by writing its name on them, and a line that has a name
is never taken again. A file is CSV in UTF-8 with line feeds: the names of the columns, a row `H` for the
file, rows `D`, and a row `T` for each currency with count and sum. Its digest is in the record.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum

from bankside.people import exports, policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import append
from bankside.record.cells import neutral
from bankside.record.facts.rewards import FileMade
from bankside.record.ids import new_id
from bankside.rewards.granting import GIFT, STATEMENT
from bankside.rewards.ledger import locks, spend
from bankside.rewards.ledger.journal import AVAILABLE
from bankside.rewards.models import Bucket, Line, MadeFile
from bankside.said import Said

ACT: Final = "spending.manage"
KINDS: Final = (STATEMENT, GIFT)
LINES_MAX: Final = 10_000
"""In one file; what is left goes into the next."""
FILES_MAX: Final = 500
COLUMNS: Final = ("record", "source", "account", "token_ref", "cause", "amount", "currency", "at")
# What an offer gave or took back, by the name of its line: these lie in the journal in their currency.
OF_OFFERS: Final = Q(source__startswith="o:") | Q(source__startswith="r:")


class NothingWaits(ValueError):
    """There is nothing to put into a file."""


class NoSuchFile(LookupError):
    """There is no such file, or no such kind of file."""


class FileChanged(ValueError):
    """The lines do not give the file that was made: something was changed behind the desk's back."""


class KeyUsed(ValueError):
    """The key belongs to another file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file and its bytes."""

    file: MadeFile
    body: bytes

    @property
    def name(self) -> str:
        """What the file is called: its kind, its year when it is of one, and the beginning of its obj."""
        year = f"-{self.file.year}" if self.file.year else ""
        return f"{self.file.kind}{year}-{self.file.obj[:8]}.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Lines that no file has taken, and their sums in minor units by currency."""

    lines: int
    totals: dict[str, int]


def make(staff: Staff | None, kind: str, key: str) -> Made:
    """Takes what waits, at most LINES_MAX lines, into a file; a caller's same key is the same file.

    `staff` None: the operator at the machine. Raises NotYours, NoSuchFile, NothingWaits, KeyUsed.
    """
    actor = acting(staff, ACT)
    key = _key(actor, key)
    if kind not in KINDS:
        raise NoSuchFile(Said("There is no such kind of file."))
    try:
        with transaction.atomic():
            return _known(key, kind) or _made(kind, key, actor)
    except IntegrityError:  # the same caller asked for it twice at the same moment: it is there now
        if (known := _known(key, kind)) is None:
            raise
        return known


def _made(kind: str, key: str, actor: str) -> Made:
    obj, now = new_id(), clock.now_ms()
    lines = _take(obj, kind)
    if not lines and (known := _known(key, kind)) is not None:
        return known  # made while this waited
    if not lines:
        raise NothingWaits(Said("Nothing waits to be sent."))
    if kind == STATEMENT:
        _carry_over(obj, lines, now, actor)
    body, totals = _body(obj, kind, now, lines), _totals(lines)
    file = MadeFile(obj=obj, kind=kind, key=key, rows=len(lines), totals=totals, made_at=now, by=actor)
    return keep(file, body)


def waiting(staff: Staff | None, kind: str) -> Waiting:
    """What no file has taken yet. Raises NotYours."""
    acting(staff, ACT)
    rows = (
        Line.objects.filter(kind=kind, file="").values("currency").annotate(n=Count("pk"), sum=Sum("amount"))
    )
    found = list(rows.order_by("currency"))
    return Waiting(
        lines=sum(row["n"] for row in found), totals={row["currency"]: row["sum"] for row in found}
    )


def files(staff: Staff | None, limit: int = 100, before: int = 0) -> list[MadeFile]:
    """Files of lines, newest first; `before`: those that are older than this number. Raises NotYours."""
    acting(staff, ACT)
    return made_files(KINDS, limit, before)


def taken(staff: Staff | None, obj: str, reason: str) -> Made:
    """A file to be taken away, once it is recorded by whom and what for: the very same bytes every time.

    `staff` None: the operator at the machine. Raises NotYours, exports.ReasonMissing, NoSuchFile, FileChanged
    and readings.NotRecorded.
    """
    acting(staff, ACT)
    exports.reason_of(reason)
    file = MadeFile.objects.filter(obj=obj, kind__in=KINDS).first()
    if file is None:
        raise NoSuchFile(Said("There is no such file."))
    made = checked(file, body_of(file))
    exports.told(staff, file.kind, reason, rows=file.rows, obj=file.obj)
    return made


def body_of(file: MadeFile) -> bytes:
    """What the lines of a file give now."""
    lines = Line.objects.filter(file=file.obj).order_by("pk")
    return _body(file.obj, file.kind, file.made_at, list(lines))


def checked(file: MadeFile, body: bytes) -> Made:
    """The file with its bytes. Raises FileChanged when they are not those that were recorded."""
    if hashlib.sha256(body).hexdigest() != file.sha256:
        raise FileChanged(
            Said(
                "This file is not what it was: its lines were changed behind the desk's back, and it is not"
                " given. Tell whoever runs the desk; `bankside verify` names what differs."
            )
        )
    return Made(file=file, body=body)


def acting(staff: Staff | None, act: str) -> str:
    """The actor of an act: somebody who may, or the operator at the machine. Raises NotYours."""
    if staff is None:
        return exports.OPERATOR
    policy.require(staff, act)
    return staff.actor


def made_files(kinds: Sequence[str], limit: int, before: int = 0) -> list[MadeFile]:
    """Files of some kinds, newest first; `before`: those older than this number."""
    rows = MadeFile.objects.filter(kind__in=kinds).order_by("-pk")
    return list((rows.filter(pk__lt=before) if before else rows)[: min(limit, FILES_MAX)])


def keep(file: MadeFile, body: bytes) -> Made:
    """Keeps what a file is and tells the record; the last thing in a transaction."""
    file.sha256 = hashlib.sha256(body).hexdigest()
    file.save(force_insert=True)
    said = FileMade(file=file.obj, kind=file.kind, rows=file.rows, sha256=file.sha256)
    append(said, f"rewards.file-made:{file.obj}", actor=file.by, obj=file.obj)
    return Made(file=file, body=body)


def _known(key: str, kind: str) -> Made | None:
    file = MadeFile.objects.filter(key=key).first()
    if file is None:
        return None
    if file.kind != kind:
        raise KeyUsed(Said("This was used before, for something else. Nothing was made now."))
    return checked(file, body_of(file))


def _key(actor: str, key: str) -> str:
    """The key as it is kept: that of one caller, so that nobody meets the file of another."""
    if not key:
        raise KeyUsed(Said("A file needs a key, so that asked for twice it is made once."))
    return hashlib.sha256(f"{actor}|{key}".encode()).hexdigest()


# --- taking lines -----------------------------------------------------------------------------------------
def _take(obj: str, kind: str) -> list[Line]:
    """Writes the file's name on what waits, all of a member's lines together as far as there is room.

    The members are locked first, as everybody does who changes their lines.
    """
    first = Line.objects.filter(kind=kind, file="").order_by("pk")[:LINES_MAX]
    members = {line.member for line in first}
    locks.lock(members)
    waiting = Line.objects.filter(kind=kind, file="", member__in=members).order_by("pk")
    numbers = list(waiting.values_list("pk", flat=True)[:LINES_MAX])
    Line.objects.filter(pk__in=numbers, file="").update(file=obj)
    return list(Line.objects.filter(file=obj).order_by("pk"))


def _carry_over(obj: str, lines: Sequence[Line], now: int, actor: str) -> None:
    """In the journal what offers gave is available until a statement takes it. What is taken back with a
    later file than it was given is a debit there: that part was written off when it came."""
    members = {line.member for line in lines if line.source.startswith(("o:", "r:"))}
    left = Line.objects.filter(OF_OFFERS, kind=STATEMENT, file="", member__in=members)
    stays = {
        (row["member"], row["currency"]): max(0, row["sum"])
        for row in left.values("member", "currency").annotate(sum=Sum("amount")).order_by()
    }
    currencies = {line.currency for line in lines}
    has = Bucket.objects.filter(state=AVAILABLE, unit__in=currencies, member__in=members)
    wishes = [
        spend.Spend(
            member=row["member"], points=row["sum"] - stays.get((row["member"], row["unit"]), 0),
            key=f"f:{obj}:{row['member']}:{row['unit']}", at=now, unit=row["unit"],
        )
        for row in has.values("member", "unit").annotate(sum=Sum("points")).order_by("member", "unit")
    ]  # fmt: skip
    spend.redeem_all([wish for wish in wishes if wish.points > 0], actor=actor)


# --- writing ----------------------------------------------------------------------------------------------
def _body(obj: str, kind: str, made_at: int, lines: Sequence[Line]) -> bytes:
    head = ["H", obj, "", "", kind, "", "", clock.iso(made_at)]
    rows = [
        ["D", one.source, one.account, one.token_ref, one.cause, one.amount, one.currency, clock.iso(one.at)]
        for one in lines
    ]
    counts = dict.fromkeys(_totals(lines), 0)
    for one in lines:
        counts[one.currency] += 1
    ends = [
        ["T", counts[currency], "", "", "", total, currency, ""] for currency, total in _totals(lines).items()
    ]
    return written(COLUMNS, head, rows, ends)


def _totals(lines: Iterable[Line]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for one in lines:
        totals[one.currency] = totals.get(one.currency, 0) + one.amount
    return dict(sorted(totals.items()))


def written(
    columns: Sequence[str], head: Sequence[Any], rows: Iterable[Sequence[Any]], ends: Iterable[Sequence[Any]]
) -> bytes:
    """The file as CSV. Whole numbers stay as they are; no text begins what a spreadsheet would calculate."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in (columns, head, *rows, *ends):
        writer.writerow([cell if isinstance(cell, int) else neutral(str(cell)) for cell in row])
    return out.getvalue().encode()
