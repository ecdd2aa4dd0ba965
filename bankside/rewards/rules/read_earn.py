"""One `[[earn]]` of a programme: what is allowed at all stands here, so that nothing else can be written."""

from __future__ import annotations

from typing import Final, Literal, cast

from bankside.rewards.rules import closures
from bankside.rewards.rules.act import FORBIDDEN, KINDS, SOCIAL
from bankside.rewards.rules.bounds import NeverTrue, Payout, payout, within
from bankside.rewards.rules.expression import Expression, ExpressionWrong, close, parse
from bankside.rewards.rules.fields import ACT, MONEY_MAX, Allowed, Type
from bankside.rewards.rules.tables import SLUG, Table
from bankside.rewards.rules.terms import Class, Earn
from bankside.said import Said

CAP_POINTS_MAX: Final = 1_000_000
CAP_TIMES_MAX: Final = 1_000
COOLDOWN_DAYS_MAX: Final = 31
KINDS_MAX, NETWORKS_MAX = len(KINDS), 40
DISCLOSURE_CHARACTERS_MAX, WITHIN_MAX = 30, 100
WITHIN_DEFAULT: Final = 20
# Nothing that a member says about the bank or a partner in public is paid for without a disclosure.
PUBLIC: Final = ("post", "mention", "share")

NEVER: Final = Said(
    "A %(kind)s is never paid for: networks forbid paid likes, follows and invitations, and rules on "
    "endorsements (FTC, KFTC) forbid rewards that hang on opinions or cannot be disclosed."
)
OWN_THREAD: Final = Said('Write in = "own_thread".')
CLASS_C: Final = Said(
    "Class C is what is never rewarded; it cannot be written. "
    "Rewards are for taking part (A) or disclosed posts (B)."
)


def earn(table: Table, slot: int, languages: tuple[str, ...]) -> Earn | None:
    """The rule of a table, or None when something about it was noted."""
    before = len(table.notes.found)
    rule_id, cls = table.slug("id"), _class(table)
    on, networks = _kinds(table), _networks(table)
    own_thread = table.choice("in", ("own_thread", "anywhere"), "anywhere") == "own_thread"
    campaign = table.slug("campaign", needed=False)
    unit = table.number("amount_unit", 1, MONEY_MAX, 1)
    when, points, bounds = _paid(table, unit)
    cap_points, cap_times, per = _cap(table)
    cooldown_ms = table.span("cooldown", "0", most_days=COOLDOWN_DAYS_MAX)
    fund = table.number("fund", 1, MONEY_MAX, 0)
    disclose, within = _disclosure(table, languages)
    _fits_class(table, cls, on, own_thread)
    table.end()
    if len(table.notes.found) > before or points is None or bounds is None:
        return None
    return Earn(
        slot=slot, id=rule_id, cls=cls, on=on, networks=networks, own_thread=own_thread, campaign=campaign,
        when=when, points=points, amount_unit=unit, cap_points=cap_points, cap_times=cap_times, per=per,
        cooldown_ms=cooldown_ms, fund=fund, disclose=disclose, within=within, most=bounds.most,
        evaluate=closures.earner(when, points, own_thread=own_thread, campaign=campaign),
    )  # fmt: skip


def expression(
    table: Table, key: str, fields: dict[str, Allowed], want: Type, units: dict[str, int]
) -> Expression | None:
    """The expression under a key; what is wrong with it is noted at its own column."""
    text = table.text(key)
    if not text:
        return None
    try:
        return parse(text, fields, want, units)
    except ExpressionWrong as wrong:
        note(table, key, wrong)
        return None


def note(table: Table, key: str, wrong: ExpressionWrong) -> None:
    """Notes an error of an expression where it stands in the text."""
    place = table.notes.places.inside(table.place(key), wrong.column - 1)
    table.notes.at(place, wrong.message, wrong.hint)


def _class(table: Table) -> Class:
    if table.data.get("class") in ("C", "c"):
        table.asked.append("class")
        table.wrong("class", CLASS_C)
        return "A"
    return cast(Class, table.choice("class", ("A", "B")))


