"""What a member is shown, what she puts on her card, and what she never sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bankside.record import clock
from bankside.record.append import entries_where
from bankside.record.models import Job
from bankside.rewards import consent, holdout, offer
from bankside.rewards import member as members
from bankside.rewards import programme as programmes
from bankside.rewards.models import Cap, Member, OfferUse
from bankside.rewards.offer_limits import given_of
from bankside.rewards.taking_part import NotTakingPart, actor_of, subj_of
from tests.rewards import living, paying
from tests.rewards.paying import BEFORE, NOW, message, shopper, take, the_use

pytestmark = pytest.mark.django_db
EVERYBODYS = ["market", "train"]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    yield from paying.noon()


def seen(who: Member) -> list[str]:
    return [one.offer.id for one in offer.offers_for(who).offers]


def test_what_fits_is_shown_with_what_it_gives_and_how_often() -> None:
    who = shopper()
    shown = offer.offers_for(who)
    assert shown.personal and [one.offer.id for one in shown.offers] == ["cafe", *EVERYBODYS]
    assert [(one.title, one.back, one.left) for one in shown.offers] == [
        ("카페 5%", "5%", 2), ("시장 3%", "3%", 100), ("500포인트", "500 pt", 1),
    ]  # fmt: skip
    assert seen(shopper(interests=("books",))) == EVERYBODYS


def test_without_personal_offers_are_everybodys_and_earning_is_the_same() -> None:
    who, other = shopper(), shopper()
    consent.withdraw(who, "personal")
    assert not offer.offers_for(who).personal and seen(who) == EVERYBODYS
    with pytest.raises(offer.NoSuchOffer):
        offer.add(who, "cafe")
    one, two = take(message(who, "clearing", "c1", 9_000), message(other, "clearing", "c2", 9_000))
    assert one.points == two.points == 9


def test_what_is_on_the_card_stays_shown_whatever_changed() -> None:
    who = shopper()
    offer.add(who, "cafe")
    consent.withdraw(who, "personal")
    members.declare(who, ["books"])
    assert seen(who) == ["cafe", *EVERYBODYS]
    assert offer.take_off(who, "cafe") and seen(who) == EVERYBODYS


def test_adding_twice_is_once_and_the_record_knows() -> None:
    who = shopper()
    first, second = offer.add(who, "cafe"), offer.add(who, "cafe")
    assert first.obj == second.obj and OfferUse.objects.count() == 1
    [told] = entries_where("fact = %s", ["rewards.offer-added"])
    assert (told.actor, told.obj, told.subj) == (actor_of(who), first.obj, subj_of(who))
    assert Job.objects.filter(key=offer.LAPSE).count() == 1


def test_taking_off_ends_it_and_adding_again_begins_anew() -> None:
    with clock.frozen(BEFORE):
        who = shopper()
        assert not offer.take_off(who, "cafe")
        first = offer.add(who, "cafe")
    take(message(who, "auth", "a1", 10_000))
    assert offer.take_off(who, "cafe") and not offer.take_off(who, "cafe")
    take(message(who, "clearing", "c1", 10_000, "a1"))
    assert the_use(who).state == "credited", "what was paid with it stays"
    assert take(message(who, "auth", "a2", 10_000))[0].reason == "no-offer"
    assert offer.add(who, "cafe").obj != first.obj
    assert [use.state for use in offer.uses_of(who)] == ["added", "credited", "off"]


def test_it_stays_on_the_card_and_what_is_left_goes_down() -> None:
    with clock.frozen(BEFORE):
        who = shopper()
        offer.add(who, "cafe")
    take(message(who, "auth", "a1", 10_000), message(who, "auth", "a2", 10_000))
    [cafe, *_] = offer.offers_for(who).offers
    assert cafe.use is not None and (cafe.use.state, cafe.left) == ("added", 0)


@pytest.mark.parametrize(
    ("how", "wrong"),
    [
        ({"consents": {"programme": "", "personal": ""}}, consent.ConsentMissing),
        ({"employee": True}, offer.NoSuchOffer),
        ({"interests": ("books",)}, offer.NoSuchOffer),
    ],
)
def test_who_cannot_add(how: dict[str, Any], wrong: type[Exception]) -> None:
    with pytest.raises(wrong):
        offer.add(shopper(**how), "cafe")
    assert not OfferUse.objects.exists()


def test_nothing_is_added_by_who_left_nor_what_is_not_there() -> None:
    who = shopper()
    with pytest.raises(offer.NoSuchOffer):
        offer.add(who, "unheard-of")
    members.pause(who)
    with pytest.raises(NotTakingPart):
        offer.add(who, "cafe")


def test_an_empty_fund_is_neither_shown_nor_added() -> None:
    Cap.objects.create(scope="fund", subject="cafe", window=0, used=100_000, limit=100_000)
    who = shopper()
    assert seen(who) == EVERYBODYS
    with pytest.raises(offer.FundEmpty):
        offer.add(who, "cafe")


def test_offers_have_their_time() -> None:
    with clock.frozen(BEFORE):
        living.live(paying.TEXT.replace("mcc = [5411]", "mcc = [5411]\nfrom = 2026-11-26\nto = 2026-12-01"))
    who = shopper()
    assert seen(who) == ["cafe", "train"]
    with clock.frozen(clock.from_iso("2026-11-26T00:00:00+09:00")):
        assert seen(who) == ["cafe", *EVERYBODYS]
        assert offer.offers_for(who).offers[1].until_ms == clock.from_iso("2026-12-01T00:00:00+09:00")
        offer.add(who, "market")
    for moment, reason in [("2026-11-30T23:59:59+09:00", ""), ("2026-12-01T00:00:00+09:00", "no-offer")]:
        at = clock.from_iso(moment)
        assert [one.reason for one in take(message(who, "auth", moment, 9_000, mcc=5411, at_ms=at))] == [
            reason
        ]


# --- invariant 18: who is held out -------------------------------------------------------------------------
def with_holdout(share: str) -> None:
    with clock.frozen(BEFORE):
        living.live(paying.TEXT.replace("fund = 1_000_000", f'fund = 1_000_000\nholdout = "{share}"'))


def both_arms(parts: int, each: int) -> list[Member]:
    """Members, drawn until so many are held out of the market and so many are not: it is chance."""
    found, arms = list[Member](), [0, 0]
    while min(arms) < each:
        found.append(shopper())
        arms[holdout.held_out(found[-1].obj, "market", parts)] += 1
    return found


def test_who_is_held_out_is_never_shown_it_and_cannot_add_it() -> None:
    with_holdout("40%")
    everybody = both_arms(4_000, each=6)
    held = [who for who in everybody if holdout.held_out(who.obj, "market", 4_000)]
    for who in everybody:
        assert ("market" in seen(who)) == (who not in held)
        consent.withdraw(who, "personal")
        assert ("market" in seen(who)) == (who not in held), "the switch moves nobody"
    for who in held:
        with pytest.raises(offer.NoSuchOffer, match="no such offer for you"):
            offer.add(who, "market")


def test_who_is_held_out_later_is_not_matched_any_more() -> None:
    with clock.frozen(BEFORE):
        everybody = both_arms(5_000, each=3)
        for who in everybody:
            offer.add(who, "market")
    with_holdout("50%")
    results = take(*[message(who, "auth", f"a{n}", 9_000, mcc=5411) for n, who in enumerate(everybody)])
    held = [holdout.held_out(who.obj, "market", 5_000) for who in everybody]
    assert [one.reason == "no-offer" for one in results] == held
    assert ["market" not in seen(who) for who in everybody] == held


# --- versions -----------------------------------------------------------------------------------------------
def test_terms_are_those_it_was_added_under_until_it_is_added_again() -> None:
    with clock.frozen(BEFORE):
        who = shopper()
        use = offer.add(who, "cafe")
        living.live(paying.TEXT.replace('back = "5%"', 'back = "1%"'))
    take(message(who, "clearing", "c1", 10_000))
    assert paying.money(who) == 500
    assert offer.add(who, "cafe").obj == use.obj
    take(message(who, "clearing", "c2", 10_000))
    assert paying.money(who) == 600


def test_an_offer_that_no_version_has_any_more_is_over() -> None:
    with clock.frozen(BEFORE):
        who = shopper()
        offer.add(who, "cafe")
        first, *_ = programmes.live()
        programmes.retire(living.approvers()[0], first.row.obj, reason="over")
    assert offer.offers_for(who).offers == ()
    assert take(message(who, "auth", "a1", 10_000))[0].reason == "no-offer"
    assert given_of(["cafe"]) in ({}, {"cafe": 0})


# --- what staff see -----------------------------------------------------------------------------------------
def test_staff_see_the_fund_the_uses_and_for_how_many_it_is() -> None:
    with_holdout("40%")
    with clock.frozen(BEFORE):
        everybody = [shopper() for _ in range(8)] + [shopper(interests=())]
        for who in everybody[:2]:
            offer.add(who, "cafe")
    take(message(everybody[0], "clearing", "c1", 10_000), message(everybody[1], "auth", "a1", 20_000))
    cafe, market, _ = offer.standing()
    assert (cafe.fund, cafe.used, cafe.eligible, cafe.held_out) == (100_000, 1_500, 8, 0)
    assert (cafe.added, cafe.matched, cafe.credited, cafe.reversed) == (2, 1, 1, 0)
    held = sum(holdout.held_out(who.obj, "market", 4_000) for who in everybody)
    assert (market.eligible, market.held_out) == (9 - held, held)
    assert str(cafe.fund_words) == "1500 KRW of 100000 KRW" and "too few members" in market.lift_words


def test_the_lift_compares_who_was_shown_with_who_was_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdout, "MEMBERS_MIN", 4)
    with_holdout("50%")
    with clock.frozen(BEFORE):
        everybody = both_arms(5_000, each=8)
        silent = shopper(consents={"programme": ""})
    held = [holdout.held_out(who.obj, "market", 5_000) for who in everybody]
    shown = [who for who, out in zip(everybody, held, strict=True) if not out]
    with clock.frozen(NOW - 1):  # the offer begins with its version: who came after it is in no group
        living.live(paying.TEXT.replace("fund = 1_000_000", 'fund = 1_000_001\nholdout = "50%"'))
    late = shopper()
    take(
        *[message(who, "clearing", f"c{n}", 10_000, mcc=5411) for n, who in enumerate(shown[:-1])],
        message(shown[0], "refund", "r0", 4_000, "c0", mcc=5411), message(late, "clearing", "l", 9, mcc=5411),
        message(silent, "clearing", "s", 10_000, mcc=5411), message(shown[-1], "clearing", "x", 9_000),
    )  # fmt: skip
    lift = offer.standing(NOW + 1)[1].lift
    assert (lift.offered.members, lift.held_out.members) == (len(shown), sum(held))
    assert (lift.offered.paid, lift.offered.spent) == (len(shown) - 1, 10_000 * (len(shown) - 1) - 4_000)
    assert lift.rate is not None and lift.rate.low > 0 and lift.held_out.paid == 0
