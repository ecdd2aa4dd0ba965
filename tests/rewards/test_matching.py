"""Funds and frequencies under many hands at once: overlapping batches, in threads of their own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from bankside.record import clock
from bankside.rewards import offer, payment
from bankside.rewards.ledger import buckets
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.models import Cap, Line, Member, OfferUse, Payment, Posting
from bankside.rewards.offer_limits import window_of
from bankside.rewards.payments.transaction import CardTransaction
from bankside.rewards.rules import programme as rules
from tests.rewards import living, paying
from tests.rewards.paying import BEFORE, NOW, message, shopper

pytestmark = pytest.mark.django_db
THREADS = 6
FUND, TIMES, MEMBERS, PAID = 21_000, 3, 6, 6
TIGHT = paying.TEXT.replace("fund = 100_000", f"fund = {FUND}").replace("times = 2,", f"times = {TIMES},")


@pytest.fixture
def everybody() -> Iterator[list[Member]]:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the PostgreSQL run does this")
    with clock.frozen(BEFORE):
        living.live(TIGHT)
        members = [shopper() for _ in range(MEMBERS)]
        for who in members:
            offer.add(who, "cafe")
            offer.add(who, "market")
    with clock.frozen(NOW):
        yield members


def messages_of(who: Member, number: int) -> list[CardTransaction]:
    """Six payments in the café: each authorised and cleared, the first of them given back in two parts."""
    found = []
    for n in range(PAID):
        name = f"{number}-{n}"
        found += [
            message(who, "auth", f"a{name}", 40_000),
            message(who, "clearing", f"c{name}", 40_000, f"a{name}"),
        ]
    return [
        *found, message(who, "refund", f"r{number}", 15_000, f"a{number}-0"),
        message(who, "refund", f"s{number}", 25_000, f"c{number}-0"),
    ]  # fmt: skip


def take_all(messages: list[CardTransaction], seed: int) -> None:
    """Everything in an order and in batches of its own; each batch as a feed would bring it again."""
    chance = random.Random(seed)
    mine = chance.sample(messages, len(messages))
    try:
        while mine:
            some = chance.randint(1, 9)
            payment.take(mine[:some], "s:card")
            mine = mine[some:]
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_overlapping_batches_pass_no_limit_and_pay_nothing_twice(everybody: list[Member]) -> None:
    messages = [one for n, who in enumerate(everybody) for one in messages_of(who, n)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda seed: take_all(messages, seed), range(THREADS)))
    assert Payment.objects.count() == len(messages)
    fund = Cap.objects.get(scope="fund", subject="cafe")
    uses = list(OfferUse.objects.exclude(chain=""))
    nets = [use.amount - use.reversed for use in uses]
    assert 0 < fund.used == sum(nets) == sum(use.held for use in uses) <= FUND
    for who in everybody:
        mine = [use for use in uses if use.member_id == who.pk and use.offer == "cafe"]
        assert len(mine) <= TIMES and len({use.window for use in mine}) <= 1
    assert sum(paying.money(who) for who in everybody) == sum(nets)
    assert sum(Line.objects.values_list("amount", flat=True)) == sum(nets)
    keys = Posting.objects.filter(kind__in=("offer", "refund")).values_list("source", flat=True)
    assert len(keys) == len(set(keys))
    with connection.cursor() as cursor:
        cursor.execute(buckets.EXPECTED)
        right = sorted((*row[:4], int(row[4])) for row in cursor.fetchall())
        cursor.execute("select member, unit, state, due, points from rewards_bucket")
        assert sorted(cursor.fetchall()) == right


@pytest.mark.django_db(transaction=True)
def test_adding_at_the_same_moment_is_once(everybody: list[Member]) -> None:
    who = everybody[0]
    offer.take_off(who, "cafe")

    def add(_: int) -> str:
        try:
            return offer.add(who, "cafe").obj
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(set(pool.map(add, range(THREADS * 2)))) == 1
    assert OfferUse.objects.filter(member=who, offer="cafe", state="added").count() == 1


@pytest.mark.parametrize("per", ["day", "week", "month"])
def test_windows_are_days_weeks_from_monday_and_months_of_the_programmes_zone(per: str) -> None:
    offer_ = rules.load(paying.TEXT.replace('per = "week"', f'per = "{per}"')).offers[0]
    seoul = Calendar("Asia/Seoul")
    monday = clock.from_iso("2026-11-23T00:00:00+09:00")
    assert window_of(offer_, seoul, monday) == window_of(offer_, seoul, monday + 1)
    assert window_of(offer_, seoul, monday) - window_of(offer_, seoul, monday - 1) == (per != "month")
    first = clock.from_iso("2026-12-01T00:00:00+09:00")
    assert window_of(offer_, seoul, first) - window_of(offer_, seoul, first - 1) == (per != "week")
