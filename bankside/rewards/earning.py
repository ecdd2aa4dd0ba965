"""From acts to points: which rules pay, what is held back for want of a disclosure, and the ledger's answer.

Acts are judged in order of arrival, each by the versions that were in force when it was recorded. An act of
class B that does not say that it is advertising is held and posts nothing until it says so (card sheet,
section 2); what it said is kept with the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from bankside.rewards import decided, disclosure, programme
from bankside.rewards.acts import Sighted, fields_of
from bankside.rewards.asked import rows
from bankside.rewards.ledger import post
from bankside.rewards.ledger.active import Active, count, mark
from bankside.rewards.ledger.candidate import PARTICIPATION, PURCHASE, REFUSED, Candidate, Outcome, Terms
from bankside.rewards.ledger.days import QUARTER_MS, Calendar, month_of
from bankside.rewards.ledger.why import seen as seen_of
from bankside.rewards.programme import Live
from bankside.rewards.rules import closures
from bankside.rewards.rules.act import EARNING_EVIDENCE, SPENT, Act
from bankside.rewards.rules.terms import Earn, Programme

ACTIVE_DAYS: Final = 30
SHARE_ACTS, SHARES_MAX = 500, 8  # acts that are judged before PostgreSQL is asked about their members
NEVER_MS: Final = 1 << 62
# Reasons of this room, beside those of the ledger: why an act was held, or earned nothing.
DISCLOSURE, CONDITION, NO_RULE, EVIDENCE = "disclosure", "condition", "no-rule", "evidence"

__all__ = ["Outcome", "active_days", "day_of", "earn", "earn_sighted", "hour_of"]


# What an act is given here, and not by whoever saw it.
FILLED_IN: Final = frozenset({"hour", "active_days", "tier", "disclosed", "first"})


class Standing(NamedTuple):
    """What a batch knows beyond each act: class A days by member; kinds that a member did before, when any
    rule asks for that."""

    days: dict[int, Active]
    done: set[tuple[int, str]]
    asks_first: bool = True


class _Rule(NamedTuple):
    """A rule of a version, with what is made of it once. `names` are the fields it reads."""

    earn: Earn
    cls: str
    terms: Terms
    names: tuple[str, ...]
    values: Callable[[Act], Any]


class _Bench(NamedTuple):
    """The rules of one version for one network and kind, while a batch is judged.

    They judge from `begins` until before `ends` (UTC ms). `plain`: no rule reads what is filled in here, or
    wants a disclosure. `dates`: day, month, settling and expiry by moment.
    """

    live: Live
    begins: int
    ends: int
    rules: tuple[_Rule, ...]
    pays: Callable[[Act], tuple[int, ...]]
    plain: bool
    calendar: Calendar
    dates: dict[int, tuple[int, int, int, int]]


def earn(acts: Sequence[Act]) -> list[Outcome]:
    """Posts what acts earn, in the caller's transaction; outcomes by act and rule: in order of arrival what
    the ledger decided, then what did not come to it.

    Day, hour, active days, tier and `first` of an act are filled in here. An act that no rule pays for gives
    one outcome, refused: `no-rule` or `condition` (then with the rule's name), and nothing of it is kept.
    """
    return earn_sighted([Sighted(act=act) for act in acts])


def earn_sighted(sighted: Iterable[Sighted]) -> list[Outcome]:
    """The same for acts with their words and places."""
    ordered = sorted(sighted, key=_arrival)
    if not ordered:
        return []
    versions, refused = programme.ever_live(), list[Outcome]()
    standing = _standing([one.act for one in ordered], versions)
    with post.uncollected():
        outcomes = post.post_shares(_judged(ordered, versions, standing, refused), standing.days)
    return [*outcomes, *refused]


_arrival, _member = attrgetter("act.seq"), attrgetter("act.member")


def placed(act: Act, terms: Programme, standing: Standing, *, disclosed: bool) -> Act:
    """The act on its day, with what the member did before it."""
    day = calendar_of(terms).day(act.at)
    days = count(standing.days.get(act.member, _NEVER), day, ACTIVE_DAYS)
    return msgspec.structs.replace(
        act, day=day, hour=hour_of(terms.zone, act.at), active_days=days, tier=terms.tier_of(days),
        disclosed=disclosed, first=(act.member, act.kind) not in standing.done,
    )  # fmt: skip


def active_days(members: Iterable[int], day: int) -> dict[int, int]:
    """Distinct days with a class A act in the 30 up to this one, by one statement; without any: absent."""
    counted = {member: count(days, day, ACTIVE_DAYS) for member, days in _days(members).items()}
    return {member: days for member, days in counted.items() if days}


def day_of(zone: str, at_ms: int) -> int:
    """The day of a moment in a zone, since 1970."""
    return Calendar(zone).day(at_ms)


@lru_cache(maxsize=4096)
def _hour(zone: str, quarter: int) -> int:
    return datetime.fromtimestamp(quarter * QUARTER_MS // 1000, ZoneInfo(zone)).hour


def hour_of(zone: str, at_ms: int) -> int:
    """The hour of the day of a moment in a zone, 0 to 23. Zones change on a quarter of an hour."""
    return _hour(zone, at_ms // QUARTER_MS)


@lru_cache(maxsize=4096)
def terms_of(live_pk: int, programme: Programme, rule: Earn) -> Terms:
    """A rule of a version as the ledger knows it; made once."""
    return Terms(
        programme=live_pk, rule=rule.id, unit=programme.unit, cap_points=rule.cap_points,
        cap_times=rule.cap_times, per=rule.per, cooldown_ms=rule.cooldown_ms, fund=rule.fund, cls=rule.cls,
    )  # fmt: skip


@lru_cache(maxsize=256)
def calendar_of(programme: Programme) -> Calendar:
    """The days and months of a version."""
    return Calendar(programme.zone, programme.hold_ms, programme.life_months)


def candidate(
    one: Sighted,
    live: Live,
    rule: Earn,
    points: int,
    *,
    inputs: str = "{}",
    held: str = "",
    refused: str = "",
) -> Candidate:
    """What asks the ledger for the points of a rule, under the days and months of its version."""
    terms = terms_of(live.row.pk, live.programme, rule)
    dates = _dates(calendar_of(live.programme), one.act.at)
    return _candidate(one, terms, points, dates, inputs, held, refused)


def _candidate(
    one: Sighted, terms: Terms, points: int, dates: tuple[int, int, int, int], inputs: str, held: str,
    refused: str = "",
) -> Candidate:  # fmt: skip
    """By position: this is made for every award."""
    act, (day, month, settles, expires) = one.act, dates
    origin = PURCHASE if act.kind in SPENT else PARTICIPATION
    return Candidate(
        act.source, act.seq, act.member, terms, points, act.at, day, month, settles, expires, origin,
        act.kind, act.network, inputs, one.entry, one.remote, held, refused,
    )  # fmt: skip


def _dates(calendar: Calendar, at: int) -> tuple[int, int, int, int]:
    """Day, month, day of settling and month of expiry of a moment (UTC ms)."""
    day = calendar.day(at)
    return day, month_of(day), calendar.settles(at), calendar.expires(at)


def _seen(rule: _Rule, act: Act, said: disclosure.Found | None) -> str:
    """What a rule saw of an act, as JSON on one line; with the evidence of a disclosure."""
    seen: dict[str, Any] = dict(zip(rule.names, rule.values(act), strict=True))
    if said is not None:
        seen["disclosure"] = said._asdict()
    return seen_of(seen)


@lru_cache(maxsize=4096)
def _ordered(rule: Earn) -> tuple[str, ...]:
    return tuple(sorted(fields_of(rule)))


@lru_cache(maxsize=4096)
def _values(names: tuple[str, ...]) -> Callable[[Act], Any]:
    """What reads these fields of an act, as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda act: tuple(getattr(act, name) for name in names)


# --- judging ----------------------------------------------------------------------------------------------
def _judged(
    ordered: Sequence[Sighted], versions: Sequence[Live], standing: Standing, refused: list[Outcome]
) -> Iterator[list[Candidate]]:
    """What acts ask for by the versions in force when they were recorded, in shares of ascending members;
    and why not, if nothing."""
    benches: dict[tuple[str, str], list[_Bench]] = {}
    for share in _shares(ordered):
        asked = list[Candidate]()
        for one in share:
            place = (one.act.network, one.act.kind)
            there = benches.get(place)
            if there is None:
                there = benches[place] = _benches(versions, place)
            _judge(one, there, standing, asked, refused)
        yield asked


def _shares(ordered: Sequence[Sighted]) -> list[Sequence[Sighted]]:
    """Acts by their members' numbers, those of each in order of arrival: nothing that is judged here hangs on
    what another member did."""
    size = -(-len(ordered) // max(1, min(SHARES_MAX, len(ordered) // SHARE_ACTS)))
    if size == len(ordered):
        return [ordered]
    by_member, shares, start = sorted(ordered, key=_member), list[Sequence[Sighted]](), 0
    while start < len(by_member):
        end = min(start + size, len(by_member))
        while end < len(by_member) and _member(by_member[end]) == _member(by_member[end - 1]):
            end += 1
        shares.append(by_member[start:end])
        start = end
    return shares


def _judge(
    one: Sighted, there: list[_Bench], standing: Standing, asked: list[Candidate], refused: list[Outcome]
) -> None:
    act, before, looked = one.act, len(asked), None
    earns = act.evidence in EARNING_EVIDENCE
    for bench in there:
        if bench.begins <= act.at < bench.ends:
            looked = looked or bench
            if earns:
                _ask(one, bench, standing, asked)
    if len(asked) == before:
        _refuse(one, looked, asked, refused)
    elif standing.asks_first:  # as `decided.kinds_done` has it: what earned nothing is no first
        standing.done.add((act.member, act.kind))


def _benches(versions: Sequence[Live], place: tuple[str, str]) -> list[_Bench]:
    """What judges acts of a network and kind; nothing of a version that has no rule for them."""
    return [_bench(live, rules) for live in versions if (rules := live.programme.earning[place])]


def _bench(live: Live, rules: Sequence[Earn]) -> _Bench:
    row, terms = live.row, live.programme
    return _Bench(
        live, row.live_from, row.ended_at or NEVER_MS,
        tuple(_rule(row.pk, terms, rule) for rule in rules), _together(tuple(rules)),
        not any(rule.cls == "B" or fields_of(rule) & FILLED_IN for rule in rules), calendar_of(terms), {},
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _rule(pk: int, terms: Programme, rule: Earn) -> _Rule:
    names = _ordered(rule)
    return _Rule(rule, rule.cls, terms_of(pk, terms, rule), names, _values(names))


@lru_cache(maxsize=4096)
def _together(rules: tuple[Earn, ...]) -> Callable[[Act], tuple[int, ...]]:
    return closures.earners(rules)


def _ask(one: Sighted, bench: _Bench, standing: Standing, asked: list[Candidate]) -> None:
    """Adds what the rules of a version pay for an act; a class A act makes its day an active one."""
    act, said = (one.act, _NOTHING) if bench.plain else _filled(one, bench, standing)
    paid, active = bench.pays(act), False
    if not any(paid):
        return
    dates = bench.dates.get(act.at)
    if dates is None:
        dates = bench.dates[act.at] = _dates(bench.calendar, act.at)
    for rule, points in zip(bench.rules, paid, strict=True):
        if points:
            active = active or rule.cls == "A"
            found = said.get(rule.terms.rule)
            held = DISCLOSURE if rule.cls == "B" and found is None else ""
            asked.append(_candidate(one, rule.terms, points, dates, _seen(rule, act, found), held))
    if active:
        mark(standing.days, act.member, dates[0])


_NOTHING: Final[Mapping[str, disclosure.Found | None]] = {}


def _filled(
    one: Sighted, bench: _Bench, standing: Standing
) -> tuple[Act, Mapping[str, disclosure.Found | None]]:
    """The act with everything that rules may read, and what was found of the disclosures they want."""
    said = {
        rule.terms.rule: disclosure.found(rule.earn, one.text, one.lang)
        for rule in bench.rules
        if rule.cls == "B"
    }
    return placed(one.act, bench.live.programme, standing, disclosed=any(said.values())), said


def _refuse(one: Sighted, looked: _Bench | None, asked: list[Candidate], refused: list[Outcome]) -> None:
    """Why nothing was paid; of an act that is kept it is a decision."""
    act = one.act
    if looked is None:
        refused.append(Outcome(act.source, "", 0, REFUSED, NO_RULE))
        return
    reason = CONDITION if act.evidence in EARNING_EVIDENCE else EVIDENCE
    first = looked.rules[0]
    if one.kept:
        inputs = _seen(first, act, None)
        asked.append(_candidate(one, first.terms, 0, _dates(looked.calendar, act.at), inputs, "", reason))
    else:
        refused.append(Outcome(act.source, first.terms.rule, 0, REFUSED, reason))


def _standing(acts: Sequence[Act], versions: Sequence[Live]) -> Standing:
    """What the rules that look at these acts read of the past; what none reads is not asked for."""
    kinds = {(act.network, act.kind) for act in acts}
    rules = {
        (kind, rule) for live in versions for net, kind in kinds for rule in live.programme.earning[net, kind]
    }
    by_past = any(fields_of(rule) & {"active_days", "tier"} for _, rule in rules)
    first = {kind for kind, rule in rules if "first" in fields_of(rule)}
    return Standing(
        days=_days({act.member for act in acts}) if by_past else {},
        done=decided.kinds_done({act.member for act in acts if act.kind in first}, first) if first else set(),
        asks_first=bool(first),
    )


def _days(members: Iterable[int]) -> dict[int, Active]:
    """The active days of those who have any."""
    kept = "select member, newest, days from rewards_meter where"
    return {member: Active(*days) for member, *days in rows(kept, "member", members, "and days <> 0")}


_NEVER: Final = Active()
