"""A programme tried on thirty days of what members did, on DuckDB, and on Spark where that is installed.

Full size is 1,000,000 members with 7,000,000 acts: `python -m bench --long dry_run`.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import duckdb

from bankside.rewards import dry_run
from bankside.rewards.dry_run import Engine, Outcome
from bankside.rewards.rules.programme import Programme, load

DAYS = 30
ACTS_OF_A_MEMBER = 7
SAMPLE = Path(__file__).resolve().parent.parent / "bankside/rewards/rules/sample.toml"

# Few members do much; what they do falls evenly over the days; `seq` and `at` rise together.
INVENTED = """
copy (
  select n as seq, cast(floor({members} * pow(random(), 3)) as bigint) as member, 'examplenet' as network,
    moment as "at", moment // 86400000 as day, kind, 'platform' as evidence, 'ko' as lang,
    case when kind in ('post', 'share') then 'festival-26' else '' end as campaign,
    random() < 0.01 as taken_back,
    random() < 0.9 as own_thread, random() < 0.8 as disclosed, random() < 0.1 as first,
    cast(random() * 300 as bigint) as text_len, cast(40 + random() * 60 as bigint) as quality,
    cast(random() * 1500 as bigint) as account_age, cast(random() * 6 as bigint) as depth,
    (moment // 3600000) % 24 as hour, cast(random() * 30 as bigint) as active_days,
    cast(random() * 3 as bigint) as tier,
    cast(random() * 120 as bigint) as tenure, cast(random() * 60000 as bigint) as amount, 5814 as mcc
  from (
    select n, 1784300400000 + n * {step} as moment,
      ['reply', 'reply', 'reply', 'purchase', 'purchase', 'purchase', 'poll', 'post', 'share', 'feedback',
       'report']
        [1 + cast(floor(random() * 11) as bigint)] as kind
    from range({acts}) as rows(n)
  )
) to '{file}' (format parquet)
"""


def measure(size: int) -> dict[str, float]:
    """`size` members: `dry-run-seconds`, and the rate in activities a second as `dry-run-rate`.

    With BANKSIDE_BENCH_SPARK=1 the same on Spark: `dry-run-spark-seconds`; it fails when a total is another.
    """

    programme = load(SAMPLE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="bankside-bench-") as folder:
        path = Path(folder) / "acts.parquet"
        _invent(path, size)
        outcome, seconds = _tried("duckdb", programme, path)
        figures = {"dry-run-seconds": seconds, "dry-run-rate": outcome.activities / seconds}
        print(f"{outcome.activities:,} activities, {outcome.members:,} members, {outcome.points:,} points")
        if os.environ.get("BANKSIDE_BENCH_SPARK"):
            other, figures["dry-run-spark-seconds"] = _tried("spark", programme, path)
            assert other == outcome, (other, outcome)
    return figures


def _tried(name: Engine, programme: Programme, path: Path) -> tuple[Outcome, float]:
    with dry_run.engine(name) as there:
        started = time.perf_counter()
        outcome = dry_run.run(programme, dry_run.read(there, path), days=DAYS)
        return outcome, time.perf_counter() - started


def _invent(path: Path, members: int) -> None:
    acts = members * ACTS_OF_A_MEMBER
    with duckdb.connect(":memory:") as there:
        there.execute("set threads = 1")
        there.execute("select setseed(0.26)")
        there.execute(INVENTED.format(members=members, acts=acts, step=DAYS * 86_400_000 // acts, file=path))
