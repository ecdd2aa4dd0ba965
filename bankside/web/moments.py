"""Times and numbers in the reader's words: her language, her zone, short where that is enough.

All times are whole UTC milliseconds; 0 means "none" and gives an empty text. The zone is Django's current
one (see `pages.render`), the language the active translation.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from babel import Locale, dates, numbers
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from bankside.inbox.reading import COUNT_MAX
from bankside.record.clock import now_ms

LOCALES = {"en": "en_GB", "ko": "ko_KR", "zh-hans": "zh_Hans_CN", "nl": "nl_NL"}
# A day with its weekday, within this year and beyond it.
DAYS = {
    "en_GB": ("EEEE d MMMM", "EEEE d MMMM y"),
    "ko_KR": ("M월 d일 EEEE", "y년 M월 d일 EEEE"),
    "zh_Hans_CN": ("M月d日EEEE", "y年M月d日EEEE"),
    "nl_NL": ("EEEE d MMMM", "EEEE d MMMM y"),
}
FILTERS = ("clock", "when", "day", "full", "ago", "until", "number", "counted", "language_name")
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


def clock(ms: int) -> str:
    """`10:17`."""
    return f"{_local(ms):%H:%M}" if ms else ""


def when(ms: int) -> str:
    """`10:17` today, `Wed 09:00` within six days, `4 Sep` this year, `4 Sep 2024` before."""
    if not ms:
        return ""
    moment, today = _local(ms), _local(now_ms())
    if moment.date() == today.date():
        return f"{moment:%H:%M}"
    if abs(moment.date() - today.date()) <= timedelta(days=6):
        return f"{dates.format_datetime(moment, 'EEE', locale=_locale())} {moment:%H:%M}"
    skeleton = "MMMd" if moment.year == today.year else "yMMMd"
    return str(dates.format_skeleton(skeleton, moment, locale=_locale()))


def day(ms: int) -> str:
    """`Today, Wednesday 25 November`, `Yesterday, ...`, or the day alone; with another year it is named."""
    moment, today = _local(ms), _local(now_ms())
    within, beyond = DAYS[str(_locale())]
    words = str(dates.format_date(moment, within if moment.year == today.year else beyond, _locale()))
    match (today.date() - moment.date()).days:
        case 0:
            return gettext("Today, %(day)s") % {"day": words}
        case 1:
            return gettext("Yesterday, %(day)s") % {"day": words}
    return words


def full(ms: int) -> str:
    """Date, time to the second and zone, as the record shows it: `25 Nov 2026, 10:17:03 UTC+9`."""
    if not ms:
        return ""
    return str(dates.format_datetime(_local(ms), "d MMM y, HH:mm:ss ZZZZ", locale=_locale()))


def ago(ms: int) -> str:
    """`just now`, `12 s ago`, `5 min ago`, `3 h ago`; from a day on, as `when`."""
    if not ms:
        return ""
    passed = max(0, now_ms() - ms)
    if passed < 5_000:
        return gettext("just now")
    if passed < MINUTE_MS:
        return gettext("%(n)s s ago") % {"n": passed // 1000}
    if passed < HOUR_MS:
        return gettext("%(n)s min ago") % {"n": passed // MINUTE_MS}
    if passed < DAY_MS:
        return gettext("%(n)s h ago") % {"n": passed // HOUR_MS}
    return when(ms)


def until(ms: int) -> str:
    """What is left of a promise: `5 min`, `1 h 10`, or how far over it is: `9 min over`."""
    if not ms:
        return ""
    left = ms - now_ms()
    span = _span(abs(left))
    return gettext("%(span)s over") % {"span": span} if left < 0 else span


def number(value: int | float) -> str:
    """A number in the reader's format: `1,240`."""
    return str(numbers.format_decimal(value, locale=_locale()))


def counted(value: int) -> str:
    """A number of things that was counted only so far: `999+` from 1,000 on."""
    return number(value) if value < COUNT_MAX else f"{number(COUNT_MAX - 1)}+"


def language_name(tag: str) -> str:
    """The name of a language in the reader's own, for example `Korean`; empty when it is not known."""
    return _language_name(tag, _locale_tag()) if tag else ""


@lru_cache(maxsize=1_000)
def _language_name(tag: str, reader: str) -> str:
    try:
        return str(Locale.parse(tag.replace("-", "_")).get_display_name(_locale_of(reader)) or "")
    except (ValueError, LookupError):
        return ""


def _span(ms: int) -> str:
    minutes = ms // MINUTE_MS
    hours, rest = divmod(minutes, 60)
    days = hours // 24
    if days:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if hours and rest:
        return gettext("%(hours)s h %(minutes)02d") % {"hours": hours, "minutes": rest}
    if hours:
        return gettext("%(hours)s h") % {"hours": hours}
    return gettext("%(n)s min") % {"n": minutes}


def _local(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, timezone.get_current_timezone())


def _locale() -> Locale:
    return _locale_of(_locale_tag())


def _locale_tag() -> str:
    return LOCALES.get(translation.get_language() or "en", "en_GB")


@lru_cache(maxsize=len(LOCALES))
def _locale_of(tag: str) -> Locale:
    return Locale.parse(tag)
