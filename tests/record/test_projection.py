from __future__ import annotations

import pytest
from django.db import transaction

from bankside.record import projection
from bankside.record.models import Cursor, Entry, Payload, Quarantined
from tests.record.tally import ECHO, TALLIES, make_table, rows, say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _table() -> None:
    make_table()


def test_a_projection_follows_in_order_and_only_once() -> None:
    first, _ = say("카드", "卡")
    say("카드")
    assert projection.catch_up(TALLIES, 0) == 3
    assert projection.catch_up(TALLIES, 0) == 0
    assert rows()[0] == (first.n, "카드", 2)


def test_a_command_sees_its_own_act_in_its_own_transaction() -> None:
    with transaction.atomic():
        say("pas")
        assert projection.see(TALLIES, 0)
        assert [word for _, word, _ in rows()] == ["pas"]


def test_a_failed_command_takes_its_projection_back_with_it() -> None:
    with pytest.raises(ValueError), transaction.atomic():
        say("one", "poison")
        projection.see(TALLIES, 0)
    assert rows() == []
    assert not Entry.objects.exists()


def test_a_poisoned_entry_is_set_aside_and_the_others_go_on() -> None:
    _, bad, _ = say("one", "poison", "two")
    projection.catch_up(TALLIES, 0)
    assert [word for _, word, _ in rows()] == ["one", "two"]
    assert Quarantined.objects.get().n == bad.n
    assert Cursor.objects.get(follower=TALLIES.name).seq == 2


def test_a_reaction_appends_once_even_when_it_sees_an_entry_again() -> None:
    say("hello")
    projection.catch_up(ECHO, 0)
    Cursor.objects.filter(follower=ECHO.name).update(seq=-1)
    projection.catch_up(ECHO, 0)
    assert Entry.objects.filter(fact="tally.word-echoed").count() == 1


def test_erased_words_reach_a_projection_as_none() -> None:
    entry = say("secret")[0]
    Payload.objects.filter(n=entry.n).delete()
    projection.catch_up(TALLIES, 0)
    assert rows() == [(entry.n, "", 1)]
