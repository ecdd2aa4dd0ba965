"""What becomes of points: they settle, expire, are taken back, spent and put back. Each from the right
bucket."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from bankside.record import clock
from bankside.rewards.ledger import balance, claw, settle, spend
from bankside.rewards.ledger.candidate import Terms
from bankside.rewards.ledger.days import NEVER_MONTH, Calendar, month_of, year_of
from bankside.rewards.models import Flag, Posting
from tests.rewards.ledger_acts import DAY_MS, HOUR_MS, START, candidate, member, posted, sql

pytestmark = pytest.mark.django_db
FREE = Terms(programme=1, rule="free")
MONTH = month_of(START // DAY_MS)
SETTLED = START + 4 * DAY_MS


def points_in(who: int, unit: str = "pt") -> dict[tuple[str, int], int]:
    rows = sql("select state, due, points from rewards_bucket where member = %s and unit = %s", [who, unit])
    return {(state, due): points for state, due, points in rows}


def earned(who: int, source: str, points: int, *, at: int = START, **how: Any) -> None:
    posted([candidate(source, who, points, at=at, terms=FREE, **how)])


def with_months(*parts: int) -> int:
    """A member with available points in this month, the next, and so on."""
    who = member()
    for n, points in enumerate(parts):
        if points:
            earned(who, f"e:{who}.{n}", points, expires=MONTH + n)
    settle.settle_due(SETTLED)
    return who


# --- settling and expiring ----------------------------------------------------------------------------------
def test_points_settle_when_their_hold_is_over_and_not_before() -> None:
    who = member()
    earned(who, "e:1", 9)
    assert settle.settle_due(SETTLED - 1) == 0
    assert settle.settle_due(SETTLED) == 1
    assert points_in(who) == {("available", MONTH + 3): 9}
    assert settle.settle_due(SETTLED + DAY_MS) == 0


def test_the_day_is_that_of_the_zone() -> None:
    who = member()
    earned(who, "e:1", 9, settles=Calendar("Asia/Seoul").day(SETTLED))
    assert settle.settle_due(SETTLED - 10 * HOUR_MS, zone="Asia/Seoul") == 0
    assert settle.settle_due(SETTLED - 9 * HOUR_MS, zone="UTC") == 0
    assert settle.settle_due(SETTLED - 9 * HOUR_MS, zone="Asia/Seoul") == 1


def test_a_flag_delays_and_does_not_keep_others_waiting() -> None:
    who = member()
    earned(who, "e:1", 5)
    earned(who, "e:2", 7)
    flag = Flag.objects.create(source="e:1", member_id=who, made_at=START)
    assert settle.settle_due(SETTLED, 1) == 1
    assert settle.settle_due(SETTLED, 1) == 0
    assert points_in(who) == {("pending", 20_804): 5, ("available", MONTH + 3): 7}
    Flag.objects.filter(pk=flag.pk).update(state=Flag.RELEASED, decided_at=1, decided_by="a", why="good")
    assert settle.settle_due(SETTLED + 30 * DAY_MS) == 1
    assert points_in(who) == {("available", MONTH + 3): 12}


def test_what_is_left_expires_when_its_month_is_over() -> None:
    who = with_months(5, 7)
    next_month = START + 31 * DAY_MS
    assert settle.expire_due(START) == 0
    assert settle.expire_due(next_month) == 1
    assert points_in(who) == {("available", MONTH + 1): 7}
    assert settle.expire_due(next_month) == 0


def test_points_whose_month_is_over_are_not_there_before_they_were_let_expire() -> None:
    who, later = with_months(5, 7), START + 31 * DAY_MS
    assert balance.balance(who, now_ms=later).available == 7
    with pytest.raises(spend.NotEnough), transaction.atomic():
        spend.redeem(who, 8, key="r:1", at=later)
    assert spend.redeem(who, 7, key="r:2", at=later).buckets == ((MONTH + 1, 7),)


# --- taking back
# ---------------------------------------------------------------------------------------------
def test_a_deletion_takes_pending_points_once() -> None:
    who = member()
    earned(who, "e:1", 9)
    assert claw.claw_back("e:1", START + HOUR_MS) == 9
    assert claw.claw_back("e:1", START + HOUR_MS) == 0
    assert points_in(who) == {}
    assert settle.settle_due(SETTLED) == 0


def test_a_deletion_after_the_hold_takes_nothing_settled_or_not() -> None:
    who = member()
    earned(who, "e:1", 9)
    assert claw.claw_back("e:1", SETTLED) == 0
    settle.settle_due(SETTLED)
    assert claw.claw_back("e:1", START) == 0
    assert points_in(who) == {("available", MONTH + 3): 9}


def test_fraud_takes_the_own_bucket_first_and_then_what_expires_first() -> None:
    who = with_months(4, 6, 10, 3)
    source = f"e:{who}.2"
    spend.redeem(who, 17, key="r:1", at=SETTLED)  # 4, 6 and 7 of its own 10
    earned(who, "e:late", 5, expires=MONTH)
    settle.settle_due(SETTLED)
    earned(who, "e:later", 2, expires=MONTH + 1)
    settle.settle_due(SETTLED)
    assert points_in(who) == {("available", MONTH + n): points for n, points in enumerate((5, 2, 3, 3))}
    assert claw.reverse(source, SETTLED) == (10, 0)
    assert points_in(who) == {("available", MONTH + 3): 3}
    taken = sql("select due, points from rewards_posting where kind = 'fraud' order by due")
    assert taken == [(MONTH, 5), (MONTH + 1, 2), (MONTH + 2, 3)]


def test_what_was_spent_already_is_written_off_and_nobody_is_in_debt() -> None:
    who = with_months(10)
    spend.redeem(who, 8, key="r:1", at=SETTLED)
    assert claw.reverse(f"e:{who}.0", SETTLED) == (2, 8)
    assert claw.reverse(f"e:{who}.0", SETTLED) == (0, 0)
    assert points_in(who) == {}
    row = Posting.objects.get(dr="write-off")
    assert (row.cr, row.points, row.due) == ("clawed", 8, 0)


def test_fraud_of_pending_points_takes_them_from_where_they_are() -> None:
    who = with_months(10)
    earned(who, "e:bad", 4)
    assert claw.reverse("e:bad", SETTLED) == (4, 0)
    assert points_in(who) == {("available", MONTH): 10}


# --- spending
# ------------------------------------------------------------------------------------------------
def test_what_expires_first_is_spent_first_and_comes_back_into_the_same_buckets() -> None:
    who = with_months(4, 0, 6, 10)
    before = points_in(who)
    assert spend.redeem(who, 11, key="r:1", at=SETTLED).buckets == (
        (MONTH, 4),
        (MONTH + 2, 6),
        (MONTH + 3, 1),
    )
    assert points_in(who) == {("available", MONTH + 3): 9}
    assert spend.undo("r:1", SETTLED) == 11
    assert points_in(who) == before
    assert spend.undo("r:1", SETTLED) == 0


def test_the_same_key_spends_once_and_not_for_something_else() -> None:
    who, other = with_months(10), with_months(10)
    first = spend.redeem(who, 3, key="r:1", at=SETTLED)
    assert spend.redeem(who, 3, key="r:1", at=SETTLED) == first._replace(known=True)
    for wrong in ((who, 4), (other, 3)):
        with pytest.raises(spend.KeyTaken), transaction.atomic():
            spend.redeem(*wrong, key="r:1", at=SETTLED)
    assert sum(points_in(who).values()) == 7


def test_what_is_put_back_late_expires_as_it_would_have() -> None:
    who, later = with_months(5), START + 31 * DAY_MS
    spend.redeem(who, 5, key="r:1", at=SETTLED)
    assert spend.undo("r:1", later) == 5
    assert balance.balance(who, now_ms=later).available == 0
    assert settle.expire_due(later) == 1


@pytest.mark.parametrize("points", [0, -3, 11])
def test_nobody_spends_nothing_or_more_than_there_is(points: int) -> None:
    who = with_months(4, 6)
    with pytest.raises(spend.NotEnough), transaction.atomic():
        spend.redeem(who, points, key="r:1", at=SETTLED)
    assert sum(points_in(who).values()) == 10


def test_a_file_spends_for_all_or_for_none() -> None:
    first, second = with_months(4), with_months(6)
    wishes = [spend.Spend(member=who, points=5, key=f"f:{who}", at=SETTLED) for who in (second, first)]
    with pytest.raises(spend.NotEnough), transaction.atomic():
        spend.redeem_all(wishes)
    assert sum(points_in(second).values()) == 6
    twice = [wishes[0], spend.Spend(member=second, points=1, key="f:x", at=SETTLED), wishes[0]]
    assert [one.known for one in spend.redeem_all(twice)] == [False, False, True]
    assert points_in(second) == {}


# --- offers
# ----------------------------------------------------------------------------------------------------
def test_a_credit_is_given_once_and_taken_back_exactly() -> None:
    who = member()
    given: dict[str, Any] = {"source": "t:1", "rule": "cafe-5", "at": START}
    assert spend.credit(who, "KRW", 2_500, **given) == 2_500
    assert spend.credit(who, "KRW", 9_999, **given) == 0
    assert points_in(who, "KRW") == {("available", NEVER_MONTH): 2_500}
    assert spend.uncredit("t:1", "cafe-5", START) == (2_500, 0)
    assert spend.uncredit("t:1", "cafe-5", START) == (0, 0)
    assert spend.uncredit("t:2", "cafe-5", START) == (0, 0)
    assert points_in(who, "KRW") == {}


def test_more_than_was_given_is_not_taken_back() -> None:
    who = member()
    spend.credit(who, "KRW", 100, source="t:1", rule="cafe-5", at=START)
    back = spend.Uncredit(
        member=who, unit="KRW", amount=101, source="t:2", rule="cafe-5", at=START, of_source="t:1"
    )
    with pytest.raises(spend.NotCredited), transaction.atomic():
        spend.credit_all([back])
    assert points_in(who, "KRW") == {("available", NEVER_MONTH): 100}


def test_a_refund_of_what_went_out_is_written_off() -> None:
    who = member()
    spend.credit(who, "KRW", 100, source="t:1", rule="cafe-5", at=START)
    spend.redeem(who, 70, unit="KRW", key="file:1", at=START)
    assert spend.uncredit("t:1", "cafe-5", START) == (30, 70)


# --- reading
# -----------------------------------------------------------------------------------------------------
def test_what_a_member_sees() -> None:
    who = with_months(4, 6)
    earned(who, "e:new", 3, at=SETTLED)
    seen = balance.balance(who, now_ms=SETTLED)
    assert seen == (10, 3, ((20_808, 3),), ((MONTH, 4), (MONTH + 1, 6)))
    assert balance.balance(who, "KRW", now_ms=SETTLED) == (0, 0, (), ())
    assert [(m.kind, m.points) for m in balance.postings_of(f"e:{who}.0")] == [("earn", 4), ("settle", 4)]


def test_what_is_owed_by_vintage_now_and_then() -> None:
    with_months(4, 6)
    with_months(1, 2)
    now = [("pt", "available", MONTH, 5, 2), ("pt", "available", MONTH + 1, 8, 2)]
    assert balance.liability() == now
    with clock.frozen(SETTLED + 10 * DAY_MS):
        assert balance.liability(SETTLED) == now
        assert balance.liability(START) == [("pt", "pending", 20_804, 13, 2)]
        assert balance.liability(START - 1) == []


def test_what_a_year_was_worth_by_origin() -> None:
    who = with_months(10)
    earned(who, "p:1", 6, origin="purchase", at=SETTLED)
    settle.settle_due(SETTLED + 9 * DAY_MS)
    claw.reverse("p:1", SETTLED + 9 * DAY_MS)
    earned(who, "p:2", 7, origin="purchase", at=START + 40 * DAY_MS)
    settle.settle_due(START + 60 * DAY_MS)
    year = year_of(MONTH)
    assert balance.values_by_origin(year) == [(who, "pt", "participation", 10)]
    assert balance.values_by_origin(year + 1) == [(who, "pt", "purchase", 7)]


def test_days_and_months_are_those_of_the_zone() -> None:
    seoul = Calendar("Asia/Seoul", 72 * HOUR_MS, 60)
    at = clock.from_iso("2026-12-31T14:59:59.999Z")
    assert (seoul.day(at + 1) - seoul.day(at), seoul.month(at + 1) - seoul.month(at)) == (1, 1)
    assert (seoul.month(at), year_of(seoul.month(at))) == ((2026 - 1970) * 12 + 11, 2026)
    assert seoul.settles(at) == seoul.day(at) + 4 and seoul.expires(at) == seoul.month(at) + 60
    assert Calendar("Asia/Seoul").settles(at) == seoul.day(at) and Calendar().expires(at) == NEVER_MONTH
    amsterdam = Calendar("Europe/Amsterdam")
    summer = clock.from_iso("2026-03-29T00:59:59Z")
    assert [amsterdam.day(summer + hours * HOUR_MS) for hours in (-2, 20, 21, 22)] == [
        20_540, 20_541, 20_541, 20_542,
    ]  # fmt: skip
