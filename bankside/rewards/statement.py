"""Files for other systems of the bank: credits for statements, gifts to causes, and what a year was worth.

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

from django.db import transaction
from django.db.models import Count, Q, Sum

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.rewards import FileMade
from bankside.record.ids import new_id
from bankside.rewards import programme as programmes
from bankside.rewards.granting import GIFT, STATEMENT
from bankside.rewards.ledger import balance, locks, spend
from bankside.rewards.ledger.journal import AVAILABLE
from bankside.rewards.models import Bucket, Line, MadeFile, Member
from bankside.rewards.taking_part import SYSTEM
from bankside.said import Said

VALUES: Final = "member-values"
KINDS: Final = (STATEMENT, GIFT)
LINES_MAX: Final = 10_000
"""In one file; what is left goes into the next."""
FILES_MAX: Final = 500
KEY_CHARACTERS_MAX: Final = 80
COLUMNS: Final = ("record", "source", "account", "token_ref", "cause", "amount", "currency", "at")
VALUE_COLUMNS: Final = ("record", "account", "member", "origin", "unit", "amount", "worth", "currency")
# What an offer gave or took back, by the name of its line: these lie in the journal in their currency.
OF_OFFERS: Final = Q(source__startswith="o:") | Q(source__startswith="r:")


class NothingWaits(ValueError):
    """There is nothing to put into a file."""


class NoSuchFile(LookupError):
    """There is no such file, or it is of a kind that cannot be made again."""


class FileChanged(RuntimeError):
    """The lines do not give the file that was made: something was changed behind the desk's back."""


