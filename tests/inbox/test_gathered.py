"""Rows do not depend on how the record was cut into batches: one by one, by three, or all at once."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bankside.inbox import gathered
from bankside.inbox.arriving import ASKS
from bankside.inbox.models import Conversation, Event, Message
from bankside.inbox.projections import INBOX
from bankside.record import projection
from bankside.record.facts.inbox import ConversationClosed
from bankside.record.lane import lane_count
from bankside.record.models import Cursor
from tests.inbox.story import Story, follow, tables

pytestmark = pytest.mark.django_db

WORDS = ("카드가 안 됩니다", "不良率是多少？", "Mijn kaart is weg", "My card is lost", "👍", "")


def told(seed: int) -> None:
    """Several people in several conversations at once: they speak, repeat, edit, take back; we speak too."""
    chance = random.Random(seed)
    stories = [Story(thread=f"comment:{n}") for n in range(3)]
    for number in range(60):
        story = chance.choice(stories)
        remote_id = f"comment:{chance.randrange(12)}"
        fields: dict[str, Any] = {"who": chance.choice(("박서연", "李明")), "own": chance.random() < 0.15}
        fields["in_reply_to"] = chance.choice(("", story.thread))
        fields["lang"] = chance.choice(("", "ko"))
        fields["red"] = chance.choice(((), (), ("PAN",), ("CVV", "PAN"), ("IBAN",)))
        words = f"{chance.choice(WORDS)} {number}"
        match chance.randrange(10):
            case 0:
                story.removed(remote_id)
            case 1:
                story.edited(words, remote_id, **fields)
            case 2:
                story.tell(ConversationClosed(reason="done"))
            case 3:
                story.seen("", remote_id, verb="Like", **fields | {"red": ()})
            case 4:
                story.seen("", remote_id, verb="Delete", **fields | {"red": ()})
            case 5:
                follow()
            case _:
                story.seen(words, remote_id, **fields)
    follow()


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.more) for n in range(1, 6))])
def test_rows_do_not_depend_on_the_size_of_batches(seed: int) -> None:
    told(seed)
    at_once = again(500)
    assert Message.objects.count() > 10 and Conversation.objects.count() == 3
    assert {row.pk: row.hidden for row in Conversation.objects.all()} == still_hidden()
    assert again(1) == at_once
    assert again(3) == at_once
    assert one_statement_each() == at_once


def still_hidden() -> dict[int, str]:
    """What the rows of messages say that lists should say of each conversation."""
    said = {row.pk: (row, set[str]()) for row in Conversation.objects.all()}
    for message in Message.objects.filter(way=Message.IN, removed_at=0, erased=False):
        row, found = said[message.conversation]
        ours = Message.objects.filter(conversation=row.pk, way=Message.OUT).values_list("at", flat=True)
        ends = Event.objects.filter(conversation=row.pk, what="closed").values_list("at", flat=True)
        if message.pk > row.settled or message.edited_at > max([0, *ours, *ends]):
            found.update(ASKS.intersection(message.red))
    return {number: " ".join(sorted(found)) for number, (_, found) in said.items()}


def again(size: int) -> list[list[tuple[Any, ...]]]:
    """The tables from nothing, following the record so many entries at a time."""
    for model in INBOX.tables:
        model.objects.all().delete()
    Cursor.objects.filter(follower=INBOX.name).delete()
    for lane in range(lane_count()):
        while projection.catch_up(INBOX, lane, size):
            pass
    return tables()


def one_statement_each() -> list[list[tuple[Any, ...]]]:
    """The same with nothing gathered: every change is written as it is made."""
    gather, gathered._Gathered = gathered._Gathered, lambda *names: None  # type: ignore[misc, assignment]
    try:
        return again(500)
    finally:
        gathered._Gathered = gather  # type: ignore[misc]


def test_nothing_is_written_when_something_fails() -> None:
    story = Story()
    story.seen("카드가 안 됩니다")
    with pytest.raises(RuntimeError), gathered.together([story.obj], []):
        gathered.keep(Conversation(id=1, obj=story.obj, lane=0, first_at=1, last_at=1, version=1))
        raise RuntimeError
    assert not Conversation.objects.exists() and gathered._gathered.get() is None
