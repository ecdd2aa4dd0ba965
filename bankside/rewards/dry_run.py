"""A programme tried on what members have done: what it would have paid, to whom, what that costs.

One Ibis expression (`rules/replay.py`), which DuckDB computes here and Spark on a cluster, to the same
numbers. Cool-downs are exact as long as a member does not go on for more than ROUNDS_MAX awards of one rule
with never a pause as long as the cool-down; what comes after these in the same run is counted as `unsure` and
paid nothing. They rest on `at` never running backwards along `seq`, which the record sees to. Nothing is
posted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from bankside.late import ibis
from bankside.rewards.rules.act import Act
from bankside.rewards.rules.programme import Earn, Programme
from bankside.rewards.rules.replay import NoActivities, arrow, paid_to_members, shaped
from bankside.said import Said

DAYS_MAX: Final = 366
ROUNDS_MAX: Final = 8
FAR: Final = 2**62
SUFFIXES: Final = (".parquet", ".csv")
Engine = Literal["duckdb", "spark"]
__all__ = ["NoActivities", "Outcome", "RuleOutcome", "arrow", "engine", "read", "run", "table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """One rule: `cut` points lost to caps or the fund; `fund_gone_day` the day (since 1970) it ran out on."""

    rule: str
    points: int
    money: int
    awards: int
    members: int
    cut: int
    fund_gone_day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a programme would have done in `days` days up to `last_day` (days since 1970).

    `members` did something, `paid_members` got points. `top_share`: basis points of all points that went to
    the 1% of paid members with most. `winners`, `losers`, `same`: members that either programme pays, against
    the live one; None without one. `unsure`: acts whose cool-down was not followed to the end.
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
    rules: tuple[RuleOutcome, ...]
    live_points: int | None = None
    winners: int | None = None
    losers: int | None = None
    same: int | None = None


def run(programme: Programme, acts: Any, *, days: int = 30, live: Programme | None = None) -> Outcome:
    """Tries a programme on a table of acts (Ibis, from `read` or `table`), its last `days` days alone.

    With `live`, members are compared with what that one would have paid. NoActivities when there are none.
    """
    first_day, last_day = _days(acts, min(days, DAYS_MAX))
    past = acts.filter(acts.day >= first_day, acts.day <= last_day)
    counted = past.aggregate(acts=past.count(), members=past.member.nunique()).to_pyarrow().to_pylist()[0]
    with paid_to_members(programme, past, first_day, last_day).cache() as paid:
        rules, unsure = _by_rule(programme, paid)
        members = _by_member(paid)
        totals = _histogram(members)
        before = _by_member(paid_to_members(live, past, first_day, last_day)) if live else None
        compared = {} if before is None else _compared(members, before)
    points = sum(rule.points for rule in rules)
    return Outcome(
        activities=counted["acts"], members=counted["members"], days=last_day - first_day + 1,
        last_day=last_day, points=points, money=programme.money(points),
        awards=sum(rule.awards for rule in rules), paid_members=sum(totals.values()),
        top_share=_top_share(totals), rules=rules, unsure=unsure, **compared,
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


def read(there: Any, path: Path) -> Any:
    """Acts from a Parquet or CSV file, or a folder of one of these, as a table of a connection.

    Columns are named as the fields of an Act; those with a default may be missing.
    """
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in files if file.suffix in SUFFIXES]
    suffixes = {file.suffix for file in files}
    if len(suffixes) != 1 or not all(file.is_file() for file in files):
        raise NoActivities(Said("There is no Parquet or CSV file at %(path)s.", path=str(path)))
    names = [str(file) for file in files]
    if there.name == "pyspark":
        spark = there._session.read
        frame = spark.parquet(*names) if suffixes == {".parquet"} else spark.csv(names, header=True)
        frame.createOrReplaceTempView("bankside_acts")
        return shaped(there.table("bankside_acts"))
    return shaped(there.read_parquet(names) if suffixes == {".parquet"} else there.read_csv(names))


def table(there: Any, acts: Iterable[Act]) -> Any:
    """Acts of this process as a table of a connection."""
    return shaped(there.create_table("bankside_acts", arrow(acts), overwrite=True, temp=True))


def _days(acts: Any, days: int) -> tuple[int, int]:
    last = acts.day.max().to_pyarrow().as_py()
    if last is None:
        raise NoActivities(Said("There are no activities to try the programme on."))
    first = acts.day.min().to_pyarrow().as_py()
    return max(int(first), int(last) - days + 1), int(last)


def _by_rule(programme: Programme, paid: Any) -> tuple[tuple[RuleOutcome, ...], int]:
    """What each rule paid, and how many acts were unsure in all."""
    sums = paid.group_by("slot").aggregate(
        points=paid.points.sum(), awards=paid.awards.sum(), cut=paid.cut.sum(), last=paid.last_paid.max(),
        members=(paid.points > 0).cast("int64").sum(), unsure=paid.unsure.sum(),
    )  # fmt: skip
    rows = {row["slot"]: row for row in sums.to_pyarrow().to_pylist()}
    nothing = {"points": 0, "awards": 0, "cut": 0, "last": -1, "members": 0}
    outcomes = tuple(_rule(programme, rule, rows.get(rule.slot, nothing)) for rule in programme.earn)
    return outcomes, sum(row["unsure"] for row in rows.values())


def _rule(programme: Programme, rule: Earn, row: dict[str, Any]) -> RuleOutcome:
    gone = bool(rule.fund) and row["points"] >= rule.fund
    return RuleOutcome(
        rule=rule.id, points=row["points"], money=programme.money(row["points"]), awards=row["awards"],
        members=row["members"], cut=row["cut"], fund_gone_day=row["last"] if gone else None,
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
