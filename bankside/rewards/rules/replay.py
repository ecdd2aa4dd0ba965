"""Past acts through a programme as one Ibis expression: whom it would have paid how much.

Caps, cool-downs and funds are those of the ledger, in the order of arrival: an act that qualifies has to pass
the cool-down, then the caps of the member cut it, then the fund of the rule. A rule of class B pays for what
was disclosed alone. What members had used of caps, cool-downs and funds before the first day is in `Before`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, Final, NamedTuple

from bankside.late import ibis, pyarrow
from bankside.rewards.rules import in_ibis
from bankside.rewards.rules.act import EARNING_EVIDENCE, Act
from bankside.rewards.rules.fields import ACT
from bankside.rewards.rules.programme import Earn, Programme
from bankside.said import Said

ROUNDS_MAX: Final = 8
FAR: Final = 2**62
EPOCH: Final = datetime.date(1970, 1, 1)
NEEDED: Final = ("seq", "member", "kind", "at", "day")
TYPES: Final = {"int": "int64", "bool": "boolean", "str": "string"}
SHAPE: Final = {
    **dict.fromkeys(("seq", "member", "at", "day"), "int64"),
    **{name: TYPES[field.type] for name, field in ACT.items()},
    "evidence": "string", "disclosures": "string", "later": "boolean", "taken_back": "boolean",
}  # fmt: skip
USED: Final = {"rule": "string", **dict.fromkeys(("member", "at", "points", "times"), "int64")}
ROW: Final = (
    "member", "seq", "at", "day", "slot", "window", "points", "times", "cap_points", "cap_times", "cooldown",
    "fund", "unsure", "back",
)  # fmt: skip
BEFORE_ALL: Final = -1  # as `seq`: what was there before the first act


class NoActivities(ValueError):
    """There is nothing to try the programme on, or a table without the columns of an act."""


class Happened(NamedTuple):
    """An act with what became of it, as one programme sees it.

    `disclosures`: the rules of class B whose disclosure it carries, as `|one|two|`; empty for all, where it
    is `disclosed`. `later`: a row more for an act that was disclosed only later, at the moment of that; only
    rules of class B look at it. `taken_back`: it was deleted, or the payment given back, while its points
    were held.
    """

    act: Act
    disclosures: str = ""
    later: bool = False
    taken_back: bool = False


class Used(NamedTuple):
    """What a member had of a rule before the first day: `points` and `times` in the month that this day is in
    (0 for rules that count by day), `at` the latest act that counted (UTC ms)."""

    rule: str
    member: int
    at: int
    points: int
    times: int


class Before(NamedTuple):
    """How things stood before the first day: a table of `Used` (Ibis), and points paid from each fund."""

    used: Any = None
    funds: Mapping[str, int] = {}


NOTHING_BEFORE: Final = Before()


def arrow(done: Iterable[Happened]) -> pyarrow.Table:
    """Acts as an Arrow table with the columns that `read` wants, to be kept as Parquet."""
    rows = list(done)
    acts = [row.act for row in rows]
    columns = {
        name: [getattr(row, name) for row in (rows if name in Happened._fields else acts)] for name in SHAPE
    }
    return _typed(columns, SHAPE)


def arrow_used(used: Iterable[Used]) -> pyarrow.Table:
    """What was used before, as an Arrow table."""
    rows = list(used)
    return _typed({name: [getattr(row, name) for row in rows] for name in USED}, USED)


def _typed(columns: Mapping[str, list[Any]], shape: Mapping[str, str]) -> pyarrow.Table:
    types = {"int64": pyarrow.int64(), "boolean": pyarrow.bool_(), "string": pyarrow.string()}
    return pyarrow.table({name: pyarrow.array(columns[name], types[of]) for name, of in shape.items()})


def shaped(acts: Any) -> Any:
    """A table with all columns of an act in their types; NoActivities when one without default is missing."""
    missing = [name for name in NEEDED if name not in acts.columns]
    if missing:
        raise NoActivities(Said("The table has no column %(names)s.", names=", ".join(missing)))
    nothing = Happened(Act(source="", seq=0, member=0, network="", kind="", at=0, day=0))
    columns = {}
    for name, of in SHAPE.items():
        default = ibis.literal(getattr(nothing if name in Happened._fields else nothing.act, name), type=of)
        columns[name] = acts[name].cast(of).fill_null(default) if name in acts.columns else default
    return acts.select(**columns)


def paid_to_members(
    programme: Programme, acts: Any, first_day: int, last_day: int, before: Before = NOTHING_BEFORE
) -> Any:
    """The expression: (slot, member) with points, awards, cut, back, unsure and the last day that was paid.

    `acts` are those of the days from `first_day` to `last_day`. `points` are those that stay, `back` those
    that were taken back within the hold.
    """
    acts = acts.filter(acts.evidence.isin(sorted(EARNING_EVIDENCE)))
    acts = acts.mutate(month=_month(acts.day, first_day, last_day))
    parts = [_of_rule(rule, acts, before, first_day) for rule in programme.earn]
    waiting = [part for part, rule in zip(parts, programme.earn, strict=True) if rule.cooldown_ms]
    free = [part for part, rule in zip(parts, programme.earn, strict=True) if not rule.cooldown_ms]
    passed = _union([*free, *([_cooled(_union(waiting))] if waiting else [])])
    awarded = _funded(_capped(passed), [rule.slot for rule in programme.earn if rule.fund])
    kept = awarded.award * (_whole(1) - awarded.back)
    return awarded.group_by("slot", "member").aggregate(
        points=kept.sum(),
        awards=(awarded.award > 0).cast("int64").sum(),
        cut=(awarded.points - awarded.award).sum(),
        back=(awarded.award * awarded.back).sum(),
        unsure=awarded.unsure.sum(),
        last_paid=ibis.ifelse(awarded.award > 0, awarded.day, -1).max(),
    )


def _of_rule(rule: Earn, acts: Any, before: Before, first_day: int) -> Any:
    """The acts that a rule pays for, before cool-down, caps and fund; and what was used of these before."""
    fund = max(0, rule.fund - before.funds.get(rule.id, 0))
    limits = {
        "slot": _whole(rule.slot), "cap_points": _whole(rule.cap_points), "cap_times": _whole(rule.cap_times),
        "cooldown": _whole(rule.cooldown_ms), "fund": _whole(fund), "unsure": _whole(0),
    }  # fmt: skip
    qualifying = _qualifying(rule, acts, limits)
    if before.used is None:
        return qualifying
    there = before.used.filter(before.used.rule == rule.id)
    used = there.select(
        "member", "at", "points", "times", seq=_whole(BEFORE_ALL), day=_whole(first_day - 1),
        window=_whole(0 if rule.per == "month" else first_day - 1), back=_whole(0), **limits,
    )  # fmt: skip
    return _union([qualifying, _bare(used)])


def _qualifying(rule: Earn, acts: Any, limits: Mapping[str, Any]) -> Any:
    found = [acts.kind.isin(rule.on)]
    if rule.networks:
        found.append(acts.network.isin(rule.networks))
    if rule.own_thread:
        found.append(acts.own_thread)
    if rule.campaign:
        found.append(acts.campaign == rule.campaign)
    if rule.cls == "B":
        said = acts.disclosures.contains(f"|{rule.id}|")
        found.append(ibis.ifelse(acts.disclosures == "", acts.disclosed, said))
    else:
        found.append(~acts.later)
    seen = acts.filter(*found)
    rows = seen.select(
        "member", "seq", "at", "day", window=seen.month if rule.per == "month" else seen.day,
        points=in_ibis.award(rule.when, rule.points, seen), times=_whole(1),
        back=seen.taken_back.cast("int64"), **limits,
    )  # fmt: skip
    return _bare(rows.filter(rows.points > 0))


def _cooled(rows: Any) -> Any:
    """Without the acts that come too soon after one that passed.

    After a pause as long as the cool-down an act always passes, whatever was before; so time falls into runs
    without such a pause. Most are one act long. In the others the passing ones are found round by round: the
    first that is far enough from the last.
    """
    order = ibis.window(group_by=["slot", "member"], order_by="seq")
    gap = rows.at - rows.at.lag().over(order)
    rows = rows.mutate(starts=(gap.isnull() | (gap >= rows.cooldown)).cast("int64"))
    up_to_here = ibis.window(group_by=["slot", "member"], order_by="seq", preceding=None, following=0)
    rows = rows.mutate(run=rows.starts.sum().over(up_to_here))
    whole = ibis.window(group_by=["slot", "member", "run"])
    rows = rows.mutate(acts_in_run=rows.count().over(whole), since=rows.at - rows.at.min().over(whole))
    alone = rows.filter(rows.acts_in_run == 1)
    return _union([_bare(alone), _bare(_in_rounds(rows.filter(rows.acts_in_run > 1), whole))])


def _in_rounds(rows: Any, whole: Any) -> Any:
    same = ibis.window(group_by=["slot", "member", "run", "since"], order_by="seq")
    rows = rows.mutate(nth=ibis.row_number().over(same), last=_whole(0), passed=rows.since == 0)
    for _ in range(ROUNDS_MAX - 1):
        far_enough = ibis.ifelse(rows.since >= rows.last + rows.cooldown, rows.since, _whole(FAR))
        rows = rows.mutate(next=far_enough.min().over(whole))
        rows = rows.mutate(
            passed=rows.passed | (rows.since == rows.next),
            last=ibis.least(rows.next, _whole(FAR - 1) - rows.cooldown),
        )
    late = rows.since >= rows.last + rows.cooldown
    rows = rows.mutate(passed=rows.passed & (rows.nth == 0), unsure=late.cast("int64"))
    rows = rows.filter(rows.passed | (rows.unsure == 1))
    points, times = (ibis.ifelse(rows.passed, column, _whole(0)) for column in (rows.points, rows.times))
    return rows.mutate(points=points, times=times)


def _bare(rows: Any) -> Any:
    return rows.select(*ROW)


def _capped(rows: Any) -> Any:
    """With `award`: what the member's caps leave of the points, by sums up to here that stop at the cap."""
    so_far = ibis.window(group_by=["slot", "member", "window"], order_by="seq", preceding=None, following=0)
    rows = rows.mutate(sum_of_times=rows.times.sum().over(so_far), total=rows.points.sum().over(so_far))
    before = ibis.least(rows.cap_points, rows.total - rows.points)
    award = ibis.ifelse(
        rows.sum_of_times <= rows.cap_times, ibis.least(rows.cap_points, rows.total) - before, _whole(0)
    )
    rows = rows.select("slot", "member", "seq", "day", "points", "fund", "unsure", "back", award=award)
    return rows.filter(rows.seq > BEFORE_ALL)


