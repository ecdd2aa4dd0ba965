"""The sentence over Measures: the finding first, then what it rests on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from babel.dates import format_date
from django.utils.translation import gettext, ngettext

from bankside.web import moments
from bankside.web.measured import choice, words
from bankside.web.moments import number

if TYPE_CHECKING:
    from bankside.measures.figures import Figure, Figures

DAYS_TOLD_MAX = 7
DAYS_TOLD_MIN = 3
CUSTOMERS_MIN = 5  # fewer say nothing about a day


def finding(figures: Figures) -> str:
    """One sentence; empty when nothing was counted."""
    answered = figures.one("first-answer")
    if answered is not None and answered.middle is not None:
        return gettext("Half of all customers had an answer within %(time)s.") % {
            "time": words.took_long(answered.middle)
        }
    for measure, said in (("opened", _opened), ("posts", _posts)):
        figure = figures.one(measure)
        if figure is not None and figure.part:
            return said(figure.part)
    return ""


def grounds(figures: Figures) -> list[str]:
    """Sentences under it: how many and when, the period before, and the slowest day."""
    opened, days = figures.one("opened"), choice.days_of(figures.period)
    counted = (
        gettext("%(what)s, %(days)s.") % {"what": _conversations(opened.part), "days": days} if opened else ""
    )
    said = [counted or gettext("%(days)s.") % {"days": days}]
    return [*said, *filter(None, (_before(figures), _slowest(figures)))]


def _before(figures: Figures) -> str:
    now, then = figures.one("first-answer"), figures.one("first-answer", before=True)
    if now is None or then is None or now.middle is None or then.middle is None:
        return ""
    when, earlier = choice.before_words(figures.period), words.took_long(then.middle)
    if earlier == words.took_long(now.middle):
        return gettext("It was the same in %(when)s.") % {"when": when}
    return gettext("In %(when)s it was %(time)s.") % {"when": when, "time": earlier}


def _slowest(figures: Figures) -> str:
    """Named only within a week, when one day stands out alone and enough customers were answered in it."""
    found = [
        (one.middle, one)
        for one in figures.by("first-answer", "day")
        if one.middle is not None and one.base >= CUSTOMERS_MIN
    ]
    if not DAYS_TOLD_MIN <= len(found) <= DAYS_TOLD_MAX:
        return ""
    most = max(middle for middle, _ in found)
    slow: list[Figure] = [one for middle, one in found if middle == most]
    if len(slow) > 1 or slow[0].middle is None:
        return ""
    day = format_date(date.fromisoformat(slow[0].key), "EEEE", locale=moments.locale())
    return gettext("%(day)s was slowest: %(time)s.") % {"day": day, "time": words.took_long(slow[0].middle)}


def _opened(count: int) -> str:
    return ngettext(
        "One conversation was opened; nobody has an answer yet.",
        "%(n)s conversations were opened; nobody has an answer yet.",
        count,
    ) % {"n": number(count)}


def _posts(count: int) -> str:
    return ngettext("One post went out.", "%(n)s posts went out.", count) % {"n": number(count)}


def _conversations(count: int) -> str:
    return ngettext("%(n)s conversation", "%(n)s conversations", count) % {"n": number(count)}
