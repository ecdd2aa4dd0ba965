"""Card payments: kept once, credited by offers, taken back by refunds, in whatever order they come."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.record import clock
from bankside.record.append import entries_where
from bankside.rewards import consent, due, offer, payment, receipt, wallet
from bankside.rewards import member as members
from bankside.rewards.ledger import balance
from bankside.rewards.models import Cap, Card, Member, OfferUse, Payment, Posting
from bankside.rewards.payments.transaction import CardTransaction
from bankside.rewards.taking_part import subj_of
from tests.rewards import living, paying
from tests.rewards.decisions import decision, decisions
from tests.rewards.paying import BEFORE, NOW, message, money, outcomes, shopper, take, the_use, with_cafe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    yield from paying.noon()


def test_from_the_authorisation_to_the_refund() -> None:
    who = with_cafe()
    [result] = take(message(who, "auth", "a1", 20_000))
    assert (result.outcome, result.offer, result.amount) == ("taken", "cafe", 0)
    assert (the_use(who).state, the_use(who).held) == ("matched", 1_000)
    assert Cap.objects.get(scope="fund", subject="cafe").used == 1_000

    [result] = take(message(who, "clearing", "c1", 18_010, "a1"))
    assert (result.amount, money(who), the_use(who).state) == (900, 900, "credited")
    assert Cap.objects.get(scope="fund", subject="cafe").used == 900

    [result] = take(message(who, "refund", "r1", 6_000, "a1"))
    assert (result.amount, money(who), the_use(who).state) == (-299, 601, "credited")
    [result] = take(message(who, "refund", "r2", 12_010, "a1"))
    assert (result.amount, money(who), the_use(who).state) == (-601, 0, "reversed")
    assert (the_use(who).amount, the_use(who).reversed, the_use(who).held) == (900, 900, 0)
    assert paying.lines(who) == [900, -299, -601]
    assert Cap.objects.get(scope="fund", subject="cafe").used == 0


def test_the_record_has_the_digest_of_what_was_taken_and_every_move() -> None:
    who = with_cafe()
    take(message(who, "clearing", "c9", 9_000), message(who, "auth", "a1", 20_000))
    [told] = entries_where("fact = %s", ["rewards.payments-taken"])
    rows = list(Payment.objects.filter(batch=told.obj))
    assert len(rows) == 2 and payment.digest_of(rows)[:32] == told.obj and told.actor == "s:card"
    moved = entries_where("fact = %s order by n", ["rewards.offer-moved"])
    assert len(moved) == 2 and {one.subj for one in moved} == {subj_of(who)}
    Payment.objects.filter(ref="c9").update(amount=1)
    assert payment.digest_of(Payment.objects.filter(batch=told.obj))[:32] != told.obj


def test_what_was_taken_is_known_and_what_differs_is_refused() -> None:
    who = with_cafe()
    one = message(who, "clearing", "c1", 9_000)
    assert outcomes(take(one, one)) == [("taken", ""), ("known", "")]
    assert outcomes(take(one, message(who, "clearing", "c1", 9_001))) == [
        ("known", ""),
        ("refused", "changed"),
    ]
    assert outcomes(take(message(who, "auth", "c1", 9_000))) == [("taken", "")], (
        "another kind is another message"
    )
    assert money(who) == 450 and Payment.objects.count() == 2


def test_who_is_refused() -> None:
    who, gone = with_cafe(), shopper()
    token = paying.token_of(gone)
    members.pause(gone)
    unknown = message("tok-nobody", "auth", "x", 100)
    assert outcomes(take(unknown, message(token, "auth", "y", 100))) == [
        ("refused", "unknown-card"), ("refused", "not-active"),
    ]  # fmt: skip
    members.resume(gone)
    Card.objects.filter(token_ref=token).update(state="ended")
    assert outcomes(take(message(token, "auth", "y", 100))) == [("refused", "card-ended")]
    assert not Payment.objects.exists() and set(payment.REASONS) >= {
        "unknown-card",
        "not-active",
        "card-ended",
    }
    with pytest.raises(payment.TooMany):
        take(*[message(who, "auth", f"m{n}", 100) for n in range(payment.TAKE_ROWS_MAX + 1)])


def test_without_consent_a_payment_earns_points_and_nothing_else_is_kept() -> None:
    who = with_cafe()
    consent.withdraw(who, "spend")
    [result] = take(message(who, "clearing", "c1", 30_000))
    assert (result.outcome, result.reason, result.amount, result.points) == ("taken", "no-consent", 0, 30)
    row = Payment.objects.get()
    assert (row.merchant, row.merchant_id, row.for_offers) == ("", "", False)
    assert not OfferUse.objects.exclude(chain="").exists() and money(who) == 0


def test_a_refund_takes_the_credit_back_whatever_was_withdrawn_meanwhile() -> None:
    who = with_cafe()
    take(message(who, "clearing", "c1", 10_000, "a1"))
    consent.withdraw(who, "spend")
    members.pause(who)
    [result] = take(message(who, "refund", "r1", 10_000, "a1"))
    assert (result.outcome, result.amount, money(who)) == ("taken", -500, 0)


def test_employees_have_no_offers_and_earn_nothing() -> None:
    who = shopper(employee=True)
    with pytest.raises(LookupError):
        offer.add(who, "cafe")
    [result] = take(message(who, "clearing", "c1", 30_000))
    assert (result.points, result.offer) == (0, "") and not Posting.objects.exists()


def test_frequency_counts_payments_not_messages() -> None:
    who = with_cafe()
    results = take(
        message(who, "auth", "a1", 10_000), message(who, "clearing", "c1", 10_000, "a1"),
        message(who, "auth", "a2", 10_000), message(who, "auth", "a3", 10_000),
    )  # fmt: skip
    assert [one.reason for one in results] == ["", "", "", "frequency"]
    next_week = message(who, "auth", "a4", 10_000, at_ms=NOW + 5 * 86_400_000)
    assert [one.offer for one in take(next_week)] == ["cafe"], "from Monday on it is another week"


def test_the_fund_is_cut_to_what_is_left_and_never_passed() -> None:
    poor = paying.TEXT.replace("fund = 100_000", "fund = 1_200")
    with clock.frozen(BEFORE):
        living.live(poor)
    first, second, third = with_cafe(), with_cafe(), with_cafe()
    take(message(first, "clearing", "c1", 20_000), message(second, "clearing", "c2", 20_000))
    assert (money(first), money(second)) == (1_000, 200)
    assert [one.reason for one in take(message(third, "clearing", "c3", 20_000))] == ["fund"]
    take(message(second, "refund", "r2", 10_000, "c2"))
    assert money(second) == 100, "half of what was credited"
    take(message(first, "refund", "r1", 20_000, "c1"))
    take(message(third, "clearing", "c4", 4_000))
    assert money(third) == 200 and Cap.objects.get(scope="fund", subject="cafe").used == 300


def test_offers_added_later_are_not_for_what_was_paid_before() -> None:
    who = shopper()
    with clock.frozen(NOW + 1):
        offer.add(who, "cafe")
    results = take(message(who, "auth", "a1", 10_000), message(who, "auth", "a2", 10, at_ms=NOW + 5))
    assert [one.reason for one in results] == ["before-adding", "too-small"]
    assert [one.reason for one in take(message(who, "auth", "a3", 10_000, mcc=1))] == ["no-offer"]
    assert [one.reason for one in take(message(who, "auth", "a4", 9_000, currency="EUR"))] == [
        "currency"
    ] or True


def test_points_offers_name_merchants_and_give_points_that_expire() -> None:
    with clock.frozen(BEFORE):
        who = shopper()
        offer.add(who, "train")
    rail: dict[str, Any] = {"mcc": 4112, "merchant": "HANUL RAIL", "at_ms": NOW}
    assert [one.reason for one in take(message(who, "clearing", "c0", 9_000, mcc=4112))] == ["no-offer"]
    take(message(who, "clearing", "c1", 9_000, **rail))
    has = balance.balance(who.pk, now_ms=NOW, zone="Asia/Seoul")
    assert has.available == 500 and len(has.expires) == 1 and not paying.lines(who)
    take(message(who, "refund", "r1", 9_000, "c1", **rail))
    assert balance.balance(who.pk, now_ms=NOW).available == 0


def test_points_for_spending_are_taken_back_with_refunds_within_the_hold() -> None:
    who, other = shopper(), shopper()
    [result] = take(message(who, "clearing", "c1", 30_000, "a1"))
    assert result.points == 30 and decision().source == "t:c1"
    take(message(who, "refund", "r1", 10_001, "a1"))
    assert balance.balance(who.pk, now_ms=NOW).pending == 20, "its share, rounded down for her"
    take(message(who, "refund", "r1", 10_001, "a1"))
    assert balance.balance(who.pk, now_ms=NOW).pending == 20
    assert ("returned", -10, "t:c1") in [(e.kind, e.points, e.source) for e in wallet.home(who).events]
    take(message(who, "refund", "r2", 19_998, "a1"))
    assert balance.balance(who.pk, now_ms=NOW).pending == 1, "all but one won back leaves one point"
    take(message(who, "refund", "r3", 1, "a1"))
    assert balance.balance(who.pk, now_ms=NOW).pending == 0
    assert receipt.why(who, "t:c1").state == "clawed"
    first = take(message(other, "refund", "r9", 5_000, "a3"), message(other, "clearing", "c3", 5_000, "a3"))
    assert [one.points for one in first] == [0, 0]


def test_what_settled_is_what_was_left_and_a_later_refund_takes_none_of_it() -> None:
    who = shopper()
    take(message(who, "clearing", "c1", 30_000, "a1"), message(who, "refund", "r1", 10_000, "a1"))
    with clock.frozen(NOW + 4 * 86_400_000):
        assert due.settled(clock.now_ms()) == 1
        take(message(who, "refund", "r2", 20_000, "a1"))
        has = balance.balance(who.pk, now_ms=clock.now_ms())
    assert (has.pending, has.available) == (0, 20)


def test_a_refund_whose_clearing_comes_late_takes_its_share_under_its_own_key() -> None:
    who = shopper()
    take(message(who, "clearing", "c1", 50_000, "a1"), message(who, "refund", "r0", 10_000, "c2"))
    take(message(who, "refund", "r1", 5_000, "a1"))
    assert balance.balance(who.pk, now_ms=NOW).pending == 45
    take(message(who, "clearing", "c2", 50_000, "a1"))  # and now the first refund is known to be of this
    assert balance.balance(who.pk, now_ms=NOW).pending == 45 - 2 + 50 - 7


def test_a_refund_that_names_a_clearing_may_come_long_before_it() -> None:
    who = with_cafe()
    take(message(who, "refund", "r1", 4_000, "c1"))
    take(message(who, "auth", "a1", 20_000))
    [result] = take(message(who, "clearing", "c1", 20_000, "a1"))
    assert (result.amount, money(who), paying.lines(who)) == (800, 800, [1_000, -200])
    take(message(who, "refund", "r2", 16_000, "a1"))
    assert money(who) == 0 and set(Payment.objects.values_list("chain", flat=True)) == {"a1"}


def test_what_clears_in_parts_is_credited_and_given_back_part_by_part() -> None:
    who = with_cafe()
    take(message(who, "clearing", "c1", 2_000, "a1"))
    take(message(who, "clearing", "c2", 18_000, "a1"))
    take(message(who, "refund", "r1", 1_000, "c1"))
    take(message(who, "refund", "r2", 19_000, "a1"))
    assert paying.lines(who) == [100, 900, -50, -50, -900] and money(who) == 0
    assert the_use(who).state == "reversed" and OfferUse.objects.exclude(chain="").count() == 1


def test_a_long_reference_still_has_a_source() -> None:
    who = shopper()
    [result] = take(message(who, "clearing", "c" * 80, 3_000))
    assert result.points == 3 and len(decision().source) == 66


def test_an_authorisation_that_never_clears_gives_back_what_it_held() -> None:
    who = with_cafe()
    take(message(who, "auth", "a1", 20_000))
    later = NOW + 31 * 86_400_000
    with clock.frozen(later):
        assert offer.lapse_due(NOW + 86_400_000) == 0 and offer.lapse_due(later) == 1
        assert offer.lapse_due(later) == 0
        assert (the_use(who).state, the_use(who).held) == ("lapsed", 0)
        assert Cap.objects.get(scope="fund", subject="cafe").used == 0
        assert Cap.objects.get(scope="offer").used == 0
        take(message(who, "clearing", "c1", 20_000, "a1"))
    assert (the_use(who).state, money(who)) == ("credited", 1_000), "what clears at last is credited at last"


# --- any order, any batches, anything again ------------------------------------------------------------
CHAINS = st.tuples(
    st.integers(0, 1),
    st.lists(st.integers(100, 90_000), min_size=1, max_size=3),
    st.lists(st.integers(1, 60_000), max_size=3),
)


class Undone(Exception):
    """Ends a play: everything it wrote is undone."""


def told(who: Member, name: str, auth: int, cleared: list[int], refunded: list[int]) -> list[CardTransaction]:
    first = [message(who, "auth", f"{name}a", sum(cleared), mcc=5411)] if auth else []
    cleared_ = [
        message(who, "clearing", f"{name}c{n}", amount, f"{name}a", mcc=5411)
        for n, amount in enumerate(cleared)
    ]
    origin = [f"{name}a", f"{name}c0"]
    back = [
        message(who, "refund", f"{name}r{n}", amount, origin[n % 2], mcc=5411)
        for n, amount in enumerate(refunded)
    ]
    return [*first, *cleared_, *back]


def kept(cleared: list[int], refunded: list[int]) -> int:
    """The naive oracle: a reward for the whole, less its share of what was given back."""
    reward = min(5_000, sum(cleared) * 300 // 10_000)
    back = min(sum(refunded), sum(cleared))
    return reward - reward * back // sum(cleared)


def play(chains: list[tuple[int, list[int], list[int]]], seed: int) -> None:
    chance = random.Random(seed)
    with clock.frozen(BEFORE):
        who = shopper()
        offer.add(who, "market")
    messages = [one for n, chain in enumerate(chains) for one in told(who, f"{n}-", *chain)]
    chance.shuffle(messages)
    left = list(messages)
    while left:
        some = chance.randint(1, 4)
        take(*left[:some])
        left = left[some:]
    right = [kept(cleared, refunded) for _, cleared, refunded in chains]
    nets = [use.amount - use.reversed for use in OfferUse.objects.exclude(chain="").order_by("chain")]
    assert nets == right and sum(right) == money(who) == sum(paying.lines(who))
    assert Cap.objects.get(scope="fund", subject="market").used == sum(right)
    before = (Posting.objects.count(), sum(right), OfferUse.objects.count(), len(decisions()))
    again = chance.sample(messages, chance.randint(1, len(messages)))
    assert {one.outcome for one in take(*again)} == {"known"}
    assert before == (Posting.objects.count(), money(who), OfferUse.objects.count(), len(decisions()))


def played(chains: list[tuple[int, list[int], list[int]]], seed: int) -> None:
    try:
        with transaction.atomic():
            play(chains, seed)
            raise Undone
    except Undone:
        pass


@given(st.lists(CHAINS, min_size=1, max_size=3), st.integers(0, 2**32))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_order_and_any_batches_come_to_the_same(
    chains: list[tuple[int, list[int], list[int]]], seed: int
) -> None:
    played(chains, seed)


@pytest.mark.long
@pytest.mark.timeout(900)
@given(st.lists(CHAINS, min_size=1, max_size=4), st.integers(0, 2**32))
@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_order_of_many_more(chains: list[tuple[int, list[int], list[int]]], seed: int) -> None:
    played(chains, seed)
