"""Many at once: hot members, overlapping duplicates, one fund. No cap is passed, and nothing is paid
twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from django.db import connection

from bankside.record.log.verify import Report
from bankside.rewards.ledger import audit, buckets, claw, post, settle, spend
from bankside.rewards.ledger.candidate import Terms
from bankside.rewards.models import Batch, Cap
from tests.rewards import ledger_acts as acts
from tests.rewards.decisions import decisions
from tests.rewards.ledger_acts import DAY_MS, START, candidate, in_one, member, sql

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
CAPPED = Terms(programme=1, rule="reply", cap_points=20, cap_times=3)
FUND = Terms(programme=1, rule="scam-report", cap_points=90, per="month", fund=500)


@pytest.mark.parametrize(
    ("batches", "each", "hot"), [(24, 30, 6), pytest.param(160, 120, 40, marks=pytest.mark.long)]
)
def test_no_cap_and_no_fund_is_passed_and_nothing_is_paid_twice(batches: int, each: int, hot: int) -> None:
    many = [member() for _ in range(hot)]
    all_acts = acts.acts(5, many, batches * each // 3, (CAPPED, FUND))
    overlapping = [all_acts[n * each // 4 % len(all_acts) :][:each] for n in range(batches)]
    at_once([partial(in_one, partial(post.post, some)) for some in overlapping])
    by_day = sql("select member, due, sum(points), count(*) from rewards_posting"
                 " where rule = 'reply' and kind = 'earn' group by member, due")  # fmt: skip
    assert [row for row in by_day if row[2] > 20 or row[3] > 3] == []
    [(paid,)] = sql("select coalesce(sum(points), 0) from rewards_posting where rule = 'scam-report'")
    assert paid <= 500 and Cap.objects.get(scope="fund").used == paid
    asked = {(c.source, c.terms.rule) for some in overlapping for c in some}
    assert Counter((one.source, one.rule) for one in decisions()) == Counter(asked)
    sound()


@pytest.mark.parametrize("how_many", [240, pytest.param(6_000, marks=pytest.mark.long)])
def test_four_workers_that_share_the_members_out_do_as_one_does(how_many: int) -> None:
    """Two sets of members do the same; one worker posts for the first, four for the second."""
    found = []
    for workers in (1, 4):
        many = [member() for _ in range(12)]
        asked = [
            msgspec.structs.replace(c, source=f"{workers}{c.source}") for c in acts.acts(8, many, how_many)
        ]
        shards = [[c for c in asked if many.index(c.member) % workers == one] for one in range(workers)]
        at_once([partial(acts.posted, shard, 25) for shard in shards])
        rows = [row for row in acts.journal() if row[0].startswith(f"{workers}a:")]
        found.append([(row[0][1:], *row[1:5], many.index(row[5]), *row[6:]) for row in rows])
        sound()
    assert found[0] == found[1]


def test_points_are_spent_once_however_many_ask() -> None:
    who = member()
    in_one(partial(spend.credit, who, "pt", 100, source="t:1", rule="cafe", at=START))
    at_once([partial(quietly, f"r:{n // 2}", who) for n in range(32)])
    [(left,)] = sql("select coalesce(sum(points), 0) from rewards_bucket")
    [(spent,)] = sql("select coalesce(sum(points), 0) from rewards_posting where kind = 'redeem'")
    assert (left, spent) == (2, 98)
    sound()


def test_settling_and_taking_back_at_the_same_time_end_in_one_of_both() -> None:
    many = [member() for _ in range(4)]
    asked = [
        candidate(f"e:{n}", many[n % 4], 1, seq=n, terms=Terms(programme=1, rule="r")) for n in range(40)
    ]
    in_one(partial(post.post, asked))
    later = START + 9 * DAY_MS
    settling = [partial(in_one, partial(settle.settle_due, later, 7)) for _ in range(8)]
    taking = [partial(in_one, partial(claw.claw_back, c.source, START)) for c in asked]
    fraud = [partial(in_one, partial(claw.reverse, c.source, START)) for c in asked[::3]]
    mixed = [act for acts_ in zip(taking, [*settling, *fraud, *taking], strict=False) for act in acts_]
    at_once(mixed)
    fates = sql("select source, kind from rewards_posting where kind <> 'earn' order by source, id")
    by_source = {source: [kind for s, kind in fates if s == source] for source, _ in fates}
    assert set(map(tuple, by_source.values())) <= {("settle",), ("delete",), ("fraud",), ("settle", "fraud")}
    sound()


def at_once(calls: Iterable[Callable[[], Any]]) -> list[Any]:
    """All of them, in eight threads, each with a connection of its own."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(closing, calls))


def closing(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connection.close()


def quietly(key: str, who: int) -> int:
    try:
        return int(in_one(partial(spend.redeem, who, 7, key=key, at=START)).points)
    except spend.NotEnough:
        return 0


def sound() -> None:
    """The audit finds nothing, and what the journal gives is in the buckets."""
    report = Report()
    audit.check(report)
    assert report.problems == []
    there = sql("select member, unit, state, due, points from rewards_bucket order by 1, 2, 3, 4")
    assert sorted((*row[:4], int(row[4])) for row in sql(buckets.EXPECTED)) == [tuple(row) for row in there]
    numbers = list(Batch.objects.order_by("id").values_list("id", flat=True))
    assert all(a < b for a, b in pairwise(numbers))
