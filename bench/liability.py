"""What is owed to all members, by unit, state and vintage, over so many buckets of points, beside a bare sum
over the same rows.

Every member has points that settle within days and points that expire at the ends of sixty months, as after
years of earning, and one credit of money. On PostgreSQL, give BANKSIDE_DATABASE_URL as for the
other benches.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.desk import empty_desk

ROUNDS = 3
EACH = 66  # buckets of a member: five days, sixty months, one credit
POINTS_MAX = 997
SQLITE = "with recursive rows(n) as (select 0 union all select n + 1 from rows where n + 1 < {size})"
POSTGRESQL = "with rows as (select n from generate_series(0, {size} - 1) as all_of(n))"
# A member's buckets lie together, as the key of the table has them.
FILL = """
    insert into rewards_bucket (member, unit, state, due, points) {rows}
    select n / {each}, case when n % {each} = 65 then 'KRW' else 'pt' end,
        case when n % {each} < 5 then 'pending' else 'available' end,
        case when n % {each} < 5 then 20800 + n % {each} else 683 + n % {each} end, 1 + n % {most}
    from rows"""


def measure(size: int) -> dict[str, float]:
    """`size` buckets: `liability-seconds` of telling what is owed, the median of three; `liability-ratio`:
    how many bare sums over the same rows that takes, each right after ours; `liability-wrong`: points by
    which all vintages together differ from what was put in."""
    with empty_desk():
        _fill(size)
        pairs = [(_seconds(_owed), _seconds(_sum)) for _ in range(ROUNDS)]
        wrong = abs(sum(one.points for one in _owed()) - sum(1 + n % POINTS_MAX for n in range(size)))
    return {
        "liability-seconds": median(ours for ours, _ in pairs),
        "liability-ratio": median(ours / bare for ours, bare in pairs),
        "liability-wrong": float(wrong),
    }


def _fill(size: int) -> None:
    from django.db import connection

    on_postgresql = connection.vendor == "postgresql"
    rows = (POSTGRESQL if on_postgresql else SQLITE).format(size=size)
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(rows=rows, each=EACH, most=POINTS_MAX))
        cursor.execute("analyze")


def _owed() -> list[Any]:
    from bankside.rewards.ledger import balance

    return balance.liability()


def _sum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select sum(points), count(*) from rewards_bucket where points > 0")
        cursor.fetchall()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
