"""After a restore every derived table is filled in one reading; the same rows as by following."""

from __future__ import annotations

from typing import Any

import pytest

from bankside.record import projection, refill
from bankside.record.backup.copied import derived, tables
from bankside.record.models import Cursor, Quarantined
from tests.record.tally import ECHO, TALLIES, Tally, make_table, rows, say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all followers those of this test; the tables of the rooms are compared in test_restoring."""
    make_table()
    monkeypatch.setattr(refill, "followers", lambda: [TALLIES, ECHO])


@pytest.mark.parametrize("batch", [3, 500])
def test_the_rows_are_those_of_following(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(refill, "BATCH_MAX", batch)
    say("카드", "卡", "카드", "pas", "pas", "卡", "카드")
    while projection.catch_up(TALLIES, 0):
        pass
    before = rows()
    Tally.objects.filter(word="卡").update(times=99)
    seen: list[int] = []
    assert refill.refill(seen.append) == 7
    assert rows() == before
    assert seen[-1] == 7
    assert projection.catch_up(TALLIES, 0) == 0


def test_reactions_keep_their_places() -> None:
    say("one", "two")
    projection.catch_up(ECHO, 0)
    place = Cursor.objects.get(follower=ECHO.name, lane=0).seq
    refill.refill()
    assert Cursor.objects.get(follower=ECHO.name, lane=0).seq == place
    assert projection.catch_up(ECHO, 0, limit=500) <= 2  # its own echoes, and nothing that it has seen


def test_an_entry_that_cannot_be_taken_is_set_aside_and_the_rest_goes_on() -> None:
    say("one", "poison", "two")
    while projection.catch_up(TALLIES, 0):
        pass
    before = rows()
    refill.refill()
    assert rows() == before
    assert [word for _, word, _ in rows()] == ["one", "two"]
    assert Quarantined.objects.filter(follower=TALLIES.name).count() == 1


def test_a_database_that_goes_away_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(entry: Any, fact: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(TALLIES, "apply", away)
    say("one")
    with pytest.raises(OperationalError):
        refill.refill()


def test_no_table_is_both_derived_and_copied_and_none_is_forgotten() -> None:
    """Every table of the database is copied, derived, or known to pass."""
    from django.apps import apps

    from bankside.record.backup.copied import PASSING

    ours = {m._meta.db_table for m in apps.get_models(include_auto_created=True)}
    assert set(tables()) | derived() | PASSING >= ours
    assert not set(tables()) & (derived() | PASSING)
    assert ours >= PASSING
