"""The figures of a desk with many facts as a page asks for them; and of a long history out of files.

The page's figures are compared with the least that they can cost: the same rows handed over by the database
once. Rounds alternate and the median ratio counts, because machines are shared.
"""

from __future__ import annotations

import datetime
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from bench.desk import empty_desk

ROUNDS = 7
ACTIVITIES_PER_FACT = 500  # of the desk whose page is measured beside a history of so many activities
FACTS_MIN, FACTS_MAX = 4_000, 200_000
SAMPLE_MAX = 10_000_000
ZONE = "Asia/Seoul"
BEGAN_MS = 1_784_300_400_000
DAYS = 364

# What others did; a fifth as many conversations and a tenth as many words of ours belong to them.
ACTS = """
copy (
  select n, cast(floor(random() * 4) as bigint) as verb, cast(1 as bigint) as times,
    case when n % 5 = 0 then cast(5000 as bigint) end as price, {began} + n * {step} as "at",
    'c' || (n % 7) as channel, 'net' || (n % 5) as network, ['KR', 'CN', 'NL'][1 + n % 3] as market,
    ['ko', 'zh', 'nl', 'en'][1 + cast(floor(random() * 4) as bigint)] as lang
  from range({rows}) as rows(n)
) to '{file}' (format parquet)
"""
TALKS = """
copy (
  select n, cast(random() < 0.25 as bigint) as private, cast(random() < 0.2 as bigint) as turn,
    began as opened_at, cast(random() < 0.9 as bigint) as asked, began + 900000 as due_at,
    case when random() < 0.9 then began + cast(exp(10 + 5 * random()) as bigint) else 0 end as answered_at,
    cast(1 + floor(random() * 3) as bigint) as answer_by, cast(random() < 0.3 as bigint) as answer_private,
    cast(random() < 0.1 as bigint) as moved,
    case when random() < 0.8 then began + cast(exp(16 + 4 * random()) as bigint) else 0 end as closed_at,
    began as "at", 'c' || (n % 7) as channel, 'net' || (n % 5) as network,
    ['KR', 'CN', 'NL'][1 + n % 3] as market, ['ko', 'zh', 'nl', 'en'][1 + n % 4] as lang
  from (select n, {began} + n * {step} as began from range({rows}) as rows(n))
) to '{file}' (format parquet)
"""
POSTS = """
copy (
  select n, cast(random() < 0.9 as bigint) as answers, cast(floor(random() * 4) as bigint) as meant,
    cast(random() < 0.3 as bigint) as private, case when n % 5 = 0 then cast(15000 as bigint) end as price,
    case when n % 2 = 0 then cast(random() * 1000 as bigint) end as reach,
    case when n % 3 > 0 then cast(random() * 90 as bigint) end as likes,
    case when n % 3 > 0 then cast(random() * 20 as bigint) end as shares,
    case when n % 3 > 1 then cast(random() * 20 as bigint) end as comments,
    cast(random() * 9 as bigint) as seen_likes, cast(random() * 3 as bigint) as seen_shares,
    cast(random() * 3 as bigint) as seen_comments, {began} + n * {step} as "at",
    'c' || (n % 7) as channel, 'net' || (n % 5) as network, ['KR', 'CN', 'NL'][1 + n % 3] as market,
    ['ko', 'zh', 'nl', 'en'][1 + n % 4] as lang
  from range({rows}) as rows(n)
) to '{file}' (format parquet)
"""
STEPS = """
copy (
  select n, cast(floor(random() * 8) as bigint) as what, cast(random() * 900 as bigint) as amount,
    {began} + n * {step} as "at", '' as channel, 'net' || (n % 5) as network, '' as market, '' as lang
  from range({rows}) as rows(n)
) to '{file}' (format parquet)
"""
TABLES = {"acts": (ACTS, 1), "talks": (TALKS, 5), "posts": (POSTS, 10), "steps": (STEPS, 100)}
# What a page shows: everything once, beside the days before, its course by day, and by network.
DRAWN = (
    ("first-answer", "day"), ("first-answer", "network"), ("opened", "network"), ("answered", "network"),
    ("purpose-contact", "network"), ("purpose-relations", "network"), ("purpose-information", "network"),
    ("purpose-brand", "network"), ("reach-per-post", "network"),
)  # fmt: skip


