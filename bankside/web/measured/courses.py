"""The shares of a report by day, the same small picture for each, all on one scale of per cent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext

from bankside.measures.charts import multiples
from bankside.measures.charts.chart import Chart, NothingToDraw
from bankside.measures.charts.multiples import Panel
from bankside.measures.definitions import MEASURES
from bankside.web.measured import sections
from bankside.web.moments import number
from bankside.web.spoken import spoken

if TYPE_CHECKING:
    from bankside.measures.figures import Figures

TOPIC, UNIT, COLUMNS = "answers", "share", 3
DAYS_MIN: Final = 3  # fewer have no course


def shares(figures: Figures, width: float) -> Chart | None:
    """What part of conversations was answered, in public, as promised, and so on; None when too few days are
    known."""
    found = [
        (one, figures.by(one.id, "day"))
        for one in MEASURES.values()
        if one.topic == TOPIC and one.unit == UNIT
    ]
    panels = [
        Panel(spoken(one.title), tuple(day.value / 10 if day.base else None for day in days))
        for one, days in found
    ]
    shown = [one for one in panels if sum(value is not None for value in one.values) >= DAYS_MIN]
    if not shown:
        return None
    try:
        return multiples.draw(
            shown, names=sections.day_names(found[0][1]), label=title(), when=gettext("Day"), columns=COLUMNS,
            number=lambda value: number(round(value)), width=width,
        )  # fmt: skip
    except NothingToDraw:
        return None


def title() -> str:
    """The heading of the picture."""
    return gettext("Shares by day, per cent")
