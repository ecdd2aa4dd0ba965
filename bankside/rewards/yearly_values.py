"""What a year was worth to each member, by origin, as a file for whoever reports it.

The same values are the same file: asked for again after nothing changed, it is the very same bytes, and when
something did, a new file. Columns and rows `H`, `D` and `T` as in `statement.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from bankside.people import exports
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.ids import new_id
from bankside.rewards import programme, statement
from bankside.rewards.ledger import balance
from bankside.rewards.models import MadeFile, Member
from bankside.rewards.statement import Made
from bankside.said import Said

ACT: Final = "values.export"
KIND: Final = "member-values"
YEAR_MIN: Final = 2000
COLUMNS: Final = ("record", "account", "member", "origin", "unit", "amount", "worth", "currency")
Rows = Sequence[Sequence[Any]]


class NoSuchYear(ValueError):
    """Nothing can have been received in that year."""


def taken(staff: Staff | None, year: int, reason: str) -> Made:
    """The values of a year of the programme's zone, once it is recorded who takes them away and what for.

    Amounts in points or minor units, `worth` in minor units of the programme's currency, rounded up. `staff`
    None: the operator at the machine. Raises NotYours, NoSuchYear, exports.ReasonMissing,
    statement.FileChanged and readings.NotRecorded.
    """
    actor = statement.acting(staff, ACT)
    exports.reason_of(reason)
    if not YEAR_MIN <= year <= this_year():
        raise NoSuchYear(
            Said("Choose a year from %(first)s to %(last)s.", first=str(YEAR_MIN), last=str(this_year()))
        )
    made = _made(year, actor, _values(year))
    exports.told(staff, KIND, reason, rows=made.file.rows, obj=made.file.obj)
    return made


def files(staff: Staff | None, limit: int = 100) -> list[MadeFile]:
    """Files of years that were made, newest first. Raises NotYours."""
    statement.acting(staff, ACT)
    return statement.made_files([KIND], limit)


def this_year() -> int:
    """The year that it is where the programme is."""
    return datetime.fromtimestamp(clock.now_ms() / 1000, ZoneInfo(_zone())).year


def _made(year: int, actor: str, rows: Rows) -> Made:
    """The file of these very rows: the one that is there, or a new one."""
    key = hashlib.sha256(statement.written(COLUMNS, [KIND, year], rows, [])).hexdigest()
    try:
        with transaction.atomic():
            if (known := MadeFile.objects.filter(key=key).first()) is None:
                return _kept(key, year, actor, rows)
    except IntegrityError:  # somebody else made it at the same moment
        known = MadeFile.objects.get(key=key)
    return statement.checked(known, _body(known, rows))


def _kept(key: str, year: int, actor: str, rows: Rows) -> Made:
    file = MadeFile(
        obj=new_id(), kind=KIND, key=key, rows=len(rows), year=year, made_at=clock.now_ms(), by=actor
    )
    return statement.keep(file, _body(file, rows))


def _body(file: MadeFile, rows: Rows) -> bytes:
    head = ["H", file.obj, "", KIND, "", "", file.year, clock.iso(file.made_at)]
    return statement.written(COLUMNS, head, rows, _sums(rows))


def _values(year: int) -> list[list[Any]]:
    """A row for each member, unit and origin, in the order of the members."""
    live = programme.current()
    terms = live.programme if live else None
    found = balance.values_by_origin(year, zone=_zone())
    people = Member.objects.in_bulk({value.member for value in found})
    rows: list[list[Any]] = []
    for value in found:
        person, unit = people[value.member], value.unit
        in_points = terms is not None and unit == terms.unit
        worth, currency = value.points, unit
        if terms is not None and in_points:
            worth, currency = terms.money(value.points), terms.currency
        rows.append(
            ["D", person.customer_ref or "", person.obj, value.origin, unit, value.points, worth, currency]
        )
    return rows


def _sums(rows: Rows) -> list[list[Any]]:
    sums: dict[tuple[str, str, str], list[int]] = {}
    for _, _, _, origin, unit, amount, worth, currency in rows:
        total = sums.setdefault((origin, unit, currency), [0, 0, 0])
        sums[origin, unit, currency] = [total[0] + 1, total[1] + amount, total[2] + worth]
    return [
        ["T", count, "", origin, unit, amount, worth, currency]
        for (origin, unit, currency), (count, amount, worth) in sorted(sums.items())
    ]


def _zone() -> str:
    live = programme.current()
    return live.programme.zone if live else "UTC"
