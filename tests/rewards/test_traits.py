"""Columns of all members, one member, and one that changed are the same reading of the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from bankside.record import clock
from bankside.rewards import consent, link, offer, traits
from bankside.rewards import member as members
from bankside.rewards import programme as programmes
from bankside.rewards.ledger.days import DAY_MS, Calendar
from bankside.rewards.ledger.tables import Meter
from bankside.rewards.models import Member, Payment
from bankside.rewards.rules.standing import Standing
from bankside.rewards.rules.terms import Programme
from bankside.rewards.targeting import Bitmaps, Targets, unpacked
from tests.rewards import joined, living, paying
from tests.rewards.paying import BEFORE, NOW, message, shopper, take

pytestmark = pytest.mark.django_db
TODAY = Calendar("Asia/Seoul").day(NOW)


@pytest.fixture
def terms() -> Iterator[Programme]:
    with clock.frozen(BEFORE):
        living.live(paying.TEXT)
    with clock.frozen(NOW):
        yield programmes.live()[0].programme


def seen(who: Member, terms: Programme, at: int = NOW) -> Standing:
    alone = traits.standing_of(who.pk, terms, at)
    assert alone is not None and traits.columns(terms, at).row(who.pk) == alone
    return alone


def test_what_is_known_of_a_member(terms: Programme) -> None:
    who = shopper(tenure_since=date(2024, 3, 15), interests=("coffee", "books"), language="nl")
    with clock.frozen(NOW - 12 * DAY_MS):
        joined.linked(who)
    Meter.objects.create(member=who.pk, body=b"", newest=TODAY, days=sum(1 << n for n in (0, 1, 29, 30)))
    take(message(who, "clearing", "c1", 50_000), message(who, "refund", "r1", 8_000, "c1"))
    assert seen(who, terms, NOW + 1) == Standing(
        tier=1,
        tenure=32,
        spend=42_000,
        active_days=3,
        link_days=12,
        interest=("books", "coffee"),
        language="nl",
    )


def test_nothing_known_is_nothing(terms: Programme) -> None:
    assert seen(shopper(interests=(), language="ko"), terms) == Standing(language="ko")


def test_spending_counts_with_consent_alone_in_the_currency_and_for_thirty_days(terms: Programme) -> None:
    who = shopper(consents={"programme": ""})
    take(message(who, "clearing", "c0", 9_000))
    consent.give(who, "spend")
    assert seen(who, terms).spend == 0, "what was paid before she agreed is not used"
    take(
        message(who, "clearing", "c1", 5_000), message(who, "clearing", "c2", 700, currency="EUR"),
        message(who, "clearing", "c3", 900, at_ms=NOW - 30 * DAY_MS), message(who, "auth", "a1", 60),
        message(who, "clearing", "c4", 30, at_ms=NOW - 30 * DAY_MS + 1),
    )  # fmt: skip
    assert seen(who, terms).spend == 5_030
    with clock.frozen(NOW + 5):
        consent.withdraw(who, "spend")
    assert seen(who, terms, NOW + 6).spend == 0 and seen(who, terms, NOW).spend == 5_030


def test_who_has_no_row(terms: Programme) -> None:
    away, works = shopper(), shopper(employee=True)
    members.pause(away)
    for who in (away, works):
        assert traits.standing_of(who.pk, terms, NOW) is None
    assert len(traits.columns(terms, NOW)) == 0


def test_as_of_a_moment_who_came_later_is_not_there(terms: Programme) -> None:
    who = shopper()
    with clock.frozen(NOW + 50):
        made = joined.linked(who)
        shopper()
    with clock.frozen(NOW + 9 * DAY_MS):
        link.unlink(who, made.obj)
    assert len(traits.columns(terms, NOW)) == 1 and len(traits.columns(terms, NOW + 50)) == 2
    later = [seen(who, terms, NOW + n * DAY_MS).link_days for n in (3, 8, 10)]
    assert later == [2, 7, 0]


def test_a_change_is_read_into_its_row_and_moves_only_its_columns(terms: Programme) -> None:
    everybody = [shopper() for _ in range(9)]
    columns = traits.columns(terms, NOW)
    targets = Targets([one.when for one in terms.offers])
    bitmaps = Bitmaps(columns)
    bitmaps.evaluate(targets)
    made, before = bitmaps.made, dict(columns.changes)
    assert traits.refresh(columns, terms, NOW, [who.pk for who in everybody]) == 9
    assert columns.changes == before, "nothing changed"
    members.declare(everybody[4], ["books"])
    members.pause(everybody[5])
    assert traits.refresh(columns, terms, NOW, [everybody[4].pk, everybody[5].pk, 99]) == 1
    moved = {name for name, count in columns.changes.items() if count != before[name]}
    assert moved == {"interest"}
    found = bitmaps.evaluate(targets, keep=True)
    assert bitmaps.made == made + 1 and found.counts[0] == 8
    assert np.flatnonzero(~unpacked(found.bitmaps[0], 9)).tolist() == [4]


def test_columns_and_the_page_of_a_member_agree(terms: Programme) -> None:
    everybody = [shopper(interests=some) for some in [("coffee",), ("books",), (), ("books", "coffee")] * 2]
    columns = traits.columns(terms, NOW)
    found = Bitmaps(columns).evaluate(Targets([one.when for one in terms.offers]), keep=True)
    for row, who in enumerate(everybody):
        fits = [unpacked(bits, len(columns))[row] for bits in found.bitmaps]
        names = [one.id for one, fit in zip(terms.offers, fits, strict=True) if fit]
        assert names == [one.offer.id for one in offer.offers_for(who).offers]


def test_no_column_is_read_from_what_anybody_wrote() -> None:
    """The tables that are asked hold no text of a post; nor has a member's row a word beyond these."""
    asked = " ".join(
        value for name, value in vars(traits).items() if name.startswith("_") and isinstance(value, str)
    )
    tables = {word for word in asked.split() if word.startswith("rewards_")}
    assert tables == {
        "rewards_member", "rewards_payment", "rewards_consent", "rewards_meter", "rewards_link",
    }  # fmt: skip
    assert "merchant" not in asked and Payment._meta.db_table in tables
