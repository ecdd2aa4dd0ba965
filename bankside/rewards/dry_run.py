"""A programme tried on what members have done: what it would have paid, to whom, what that costs.

One Ibis expression (`rules/replay.py`), which DuckDB computes here and Spark on a cluster, to the same
numbers. Cool-downs are exact as long as a member does not go on for more than `replay.ROUNDS_MAX` awards of
one rule with never a pause as long as the cool-down; what comes after these in the same run is counted as
`unsure` and paid nothing. They rest on `at` never running backwards along `seq`, which the record sees to.
Nothing is posted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from bankside.late import ibis
from bankside.rewards import acts_folder
from bankside.rewards.rules.programme import Earn, Programme
from bankside.rewards.rules.replay import (
    Before,
    Happened,
    NoActivities,
    Used,
    arrow,
    arrow_used,
    paid_to_members,
    shaped,
)
from bankside.said import Said

DAYS_MAX: Final = 366
SUFFIXES: Final = (".parquet", ".csv")
Engine = Literal["duckdb", "spark"]
__all__ = ["NoActivities", "Outcome", "Past", "RuleOutcome", "arrow", "engine", "read", "run", "table"]


class Past(NamedTuple):
    """What members did, as one programme sees it: `acts` (Ibis), and how things stood before them.

    `days`: the first and the last day that were looked at (since 1970); None where only the acts are known.
    `sha256`: the programme for which they were written; "" where that is not known.
    """

    acts: Any
    before: Before = Before()
    days: tuple[int, int] | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """One rule: `cut` points lost to caps or the fund, `taken_back` points that did not stay; `fund_gone_day`
    the day (since 1970) it ran out on."""

    rule: str
    points: int
    money: int
    awards: int
    members: int
    cut: int
    taken_back: int
    fund_gone_day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a programme would have done in `days` days up to `last_day` (days since 1970).

    `members` did something, `paid_members` got points. `points` and `money` are without `taken_back`: what
    was deleted, or paid and given back, while its points were held. `top_share`: basis points of all points
    that went to the 1% of paid members with most. `winners`, `losers`, `same`: members that either programme
    pays, against the live one; None without one. `unsure`: acts whose cool-down was not followed to the end.
    """

    activities: int
    members: int
    days: int
    last_day: int
    points: int
    money: int
    awards: int
    paid_members: int
    top_share: int
    unsure: int
    taken_back: int
    rules: tuple[RuleOutcome, ...]
    live_points: int | None = None
    winners: int | None = None
    losers: int | None = None
    same: int | None = None


def run(
    programme: Programme, past: Past, *, days: int = 0, live: Programme | None = None,
    live_past: Past | None = None,
) -> Outcome:  # fmt: skip
    """Tries a programme on what members did (from `read` or `table`); with `days` on its last so many alone.

    With `live`, members are compared with what that one would have paid for `live_past`, which is what
    members did as that one sees it; the same when it is not given. NoActivities when there are none.
    """
    first_day, last_day = _days(past, days)
    acts = past.acts.filter(past.acts.day >= first_day, past.acts.day <= last_day)
    done = acts.filter(~acts.later)
    counted = done.aggregate(acts=done.count(), members=done.member.nunique()).to_pyarrow().to_pylist()[0]
    with paid_to_members(programme, acts, first_day, last_day, past.before).cache() as paid:
        rules, unsure = _by_rule(programme, paid, past.before.funds)
        members = _by_member(paid)
        totals = _histogram(members)
        compared = _against(live, live_past or past, members, first_day, last_day) if live else {}
    points = sum(rule.points for rule in rules)
    return Outcome(
        activities=counted["acts"], members=counted["members"], days=last_day - first_day + 1,
        last_day=last_day, points=points, money=programme.money(points),
        awards=sum(rule.awards for rule in rules), paid_members=sum(totals.values()),
        top_share=_top_share(totals), rules=rules, unsure=unsure,
        taken_back=sum(rule.taken_back for rule in rules), **compared,
    )  # fmt: skip


@contextmanager
def engine(name: Engine) -> Iterator[Any]:
    """A connection to DuckDB inside this process, or to a Spark that is started for it or was configured."""
    if name == "spark":
        with _spark() as there:
            yield there
        return
    with tempfile.TemporaryDirectory(prefix="bankside-dry-run-") as folder:
        there = ibis.duckdb.connect(
            temp_directory=folder, autoinstall_known_extensions=False, preserve_insertion_order=False
        )
        try:
            yield there
        finally:
            there.disconnect()


def read(there: Any, path: Path) -> Past:
    """What members did, from a Parquet or CSV file, a folder of one of these, or what `programme acts` wrote.

    Columns are named as the fields of an Act; those with a default may be missing. Raises NoActivities.
    """
    if (written := acts_folder.manifest_of(path)) is not None:
        used = _loaded(there, [path / acts_folder.USED], _fresh())
        return Past(
            shaped(_loaded(there, [path / acts_folder.ACTS], _fresh())), Before(used, written.funds),
            (written.first_day, written.last_day), written.programme,
        )  # fmt: skip
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in files if file.suffix in SUFFIXES]
    if len({file.suffix for file in files}) != 1 or not all(file.is_file() for file in files):
        raise NoActivities(Said("There is no Parquet or CSV file at %(path)s.", path=str(path)))
    return Past(shaped(_loaded(there, files, _fresh())))


