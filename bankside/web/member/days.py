"""Days and money in the member's words: short, in her language; years only where they are not this one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel import dates, numbers
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from bankside.record.clock import now_ms
from bankside.rewards.payments.money import EXPONENTS
from bankside.web.moments import LOCALES, number

WEEKDAY_DAYS_MAX = 6
MINUS = "−"


def when(day: date, today: date | None = None) -> str:
    """`today`, `tomorrow`, `on Thursday` within six days, `on 31 Dec`, `on 30 Nov 2028`."""
    now = today or today_there()
    match (day - now).days:
        case 0:
            return gettext("today")
        case 1:
            return gettext("tomorrow")
        case ahead if 1 < ahead <= WEEKDAY_DAYS_MAX:
            return gettext("on %(day)s") % {"day": dates.format_date(day, "EEEE", locale=_locale())}
    return gettext("on %(day)s") % {"day": short(day, now)}


def short(day: date, today: date | None = None) -> str:
    """`31 Dec`, or with its year when that is not this one."""
    now = today or today_there()
    skeleton = "MMMd" if day.year == now.year else "yMMMd"
    return str(dates.format_skeleton(skeleton, day, locale=_locale()))


def whole(day: date) -> str:
    """`30 Nov 2028`."""
    return str(dates.format_skeleton("yMMMd", day, locale=_locale()))


def month(day: date) -> str:
    """`Nov 2028`."""
    return str(dates.format_skeleton("yMMM", day, locale=_locale()))


def moment(ms: int) -> str:
    """`22 Nov, 09:12`, with its year when that is not this one; empty for 0."""
    if not ms:
        return ""
    at = datetime.fromtimestamp(ms / 1000, timezone.get_current_timezone())
    return gettext("%(day)s, %(time)s") % {"day": short(at.date()), "time": f"{at:%H:%M}"}


def today_there() -> date:
    """The day that it is in the current zone, which is the programme's."""
    return date_of(now_ms())


def date_of(ms: int) -> date:
    """The day of a moment (UTC ms) in the current zone."""
    return datetime.fromtimestamp(ms / 1000, timezone.get_current_timezone()).date()


def settles_in(day: date, today: date | None = None) -> str:
    """`settles in 2 days`."""
    days = (day - (today or today_there())).days
    if days <= 0:
        return gettext("settles today")
    if days == 1:
        return gettext("settles tomorrow")
    return ngettext("settles in %(num)s day", "settles in %(num)s days", days) % {"num": number(days)}


def money(minor: int, currency: str) -> str:
    """`₩225`, `€ 3,50`: minor units, those of ISO 4217, as the reader writes them.

    Where people write no decimals though the currency has them, such as in Laos, only zeros are left out.
    """
    amount = Decimal(minor).scaleb(-EXPONENTS.get(currency, 2))
    return str(numbers.format_currency(amount, currency, locale=_locale(), decimal_quantization=False))


def signed(points: int) -> str:
    """`+9`, `−30`, `0`."""
    sign = "+" if points > 0 else MINUS if points < 0 else ""
    return f"{sign}{number(abs(points))}"


def percent(basis_points: int) -> str:
    """`5%`, `2.5%`: a share in basis points."""
    share = Decimal(basis_points) / 10_000
    return str(numbers.format_percent(share, locale=_locale(), decimal_quantization=False))


def _locale() -> str:
    return LOCALES.get(translation.get_language() or "en", "en_GB")
