"""The index of messages that are told together: written once, and as if they had been told one by one."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bankside.inbox import search, wording
from bankside.inbox.models import Message, Wording
from bankside.inbox.projections import INBOX
from bankside.people.models import Staff
from bankside.record import projection
from bankside.record.lane import lane_count
from tests.inbox.room import Talk
from tests.inbox.story import follow
from tests.scene import Scene

SAID = ("카드를 잃어버렸어요", "我的卡不能用了", "Mijn pas is weg", "My card is lost")


@pytest.fixture
def messages(scene: Scene) -> list[Message]:
    """Four that nobody finds yet."""
    for place, text in enumerate(SAID):
        Talk(scene, text, thread=f"comment:{place}", who=f"손님 {place}")
    follow()
    Wording.objects.all().delete()
    return list(Message.objects.order_by("pk"))


def found(staff: Staff, words: str) -> list[int]:
    return [hit.id for one in search.search(staff, words).found for hit in one.hits]


def test_many_messages_take_one_statement_and_are_all_found(scene: Scene, messages: list[Message]) -> None:
    with (
        CaptureQueriesContext(
            connection,
        ) as said,
        wording.together(),
    ):
        for message in messages:
            wording.keep(message)
        assert not Wording.objects.exists()
    assert len([one for one in said if "inbox_wording" in one["sql"] and "insert" in one["sql"].lower()]) == 1
    responder = scene.people["responder"]
    for message, words in zip(messages, ("잃어", "我的卡", "pas is", "card"), strict=True):
        assert found(responder, words) == [message.pk]


def test_the_last_words_of_a_message_count_and_dropped_ones_are_gone(
    scene: Scene, messages: list[Message]
) -> None:
    first, second, third, _ = messages
    wording.keep(third)
    with wording.together():
        for message in (first, second, third):
            wording.keep(message)
        first.text = "찾았어요"
        wording.keep(first)
        first.text = "told to nobody"
        wording.drop([second.pk, third.pk])
    responder = scene.people["responder"]
    assert found(responder, "찾았") == [first.pk]
    assert [found(responder, words) for words in ("잃어", "nobody", "我的卡", "pas")] == [[], [], [], []]
    assert list(Wording.objects.values_list("pk", flat=True)) == [first.pk]


def test_what_fails_leaves_nothing_and_nothing_is_left_for_the_next(messages: list[Message]) -> None:
    with pytest.raises(ValueError, match="full"), transaction.atomic(), wording.together():
        wording.keep(messages[0])
        raise ValueError("full")
    assert not Wording.objects.exists()
    wording.keep(messages[1])
    assert list(Wording.objects.values_list("pk", flat=True)) == [messages[1].pk]


def test_an_entry_that_cannot_be_taken_costs_the_others_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, text in enumerate(SAID):
        Talk(scene, text, thread=f"comment:{place}", who=f"손님 {place}")
    keep = wording.keep

    def fails_once(message: Message) -> None:
        keep(message)
        if message.text == SAID[1]:
            raise ValueError("cannot be taken")

    monkeypatch.setattr(wording, "keep", fails_once)
    for lane in range(lane_count()):
        while projection.catch_up(INBOX, lane):
            pass
    responder = scene.people["responder"]
    assert [bool(found(responder, words)) for words in ("잃어", "我的卡", "pas", "card")] == [
        True, False, True, True,
    ]  # fmt: skip