def _funded(rows: Any, slots: list[int]) -> Any:
    """With awards cut where a rule's fund is used up, in order of arrival over all members."""
    if not slots:
        return rows
    limited = rows.filter(rows.slot.isin(slots), rows.award > 0)
    others = rows.filter(~(rows.slot.isin(slots) & (rows.award > 0)))
    so_far = ibis.window(group_by="slot", order_by="seq", preceding=None, following=0)
    limited = limited.mutate(total=limited.award.sum().over(so_far))
    left = ibis.least(limited.fund, limited.total) - ibis.least(limited.fund, limited.total - limited.award)
    limited = limited.mutate(award=left)
    names = ("slot", "member", "day", "points", "unsure", "back", "award")
    return _union([limited.select(*names), others.select(*names)])


def _month(day: Any, first_day: int, last_day: int) -> Any:
    """Which calendar month of the run a day is in, from 0: how many first days of months are behind it."""
    dates = (EPOCH + datetime.timedelta(days=number) for number in range(first_day + 1, last_day + 1))
    begins = [(date - EPOCH).days for date in dates if date.day == 1]
    return reduce(lambda months, begin: months + (day >= begin).cast("int64"), begins, _whole(0))


def _union(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=False)


def _whole(number: int) -> Any:
    return ibis.literal(number, type="int64")
