"""A dry run gives what a plain loop over the same acts gives, on DuckDB and on Spark."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from bankside.rewards import dry_run
from bankside.rewards.rules.act import Act
from bankside.rewards.rules.programme import Programme, load
from bankside.rewards.rules.reading import Earning
from tests.rewards import past

# ibis 12 asks DuckDB 2 by an older name.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
THERE = {"pyspark": find_spec("pyspark"), "java": shutil.which("java")}
MISSING = ", ".join(f"{name} is not installed" for name, there in THERE.items() if not there)


@pytest.fixture(scope="module")
def acts() -> list[Act]:
    return past.acts(3, members=40, count=4_000)


def tried(
    programme: Programme, acts: list[Act], live: Programme | None = None, days: int = 60
) -> dry_run.Outcome:
    with dry_run.engine("duckdb") as there:
        return dry_run.run(programme, dry_run.table(there, past.happened(acts)), days=days, live=live)


def expected(programme: Programme, acts: list[Act]) -> dict[str, tuple[int, int, int]]:
    """rule -> points, awards, members."""
    found: dict[str, tuple[int, int, int]] = {rule.id: (0, 0, 0) for rule in programme.earn}
    for (rule, _), (points, awards) in past.paid(programme, acts).items():
        before = found[rule]
        found[rule] = (before[0] + points, before[1] + awards, before[2] + 1)
    return found


def by_member(programme: Programme, acts: list[Act]) -> dict[int, int]:
    totals: dict[int, int] = defaultdict(int)
    for (_, member), (points, _) in past.paid(programme, acts).items():
        totals[member] += points
    return dict(totals)


def changed(*pairs: tuple[str, str]) -> Programme:
    """The sample programme with some of its words replaced."""
    text = past.SAMPLE.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return load(text)


TIGHT = (
    ("fund = 2_000_000", "fund = 700"),
    ("fund = 5_000_000", "fund = 1_010"),
    ('cooldown = "10m"', 'cooldown = "40m"'),
    ('cooldown = "1h"', 'cooldown = "3h"'),
    ("cap = {points = 300, times = 20", "cap = {points = 77, times = 2"),
)


@pytest.mark.parametrize("tight", [False, True])
def test_it_pays_what_a_plain_loop_pays(acts: list[Act], tight: bool) -> None:
    programme = changed(*TIGHT) if tight else past.sample()
    outcome = tried(programme, acts)
    assert {r.rule: (r.points, r.awards, r.members) for r in outcome.rules} == expected(programme, acts)
    totals = by_member(programme, acts)
    assert (outcome.points, outcome.paid_members) == (sum(totals.values()), len(totals))
    assert outcome.unsure == 0
    assert outcome.money == programme.money(outcome.points)
    assert outcome.top_share == max(totals.values()) * 10_000 // outcome.points
    assert {r.rule for r in outcome.rules if r.fund_gone_day} == (
        {"festival-post", "scam-report"} if tight else set()
    )


def test_winners_and_losers_are_counted_against_the_live_programme(acts: list[Act]) -> None:
    programme, live = changed(*TIGHT), past.sample()
    outcome = tried(programme, acts, live)
    now, before = by_member(programme, acts), by_member(live, acts)
    changes = [now.get(member, 0) - before.get(member, 0) for member in now.keys() | before.keys()]
    assert outcome.live_points == sum(before.values())
    assert outcome.losers == len([change for change in changes if change < 0]) > 0
    assert outcome.winners == len([change for change in changes if change > 0])
    assert outcome.same == changes.count(0)


def test_only_the_last_days_count(acts: list[Act]) -> None:
    last = max(act.day for act in acts)
    some = [act for act in acts if act.day > last - 7]
    outcome = tried(past.sample(), acts, days=7)
    assert (outcome.days, outcome.activities) == (7, len(some))
    assert {r.rule: (r.points, r.awards, r.members) for r in outcome.rules} == expected(past.sample(), some)


def replies(*moments: int) -> list[Act]:
    """Replies of one member that the sample programme pays for, at these milliseconds."""
    return [
        Act(
            source=f"e:{n}", seq=n, member=1, network="x", kind="reply", at=at, day=0, own_thread=True,
            text_len=50, quality=90, account_age=400,
        )
        for n, at in enumerate(moments)
    ]  # fmt: skip


def test_exactly_after_the_cool_down_an_act_counts_again() -> None:
    outcome = tried(past.sample(), replies(0, 300_000, 600_000, 1_199_999, 1_200_000))
    assert outcome.rules[0].awards == 3


def test_a_long_run_of_acts_is_not_guessed_but_counted() -> None:
    """Every nine minutes with a cool-down of ten: each second one passes, and after some nobody looks."""
    acts = replies(*range(0, 40 * 540_000, 540_000))
    few = tried(past.sample(), acts[:15])
    assert (few.unsure, few.rules[0].awards) == (0, expected(past.sample(), acts[:15])["useful-reply"][1])
    assert tried(past.sample(), acts).unsure > 0


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_files_and_folders_are_read(acts: list[Act], tmp_path: Path, suffix: str) -> None:
    rows = dry_run.arrow(past.happened(acts))
    halves = [rows.slice(0, 2_000), rows.slice(2_000)]
    for number, half in enumerate(halves):
        file = tmp_path / f"{number}{suffix}"
        if suffix == ".csv":
            pyarrow.csv.write_csv(half, file)
        else:
            pyarrow.parquet.write_table(half, file)
    with dry_run.engine("duckdb") as there:
        outcome = dry_run.run(past.sample(), dry_run.read(there, tmp_path), days=60)
    assert outcome == tried(past.sample(), acts)


def test_what_cannot_be_tried_is_said(tmp_path: Path) -> None:
    with dry_run.engine("duckdb") as there:
        with pytest.raises(dry_run.NoActivities, match="no Parquet or CSV"):
            dry_run.read(there, tmp_path)
        pyarrow.parquet.write_table(pyarrow.table({"seq": [1], "member": [2]}), tmp_path / "a.parquet")
        with pytest.raises(dry_run.NoActivities, match="kind, at, day"):
            dry_run.read(there, tmp_path)
        with pytest.raises(dry_run.NoActivities, match="no activities"):
            dry_run.run(past.sample(), dry_run.table(there, ()))


def test_columns_with_a_default_may_be_missing(tmp_path: Path) -> None:
    rows = pyarrow.table(
        {"seq": [1, 2], "member": [7, 8], "kind": ["poll", "quiz"], "at": [0, 1], "day": [9, 9]}
    )
    pyarrow.parquet.write_table(rows, tmp_path / "a.parquet")
    with dry_run.engine("duckdb") as there:
        assert dry_run.run(past.sample(), dry_run.read(there, tmp_path / "a.parquet")).points == 20


@pytest.mark.long
@pytest.mark.network
@pytest.mark.timeout(900)
@pytest.mark.skipif(bool(MISSING), reason=MISSING)
@pytest.mark.filterwarnings("ignore")
def test_spark_gives_the_same_numbers(acts: list[Act], tmp_path: Path) -> None:
    pyarrow.parquet.write_table(dry_run.arrow(past.happened(acts)), tmp_path / "acts.parquet")
    programme = changed(*TIGHT)
    with dry_run.engine("spark") as there:
        outcome = dry_run.run(programme, dry_run.read(there, tmp_path), days=60, live=past.sample())
    assert outcome == tried(programme, acts, past.sample())
    assert outcome.points > 0


def test_a_cap_that_is_not_kept_would_be_found(acts: list[Act]) -> None:
    programme = past.sample()
    loose = replace_cap(programme)
    assert expected(loose, acts) != expected(programme, acts)


def replace_cap(programme: Programme) -> Programme:
    rules = tuple(replace(r, cap_times=r.cap_times + 1, cap_points=r.cap_points + 1) for r in programme.earn)
    return replace(programme, earn=rules, earning=Earning(rules))
