"""Measures: what each is, its figures in a period, and the entries of the record behind them. Read only."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import StringConstraints

from bankside.measures import behind, figures
from bankside.measures import period as periods
from bankside.measures.definitions import MEASURES, Measure, get
from bankside.measures.figures import Figure, Filters
from bankside.measures.period import Period
from bankside.people.models import Staff
from bankside.record.clock import now_ms
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import operation
from bankside.web.api.paging import Limit
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.measures import (
    AskedIn,
    BehindPage,
    FigureOut,
    FiguresOut,
    Key,
    MeasureOut,
    Measures,
    PeriodOut,
)
from bankside.web.spoken import spoken

router = Router(tags=["measures"])

Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,20}(-[a-z]{1,20}){0,3}$")]
After = Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]{0,17})?$")]


@operation(router, "GET", "/measures", "measures.read", says=Measures)
def measure_list(request: HttpRequest) -> Any:
    """What is counted, and how, in words."""
    return {"items": [_measure(one) for one in MEASURES.values()]}


@operation(router, "GET", "/measures/{measure}", "measures.read", says=FiguresOut)
def measure_show(request: HttpRequest, measure: Id, asked: Query[AskedIn]) -> Any:
    """The figures of one measure, in all or by group, or (`before`) those of the days before the period.

    `first` and `last` belong to the period `chosen`, and are both in it.
    """
    staff, one = staff_of(request), get(measure)
    days = _period(staff, asked)
    found = figures.of(staff, days, _filters(asked))
    items = found.by(one.id, asked.group, before=asked.before)
    found.close()
    return FiguresOut(
        measure=one.id, unit=one.unit, group=asked.group, period=_days(days, asked),
        items=[_figure(item) for item in items],
    )  # fmt: skip


@operation(router, "GET", "/measures/{measure}/entries", "measures.read", says=BehindPage)
def measure_entries(
    request: HttpRequest,
    measure: Id,
    asked: Query[AskedIn],
    key: Key = "",
    cursor: After = "",
    limit: Limit = 50,
) -> Any:
    """The rows behind a figure, oldest first, each with its entries."""
    staff, one = staff_of(request), get(measure)
    days = _period(staff, asked)
    found = behind.rows(
        staff, one.id, days, _filters(asked), group=asked.group, key=key, after=int(cursor or 0),
        limit=limit, before=asked.before,
    )  # fmt: skip
    return {
        "measure": one.id, "period": _days(days, asked), "total": found.total,
        "items": [_row(row) for row in found.rows], "next": str(found.next) if found.next else None,
    }  # fmt: skip


def _row(row: behind.BehindRow) -> dict[str, Any]:
    return {
        "n": str(row.n), "entries": [str(n) for n in row.entries], "at": moment(row.at), "obj": row.obj,
        "amount": row.amount,
    }  # fmt: skip


def _period(staff: Staff, asked: AskedIn) -> Period:
    zone = figures.zone_of(staff)
    if asked.period == "chosen":
        today = date.max if asked.first is None or asked.last is None else asked.last
        return periods.chosen(asked.first or today, today, zone)
    return periods.named(asked.period, zone, now_ms())


def _filters(asked: AskedIn) -> Filters:
    return Filters(
        networks=tuple(asked.network), markets=tuple(asked.market), langs=tuple(asked.lang),
        channels=tuple(asked.channel),
    )  # fmt: skip


def _measure(one: Measure) -> MeasureOut:
    return MeasureOut(
        id=one.id, title=spoken(one.title), rule=spoken(one.rule), unit=one.unit, topic=one.topic,
        less_is_better=one.less_is_better,
    )  # fmt: skip


def _days(asked_for: Period, asked: AskedIn) -> PeriodOut:
    period = asked_for.before() if asked.before else asked_for
    return PeriodOut(name=period.name, first=period.first, last=period.last, zone=period.zone)


def _figure(one: Figure) -> FigureOut:
    return FigureOut(
        **{name: value for name, value in asdict(one).items() if name != "measure"}, value=one.value
    )
