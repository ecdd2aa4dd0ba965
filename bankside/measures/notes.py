"""What was unusual: a day far outside its own past, said in words, with the entries behind it.

A day is compared with the same weekday of the weeks before it. The middle of these days is their median, and
how far they lie from it in the middle is their spread (the median absolute deviation). A day further away
than DEVIATIONS times the spread, and by at least a tenth and LEAST of the middle, is unusual. Few days say
nothing: at least WEEKS_MIN weeks must be there.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from bankside.measures.definitions import get
from bankside.measures.figures import Figures
from bankside.measures.period import Period
from bankside.said import Said, numbered

DEVIATIONS: Final = 4
WEEKS: Final = 12
WEEKS_MIN: Final = 6
WEEK_DAYS: Final = 7
NOTES_MAX: Final = 5
# Which measures are looked at, and by how much a day must differ at least (in the unit of its value).
LEAST: Final = {
    "opened": 10, "first-answer": 300, "promises-kept": 100, "waiting": 5, "acts-messages": 10, "posts": 5,
}  # fmt: skip
TENTH: Final = 10


@dataclass(frozen=True, slots=True)
class Note:
    """A day on which a measure had `value`, where `usual` is the median of the same weekday and `low` to
    `high` what would still be usual; in the unit of `Figure.value`."""

    measure: str
    day: datetime.date
    value: int
    usual: int
    low: int
    high: int
    words: Said


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle of some days, and the bounds of what is usual."""

    middle: int
    low: int
    high: int


def of(figures: Figures) -> tuple[Note, ...]:
    """The unusual days of the period, the furthest first, NOTES_MAX at most."""
    past = Figures(replace(figures.asked, period=_past(figures.period), alone=True), with_card=False)
    try:
        found = [note for id in LEAST for note in _notes(id, figures, past)]
    finally:
        past.close()
    return tuple(sorted(found, key=_distance, reverse=True)[:NOTES_MAX])


def usual(values: Sequence[int], least: int) -> Usual | None:
    """What is usual by these values of the past; None when they are too few. Whole numbers, rounded down."""
    if len(values) < WEEKS_MIN:
        return None
    middle = _median(values)
    spread = DEVIATIONS * _median([abs(value - middle) for value in values])
    room = max(spread, least, abs(middle) // TENTH)
    return Usual(middle, middle - room, middle + room)


def _past(period: Period) -> Period:
    """The days from WEEKS weeks before its first day up to its last."""
    return replace(period, first=period.first - datetime.timedelta(weeks=WEEKS))


def _notes(id: str, figures: Figures, past: Figures) -> list[Note]:
    values = {
        datetime.date.fromisoformat(figure.key): figure.value
        for figure in past.by(id, "day")
        if figure.base or get(id).unit == "count"
    }
    first_known = min((day for day, value in values.items() if value), default=None)
    found = []
    for day in figures.period.days:
        if day not in values or first_known is None:
            continue
        weeks = (day - datetime.timedelta(weeks=week) for week in range(1, WEEKS + 1))
        before = [values[one] for one in weeks if one in values and one >= first_known]
        there = usual(before, LEAST[id])
        if there is not None and not there.low <= values[day] <= there.high:
            found.append(_note(id, day, values[day], there))
    return found


def _note(id: str, day: datetime.date, value: int, there: Usual) -> Note:
    title = get(id).title
    shown = [_shown(id, number) for number in (value, there.middle)]
    if value > there.high:
        words = Said(
            "%(measure)s: %(value)s on %(day)s, far more than on this weekday before (%(usual)s).",
            measure=title, value=shown[0], day=day, usual=shown[1],
        )  # fmt: skip
    else:
        words = Said(
            "%(measure)s: %(value)s on %(day)s, far less than on this weekday before (%(usual)s).",
            measure=title, value=shown[0], day=day, usual=shown[1],
        )  # fmt: skip
    return Note(id, day, value, there.middle, there.low, there.high, words)


def _shown(id: str, value: int) -> object:
    """As it is read: minutes, per cent, or the number."""
    match get(id).unit:
        case "seconds":
            minutes = value // 60
            return numbered(minutes, "%(number)s minute", "%(number)s minutes", number=minutes)
        case "share":
            return Said("%(number)s%%", number=Decimal(value) / 10)
        case _:
            return value


def _distance(note: Note) -> float:
    """How many times further from the middle than what is usual."""
    return abs(note.value - note.usual) / max(1, note.high - note.usual)


def _median(values: Sequence[int]) -> int:
    """The middle value; of two in the middle their mean, rounded down."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2
