"""Small batches: what they do to buckets is what large ones do, on both databases."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from bankside.rewards.ledger import few_rows, journal
from bankside.rewards.ledger.buckets import NotThere
from bankside.rewards.ledger.journal import AVAILABLE, ISSUED, REDEEMED, Move
from tests.rewards import counted
from tests.rewards.ledger_acts import START, member, sql

pytestmark = pytest.mark.django_db
LARGE = few_rows.ROWS_MAX + 1


def move(who: int, source: str, points: int, month: int = 700, dr: str = ISSUED, cr: str = AVAILABLE) -> Move:
    return Move(source, "", "test", month, month, who, "pt", dr, cr, points, START)


def write(moves: list[Move]) -> int:
    with transaction.atomic():
        return journal.write(moves)


def buckets(who: int) -> list[tuple[int, int]]:
    return sql("select due, points from rewards_bucket where member = %s order by due", [who])


@pytest.mark.parametrize("rows", [1, 3, few_rows.ROWS_MAX, LARGE])
def test_some_buckets_fill_some_empty_some_have_less(rows: int) -> None:
    who = member()
    write([move(who, f"a:{n}", 10, 700 + n) for n in range(rows)])
    taken = [move(who, f"b:{n}", 10 if n % 2 else 4, 700 + n, AVAILABLE, REDEEMED) for n in range(rows)]
    write([*taken[:-1], taken[-1]._replace(points=10), move(who, "c", 5, 900)])
    left = [(700 + n, 6) for n in range(0, rows - 1, 2)]
    assert buckets(who) == [*left, (900, 5)]
    write([move(who, "d", 5, 900, AVAILABLE, REDEEMED), move(who, "e", 1, 901)])
    assert buckets(who) == [*left, (901, 1)]


@pytest.mark.parametrize("rows", [2, LARGE])
def test_a_bucket_that_is_not_there_or_has_too_little_stops_the_batch(rows: int) -> None:
    who = member()
    write([move(who, f"a:{n}", 10, 700 + n) for n in range(rows)])
    before = buckets(who), sql("select count(*) from rewards_posting"), sql("select * from rewards_batch")
    for wrong, error in ((move(who, "x", 1, 999), NotThere), (move(who, "x", 11), IntegrityError)):
        taken = [wrong._replace(dr=AVAILABLE, cr=REDEEMED)]
        taken += [move(who, f"b:{n}", 3, 700 + n, AVAILABLE, REDEEMED) for n in range(1, rows)]
        with pytest.raises(error):
            write(taken)
        after = buckets(who), sql("select count(*) from rewards_posting"), sql("select * from rewards_batch")
        assert after == before
    with pytest.raises(IntegrityError):
        write([move(who, "a:1", 10, 701)])


def test_a_small_batch_is_one_statement_on_postgresql() -> None:
    who = member()
    write([move(who, "warm", 10)])
    told = counted.statements(
        lambda: write([move(who, "a", 4, 700, AVAILABLE, REDEEMED), move(who, "b", 1, 701)])
    )
    if connection.vendor == "postgresql":
        assert len(told) == 5, told  # begin, number, all rows, the record, commit
    assert buckets(who) == [(700, 6), (701, 1)]
