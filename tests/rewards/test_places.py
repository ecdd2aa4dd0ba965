"""Where members paid: not kept without the consent, and forgotten with it; what was paid still holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from bankside.record import clock
from bankside.record.forgetting.covered import Scope
from bankside.record.log.verify import Report
from bankside.rewards import consent, forgotten, payment, places, receipt, spending_audit
from bankside.rewards import member as members
from bankside.rewards.ledger import audit
from bankside.rewards.models import Member, Payment, Posting
from bankside.rewards.taking_part import subj_of
from tests.rewards import living, paying
from tests.rewards.paying import BEFORE, message, money, shopper, take, with_cafe

pytestmark = pytest.mark.django_db
PLACE = ("mcc", "merchant", "merchant_id")
EMPTY = (0, "", "")
CAFES = paying.TEXT.replace(
    'points = "min(100, amount)"', 'when = "mcc == 5814"\npoints = "min(100, amount)"'
)
ROUNDS = 12


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    yield from paying.noon()


def kept(who: Member) -> list[tuple[int, str, str]]:
    return list(Payment.objects.filter(member=who).order_by("pk").values_list(*PLACE))


def problems() -> list[Any]:
    report = Report()
    spending_audit.check(report)
    audit.check(report)
    return report.problems


def paid(who: Member, ref: str) -> None:
    """Both messages of a payment that the offer was used for."""
    take(message(who, "auth", f"a{ref}", 20_000, merchant_id="m-1"))
    take(message(who, "clearing", f"c{ref}", 20_000, f"a{ref}", merchant_id="m-1"))


def test_without_the_consent_neither_place_nor_kind_is_kept() -> None:
    who, employee = with_cafe(), shopper(employee=True)
    consent.withdraw(who, "spend")
    take(message(who, "clearing", "c1", 30_000, merchant_id="m-1"), message(employee, "auth", "a2", 5_000))
    assert kept(who) == kept(employee) == [EMPTY]
    with connection.cursor() as cursor:
        cursor.execute("select why from rewards_posting")
        assert "5814" not in str(cursor.fetchall()), "no rule asked for it, so no receipt says it"


def test_rules_for_points_see_the_kind_all_the_same_and_their_receipt_says_it() -> None:
    with clock.frozen(BEFORE):
        living.live(CAFES)
    who = shopper(consents={"programme": ""})
    [cafe, market] = take(
        message(who, "clearing", "c1", 30_000), message(who, "clearing", "c2", 30_000, mcc=5411)
    )
    assert (cafe.points, market.points) == (30, 0)
    assert kept(who) == [EMPTY, EMPTY]
    assert "5814" in Posting.objects.get(source="t:c1").why
    assert receipt.why(who, "t:c1").points == 30


@pytest.mark.parametrize(
    "act", [lambda who: consent.withdraw(who, "spend"), members.leave], ids=["withdrawn", "left"]
)
def test_with_the_consent_the_places_go_and_every_check_holds(act: Callable[[Member], Any]) -> None:
    who, other = with_cafe(), with_cafe()
    paid(who, "1")
    paid(other, "2")
    assert kept(who) == kept(other) == [(5814, "Café Hanul", "m-1")] * 2
    act(who)
    assert kept(who) == [EMPTY] * 2 and kept(other) == [(5814, "Café Hanul", "m-1")] * 2
    assert problems() == []
    [result] = take(message(who, "refund", "r1", 20_000, "a1"))
    assert (result.outcome, result.amount, money(who)) == ("taken", -1_000, 0), "a refund needs no place"
    assert kept(who) == [EMPTY] * 3 and problems() == []


def test_a_restore_replays_the_erasure_alone_and_they_are_gone() -> None:
    who, other = with_cafe(), with_cafe()
    paid(who, "1")
    paid(other, "2")
    forgotten.forget(Scope(subj_of(who)))
    assert kept(who) == [EMPTY] * 2 and EMPTY not in kept(other)
    assert problems() == []


def test_other_words_for_the_same_purpose_forget_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    who = with_cafe()
    paid(who, "1")
    more = {**consent.WORDS["spend"], "2": consent.words("spend")}
    monkeypatch.setattr(consent, "WORDS", {**consent.WORDS, "spend": more})
    consent.give(who, "spend", "2")
    assert kept(who) == [(5814, "Café Hanul", "m-1")] * 2


def test_forgetting_is_one_statement_however_much_was_paid(django_assert_max_num_queries: Any) -> None:
    who = with_cafe()
    for number in range(5):
        paid(who, f"n{number}")
    with django_assert_max_num_queries(2):  # on PostgreSQL the lock is one
        places.forget([who.pk])
    assert kept(who) == [EMPTY] * 10


@pytest.mark.django_db(transaction=True)
def test_a_payment_at_the_moment_of_taking_back_keeps_no_place() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the PostgreSQL run does this")
    everybody = [with_cafe() for _ in range(ROUNDS)]
    for number, who in enumerate(everybody):
        feed, gate = message(who, "clearing", f"x{number}", 9_000), threading.Barrier(2)
        acts = (
            lambda one=feed: payment.take([one], "s:card"),
            lambda one=who: consent.withdraw(one, "spend"),
        )
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda act, there=gate: alone(there, act), acts))
        assert kept(who) == [EMPTY]


def alone(gate: threading.Barrier, act: Callable[[], Any]) -> None:
    gate.wait()
    try:
        act()
    finally:
        connections.close_all()
