"""One `[[offer]]` and one `[[tier]]` of a programme."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from bankside.rewards.rules import closures
from bankside.rewards.rules.bounds import possible
from bankside.rewards.rules.expression import Expression, ExpressionWrong
from bankside.rewards.rules.fields import CODE_MAX, MEMBER, MONEY_MAX
from bankside.rewards.rules.read_earn import expression, note
from bankside.rewards.rules.tables import Table
from bankside.rewards.rules.terms import Offer, Per, Tier
from bankside.said import Said

BACK_MAX: Final = 5_000
HOLDOUT_MAX: Final = 5_000
REWARD_MAX: Final = 10**9
TITLE_CHARACTERS_MAX: Final = 80
CODES_MAX: Final = 50
TIMES_MAX: Final = 100
TIER_MAX: Final = 3
YEAR_MIN, YEAR_MAX = 2000, 2199
Money = Literal["credit", "points"]


def offer(table: Table, slot: int, languages: tuple[str, ...], zone: ZoneInfo) -> Offer | None:
    """The offer of a table, or None when something about it was noted."""
    before = len(table.notes.found)
    offer_id, title = table.slug("id"), table.languages("title", languages, TITLE_CHARACTERS_MAX)
    kind = cast(Money, table.choice("kind", ("credit", "points"), "credit"))
    back, fixed, most = _reward(table)
    mcc, merchants = _where(table)
    when = _when(table)
    times, per = _frequency(table)
    fund = table.number("fund", 1, MONEY_MAX)
    holdout = table.percent("holdout", HOLDOUT_MAX)
    from_ms, to_ms = _moment(table, "from", zone), _moment(table, "to", zone)
    if to_ms and to_ms <= from_ms:
        table.wrong("to", Said("It ends before it begins."))
    table.end()
    if len(table.notes.found) > before:
        return None
    return Offer(
        slot=slot, id=offer_id, kind=kind, title=title, back=back, fixed=fixed, max=most, mcc=mcc,
        merchants=merchants, when=when, freq_times=times, per=per, fund=fund, holdout=holdout,
        from_ms=from_ms, to_ms=to_ms, eligible=closures.chooser(when),
    )  # fmt: skip


def tier(table: Table, number: int, languages: tuple[str, ...]) -> Tier | None:
    """The tier of a table; they stand in the text from the lowest to the highest."""
    before = len(table.notes.found)
    found = Tier(
        number=number, id=table.slug("id"), active_days=table.number("active_days", 1, 30),
        title=table.languages("title", languages, TITLE_CHARACTERS_MAX),
    )  # fmt: skip
    table.end()
    return None if len(table.notes.found) > before else found


def _reward(table: Table) -> tuple[int, int, int]:
    """Basis points back, or a fixed number, and the most of one use."""
    back, fixed = table.percent("back", BACK_MAX), table.number("fixed", 1, REWARD_MAX, 0)
    if ("back" in table) == ("fixed" in table):
        place = table.notes.places.key(table.path)
        table.notes.at(place, Said("An offer gives either back, a share, or fixed, always the same."))
    if "back" in table:
        return back, 0, table.number("max", 1, REWARD_MAX)
    table.asked.append("max")
    if "max" in table:
        table.wrong("max", Said("max goes with back alone."))
    return 0, fixed, fixed


def _where(table: Table) -> tuple[tuple[int, ...], tuple[str, ...]]:
    mcc = table.listed("mcc", int, CODES_MAX)
    if any(not 0 < code <= CODE_MAX for code in mcc):
        table.wrong("mcc", Said("The code of a trade (MCC) has at most four digits."))
    merchants = table.listed("merchants", str, CODES_MAX)
    if any(not 0 < len(name) <= 64 or not name.isprintable() for name in merchants):
        table.wrong("merchants", Said("A merchant is named as in the card feed, in at most 64 characters."))
    return mcc, merchants


def _when(table: Table) -> Expression | None:
    table.asked.append("when")
    when = expression(table, "when", dict(MEMBER), "bool", {}) if "when" in table else None
    try:
        if when is not None and possible(when) is None:
            table.wrong("when", Said("This condition is never true."))
    except ExpressionWrong as wrong:
        note(table, "when", wrong)
    return when


def _frequency(table: Table) -> tuple[int, Per]:
    inner = table.table("freq", needed=True)
    if inner is None:
        return 0, "day"
    times, per = inner.number("times", 1, TIMES_MAX), inner.choice("per", ("day", "week", "month"))
    inner.end()
    return times, cast(Per, per)


def _moment(table: Table, key: str, zone: ZoneInfo) -> int:
    """A day (its beginning in the zone) or a moment with its offset, in UTC ms; 0 when it is not there."""
    table.asked.append(key)
    value = table.data.get(key)
    if value is None:
        return 0
    if isinstance(value, date) and not YEAR_MIN <= value.year <= YEAR_MAX:
        table.wrong(
            key, Said("%(key)s is from %(low)s to %(high)s.", key=key, low=str(YEAR_MIN), high=str(YEAR_MAX))
        )
        return 0
    if isinstance(value, datetime) and value.tzinfo is not None:
        return int(value.timestamp() * 1_000)
    if type(value) is date:
        return int(datetime.combine(value, time(), zone).timestamp() * 1_000)
    table.wrong(key, Said("%(key)s is a day such as 2026-07-01, without quotation marks.", key=key))
    return 0