def measure(size: int) -> dict[str, float]:
    """`size` activities in files: `measures-seconds` for every expression over all of them, by network, on
    DuckDB with two threads. `measures-page`: the CPU of a page's figures over a desk, in multiples of the
    CPU of reading the same rows. `measures-week-ms`, `measures-four-weeks-ms`, `measures-quarter-ms`: CPU of
    the whole page over them, from its address to its HTML; `measures-unusual-ms`: of what comes after it.

    With BANKSIDE_BENCH_SPARK=1 a sample on Spark as well: `measures-spark-seconds`, and how many rows of
    figures are others there as `measures-spark-other`.
    """
    figures = _history(size)
    with empty_desk():
        return figures | _page(max(FACTS_MIN, min(FACTS_MAX, size // ACTIVITIES_PER_FACT)))


def _history(activities: int) -> dict[str, float]:
    from bankside.measures import period

    first = datetime.datetime.fromtimestamp(BEGAN_MS / 1000, datetime.UTC).date()
    half = datetime.timedelta(days=DAYS // 2)
    # the first half of the year is what the second is compared with: every row is counted
    span = period.chosen(first + half, first + 2 * half, ZONE)
    with _invented(activities) as folder:
        _, seconds = _counted("duckdb", folder, span)
    figures = {"measures-seconds": seconds, "measures-rate": activities / seconds}
    if os.environ.get("BANKSIDE_BENCH_SPARK"):
        with _invented(min(activities, SAMPLE_MAX)) as folder:
            counted, _ = _counted("duckdb", folder, span)
            other, figures["measures-spark-seconds"] = _counted("spark", folder, span)
        different = [row for name in counted for row in counted[name] if row not in other[name]]
        figures["measures-spark-other"] = len(different)
    return figures


def _counted(name: Any, folder: Path, span: Any) -> tuple[Any, float]:
    from bankside.measures import at_scale

    with at_scale.engine(name) as there:
        if name == "duckdb":
            there.raw_sql("set threads = 2")
            there.raw_sql("set enable_progress_bar = false")
        started, worked = time.perf_counter(), time.process_time()
        counted = at_scale.count(there, folder, span, as_of=span.end_ms, group="network")
        seconds = time.perf_counter() - started
        print(f"{name}: {seconds:.1f} s, {time.process_time() - worked:.1f} s of this process's CPU")
        return counted, seconds


@contextmanager
def _invented(activities: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bankside-bench-") as name, duckdb.connect(":memory:") as there:
        there.execute("set threads = 2")
        there.execute("set enable_progress_bar = false")
        there.execute("select setseed(0.26)")
        for table, (sql, part) in TABLES.items():
            (Path(name) / table).mkdir()
            rows = max(1, activities // part)
            file = Path(name) / table / "year.parquet"
            step = DAYS * 86_400_000 // rows
            there.execute(sql.format(began=BEGAN_MS, step=step, rows=rows, file=file))
        yield Path(name)


# --- the page --------------------------------------------------------------------------------------------
def _page(facts: int) -> dict[str, float]:
    from bankside.measures import period
    from bankside.measures.projections import COUNTS
    from bankside.record import projection
    from bankside.record.lane import lane_count
    from tests.measures import generated

    generated.desk(facts)
    for lane in range(lane_count()):
        while projection.catch_up(COUNTS, lane):
            pass
    last = datetime.date(2026, 11, 8)
    spans = {
        name: period.chosen(last - datetime.timedelta(days=days - 1), last, ZONE)
        for name, days in (("week", 7), ("four-weeks", 28), ("quarter", 91))
    }
    figures = _whole_pages(spans)
    ratios = []
    for _ in range(ROUNDS):
        ratios.append(_cpu(lambda: _shown(spans["quarter"]), 1) / _cpu(lambda: _handed(spans["quarter"]), 1))
    told = ", ".join(f"{name.split('-', 1)[1]} {value:.0f}" for name, value in figures.items())
    print(f"{facts:,} facts: {told}")
    return figures | {"measures-page": statistics.median(ratios)}


def _whole_pages(spans: dict[str, Any]) -> dict[str, float]:
    """CPU of pages as somebody of compliance opens them: nothing is kept of what was looked for before."""
    from django.test import Client

    from bankside.people import staff
    from bankside.web.measured import unusual

    browser = Client()
    who = staff.add("bench@hanulbank.example", "Bench", role="compliance")
    browser.force_login(who, backend="bankside.people.sign_in.StaffBackend")

    def opened(path: str, span: Any) -> None:
        unusual.forget()
        days = {"period": "chosen", "first": span.first.isoformat(), "last": span.last.isoformat()}
        answer = browser.get(path, days)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")

    opened("/measures/", spans["week"])  # what a process does once is not in it
    pages = {name: 1000 * _cpu(partial(opened, "/measures/", span)) for name, span in spans.items()}
    after = 1000 * _cpu(partial(opened, "/measures/unusual/", spans["week"]))
    return {f"measures-{name}-ms": ms for name, ms in pages.items()} | {"measures-unusual-ms": after}


def _shown(span: Any) -> Any:
    from bankside.measures import figures, places
    from bankside.measures.definitions import MEASURES

    found = figures.counted(span, figures.Filters(), places.every())
    for id in MEASURES:
        found.one(id), found.one(id, before=True), found.course(id)
    for id, group in DRAWN:
        found.by(id, group)
    found.close()
    return found


def _handed(span: Any) -> int:
    """Every row of both spans, all columns, as the database hands them over."""
    from django.db import connection

    moments = {"talk": "opened_at", "outgoing": "at", "incoming": "at", "step": "at"}
    rows = 0
    with connection.cursor() as cursor:
        for table, at in moments.items():
            between = [span.before().start_ms, span.end_ms]
            cursor.execute(f"select * from measures_{table} where {at} >= %s and {at} < %s", between)
            rows += len(cursor.fetchall())
    return rows


def _cpu(act: Callable[[], Any], times: int = ROUNDS) -> float:
    """Seconds of this process, the median."""

    def once() -> float:
        started = time.process_time()
        act()
        return time.process_time() - started

    return statistics.median(once() for _ in range(times))
