"""What somebody chose to see: a period, and of what. It stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import dates
from django.utils.translation import gettext, gettext_lazy

from bankside.measures import period as periods
from bankside.measures.figures import Filters
from bankside.measures.period import BadPeriod, Period
from bankside.said import Said
from bankside.web import moments

NAMED: Final = (
    ("week", gettext_lazy("Last week")),
    ("four-weeks", gettext_lazy("4 weeks")),
    ("quarter", gettext_lazy("Quarter")),
)
GROUPS: Final = (
    ("network", gettext_lazy("network")),
    ("market", gettext_lazy("market")),
    ("lang", gettext_lazy("language")),
    ("channel", gettext_lazy("channel")),
)
CHOSEN: Final = "chosen"
NARROWING: Final = ("network", "market", "lang", "channel")
CHARACTERS_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A period, what it is narrowed to (one of each at most), and by what the tables are parted."""

    period: Period
    network: str = ""
    market: str = ""
    lang: str = ""
    channel: str = ""
    by: str = "network"

    @property
    def filters(self) -> Filters:
        """As the room takes them."""
        return Filters(
            networks=_some(self.network), channels=_some(self.channel), markets=_some(self.market),
            langs=_some(self.lang),
        )  # fmt: skip

    @property
    def query(self) -> dict[str, str]:
        """The choice as it stands in an address."""
        days = {}
        if self.period.name == CHOSEN:
            days = {"first": self.period.first.isoformat(), "last": self.period.last.isoformat()}
        narrowed = {name: value for name in NARROWING if (value := getattr(self, name))}
        by = {"by": self.by} if self.by != "network" else {}
        return {"period": self.period.name, **days, **narrowed, **by}

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return any(getattr(self, name) for name in NARROWING)


def newest(zone: str, now_ms: int) -> dict[str, str]:
    """The query of the last seven days, the one of now with them."""
    today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone)).date()
    return {"period": CHOSEN, "first": (today - timedelta(days=6)).isoformat(), "last": today.isoformat()}


def of(given: Mapping[str, str], zone: str, now_ms: int) -> Choice:
    """From an address; the last week when it says nothing. BadPeriod for days that are none."""
    name = given.get("period", "")
    if name == CHOSEN:
        period = periods.chosen(_day(given.get("first", "")), _day(given.get("last", "")), zone)
    else:
        period = periods.named(name if name in dict(NAMED) else "week", zone, now_ms)
    by = given.get("by", "")
    narrowed = {one: given.get(one, "").strip()[:CHARACTERS_MAX] for one in NARROWING}
    return Choice(period=period, by=by if by in dict(GROUPS) else "network", **narrowed)


def days_of(period: Period) -> str:
    """`16 to 22 November` in the reader's words; with its year when that is not the one of now."""
    locale = moments.locale()
    this_year = date.today().year == period.last.year == period.first.year  # noqa: DTZ011 # for words alone
    if period.first == period.last:
        return str(dates.format_date(period.first, "long", locale=locale))
    return str(
        dates.format_interval(period.first, period.last, "MMMd" if this_year else "yMMMd", locale=locale)
    )


def before_words(period: Period) -> str:
    """How the period before is called in a sentence."""
    named = {
        "week": gettext("the week before"),
        "four-weeks": gettext("the 4 weeks before"),
        "quarter": gettext("the quarter before"),
    }
    return named.get(period.name, gettext("the period before"))


def _some(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadPeriod(Said("A day is written as 2026-11-16.")) from error