def _kinds(table: Table) -> tuple[str, ...]:
    kinds = table.listed("on", str, KINDS_MAX, needed=True)
    for number, kind in enumerate(kinds):
        path = (*table.place("on"), number) if isinstance(table.data["on"], list) else table.place("on")
        singular = kind.lower().removesuffix("s")
        if {kind.lower(), singular} & set(FORBIDDEN):
            table.notes.value(path, Said(NEVER.template, kind=kind))
        elif kind not in KINDS:
            table.notes.value(path, Said("There is no kind of act %(kind)s.", kind=kind), close(kind, KINDS))
    return tuple(dict.fromkeys(kinds))


def _networks(table: Table) -> tuple[str, ...]:
    networks = table.listed("network", str, NETWORKS_MAX)
    for network in networks:
        if not SLUG.fullmatch(network.replace("_", "-")):
            table.wrong("network", Said("A network is written as on the desk, in small letters."))
    return tuple(dict.fromkeys(networks))


def _paid(table: Table, unit: int) -> tuple[Expression | None, Expression | None, Payout | None]:
    """The condition, the points and their bounds."""
    fields, units = dict(ACT), {"amount": unit}
    when = expression(table, "when", fields, "bool", units) if "when" in table else None
    table.asked.append("when")
    points = expression(table, "points", fields, "int", units)
    if points is None or ("when" in table and when is None):
        return when, points, None
    try:
        if when is not None:
            within(when)
    except ExpressionWrong as wrong:
        note(table, "when", wrong)
        return when, points, None
    try:
        return when, points, payout(when, points)
    except NeverTrue:
        table.wrong("when", Said("This condition is never true."))
    except ExpressionWrong as wrong:
        note(table, "points", wrong)
    return when, points, None


def _cap(table: Table) -> tuple[int, int, Literal["day", "month"]]:
    hint = Said('Write cap = {points = 40, times = 5, per = "day"}.')
    if "cap" not in table:
        table.asked.append("cap")
        table.missing("cap", hint)
        return 0, 0, "day"
    inner = table.table("cap")
    if inner is None:
        return 0, 0, "day"
    points = inner.number("points", 1, CAP_POINTS_MAX)
    times = inner.number("times", 1, CAP_TIMES_MAX, 0) or min(points, CAP_TIMES_MAX)
    per = inner.choice("per", ("day", "month"))
    inner.end()
    return points, times, cast('Literal["day", "month"]', per)


def _disclosure(table: Table, languages: tuple[str, ...]) -> tuple[dict[str, str], int]:
    if "disclose" not in table:
        table.asked.append("disclose")
        return {}, 0
    words = table.languages("disclose", languages, DISCLOSURE_CHARACTERS_MAX, "within")
    inner = Table(table.notes, table.place("disclose"), table.data["disclose"])
    first = inner.number("within", 1, WITHIN_MAX, WITHIN_DEFAULT)
    for language, word in words.items():
        if len(word) > first:
            inner.wrong(language, Said("This is longer than the first %(within)s characters.", within=first))
    return words, first


def _fits_class(table: Table, cls: Class, on: tuple[str, ...], own_thread: bool) -> None:
    """Notes what a class may not do, or must have."""
    if cls == "A":
        if set(on) & set(PUBLIC):
            words = Said(
                "Posts, mentions and shares are paid for as class B alone: in a campaign, and disclosed."
            )
            table.wrong("on", words)
        elif "reply" in on and not own_thread:
            table.wrong("on", Said("A reply earns in class A in the bank's own threads alone."), OWN_THREAD)
        if "disclose" in table:
            table.wrong("disclose", Said("Only class B is disclosed."))
        return
    if not set(on) <= set(SOCIAL):
        table.wrong("on", Said("Class B is for posts, mentions, shares and replies alone."))
    for key in ("campaign", "disclose", "fund"):
        if key not in table:
            words = Said("A rule of class B needs %(key)s.", key=key)
            table.notes.at(table.notes.places.key(table.path), words)
