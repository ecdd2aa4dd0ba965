from __future__ import annotations

import pytest

from bankside.record import clock, projection
from bankside.record.models import Cursor
from bankside.record.rebuild import NotAProjection, rebuild
from tests.record.rebuilt import assert_all_rebuild
from tests.record.tally import ECHO, TALLIES, Tally, make_table, rows, say

pytestmark = pytest.mark.django_db
NEW_YEAR_2027 = clock.from_iso("2027-01-01T00:00:00Z")


@pytest.fixture(autouse=True)
def _table() -> None:
    make_table()


def test_a_rebuild_gives_the_same_tables_row_for_row() -> None:
    say("카드", "卡", "카드")
    projection.catch_up(TALLIES, 0)
    before = rows()
    Tally.objects.filter(word="卡").update(times=99)
    assert rebuild(TALLIES.name) == 3
    assert rows() == before


def test_a_rebuild_takes_in_what_the_living_follower_had_not_yet_seen() -> None:
    say("one")
    projection.catch_up(TALLIES, 0)
    say("two")
    rebuild(TALLIES.name)
    assert [word for _, word, _ in rows()] == ["one", "two"]
    assert Cursor.objects.get(follower=TALLIES.name, lane=0).seq == 1
    assert projection.catch_up(TALLIES, 0) == 0


def test_living_rows_stay_until_the_swap_and_no_shadow_is_left_when_it_fails() -> None:
    say("one")
    projection.catch_up(TALLIES, 0)
    say("poison")
    with pytest.raises(ValueError):
        rebuild(TALLIES.name)
    assert [word for _, word, _ in rows()] == ["one"]
    assert rebuild_leaves_nothing()


def test_a_reaction_is_not_rebuilt() -> None:
    with pytest.raises(NotAProjection):
        rebuild(ECHO.name)


def rebuild_leaves_nothing() -> bool:
    from django.db import connection

    return not [t for t in connection.introspection.table_names() if t.startswith("shadow_")]


@pytest.mark.parametrize("batch", [7, 500])
def test_a_long_history_is_the_same_in_batches_of_any_size(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two years, more entries than a batch, words that return: the ids of the first ones stay."""
    monkeypatch.setattr("bankside.record.rebuild.BATCH_MAX", batch)
    with clock.frozen(NEW_YEAR_2027 - 1000):
        say(*(f"말 {number % 97}" for number in range(700)))
    with clock.frozen(NEW_YEAR_2027):
        say(*(f"字 {number % 89}" for number in range(700)))
    counts = assert_all_rebuild()
    assert counts["test_tally"] == 97 + 89


def test_a_difference_is_noticed() -> None:
    say("one", "two")
    projection.catch_up(TALLIES, 0)
    Tally.objects.filter(word="two").update(times=7)
    with pytest.raises(AssertionError, match="test_tally"):
        assert_all_rebuild()
