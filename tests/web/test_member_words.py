"""Days, money and events in a member's words: her language, her format, the programme's days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import timezone, translation

from bankside.record import clock
from bankside.rewards.wallet import Event, Purse, Soon
from bankside.web.member import days, told

NOW = clock.from_iso("2026-11-23T15:20:00Z")
TODAY = date(2026, 11, 24)  # a Tuesday, which has begun in Seoul


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    with timezone.override("Asia/Seoul"), clock.frozen(NOW):
        yield


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (TODAY, "today"), (date(2026, 11, 25), "tomorrow"), (date(2026, 11, 26), "on Thursday"),
        (date(2026, 11, 30), "on Monday"), (date(2026, 12, 1), "on 1 Dec"),
        (date(2028, 11, 30), "on 30 Nov 2028"),
        (date(2026, 11, 20), "on 20 Nov"),
    ],
)  # fmt: skip
def test_a_day_is_said_as_short_as_it_can_be(day: date, said: str) -> None:
    assert days.when(day, TODAY) == said


@pytest.mark.parametrize(
    ("language", "short", "whole", "share"),
    [
        ("en", "31 Dec", "30 Nov 2028", "2.5%"), ("ko", "12월 31일", "2028년 11월 30일", "2.5%"),
        ("zh-hans", "12月31日", "2028年11月30日", "2.5%"), ("nl", "31 dec", "30 nov 2028", "2,5%"),
    ],
)  # fmt: skip
def test_every_language_has_its_own_dates_and_numbers(
    language: str, short: str, whole: str, share: str
) -> None:
    with translation.override(language):
        assert days.short(date(2026, 12, 31), TODAY) == short
        assert days.whole(date(2028, 11, 30)) == whole
        assert days.percent(250) == share


@pytest.mark.parametrize(
    ("minor", "currency", "language", "said"),
    [
        (225, "KRW", "en", "₩225"), (1_234_567, "KRW", "ko", "₩1,234,567"), (350, "EUR", "nl", "€\xa03,50"),
        (1_000_000, "LAK", "en", "LAK10,000"), (1_250, "RSD", "en", "RSD12.5"),
        (12_345, "KWD", "en", "KWD12.345"), (-350, "EUR", "en", "-€3.50"),
        (-225, "KRW", "en", "-₩225"), (1_050, "CNY", "zh-hans", "¥10.50"),
    ],
)  # fmt: skip
def test_money_has_the_digits_of_its_currency(minor: int, currency: str, language: str, said: str) -> None:
    with translation.override(language):
        assert days.money(minor, currency) == said


def test_points_carry_their_sign() -> None:
    assert [days.signed(number) for number in (9, 0, -30, 1_240)] == ["+9", "0", "−30", "+1,240"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 23), "settles today"), (TODAY, "settles today"),
        (date(2026, 11, 25), "settles tomorrow"),
        (date(2026, 11, 26), "settles in 2 days"),
    ],
)  # fmt: skip
def test_when_points_settle(day: date, said: str) -> None:
    assert days.settles_in(day, TODAY) == said


def test_a_moment_is_in_the_zone_of_the_programme() -> None:
    assert days.moment(NOW) == "24 Nov, 00:20" and days.moment(0) == ""
    assert days.today_there() == TODAY


def purse(*, settles: tuple[Soon, ...] = (), expires: tuple[Soon, ...] = ()) -> Purse:
    return Purse(available=1, pending=0, settles=settles, expires=expires)


def test_what_is_soon_names_the_next_of_each_alone() -> None:
    far = date(2099, 1, 31)
    both = purse(settles=(Soon(far, 1_038), Soon(far, 2)), expires=(Soon(far, 90),))
    assert told.soon(both) == ["1,038 more settle on 31 Jan 2099", "90 expire on 31 Jan 2099"]
    assert told.soon(purse(settles=(Soon(far, 1),))) == ["1 more settles on 31 Jan 2099"]
    assert told.soon(purse()) == []


@pytest.mark.parametrize(
    ("event", "what", "total", "state"),
    [
        (Event(kind="earned", at=1, what="reply", network="N", state="settled", points=9, source="e:1"),
         "You answered in our thread", "+9", ""),
        (Event(kind="earned", at=1, what="reply", state="capped", source="e:1"),
         "You answered in our thread", "0", "limit reached"),
        (Event(kind="earned", at=1, what="post", state="undisclosed", source="e:1"),
         "You wrote a post", "0", "has to say that it is advertising"),
        (Event(kind="earned", at=1, what="something-new", state="flagged", points=5, source="e:1"),
         "You took part", "+5", "a person looks first"),
        (Event(kind="removed", at=1, points=-30, source="e:1"), "Post removed", "−30", ""),
        (Event(kind="reversed", at=1, points=-30, source="e:1"), "Points taken back", "−30",
         "two people decided; you can appeal"),
        (Event(kind="expired", at=1, points=-30), "Points expired", "−30", ""),
        (Event(kind="offer", at=1, what="Café Sori", title="5% back", state="credited", amount=225,
               currency="KRW", earlier=1), "Café Sori, card payment", "₩225", "paid to your statement"),
        (Event(kind="offer", at=1, title="5% back", state="matched", earlier=1), "5% back", "",
         "waits for the payment to clear"),
        (Event(kind="refund", at=1, title="5% back", state="reversed", earlier=1), "5% back", "",
         "taken back with your refund"),
        (Event(kind="spent", at=1, title="Books", points=-500), "Books", "−500", ""),
        (Event(kind="undone", at=1, title="Books", points=500), "Books", "+500", ""),
    ],
)  # fmt: skip
def test_every_event_has_words_a_mark_and_a_sum(event: Event, what: str, total: str, state: str) -> None:
    line = told.told(event)
    assert (line.what, line.sum, line.state) == (what, total, state)
    assert line.mark and (not line.state or line.state_mark)


def test_a_state_that_is_not_known_says_nothing() -> None:
    assert told.state_of(Event(kind="earned", at=1, state="something-new")) == ("", "", "")
