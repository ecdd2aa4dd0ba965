"""Times and numbers in the reader's words: her language, her zone, short where that is enough.

All times are whole UTC milliseconds; 0 means "none" and gives an empty text. The zone is Django's current
one (see `pages.render`), the language the active translation.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from functools import cached_property, lru_cache
from typing import NamedTuple

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
FILTERS = (
    "clock",
    "when",
    "day",
    "full",
    "ago",
    "span",
    "until",
    "number",
    "counted",
    "language_name",
    "in_a_row",
)
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
WEEKDAY_DAYS_MAX = 6


class _Spans(NamedTuple):
    """How a length of time is said."""

    over: str
    both: str
    hours: str
    minutes: str


class Moments:
    """The times of one page: zone, language and what is now are asked for once, not with every time.

    `zone` None is Django's current one; `now` is UTC ms.
    """

    def __init__(self, zone: tzinfo | None = None) -> None:
        self.now = now_ms()
        self._zone = zone or timezone.get_current_timezone()
        self._today = datetime.fromtimestamp(self.now / 1000, self._zone).date()
        self._locale = _locale()

    def when(self, ms: int) -> str:
        """See `when`."""
        if not ms:
            return ""
        moment = datetime.fromtimestamp(ms / 1000, self._zone)
        away = abs((moment.date() - self._today).days)
        if away > WEEKDAY_DAYS_MAX:
            return _date(moment.date(), moment.year != self._today.year, self._locale)
        clock = f"{moment.hour:02}:{moment.minute:02}"
        return f"{_weekday(moment.weekday(), self._locale)} {clock}" if away else clock

    def until(self, ms: int) -> str:
        """See `until`."""
        if not ms:
            return ""
        left = ms - self.now
        span = self._span(abs(left) // MINUTE_MS)
        return self._spans.over % {"span": span} if left < 0 else span

    @cached_property
    def _spans(self) -> _Spans:
        return _Spans(
            gettext("%(span)s over"), gettext("%(hours)s h %(minutes)02d"), gettext("%(hours)s h"),
            gettext("%(n)s min"),
        )  # fmt: skip

    def _span(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        if days := hours // 24:
            return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        if hours and rest:
            return self._spans.both % {"hours": hours, "minutes": rest}
        return self._spans.hours % {"hours": hours} if hours else self._spans.minutes % {"n": minutes}


def clock(ms: int) -> str:
    """`10:17`."""
    return f"{_local(ms):%H:%M}" if ms else ""


def when(ms: int) -> str:
    """`10:17` today, `Wed 09:00` within six days, `4 Sep` this year, `4 Sep 2024` before."""
    return Moments().when(ms)


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
    """Date, time to the second and zone, as the record shows it: `25 Nov 2026, 10:17:03 GMT+09:00`."""
    if not ms:
        return ""
    moment = _local(ms)
    return f"{_date(moment.date(), True, _locale())}{_after_date()}{_clock_and_zone(moment)}"


def minute(moment: datetime) -> str:
    """A moment as paper names it, with its zone: `29 Nov 2026, 05:01 UTC`. `moment` knows its zone."""
    return f"{_date(moment.date(), True, _locale())}{_after_date()}{moment:%H:%M %Z}"


def in_a_row(sentences: Iterable[str]) -> str:
    """Sentences after each other; the full stop of Chinese is as wide as a space already."""
    return ("" if _locale_tag() == "zh_Hans_CN" else " ").join(sentences)


def weekday_date(day: date) -> str:
    """A day within a sentence: `Wed, 23 Sept`."""
    return str(dates.format_skeleton("MMMEd", day, locale=_locale()))


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


def span(ms: int) -> str:
    """How long something took: `6 s`, `95 s`, `12 min`, `5 h`; empty for nothing."""
    if ms <= 0:
        return ""
    if ms < 2 * MINUTE_MS:
        return gettext("%(n)s s") % {"n": max(1, round(ms / 1000))}
    if ms < 2 * HOUR_MS:
        return gettext("%(n)s min") % {"n": ms // MINUTE_MS}
    return gettext("%(n)s h") % {"n": number(ms // HOUR_MS)}


def until(ms: int) -> str:
    """What is left of a promise: `5 min`, `1 h 10`, or how far over it is: `9 min over`."""
    return Moments().until(ms)


def number(value: int | float) -> str:
    """A number in the reader's format: `1,240`."""
    return _number(value, _locale_tag())


@lru_cache(maxsize=1_000)
def _number(value: int | float, tag: str) -> str:
    return str(numbers.format_decimal(value, locale=_locale_of(tag)))


def country(code: str) -> str:
    """A country in the reader's language; what is no country's code stays as it is."""
    return str(Locale.parse(_locale_tag()).territories.get(code, code))


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


@lru_cache(maxsize=100)
def _weekday(number: int, locale: Locale) -> str:
    """`Wed`; 0 is Monday."""
    return str(locale.days["format"]["abbreviated"][number])


@lru_cache(maxsize=10_000)
def _date(moment: date, with_year: bool, locale: Locale) -> str:
    """`4 Sep`, or with its year `4 Sep 2024`."""
    return str(dates.format_skeleton("yMMMd" if with_year else "MMMd", moment, locale=locale))


def _after_date() -> str:
    """What parts a day from a time: Korean and Chinese need no comma."""
    return " " if _locale_tag() in {"ko_KR", "zh_Hans_CN"} else ", "


def _clock_and_zone(moment: datetime) -> str:
    return str(dates.format_datetime(moment, "HH:mm:ss ZZZZ", locale=_locale()))


def locale() -> Locale:
    """The reader's own, for what Babel writes."""
    return _locale()


def _local(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, timezone.get_current_timezone())


def _locale() -> Locale:
    return _locale_of(_locale_tag())


def _locale_tag() -> str:
    return LOCALES.get(translation.get_language() or "en", "en_GB")


@lru_cache(maxsize=len(LOCALES))
def _locale_of(tag: str) -> Locale:
    return Locale.parse(tag)