def table(
    there: Any, done: Iterable[Happened], *, used: Iterable[Used] = (),
    funds: Mapping[str, int] | None = None, days: tuple[int, int] | None = None,
) -> Past:  # fmt: skip
    """What members did and had before, from this process, as tables of a connection."""
    acts = there.create_table(_fresh(), arrow(done), temp=True)
    before = there.create_table(_fresh(), arrow_used(used), temp=True)
    return Past(shaped(acts), Before(before, funds or {}), days)


_numbers = count(1)


def _fresh() -> str:
    """A name that no other table of a connection has."""
    return f"bankside_{next(_numbers)}"


def _loaded(there: Any, files: list[Path], name: str) -> Any:
    """Files of one kind as a table of a connection."""
    names, parquet = [str(file) for file in files], files[0].suffix == ".parquet"
    if there.name != "pyspark":
        return there.read_parquet(names) if parquet else there.read_csv(names)
    spark = there._session.read
    frame = spark.parquet(*names) if parquet else spark.csv(names, header=True)
    frame.createOrReplaceTempView(name)
    return there.table(name)


def _days(past: Past, days: int) -> tuple[int, int]:
    """The days that are played. What was used before the first day holds for this one alone."""
    if past.days is not None:
        return past.days
    last = past.acts.day.max().to_pyarrow().as_py()
    if last is None:
        raise NoActivities(Said("There are no activities to try the programme on."))
    first = past.acts.day.min().to_pyarrow().as_py()
    return max(int(first), int(last) - min(days or DAYS_MAX, DAYS_MAX) + 1), int(last)


def _against(live: Programme, past: Past, members: Any, first_day: int, last_day: int) -> dict[str, int]:
    acts = past.acts.filter(past.acts.day >= first_day, past.acts.day <= last_day)
    return _compared(members, _by_member(paid_to_members(live, acts, first_day, last_day, past.before)))


def _by_rule(
    programme: Programme, paid: Any, funds: Mapping[str, int]
) -> tuple[tuple[RuleOutcome, ...], int]:
    """What each rule paid, and how many acts were unsure in all."""
    sums = paid.group_by("slot").aggregate(
        points=paid.points.sum(), awards=paid.awards.sum(), cut=paid.cut.sum(), back=paid.back.sum(),
        last=paid.last_paid.max(), members=(paid.points > 0).cast("int64").sum(), unsure=paid.unsure.sum(),
    )  # fmt: skip
    rows = {row["slot"]: row for row in sums.to_pyarrow().to_pylist()}
    nothing = {"points": 0, "awards": 0, "cut": 0, "back": 0, "last": -1, "members": 0}
    outcomes = tuple(
        _rule(programme, rule, rows.get(rule.slot, nothing), funds.get(rule.id, 0)) for rule in programme.earn
    )
    return outcomes, sum(row["unsure"] for row in rows.values())


def _rule(programme: Programme, rule: Earn, row: dict[str, Any], paid_before: int) -> RuleOutcome:
    """What is taken back does not come back into a fund."""
    gone = rule.fund and row["points"] + row["back"] + paid_before >= rule.fund and row["last"] >= 0
    return RuleOutcome(
        rule=rule.id, points=row["points"], money=programme.money(row["points"]), awards=row["awards"],
        members=row["members"], cut=row["cut"], taken_back=row["back"],
        fund_gone_day=row["last"] if gone else None,
    )  # fmt: skip


def _by_member(paid: Any) -> Any:
    totals = paid.group_by("member").aggregate(points=paid.points.sum())
    return totals.filter(totals.points > 0)


def _histogram(members: Any) -> dict[int, int]:
    """Points -> how many members got so many; few rows, however many members."""
    counts = members.group_by("points").aggregate(members=members.count())
    return {row["points"]: row["members"] for row in counts.to_pyarrow().to_pylist()}


def _top_share(totals: dict[int, int]) -> int:
    """Basis points of everything that the one member in a hundred with most has, rounded down."""
    left = -(-sum(totals.values()) // 100)
    everything, top = sum(points * members for points, members in totals.items()), 0
    for points in sorted(totals, reverse=True):
        some = min(left, totals[points])
        top, left = top + some * points, left - some
    return top * 10_000 // everything if everything else 0


def _compared(members: Any, live: Any) -> dict[str, int]:
    there = live.select(other=live.member, before=live.points)
    both = members.outer_join(there, members.member == there.other)
    now, before = both.points.fill_null(0), both.before.fill_null(0)
    row = both.aggregate(
        winners=(now > before).cast("int64").sum(), losers=(now < before).cast("int64").sum(),
        same=(now == before).cast("int64").sum(), live_points=before.sum(),
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    return {name: int(value or 0) for name, value in row.items()}


@contextmanager
def _spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("bankside dry run").config("spark.ui.enabled", "false")
    session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    if str(session.sparkContext.master).startswith("local"):
        # Spark makes 200 parts of everything unless told otherwise: right for a cluster, slow on one machine.
        session.conf.set("spark.sql.shuffle.partitions", str(session.sparkContext.defaultParallelism))
    try:
        yield ibis.pyspark.connect(session)
    finally:
        session.stop()
