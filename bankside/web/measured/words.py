"""One figure in words: seconds as people say them, shares in per cent, money in its currency."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from babel import numbers
from django.utils.translation import gettext, ngettext

from bankside.web import moments
from bankside.web.moments import number

if TYPE_CHECKING:
    from bankside.measures.figures import Figure

MICROS = 1_000_000
SECONDS_SAID_MAX, MINUTES_SAID_MAX = 119, 119


def value(figure: Figure, unit: str) -> str:
    """What stands on the page: `9 min`, `83.4%`, `1,284`, `€ 12.50`; empty when nothing is known."""
    if unit == "seconds":
        return took(figure.middle)
    if unit == "share":
        return percent(figure.value) if figure.base else ""
    if unit == "money":
        return money(figure.part, figure.currency)
    if unit == "per":
        return number(figure.value / 10) if figure.base else ""
    return number(figure.part)


def took(seconds: int | None) -> str:
    """`95 s`, `9 min`, `5 h`: rounded up, so that "within" holds. Empty for None."""
    if seconds is None:
        return ""
    if seconds <= SECONDS_SAID_MAX:
        return gettext("%(n)s s") % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes <= MINUTES_SAID_MAX:
        return gettext("%(n)s min") % {"n": minutes}
    return gettext("%(n)s h") % {"n": number(math.ceil(minutes / 60))}


def took_long(seconds: int) -> str:
    """The same written out for a sentence: `9 minutes`."""
    if seconds <= SECONDS_SAID_MAX:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes <= MINUTES_SAID_MAX:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": number(hours)}


def percent(tenths: int) -> str:
    """Tenths of a per cent: `83.4%`, `92%`."""
    return f"{number(tenths / 10 if tenths % 10 else tenths // 10)}%"


def money(micros: int, currency: str) -> str:
    """Millionths of a unit of money as it is written."""
    return str(numbers.format_currency(micros / MICROS, currency, locale=moments.locale()))


def group_name(group: str, key: str, channels: dict[str, str]) -> str:
    """A network, a country, a language or a channel by the name that people know."""
    from bankside.channels import preview

    if not key:
        return gettext("not known")
    match group:
        case "network":
            return preview.title_of(key)
        case "market":
            return moments.country(key)
        case "lang":
            return moments.language_name(key) or key
        case "channel":
            return channels.get(key, key[:8])
    return key
