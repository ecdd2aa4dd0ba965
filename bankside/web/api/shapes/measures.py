"""Measures, as the API shows them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

Key = Annotated[str, StringConstraints(max_length=64)]
Keys = Annotated[list[Key], Field(max_length=50)]


class AskedIn(Schema):
    """What is asked for in an address: days, groups, and what it is narrowed to."""

    period: Literal["week", "four-weeks", "quarter", "chosen"] = "week"
    first: date | None = None
    last: date | None = None
    group: Literal["", "day", "network", "market", "lang", "channel"] = ""
    network: Keys = []
    market: Keys = []
    lang: Keys = []
    channel: Keys = []
    before: bool = False


class MeasureOut(Schema):
    """What a measure is. `less_is_better`: null when neither is."""

    id: str
    title: str
    rule: str
    unit: str
    topic: str
    less_is_better: bool | None


class Measures(Schema):
    """Every measure, in the order of the definitions."""

    items: list[MeasureOut]


class PeriodOut(Schema):
    """Whole days in a zone; both are in it."""

    name: str
    first: date
    last: date
    zone: str


class FigureOut(Schema):
    """One figure. `value`: seconds (the middle one), tenths of a per cent, tenths per thing, else `part`.

    `key` says of which group. `base`: how many rows it rests on; `part`: how many, or how much, of it.
    `low`, `middle`, `high`: one in ten, half, nine in ten are within so many seconds; null elsewhere.
    Money is in millionths of `currency`.
    """

    key: str
    value: int
    base: int
    part: int
    low: int | None
    middle: int | None
    high: int | None
    currency: str


class FiguresOut(Schema):
    """A measure in a period; no item when nothing is known of it."""

    measure: str
    unit: str
    group: str
    period: PeriodOut
    items: list[FigureOut]


class BehindOut(Schema):
    """A row behind a figure, with the arrival numbers of its entries in the record. `amount`: how much of the
    figure's part it is, 1 or 0 where rows are counted."""

    n: str
    entries: list[str]
    at: str | None
    obj: str
    amount: int


class BehindPage(Schema):
    """A page of them; `total` is all there are."""

    measure: str
    period: PeriodOut
    total: int
    items: list[BehindOut]
    next: str | None
