"""The two pictures at the head of Measures: how long a first answer took, and what posts are for."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import gettext

from bankside.measures.charts import line, stacked
from bankside.measures.charts.chart import Chart, NothingToDraw
from bankside.measures.charts.figure import legend, table
from bankside.measures.definitions import MEASURES
from bankside.web.measured import sections, words
from bankside.web.moments import number
from bankside.web.spoken import spoken

if TYPE_CHECKING:
    from bankside.measures.figures import Figures

WIDE_PX, NARROW_PX = 540, 350
HOURS_FROM_MINUTES = 180
NETWORKS_MAX = 12
PURPOSES: Final = ("purpose-contact", "purpose-relations", "purpose-information", "purpose-brand")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart under its heading, drawn for a desk and for a phone; `name` is that of its CSV.

    `drawn` draws it for another width in px.
    """

    name: str
    title: str
    wide: Chart
    narrow: Chart
    number: Callable[[float], str]
    drawn: Callable[[int], Chart]

    @property
    def legend(self) -> str:
        """The keys as HTML."""
        return legend(self.wide)

    @property
    def table(self) -> str:
        """The same figures as an HTML table."""
        return table(self.wide, self.title, self.number)


def both(figures: Figures) -> list[Picture]:
    """Those that have something to show."""
    return [one for one in (first_answer(figures), purposes(figures)) if one is not None]


def first_answer(figures: Figures) -> Picture | None:
    """Minutes (hours, when they are many) to a first answer by day, in their band, with the promise."""
    found = figures.by("first-answer", "day")
    middles = [one.middle for one in found if one.middle is not None]
    if not middles:
        return None
    hours = max(middles) / 60 > HOURS_FROM_MINUTES
    unit = 3600 if hours else 60
    names = sections.day_names(found)
    points = [
        line.Point(name, _in(one.middle, unit), _in(one.low, unit), _in(one.high, unit))
        for name, one in zip(names, found, strict=True)
    ]
    promise = settings.ANSWER_MINUTES * 60 / unit
    said = line.Words(
        median=gettext("half of customers"), band=gettext("from 1 in 10 to 9 in 10"),
        low=gettext("1 in 10"), high=gettext("9 in 10"), promise=gettext("promise"), when=gettext("Day"),
    )  # fmt: skip
    title = gettext("Hours to a first answer") if hours else gettext("Minutes to a first answer")
    shown = cache(_shown)  # the same numbers stand in both pictures and in the table
    told = ", ".join(f"{point.name} {shown(point.median)}" for point in points if point.median is not None)
    label = gettext("%(title)s, half of customers: %(days)s") % {"title": title, "days": told}

    def drawn(width: int) -> Chart:
        return line.draw(points, label=label, words=said, promise=promise, number=shown, width=width)

    return Picture(
        name="first-answer", title=title, wide=drawn(WIDE_PX), narrow=drawn(NARROW_PX), number=shown,
        drawn=drawn,
    )  # fmt: skip


def purposes(figures: Figures) -> Picture | None:
    """What posts are for, in per cent of the posts of each network."""
    found = [{one.key: one for one in figures.by(purpose, "network")} for purpose in PURPOSES]
    networks = list(dict.fromkeys(network for one in found for network in one))[:NETWORKS_MAX]
    bars = [
        stacked.Row(
            words.group_name("network", network, {}),
            tuple(one[network].value / 10 if network in one and one[network].base else None for one in found),
        )
        for network in networks
    ]
    title = gettext("What posts are for, per cent")
    parts = [(spoken(MEASURES[one].title), None) for one in PURPOSES]
    shown = cache(_whole)
    label = gettext("Share of posts by purpose for each network, in per cent")

    def drawn(width: int) -> Chart:
        return stacked.draw(
            bars, parts=parts, label=label, first=gettext("Network"), number=shown, width=width
        )

    try:
        return Picture(
            name="purposes", title=title, wide=drawn(WIDE_PX), narrow=drawn(NARROW_PX), number=number,
            drawn=drawn,
        )  # fmt: skip
    except NothingToDraw:
        return None


def _in(seconds: int | None, unit: int) -> float | None:
    return None if seconds is None else seconds / unit


def _shown(value: float | None) -> str:
    """Rounded up, as `took` is, so that "within" holds."""
    return "" if value is None else number(math.ceil(value - 1e-9))


def _whole(value: float) -> str:
    return number(math.floor(value + 0.5))
