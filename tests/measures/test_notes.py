"""A day far outside its own past is said; an ordinary one is not, and few days say nothing."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.channels.models import Channel
from bankside.measures import behind, figures, notes, packing, period, places
from bankside.measures.models import Talk
from bankside.record import clock
from bankside.record.ids import new_id

ZONE = "Asia/Seoul"
DAY_MS = 86_400_000
WEEK = period.chosen(datetime.date(2026, 11, 16), datetime.date(2026, 11, 22), ZONE)


def test_the_middle_and_what_is_usual() -> None:
    assert notes.usual([10, 12, 11, 10, 13, 11], 1) == notes.Usual(11, 7, 15)  # median 11, spread 1
    assert notes.usual([100] * 8, 1) == notes.Usual(100, 90, 110)  # never nearer than a tenth
    assert notes.usual([0] * 8, 10) == notes.Usual(0, -10, 10)
    assert notes.usual([5] * 5, 1) is None


@given(st.lists(st.integers(0, 10_000), min_size=6, max_size=12))
@settings(max_examples=60)
def test_half_of_the_past_is_always_usual(values: list[int]) -> None:
    there = notes.usual(values, 1)
    assert there is not None
    assert sum(there.low <= value <= there.high for value in values) * 2 >= len(values)


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(clock, "_frozen_ms", clock.from_iso("2026-11-24T10:00:00Z"))
    return Channel.objects.create(name="Hanul Bank", network="practice", hook=new_id())


def opened(channel: Channel, day_from_start: int, how_many: int) -> None:
    """So many conversations at noon of a day, counted from the first of the week."""
    at = WEEK.start_ms + day_from_start * DAY_MS + DAY_MS // 2
    first = Talk.objects.count() + 1
    rows = [
        Talk(
            id=first + n, obj=f"{first + n:032x}", channel=channel.obj, opened_at=at, asked_n=first + n,
            due_at=at + 1, answered_n=first + n, answered_at=at + 60_000, answer_by="p", closed_n=first + n,
            closed_at=at + 90_000, version=first + n,
        )
        for n in range(how_many)
    ]  # fmt: skip
    for row in rows:
        row.packed = packing.of_talk(row)
    Talk.objects.bulk_create(rows)


def found() -> figures.Figures:
    return figures.counted(WEEK, figures.Filters(), places.every())


@pytest.mark.django_db
def test_a_saturday_with_five_times_as_many_is_said_with_its_entries(channel: Channel) -> None:
    for week in range(13):
        for day in range(7):
            opened(channel, day - 7 * week, 70 if (week, day) == (0, 5) else 12 + (week + day) % 3)
    [note] = notes.of(found())
    assert (note.measure, note.day, note.value, note.usual) == ("opened", datetime.date(2026, 11, 21), 70, 13)
    assert "far more" in note.words and "2026-11-21" in note.words and "13" in note.words
    rows = behind.rows_of(found(), note.measure, group="day", key=note.day.isoformat())
    assert rows.total == 70


@pytest.mark.django_db
def test_days_before_anything_was_counted_are_no_past(channel: Channel) -> None:
    for week in range(5):
        opened(channel, 5 - 7 * week, 70 if week == 0 else 12)
    assert notes.of(found()) == ()
