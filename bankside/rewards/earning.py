"""From acts to points: which rules pay, what is held back for want of a disclosure, and the ledger's answer.

Acts are judged in order of arrival, each by the versions that were in force when it was recorded. An act of
class B that does not say that it is advertising is held and posts nothing until it says so (card sheet,
section 2); what it said is kept with the decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from bankside.rewards import disclosure, programme
from bankside.rewards.acts import Sighted, fields_of
from bankside.rewards.asked import rows
from bankside.rewards.ledger import post
from bankside.rewards.ledger.candidate import PARTICIPATION, PURCHASE, REFUSED, Candidate, Outcome, Terms
from bankside.rewards.ledger.days import DAY_MS, QUARTER_MS, Calendar, month_of
from bankside.rewards.programme import Live
from bankside.rewards.rules.act import EARNING_EVIDENCE, SPENT, Act
from bankside.rewards.rules.terms import Earn, Programme

ACTIVE_DAYS: Final = 30
# Reasons of this room, beside those of the ledger: why an act was held, or earned nothing.
DISCLOSURE, CONDITION, NO_RULE, EVIDENCE = "disclosure", "condition", "no-rule", "evidence"

__all__ = ["Outcome", "active_days", "day_of", "earn", "earn_sighted", "hour_of"]


class Standing(NamedTuple):
    """What a batch knows beyond each act: class A days by member, kinds that a member did before."""

    days: dict[int, set[int]]
    done: set[tuple[int, str]]


def earn(acts: Sequence[Act]) -> list[Outcome]:
    """Posts what acts earn, in the caller's transaction; outcomes by act and rule, in order of arrival.

    Day, hour, active days, tier and `first` of an act are filled in here. An act that no rule pays for gives
    one outcome, refused: `no-rule` or `condition` (then with the rule's name), and nothing of it is kept.
    """
    return earn_sighted([Sighted(act=act) for act in acts])


def earn_sighted(sighted: Iterable[Sighted]) -> list[Outcome]:
    """The same for acts with their words and places."""
    ordered = sorted(sighted, key=lambda one: one.act.seq)
    if not ordered:
        return []
    versions = programme.ever_live()
    standing = _standing([one.act for one in ordered], versions)
    before = {member: set(days) for member, days in standing.days.items()}
    candidates: list[Candidate] = []
    refused: list[Outcome] = []
    for one in ordered:
        found, reasons = _judge(one, versions, standing)
        candidates += found
        refused += reasons
    outcomes = post.post(candidates)
    _keep_days(before, standing.days)
    return [*outcomes, *refused]


def placed(sighted: Iterable[Sighted], terms: Programme) -> Iterator[Act]:
    """Acts as the rules of a version would see them, in order of arrival, each on its day; posts nothing."""
    ordered = sorted(sighted, key=lambda one: one.act.seq)
    standing = Standing(days={}, done=set())
    for one in ordered:
        rules = terms.earning[one.act.network, one.act.kind]
        said = any(disclosure.found(rule, one.text, one.lang) for rule in rules if rule.cls == "B")
        act = _placed(one.act, terms, standing, disclosed=said)
        if any(rule.cls == "A" and rule.evaluate(act) for rule in rules):
            standing.days.setdefault(act.member, set()).add(act.day)
        standing.done.add((act.member, act.kind))
        yield act


def active_days(members: Iterable[int], day: int) -> dict[int, int]:
    """Distinct days with a class A act in the 30 up to this one, by one statement; without any: absent."""
    return {member: len(days) for member, days in _days(members, day - ACTIVE_DAYS + 1, day).items()}


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
    act, calendar = one.act, calendar_of(live.programme)
    day = calendar.day(act.at)
    return Candidate(
        source=act.source, seq=act.seq, member=act.member, terms=terms_of(live.row.pk, live.programme, rule),
        points=points, at=act.at, day=day, month=month_of(day), settles=calendar.settles(act.at),
        expires=calendar.expires(act.at), origin=PURCHASE if act.kind in SPENT else PARTICIPATION,
        kind=act.kind, network=act.network, inputs=inputs, entry=one.entry, remote=one.remote, held=held,
        refused=refused,
    )  # fmt: skip


def inputs_of(rule: Earn, act: Act, found: disclosure.Found | None) -> str:
    """What a rule saw of an act, as JSON on one line; with the evidence of a disclosure."""
    seen: dict[str, Any] = {name: getattr(act, name) for name in _ordered(rule)}
    if found is not None:
        seen["disclosure"] = found._asdict()
    return _encode(seen).decode()


@lru_cache(maxsize=4096)
def _ordered(rule: Earn) -> tuple[str, ...]:
    return tuple(sorted(fields_of(rule)))


_encode = msgspec.json.Encoder().encode


# --- judging ----------------------------------------------------------------------------------------------
def _judge(
    one: Sighted, versions: Sequence[Live], standing: Standing
) -> tuple[list[Candidate], list[Outcome]]:
    """What one act asks for by the versions in force when it was recorded; and why not, if nothing."""
    asked: list[Candidate] = []
    looked: tuple[Live, Earn] | None = None
    act = one.act
    for live in versions:
        rules = live.programme.earning[act.network, act.kind]
        if rules and programme.was_in_force(live.row, act.at):
            looked = looked or (live, rules[0])
            asked += _asked(one, live, rules, standing)
    standing.done.add((act.member, act.kind))
    if asked:
        return asked, []
    reason = CONDITION if act.evidence in EARNING_EVIDENCE else EVIDENCE
    if looked is None:
        return [], [Outcome(act.source, "", 0, REFUSED, NO_RULE)]
    if one.kept:
        return [candidate(one, *looked, 0, inputs=inputs_of(looked[1], act, None), refused=reason)], []
    return [], [Outcome(act.source, looked[1].id, 0, REFUSED, reason)]


def _asked(one: Sighted, live: Live, rules: Sequence[Earn], standing: Standing) -> list[Candidate]:
    found = {rule.slot: disclosure.found(rule, one.text, one.lang) for rule in rules if rule.cls == "B"}
    act = _placed(one.act, live.programme, standing, disclosed=any(found.values()))
    asked, active = [], False
    for rule in rules:
        points = rule.evaluate(act) if act.evidence in EARNING_EVIDENCE else 0
        if points:
            active = active or rule.cls == "A"
            said = found.get(rule.slot)
            held = DISCLOSURE if rule.cls == "B" and said is None else ""
            asked.append(candidate(one, live, rule, points, inputs=inputs_of(rule, act, said), held=held))
    if active:
        standing.days.setdefault(act.member, set()).add(act.day)
    return asked


def _placed(act: Act, terms: Programme, standing: Standing, *, disclosed: bool) -> Act:
    """The act on its day, with what the member did before it."""
    day = calendar_of(terms).day(act.at)
    days = sum(day - ACTIVE_DAYS < one <= day for one in standing.days.get(act.member, ()))
    return msgspec.structs.replace(
        act, day=day, hour=hour_of(terms.zone, act.at), active_days=days, tier=terms.tier_of(days),
        disclosed=disclosed, first=(act.member, act.kind) not in standing.done,
    )  # fmt: skip


def _standing(acts: Sequence[Act], versions: Sequence[Live]) -> Standing:
    """What the rules that look at these acts read of the past; what none reads is not asked for."""
    kinds = {(act.network, act.kind) for act in acts}
    rules = {
        (kind, rule) for live in versions for net, kind in kinds for rule in live.programme.earning[net, kind]
    }
    by_past = any(fields_of(rule) & {"active_days", "tier"} for _, rule in rules)
    first = {kind for kind, rule in rules if "first" in fields_of(rule)}
    members = {act.member for act in acts}
    days = [act.at // DAY_MS for act in acts]
    return Standing(
        days=_days(members, min(days) - ACTIVE_DAYS, max(days) + 1) if by_past else {},
        done=_done({act.member for act in acts if act.kind in first}, first) if first else set(),
    )


def _days(members: Iterable[int], first: int, last: int) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    active = "select member, day from rewards_active_day where"
    for member, day in rows(active, "member", members, "and day between %s and %s", [first, last]):
        found.setdefault(member, set()).add(day)
    return found


def _done(members: Iterable[int], kinds: Iterable[str]) -> set[tuple[int, str]]:
    """Which of them did an act of these kinds before that was decided."""
    decided = "select distinct member, kind from rewards_earned where"
    found = rows(decided, "member", members, "and outcome <> %s", [REFUSED])
    return {(member, kind) for member, kind in found if kind in set(kinds)}


def _keep_days(before: Mapping[int, set[int]], after: Mapping[int, set[int]]) -> None:
    """Writes new active days, in one order for everybody."""
    new = sorted((member, day) for member, days in after.items() for day in days - before.get(member, set()))
    if new:
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into rewards_active_day (member, day) values (%s, %s)"
                " on conflict (member, day) do nothing", new,
            )  # fmt: skip
