"""Whole days in a zone: which days a name means, and as many before them."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures import period
from bankside.record import clock

D = datetime.date
NOW = clock.from_iso("2026-11-24T10:00:00Z")
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("week", D(2026, 11, 16), D(2026, 11, 22)), ("four-weeks", D(2026, 10, 26), D(2026, 11, 22)),
        ("quarter", D(2026, 7, 1), D(2026, 9, 30)),
    ],
)  # fmt: skip
def test_names_mean_what_is_over(name: str, first: D, last: D) -> None:
    found = period.named(name, "Asia/Seoul", NOW)
    assert (found.first, found.last) == (first, last)


def test_a_week_is_over_at_midnight_in_its_zone() -> None:
    sunday = clock.from_iso("2026-11-22T14:59:59Z")
    assert period.named("week", "Asia/Seoul", sunday).last == D(2026, 11, 15)
    assert period.named("week", "Asia/Seoul", sunday + 1000).last == D(2026, 11, 22)
    assert period.named("week", "Europe/Amsterdam", sunday + 1000).last == D(2026, 11, 15)


def test_a_quarter_of_the_year_before() -> None:
    found = period.named("quarter", "UTC", clock.from_iso("2026-02-03T00:00:00Z"))
    assert (found.first, found.last) == (D(2025, 10, 1), D(2025, 12, 31))


def test_the_days_before_are_as_many_and_touch() -> None:
    found = period.named("week", "Europe/Amsterdam", NOW)
    assert found.before().end_ms == found.start_ms and len(found.before().days) == 7


def test_days_are_as_long_as_they_are() -> None:
    found = period.chosen(D(2026, 10, 24), D(2026, 10, 26), "Europe/Amsterdam")
    assert [b - a for a, b in zip(found.starts, found.starts[1:], strict=False)] == [
        24 * HOUR,
        25 * HOUR,
        24 * HOUR,
    ]


@given(
    st.dates(D(2001, 1, 1), D(2090, 1, 1)), st.integers(0, period.DAYS_MAX - 1),
    st.sampled_from(["Asia/Seoul", "Europe/Amsterdam", "America/St_Johns", "Asia/Kathmandu", "UTC"]),
)  # fmt: skip
@settings(max_examples=25)
def test_every_day_begins_once_and_after_the_one_before(first: D, more: int, zone: str) -> None:
    found = period.chosen(first, first + datetime.timedelta(days=more), zone)
    assert len(found.starts) == len(found.days) + 1 == more + 2
    assert list(found.starts) == sorted(set(found.starts))
    assert found.before().before().end_ms == found.before().start_ms


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (D(2026, 2, 2), D(2026, 2, 1), "before the first"), (D(2024, 1, 1), D(2026, 2, 1), "400 days"),
        (D(1999, 12, 31), D(2000, 1, 2), "begins in 2000"),
    ],
)  # fmt: skip
def test_what_makes_no_period_is_refused(first: D, last: D, why: str) -> None:
    with pytest.raises(period.BadPeriod, match=why):
        period.chosen(first, last, "UTC")
    with pytest.raises(period.BadPeriod, match="four-weeks"):
        period.named("month", "UTC", NOW)
