"""Spending by few statements, and what else is recorded with it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from bankside.record.append import Draft, entries_where
from bankside.rewards.ledger import spend
from bankside.rewards.ledger.spend import Credit, Spend
from tests.record.tally import WordSaid
from tests.rewards import counted
from tests.rewards.ledger_acts import START, member, sql

pytestmark = pytest.mark.django_db
OBJ = "ab" * 16


def given(*buckets: int) -> int:
    """A member with points in buckets that expire one month after the other."""
    who = member()
    with transaction.atomic():
        spend.credit_all([
            Credit(
                member=who, unit="pt", amount=points, source=f"g:{who}:{n}", rule="g", at=START,
                expires=700 + n,
            )
            for n, points in enumerate(buckets)
        ])  # fmt: skip
    return who


def left(who: int) -> list[tuple[int, int]]:
    return sql("select due, points from rewards_bucket where member = %s order by due", [who])


def draft(word: str) -> Draft:
    return Draft(fact=WordSaid(word=word), key=f"test:{word}", actor="s:test", obj=OBJ)


def redeem(who: int, points: int, key: str, *tell: Draft) -> spend.Redeemed:
    with transaction.atomic():
        return spend.redeem(who, points, key=key, at=START, tell=tell)


def test_spending_takes_six_statements_and_no_more() -> None:
    who = given(5, 5, 5, 5)
    redeem(who, 2, "warm")
    told = counted.statements(lambda: redeem(who, 10, "k"))
    most = 6 if connection.vendor == "postgresql" else 14
    assert len(told) <= most, told
    assert left(who) == [(702, 3), (703, 5)]
    told = counted.statements(lambda: redeem(who, 8, "all of it", draft("one"), draft("two")))
    assert len(told) <= most and left(who) == [], told


def test_many_wishes_are_read_by_one_statement() -> None:
    many = [given(5, 5) for _ in range(9)]
    wishes = [Spend(member=who, points=6, key=f"f:{who}", at=START) for who in many]

    def act() -> None:
        with transaction.atomic():
            assert {one.points for one in spend.redeem_all(wishes)} == {6}

    told = counted.statements(act)
    assert len([one for one in told if "from rewards_bucket" in one and one.startswith("select")]) == 1, told
    assert {tuple(left(who)) for who in many} == {((701, 4),)}


def test_units_of_one_member_are_not_mixed_up() -> None:
    who, other = given(5), given(7)
    with transaction.atomic():
        spend.credit(who, "KRW", 900, source="o:1", rule="cafe", at=START)
        wishes = [
            Spend(member=who, points=900, key="a", at=START, unit="KRW"),
            Spend(member=other, points=7, key="b", at=START),
        ]
        assert [one.points for one in spend.redeem_all(wishes)] == [900, 7]
    assert left(who) == [(700, 5)] and left(other) == []
    with transaction.atomic(), pytest.raises(spend.NotEnough):
        spend.redeem(other, 1, key="c", at=START, unit="KRW")


def test_what_else_is_told_comes_after_the_batch_and_only_when_it_is_new() -> None:
    who = given(9)
    done = redeem(who, 4, "k", draft("one"), draft("two"))
    assert not done.known and done.buckets == ((700, 4),)
    again = redeem(who, 4, "k", draft("three"))
    assert again == done._replace(known=True)
    facts = [one.fact for one in entries_where("n > 0 order by n", [])]
    assert facts[-3:] == ["rewards.batch-posted", "tally.word-said", "tally.word-said"]
    assert [one.key for one in entries_where("obj = %s order by n", [OBJ])] == ["test:one", "test:two"]


def test_nothing_is_told_of_what_fails() -> None:
    who = given(9)
    with pytest.raises(spend.NotEnough):
        redeem(who, 10, "k", draft("one"))
    with pytest.raises(spend.KeyTaken):
        redeem(who, 4, "k2")
        redeem(who, 5, "k2", draft("one"))
    assert not entries_where("obj = %s", [OBJ]) and left(who) == [(700, 5)]
