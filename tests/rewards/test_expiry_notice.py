"""Members are told of points that expire: who agreed to it, once a month, from six months before."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.people.policy import NotYours
from bankside.record import clock, jobs
from bankside.record.models import Job
from bankside.rewards import consent, expiry_notice, programme, redemption
from bankside.rewards import member as members
from bankside.rewards.expiry_notice import NoSuchNotice
from bankside.rewards.ledger import spend
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.models import ExpiryNotice, Member, Reached
from tests.rewards import joined, living

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
SEOUL = Calendar("Asia/Seoul")
MONTH = SEOUL.month(NOW)
AGREED = {"programme": "", "notices": ""}


@pytest.fixture(autouse=True)
def _in_force() -> Iterator[None]:
    with clock.frozen(NOW):
        living.live(living.SMALL)
        yield


def having(*ends: tuple[int, int], **how: Any) -> Member:
    """A member with points, each (months from now, points)."""
    who = joined.member(**{"consents": AGREED, **how})
    with transaction.atomic():
        for months, points in ends:
            spend.credit(
                who.pk,
                "pt",
                points,
                source=f"g:{who.pk}:{months}",
                rule="gift",
                at=NOW,
                expires=MONTH + months,
            )
    return who


def told(who: Member) -> list[tuple[int, int, int]]:
    """Points, the month of their end as months from now, and how many more."""
    rows = ExpiryNotice.objects.filter(member=who).order_by("month")
    return [(row.points, row.expires - MONTH, row.more) for row in rows]


def in_months(number: int) -> int:
    """The 24th so many months from now, UTC ms."""
    year, month = divmod(10 + number, 12)
    return clock.from_iso(f"{2026 + year}-{month + 1:02}-24T10:00:00Z")


def test_within_the_months_of_notice_and_not_before() -> None:
    soon, later, never = having((6, 30)), having((7, 30)), having()
    assert expiry_notice.write(NOW) == 1
    assert told(soon) == [(30, 6, 0)] and told(later) == told(never) == []
    row = ExpiryNotice.objects.get()
    assert expiry_notice.due_on(row) == date(2027, 5, 31) and row.month == MONTH


def test_the_next_that_expires_and_how_many_after_it() -> None:
    who = having((0, 5), (3, 40), (6, 7), (7, 1_000))
    expiry_notice.write(NOW)
    assert told(who) == [(5, 0, 47)]


def test_once_in_a_month_and_again_in_the_next() -> None:
    who = having((1, 30))
    assert [expiry_notice.write(NOW + day * 86_400_000) for day in range(3)] == [1, 0, 0]
    assert expiry_notice.write(in_months(1)) == 1
    assert told(who) == [(30, 1, 0)] * 2
    assert expiry_notice.write(in_months(2)) == 0, "by then they are over"


def test_months_begin_where_the_programme_is() -> None:
    having((1, 30))
    just_before = clock.from_iso("2026-11-30T14:59:59Z")
    assert [expiry_notice.write(just_before), expiry_notice.write(just_before + 1_000)] == [1, 1]
    assert sorted(ExpiryNotice.objects.values_list("month", flat=True)) == [MONTH, MONTH + 1]


def test_only_who_agreed_and_takes_part() -> None:
    silent, asked, gone = having((1, 30), consents={"programme": ""}), having((1, 30)), having((1, 30))
    paused = having((1, 30))
    members.pause(paused)
    members.leave(gone)
    consent.withdraw(asked, "notices")
    assert expiry_notice.write(NOW) == 1
    assert told(silent) == told(asked) == told(gone) == [] and told(paused) == [(30, 1, 0)]
    consent.give(asked, "notices")
    expiry_notice.write(NOW)
    assert told(asked) == [(30, 1, 0)], "who agrees within a month is told within it"


@pytest.mark.parametrize("act", [lambda who: consent.withdraw(who, "notices"), members.leave])
def test_taking_it_back_takes_what_waits(act: Any) -> None:
    who, other = having((1, 30)), having((1, 30))
    expiry_notice.write(NOW)
    act(who)
    assert told(who) == [] and told(other) == [(30, 1, 0)]


def test_when_the_programme_ended_points_expire_all_the_same() -> None:
    who = having((1, 30))
    programme.retire(living.approvers()[0], programme.live()[0].row.obj, reason="voorbij")
    assert programme.live() == () and expiry_notice.write(NOW) == 1 and told(who) == [(30, 1, 0)]


def test_before_any_programme_there_is_nothing_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    who = having((1, 30))
    for name in ("live", "ever_live"):
        monkeypatch.setattr(programme, name, tuple)
    assert expiry_notice.write(NOW) == 0 and expiry_notice.drop_old(NOW) == 0
    assert not expiry_notice.waiting(living.approvers()[1]).exists() and expiry_notice.on_show(who) is None


@given(st.integers(1, 4), st.lists(st.booleans(), min_size=1, max_size=9))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_portions_and_any_kill_tell_each_once(limit: int, kills: list[bool]) -> None:
    with transaction.atomic():
        everybody = [having((n % 8, 10)) for n in range(9)]
        for killed in kills:
            with transaction.atomic():
                expiry_notice.write(NOW, limit)
                transaction.set_rollback(killed)
        while expiry_notice.write(NOW, limit) or Reached.objects.get(name=expiry_notice.NOTICES).n:
            pass
        assert [len(told(who)) for who in everybody] == [int(n % 8 <= 6) for n in range(9)]
        transaction.set_rollback(True)


def test_a_page_of_members_costs_the_same_however_many(django_assert_num_queries: Any) -> None:
    expiry_notice.write(NOW)
    for many in (2, 9):
        for _ in range(many):
            having((1, 30), (2, 5))
        with django_assert_num_queries(11):
            assert expiry_notice.write(NOW) == many


def test_the_job_comes_with_the_first_programme_and_again_every_day() -> None:
    who = having((1, 30))
    for _ in range(20):
        if not jobs.run_due():
            break
    assert told(who) == [(30, 1, 0)]
    assert Job.objects.get(key=expiry_notice.NOTICES).due_at == clock.from_iso("2026-11-25T00:00:00Z")


def test_notices_of_long_ago_go() -> None:
    who = having((1, 30))
    expiry_notice.write(NOW)
    ExpiryNotice.objects.create(member=who, month=MONTH - 12, points=1, expires=MONTH, made_at=1)
    ExpiryNotice.objects.create(member=who, month=MONTH - 13, points=1, expires=MONTH, made_at=1)
    assert [expiry_notice.drop_old(NOW), expiry_notice.drop_old(NOW)] == [1, 0]
    assert sorted(ExpiryNotice.objects.values_list("month", flat=True)) == [MONTH - 12, MONTH]


# --- what waits, and what was done with it ---------------------------------------------------------------
def test_what_waits_is_this_months_and_goes_when_it_was_brought_or_put_away() -> None:
    first, second, third = having((1, 30)), having((1, 40)), having((1, 50))
    expiry_notice.write(NOW)
    ExpiryNotice.objects.create(member=first, month=MONTH - 1, points=1, expires=MONTH, made_at=1)
    system, reader = living.approvers()[1], living.person("auditor", "Jin Reads")
    rows = list(expiry_notice.waiting(reader).order_by("pk"))
    assert [row.member for row in rows] == [first, second, third]
    with pytest.raises(NotYours):
        expiry_notice.delivered(reader, rows[0].obj)
    with pytest.raises(NotYours):
        expiry_notice.waiting(living.person("responder", "Lee Answers"))
    brought = expiry_notice.delivered(system, rows[0].obj)
    with clock.frozen(NOW + 5_000):
        assert expiry_notice.delivered(system, rows[0].obj).delivered_at == brought.delivered_at == NOW
    expiry_notice.dismiss(second, rows[1].obj)
    assert [row.member for row in expiry_notice.waiting(reader)] == [third]
    with pytest.raises(NoSuchNotice):
        expiry_notice.delivered(system, "0" * 32)


def test_her_page_shows_hers_until_she_puts_it_away() -> None:
    who, other = having((1, 30)), having((1, 40))
    assert expiry_notice.on_show(who) is None
    expiry_notice.write(NOW)
    shown = expiry_notice.on_show(who)
    assert shown is not None and shown.member_id == who.pk
    with pytest.raises(NoSuchNotice):
        expiry_notice.dismiss(other, shown.obj)
    assert expiry_notice.on_show(who)
    expiry_notice.delivered(living.approvers()[1], shown.obj)
    assert expiry_notice.on_show(who), "that the bank wrote to her does not take it from her page"
    done = expiry_notice.dismiss(who, shown.obj)
    with clock.frozen(NOW + 5_000):
        assert expiry_notice.dismiss(who, shown.obj).dismissed_at == done.dismissed_at == NOW
        assert expiry_notice.on_show(who) is None and expiry_notice.on_show(other)
    with clock.frozen(in_months(1)):
        expiry_notice.write(in_months(1))
        assert expiry_notice.on_show(who), "the next month tells again"


def test_spending_everything_leaves_nothing_to_tell_next_month() -> None:
    who = having((2, 30))
    expiry_notice.write(NOW)
    redemption.redeem(who, "statement", 30, "all of it")
    assert expiry_notice.write(in_months(1)) == 0 and len(told(who)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_somebody_who_takes_it_back_at_once() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the PostgreSQL run does this")
    everybody = [having((1, 30)) for _ in range(12)]

    def act(number: int) -> None:
        try:
            if number % 3:
                expiry_notice.write(NOW, 5)
            else:
                consent.withdraw(everybody[number], "notices")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, range(12)))
    while expiry_notice.write(NOW, 5):
        pass
    assert [len(told(who)) for who in everybody] == [int(bool(n % 3)) for n in range(12)]