class KeyUsed(ValueError):
    """The key belongs to another file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file and its bytes."""

    file: MadeFile
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Lines that no file has taken, and their sums in minor units by currency."""

    lines: int
    totals: dict[str, int]


def make(staff: Staff | None, kind: str, key: str) -> Made:
    """Takes what waits, at most LINES_MAX lines, into a file; the same key is the same file.

    `staff` None: the bank's own system. Raises NotYours, NothingWaits, KeyUsed.
    """
    actor, key = _acting(staff, "spending.manage"), _key(key)
    with transaction.atomic():
        known = _known(key, kind)
        if known is not None:
            return Made(file=known, body=body_of(known.obj))
        if kind not in KINDS:
            raise NoSuchFile(Said("There is no such kind of file."))
        obj, now = new_id(), clock.now_ms()
        lines = _take(obj, kind)
        if not lines and (known := _known(key, kind)) is not None:
            return Made(file=known, body=body_of(known.obj))  # somebody made it while this waited
        if not lines:
            raise NothingWaits(Said("Nothing waits to be sent."))
        body = _body(obj, kind, now, lines)
        file = _keep(
            obj=obj, kind=kind, key=key, body=body, rows=len(lines), totals=_totals(lines), by=actor, now=now
        )
        if kind == STATEMENT:
            _carry_over(obj, lines, now, actor)
        _tell(file, actor)
    return Made(file=file, body=body)


def waiting(kind: str) -> Waiting:
    """What no file has taken yet."""
    rows = (
        Line.objects.filter(kind=kind, file="").values("currency").annotate(n=Count("pk"), sum=Sum("amount"))
    )
    found = list(rows.order_by("currency"))
    return Waiting(
        lines=sum(row["n"] for row in found), totals={row["currency"]: row["sum"] for row in found}
    )


def files(staff: Staff, limit: int = 100) -> list[MadeFile]:
    """Files that were made, newest first. Raises NotYours."""
    policy.require(staff, "spending.manage")
    return list(MadeFile.objects.order_by("-pk")[: min(limit, FILES_MAX)])


def body_of(obj: str) -> bytes:
    """A file of lines once more, the very same bytes. Raises NoSuchFile, FileChanged."""
    file = MadeFile.objects.filter(obj=obj, kind__in=KINDS).first()
    if file is None:
        raise NoSuchFile(Said("There is no such file."))
    body = _body(file.obj, file.kind, file.made_at, list(Line.objects.filter(file=obj).order_by("pk")))
    if hashlib.sha256(body).hexdigest() != file.sha256:
        raise FileChanged(f"file {obj} is not what its lines give")
    return body


def member_values(staff: Staff, year: int, key: str) -> Made:
    """What a year was worth to each member, by origin (purchase, participation), for whoever reports it.

    Amounts in points or minor units, `worth` in minor units of the programme's currency, rounded up. The same
    key in the same year gives the same file while the year's postings are the same. Raises NotYours, KeyUsed,
    FileChanged.
    """
    actor, key = _acting(staff, "values.export"), _key(key)
    with transaction.atomic():
        known = _known(key, VALUES)
        obj, now = (known.obj, known.made_at) if known else (new_id(), clock.now_ms())
        rows = _values(year)
        body = _written(
            VALUE_COLUMNS, ["H", obj, "", VALUES, "", "", year, clock.iso(now)], rows, _sums(rows)
        )
        if known is not None:
            if hashlib.sha256(body).hexdigest() != known.sha256:
                raise FileChanged("the values of that year have changed since; make a new file")
            return Made(file=known, body=body)
        file = _keep(
            obj=obj, kind=VALUES, key=key, body=body, rows=len(rows), totals={}, by=actor, now=now, year=year
        )
        _tell(file, actor)
    return Made(file=file, body=body)


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


def _keep(
    *, obj: str, kind: str, key: str, body: bytes, rows: int, totals: dict[str, int], by: str, now: int,
    year: int = 0,
) -> MadeFile:  # fmt: skip
    return MadeFile.objects.create(
        obj=obj, kind=kind, key=key, rows=rows, totals=totals, year=year, made_at=now, by=by,
        sha256=hashlib.sha256(body).hexdigest(),
    )  # fmt: skip


def _tell(file: MadeFile, actor: str) -> None:
    said = FileMade(file=file.obj, kind=file.kind, rows=file.rows, sha256=file.sha256)
    append(said, f"rewards.file-made:{file.obj}", actor=actor, obj=file.obj)


def _known(key: str, kind: str) -> MadeFile | None:
    file = MadeFile.objects.filter(key=key).first()
    if file is not None and file.kind != kind:
        raise KeyUsed(Said("This was used before, for something else. Nothing was made now."))
    return file


def _key(key: str) -> str:
    return key if 0 < len(key) <= KEY_CHARACTERS_MAX else hashlib.sha256(key.encode()).hexdigest()


def _acting(staff: Staff | None, act: str) -> str:
    if staff is None:
        return SYSTEM
    policy.require(staff, act)
    return staff.actor


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
    return _written(COLUMNS, head, rows, ends)


def _totals(lines: Iterable[Line]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for one in lines:
        totals[one.currency] = totals.get(one.currency, 0) + one.amount
    return dict(sorted(totals.items()))


def _values(year: int) -> list[list[Any]]:
    """A row for each member, unit and origin, in the order of the members."""
    live = programmes.live()
    terms = live[0].programme if live else None
    found = balance.values_by_origin(year, zone=terms.zone if terms else "UTC")
    people = Member.objects.in_bulk({value.member for value in found})
    rows: list[list[Any]] = []
    for value in found:
        person, in_points = people[value.member], terms is not None and value.unit == terms.unit
        worth = terms.money(value.points) if terms and in_points else value.points
        currency = terms.currency if terms and in_points else value.unit
        rows.append(
            [
                "D",
                person.customer_ref or "",
                person.obj,
                value.origin,
                value.unit,
                value.points,
                worth,
                currency,
            ]
        )
    return rows


def _sums(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    sums: dict[tuple[str, str, str], list[int]] = {}
    for _, _, _, origin, unit, amount, worth, currency in rows:
        total = sums.setdefault((origin, unit, currency), [0, 0, 0])
        sums[origin, unit, currency] = [total[0] + 1, total[1] + amount, total[2] + worth]
    return [
        ["T", count, "", origin, unit, amount, worth, currency]
        for (origin, unit, currency), (count, amount, worth) in sorted(sums.items())
    ]


def _written(
    columns: Sequence[str], head: Sequence[Any], rows: Iterable[Sequence[Any]], ends: Iterable[Sequence[Any]]
) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([columns, head, *rows, *ends])
    return out.getvalue().encode()
