"""What the page of Measures and the report hold: rows and tables of figures, each with what opens behind it.

What is not known is left out. A number is shown with the one of the period before, when there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from babel import Locale, dates
from django.utils.translation import gettext

from bankside.measures.charts import days
from bankside.measures.charts.chart import Chart, NothingToDraw
from bankside.measures.definitions import MEASURES, Measure
from bankside.web import moments
from bankside.web.measured import words
from bankside.web.spoken import spoken

if TYPE_CHECKING:
    from bankside.measures.figures import Figure, Figures

DAYS_NAMED_MAX = 7
PERIODS_NAMED_MAX = 64
GROUPS_MAX = 40
# What stands in the tables, one row for each network, market, language or channel.
COLUMNS: Final = {
    "answers": ("opened", "answered", "first-answer", "answered-public", "solved", "promises-kept"),
    "posts": ("posts", "reach-per-post", "likes", "shares", "comments", "response-per-post"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A figure in words; `measure`, `group` and `key` open the entries behind it. `base`: how many."""

    text: str
    measure: str
    group: str = ""
    key: str = ""
    base: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measure: what it is, its number, the one before, and its course by day (None: it has none)."""

    measure: Measure
    title: str
    note: str
    number: Number
    before: str
    strip: Chart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures of each network, market, language or channel. A cell is None where nothing is known."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Number | None, ...]], ...]


def rows(figures: Figures, topic: str, *, strips: bool = True, leave: Iterable[str] = ()) -> list[Row]:
    """The measures of a topic that have something to say, in the order of the definitions."""
    found = []
    for one in MEASURES.values():
        if one.topic != topic or one.id in leave:
            continue
        figure = figures.one(one.id)
        if figure is not None and (text := words.value(figure, one.unit)):
            found.append(_row(figures, one, figure, text, strips=strips))
    return found


def table(
    figures: Figures, columns: Sequence[str], by: str, channels: Iterable[tuple[str, str]] = ()
) -> Table | None:
    """A row for each group; None when none has a figure. Columns without any are left out.

    `channels`: (obj, name) of those that may be named.
    """
    found = {one: {f.key: f for f in figures.by(one, by)} for one in columns}
    shown = [one for one in columns if any(_said(figure) for figure in found[one].values())]
    keys = list(dict.fromkeys(key for one in shown for key in found[one]))[:GROUPS_MAX]
    if not shown or not keys:
        return None
    names = dict(channels)
    lines = [
        (words.group_name(by, key, names), tuple(_cell(found[one].get(key), by) for one in shown))
        for key in keys
    ]
    head = (_called(by), *(spoken(MEASURES[one].title) for one in shown))
    return Table(head=head, rows=tuple(line for line in lines if any(line[1])))


def day_names(found: Sequence[Figure]) -> list[str]:
    """`Mon` for a week, `16 Nov` for more."""
    return list(_day_names(tuple(one.key for one in found), moments.locale()))


@lru_cache(maxsize=PERIODS_NAMED_MAX)
def _day_names(days: tuple[str, ...], locale: Locale) -> tuple[str, ...]:
    """Kept: every strip of a page has the same days."""
    named = [date.fromisoformat(day) for day in days]
    if len(named) <= DAYS_NAMED_MAX:
        return tuple(str(locale.days["format"]["abbreviated"][one.weekday()]) for one in named)
    return tuple(str(dates.format_skeleton("MMMd", one, locale=locale)) for one in named)


def band(figure: Figure) -> str:
    """`1 in 10 within 3 min, 9 in 10 within 21 min`; empty when it has none."""
    if figure.low is None or figure.high is None:
        return ""
    said = {"low": words.took(figure.low), "high": words.took(figure.high)}
    return gettext("1 in 10 within %(low)s, 9 in 10 within %(high)s") % said


def note_of(figure: Figure, one: Measure) -> str:
    """The small words under a title: the band, or of how many."""
    if one.unit == "seconds":
        return band(figure)
    if one.unit == "share":
        return gettext("%(part)s of %(base)s") % {
            "part": moments.number(figure.part), "base": moments.number(figure.base),
        }  # fmt: skip
    return ""


def _row(figures: Figures, one: Measure, figure: Figure, text: str, *, strips: bool) -> Row:
    earlier = figures.one(one.id, before=True)
    return Row(
        measure=one, title=spoken(one.title), note=note_of(figure, one),
        number=Number(text=text, measure=one.id, base=figure.base or figure.part),
        before=words.value(earlier, one.unit) if earlier is not None else "",
        strip=_strip(figures, one) if strips else None,
    )  # fmt: skip


def _strip(figures: Figures, one: Measure) -> Chart | None:
    names = _day_names(tuple(day.isoformat() for day in figures.period.days), moments.locale())
    try:
        return days.draw(figures.course(one.id), names=names, label=spoken(one.title))
    except NothingToDraw:
        return None


def _said(figure: Figure | None) -> str:
    return words.value(figure, MEASURES[figure.measure].unit) if figure is not None else ""


def _cell(figure: Figure | None, by: str) -> Number | None:
    text = _said(figure)
    if figure is None or not text:
        return None
    note = note_of(figure, MEASURES[figure.measure])
    return Number(
        text=text, measure=figure.measure, group=by, key=figure.key, base=figure.base or figure.part,
        note=note,
    )  # fmt: skip


def _called(by: str) -> str:
    return {
        "network": gettext("Network"), "market": gettext("Market"), "lang": gettext("Language"),
        "channel": gettext("Channel"),
    }[by]  # fmt: skip
