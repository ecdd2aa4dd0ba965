"""What a member's pages read together: her own alone, in order, with the right days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.record import clock
from bankside.rewards import link, redemption, wallet
from bankside.rewards.ledger import spend
from bankside.rewards.ledger.days import NEVER_MONTH
from bankside.rewards.models import Link, Member
from bankside.rewards.wallet import Event, Wish
from tests.rewards import living
from tests.rewards.joined import linked, member

NOW = clock.from_iso("2026-11-24T16:30:00Z")  # the 25th in Seoul


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def given_to(who: Member, points: int, source: str, expires: int = NEVER_MONTH) -> None:
    with transaction.atomic():
        spend.credit(who.pk, "pt", points, source=source, rule="gift", at=NOW, expires=expires)


@pytest.mark.django_db
def test_days_are_those_of_the_programme_and_of_utc_without_one() -> None:
    assert wallet.today() == date(2026, 11, 24)
    living.live()
    assert wallet.today() == date(2026, 11, 25)


def test_a_month_ends_on_its_last_day() -> None:
    assert wallet.last_of((2026 - 1970) * 12 + 11) == date(2026, 12, 31)
    assert wallet.last_of((2028 - 1970) * 12 + 1) == date(2028, 2, 29)
    assert wallet.last_of(NEVER_MONTH) is None
    assert wallet.day_of(0) == date(1970, 1, 1)


@pytest.mark.django_db
def test_only_what_expires_within_the_months_of_notice_is_told() -> None:
    living.live()
    who, month = member(), (2026 - 1970) * 12 + 10
    for ahead in (0, 6, 7):
        given_to(who, 10 + ahead, f"g:{ahead}", month + ahead)
    given_to(who, 5, "g:never")
    has = wallet.purse(who)
    assert has.available == 10 + 16 + 17 + 5
    assert [(soon.on, soon.points) for soon in has.expires] == [
        (date(2026, 11, 30), 10), (date(2027, 5, 31), 16),
    ]  # fmt: skip


@pytest.mark.django_db
def test_nobody_sees_what_happened_to_somebody_else() -> None:
    living.live()
    who, other = member(language="en"), member()
    given_to(who, 500, "g:1")
    redemption.redeem(who, "statement", 100, "k")
    events, older = wallet.what_happened(who)
    assert [(one.kind, one.points) for one in events] == [("spent", -100)] and older == 0
    assert events[0].title == "Money on your statement"
    assert wallet.what_happened(other) == ((), 0)


@pytest.mark.django_db
def test_what_was_taken_back_stands_there_twice() -> None:
    living.live()
    who = member()
    given_to(who, 500, "g:1")
    row = redemption.redeem(who, "statement", 100, "k")
    with clock.frozen(NOW + 1_000):
        redemption.undo(who, row.obj)
    events, _ = wallet.what_happened(who)
    assert [(one.kind, one.points) for one in events] == [("undone", 100), ("spent", -100)]


@settings(max_examples=50)
@given(st.sets(st.integers(1, 99)), st.integers(0, 99))
def test_pages_of_events_leave_none_out_that_has_a_moment_of_its_own(moments: set[int], start: int) -> None:
    events = [Event(kind="spent", at=at) for at in moments]
    seen: list[int] = []
    before = start
    for _ in range(10):
        page, before = wallet.newest(events, before)
        assert len(page) <= wallet.EVENTS_MAX
        seen += [event.at for event in page]
        if not before:
            break
    assert seen == sorted((at for at in moments if not start or at < start), reverse=True)


@pytest.mark.django_db
def test_the_profile_on_the_card_comes_first_and_hers_alone_are_found() -> None:
    who, other = member(), member()
    first = linked(who, "one")
    theirs = linked(other, "two")
    assert [one.handle for one in wallet.linked(who)] == ["@one"]
    assert wallet.linked_one(who, first.obj).where == "social.example/@one"
    with pytest.raises(link.NoSuchLink):
        wallet.linked_one(who, theirs.obj)


@pytest.mark.django_db
def test_a_picture_is_there_for_what_can_be_printed() -> None:
    who = member()
    assert wallet.picture(who) is None
    linked(who, "minji")
    shown = wallet.picture(who)
    assert shown and "@minji" in shown.spoken and wallet.drawing(who, Wish(), "front").startswith(b"<svg")
    wished = wallet.picture(who, Wish(theme="paper", on_line=False))
    assert wished and wished.artwork.theme == "paper" and not wished.artwork.address
    Link.objects.filter(member=who).update(handle="@\u202egnp.exe")
    assert wallet.picture(who) is None


def test_a_wish_takes_no_look_that_there_is_not() -> None:
    assert Wish.of({"theme": "neon", "link": "x"}) == Wish(theme="", link="x", on_line=False)
    wish = Wish.of({"theme": "paper", "on_line": "1"})
    assert Wish.of(wish.query()) == wish


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Hi"), ("zh-hans", "你好"), ("nl", "Hi"), ("ko", "안녕")]
)
def test_words_of_a_file_are_in_her_language_or_in_english(language: str, said: str) -> None:
    assert wallet.in_language({"en": "Hi", "zh": "你好", "ko": "안녕"}, language) == said
    assert wallet.in_language({}, language) == ""


def test_a_network_that_is_none_keeps_its_name() -> None:
    assert wallet.network_title("") == "" and wallet.network_title("nowhere") == "nowhere"
