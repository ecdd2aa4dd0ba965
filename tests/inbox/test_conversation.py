from __future__ import annotations

import pytest

from bankside.channels import connect
from bankside.inbox import conversation as conversations
from bankside.inbox.models import Event, Message
from bankside.people import policy, staff, teams
from tests.inbox.room import Talk, colleague
from tests.scene import Scene


def test_who_sees_a_conversation(scene: Scene) -> None:
    row = Talk(scene).row
    for role in ("responder", "reviewer", "auditor"):
        assert conversations.get_visible(scene.people[role], row.pk) == row
    assert conversations.get_visible(scene.people["responder"], row.obj) == row
    elsewhere = staff.add(
        "nl@hanulbank.example", "Sanne", role="responder", team=teams.make("Amsterdam", "Europe/Amsterdam")
    )
    for stranger in (elsewhere, scene.people["administrator"], scene.people["author"]):
        with pytest.raises(conversations.NoConversation):
            conversations.get_visible(stranger, row.pk)


def test_a_conversation_stays_when_its_channel_leaves_the_desk(scene: Scene) -> None:
    row = Talk(scene).row
    connect.remove(scene.people["administrator"], scene.channel)
    assert list(conversations.visible_to(scene.people["responder"])) == [row]


def test_taken_on_given_away_and_let_go(scene: Scene) -> None:
    responder, other = scene.people["responder"], colleague(scene, "Joon Seo", "responder")
    row = Talk(scene).row
    row = conversations.assign(responder, row, responder.uid)
    assert row.assignee == responder.uid
    assert conversations.assign(responder, row, other.uid).assignee == other.uid
    assert conversations.assign(responder, row, "").assignee == ""
    conversations.assign(responder, row, "")
    assert [e.detail for e in Event.objects.order_by("id")] == [responder.uid, other.uid, ""]


def test_nobody_gets_what_she_cannot_see(scene: Scene) -> None:
    row = Talk(scene).row
    for uid in (scene.people["administrator"].uid, "0" * 32):
        with pytest.raises(conversations.NotAssignable):
            conversations.assign(scene.people["responder"], row, uid)
    assert scene.people["responder"] in conversations.may_be_assigned(row)
    assert scene.people["author"] not in conversations.may_be_assigned(row)


def test_two_people_taking_it_at_once(scene: Scene) -> None:
    responder, other = scene.people["responder"], colleague(scene, "Joon Seo", "responder")
    row = Talk(scene).row
    conversations.assign(other, row, other.uid, version=row.version)
    with pytest.raises(conversations.Changed, match="Joon Seo was quicker"):
        conversations.assign(responder, row, responder.uid, version=row.version)


def test_what_was_sorted_meanwhile_is_no_conflict(scene: Scene) -> None:
    talk = Talk(scene)
    version = talk.first.n
    assert talk.row.version > version
    responder = scene.people["responder"]
    assert conversations.assign(responder, talk.row, responder.uid, version=version).assignee


def test_closed_and_opened_again_by_people(scene: Scene) -> None:
    responder = scene.people["responder"]
    row = conversations.close(responder, Talk(scene).row, reason="bedankt")
    assert (row.state, row.due_at) == ("closed", 0)
    conversations.close(responder, row)
    row = conversations.reopen(responder, row)
    assert (row.state, row.due_at) == ("open", 0)
    assert [e.what for e in Event.objects.order_by("id")] == ["closed", "reopened"]


def test_a_conversation_is_not_closed_over_a_message_that_she_did_not_see(scene: Scene) -> None:
    talk = Talk(scene)
    version = talk.row.version
    talk.story.seen("请问还在吗？", "comment:13")
    with pytest.raises(conversations.Changed, match="message arrived"):
        conversations.close(scene.people["responder"], talk.row, version=version)


def test_a_note_is_kept_among_colleagues_and_card_numbers_are_not(scene: Scene) -> None:
    talk = Talk(scene)
    obj = conversations.note(scene.people["reviewer"], talk.row, "카드 4242 4242 4242 4242 확인")
    note = Message.objects.get(way="note")
    assert (note.reply, note.text, note.red) == (obj, "카드 •••• •••• •••• 4242 확인", ["PAN"])
    assert talk.row.messages == 1
    with pytest.raises(conversations.BadNote):
        conversations.note(scene.people["reviewer"], talk.row, "  ")


@pytest.mark.parametrize("role", ["auditor", "author", "administrator"])
def test_others_may_do_nothing_with_it(scene: Scene, role: str) -> None:
    row, somebody = Talk(scene).row, scene.people[role]
    for act in (
        lambda: conversations.assign(somebody, row, ""),
        lambda: conversations.close(somebody, row),
        lambda: conversations.reopen(somebody, row),
        lambda: conversations.note(somebody, row, "x"),
    ):
        with pytest.raises(policy.NotYours):
            act()
