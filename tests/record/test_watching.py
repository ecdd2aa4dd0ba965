from __future__ import annotations

import pytest
from django.db import transaction

from bankside.record import clock, projection
from bankside.record.append import append
from bankside.record.facts.inbox import ConversationClosed
from bankside.record.ids import new_id
from bankside.record.models import Cursor
from bankside.record.watching import Change, Watch

pytestmark = pytest.mark.django_db
OBJ = "a" * 32


def record(obj: str = OBJ, key: str = "") -> None:
    with transaction.atomic():
        append(ConversationClosed(reason=""), key or new_id(), actor="s:test", obj=obj, lane=0)


def follow() -> None:
    while projection.run_once():
        pass


def test_the_first_look_tells_nothing() -> None:
    record()
    follow()
    assert Watch().changes() == []


def test_what_is_new_is_told_once_newest_first() -> None:
    watch = Watch()
    watch.changes()
    record()
    record("b" * 32)
    follow()
    assert watch.changes() == [
        Change("inbox.conversation-closed", "b" * 32), Change("inbox.conversation-closed", OBJ),
    ]  # fmt: skip
    assert watch.changes() == []


def test_nothing_is_told_before_the_projections_have_it() -> None:
    watch = Watch()
    with clock.frozen(clock.now_ms()):
        watch.changes()
        record()
        assert watch.changes() == []
        follow()
        assert [change.obj for change in watch.changes()] == [OBJ]


def test_a_projection_that_stands_still_holds_it_up_for_a_second_at_most() -> None:
    watch, now = Watch(), clock.now_ms()
    with clock.frozen(now):
        watch.changes()
        record()
        assert watch.changes() == []
    with clock.frozen(now + 1_001):
        assert [change.obj for change in watch.changes()] == [OBJ]
    assert Cursor.objects.filter(seq__gte=0).count() == 0
