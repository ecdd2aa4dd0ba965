"""An opening is told once: the first view, again after 15 minutes, and when something new came (#49, T3)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bankside.inbox import openings, search
from bankside.inbox.models import Conversation
from bankside.people import policy
from bankside.record import projection, readings
from bankside.record.models import Entry
from tests.inbox.room import Talk, colleague
from tests.inbox.story import follow
from tests.scene import Scene

MINUTE = 60


def told(talk: Talk, fact: str = openings.READ) -> list[Any]:
    """The readings of a conversation, each with its actor, its type and the entries it names."""
    rows = Entry.objects.filter(fact=fact, obj=talk.row.obj).order_by("n")
    return [(row.actor, row.type, projection.payload_of(row.n).entries) for row in rows]


def test_an_opening_is_told_once_with_what_was_shown(scene: Scene) -> None:
    talk, who = Talk(scene), scene.people["responder"]
    for _ in range(3):
        assert openings.thread(who, talk.row).lines
    assert told(talk) == [(who.actor, "read", (talk.first.id,))]
    openings.thread(scene.people["reviewer"], talk.row)
    assert [actor for actor, _, _ in told(talk)] == [who.actor, scene.people["reviewer"].actor]


def test_again_after_fifteen_minutes_whatever_the_clock_on_the_wall_says(scene: Scene) -> None:
    talk, who = Talk(scene), scene.people["responder"]
    openings.thread(who, talk.row)
    scene.later(15 * MINUTE - 1)
    openings.thread(who, talk.row)
    assert len(told(talk)) == 1
    scene.later(1)
    openings.thread(who, talk.row)
    assert len(told(talk)) == 2
    openings.thread(who, talk.row)
    assert len(told(talk)) == 2


def test_something_new_of_the_customer_opens_it_anew_and_our_own_words_do_not(scene: Scene) -> None:
    talk, who = Talk(scene), scene.people["responder"]
    openings.thread(who, talk.row)
    talk.story.wrote("5" * 32, "확인하겠습니다.")
    openings.thread(who, talk.row)
    assert len(told(talk)) == 1
    second = talk.story.seen("아직도 안 돼요.", "comment:13", in_reply_to="comment:12")
    openings.thread(who, talk.row)
    assert len(told(talk)) == 2 and second.id in told(talk)[1][2]
    third = talk.story.edited("이제 돼요.", "comment:13")
    openings.thread(who, talk.row)
    assert len(told(talk)) == 3 and third.id in told(talk)[2][2]


def test_whoever_looks_at_one_line_first_is_told_of_the_others_too(scene: Scene) -> None:
    talk, who = Talk(scene), scene.people["responder"]
    for number in range(13, 18):
        talk.story.seen(f"{number}번째", f"comment:{number}", in_reply_to="comment:12")
    newest = openings.thread(who, talk.row, limit=1)
    openings.thread(who, talk.row, before=newest.earlier, limit=2)
    whole = openings.thread(who, talk.row)
    shown = {line.entry for line in whole.lines if line.kind == "message"}
    assert shown <= {entry for _, _, entries in told(talk) for entry in entries}
    assert [len(entries) for _, _, entries in told(talk)] == [1, 2, 6]
    openings.thread(who, talk.row, limit=1)
    assert len(told(talk)) == 3


def test_what_is_sent_ahead_is_a_reading_of_its_own_kind(scene: Scene) -> None:
    talk, who = Talk(scene), scene.people["responder"]
    for _ in range(2):
        openings.thread(who, talk.row, ahead=True)
    assert told(talk, openings.AHEAD) == [(who.actor, "read", (talk.first.id,))]
    assert told(talk) == []
    openings.shown(who, talk.row, upto=0)
    assert told(talk) == [(who.actor, "read", (talk.first.id,))]
    openings.thread(who, talk.row, ahead=True)  # she has read it just now
    assert len(told(talk, openings.AHEAD)) == 1


@pytest.mark.parametrize("trouble", [OperationalError("database is locked"), OSError(28, "full"), KeyError()])
def test_without_its_record_nothing_is_shown(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    talk, who = Talk(scene), scene.people["responder"]

    def away(*_: object, **__: object) -> None:
        raise trouble

    for ask in (
        lambda: openings.thread(who, talk.row),
        lambda: openings.thread(who, talk.row, ahead=True),
        lambda: search.search(who, "로그인"),
    ):
        with monkeypatch.context() as patched, pytest.raises(readings.NotRecorded):
            patched.setattr(readings, "append", away)
            ask()
    assert openings.thread(who, talk.row).lines


def test_nobody_else_gets_the_words(scene: Scene) -> None:
    talk = Talk(scene)
    for role in ("author", "approver", "administrator"):
        with pytest.raises(policy.NotYours):
            openings.thread(scene.people[role], talk.row)
    assert told(talk) == []


def test_looking_again_takes_no_lock_and_opening_one_transaction(scene: Scene) -> None:
    talk, who = Talk(scene), scene.people["responder"]
    row = Conversation.objects.get(pk=talk.row.pk)
    with CaptureQueriesContext(connection) as first:
        openings.thread(who, row)
    with CaptureQueriesContext(connection) as again:
        openings.thread(who, row)
    said = [str(one["sql"]).lower() for one in again]
    writes = [sql for sql in said if sql.startswith(("insert", "update", "savepoint"))]
    assert writes == []
    assert len([one for one in first if str(one["sql"]).startswith("SAVEPOINT")]) == 1
    assert len(first) - len(again) <= 9


def test_a_search_is_told_without_its_words_and_with_what_it_found(scene: Scene) -> None:
    talk, who = Talk(scene, "카드가 멈췄어요"), scene.people["responder"]
    follow()
    for _ in range(2):
        search.search(who, "카드가")
    search.search(who, "4242 4242 4242 4242")
    search.search(who, "!?")  # holds no word: nothing is looked for
    rows = Entry.objects.filter(fact="inbox.messages-searched").order_by("n")
    said = [projection.payload_of(row.n) for row in rows]
    assert [(one.found, one.entries) for one in said] == [(1, (talk.first.id,)), (0, ())]
    assert [one.words for one in said] == [search.looked_for(w) for w in ("카드가", "4242 4242 4242 4242")]
    assert all(re.fullmatch("hmac:[0-9a-f]{64}", one.words) for one in said)
    assert {(row.type, row.actor, row.obj) for row in rows} == {("read", who.actor, who.uid)}


def test_one_leaf_when_the_same_page_is_asked_for_twice_at_once(scene: Scene) -> None:
    """Both see that nothing is told yet; the key makes one of the two."""
    talk, who = Talk(scene), colleague(scene, "Jin", "responder")
    with transaction.atomic():
        openings.told(who, talk.row, (talk.first.id,), (talk.first.id,))
    key = Entry.objects.get(fact=openings.READ, obj=talk.row.obj).key
    assert key.split(":")[:4] == [openings.READ, talk.row.obj, who.uid, "0"]
