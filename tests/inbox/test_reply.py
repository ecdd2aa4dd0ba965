from __future__ import annotations

from typing import Any

import pytest

from bankside.approvals import consent
from bankside.channels import connect
from bankside.channels.models import Delivery
from bankside.inbox import conversation as conversations
from bankside.inbox import reading
from bankside.inbox import reply as replies
from bankside.inbox.models import Message, Reply
from bankside.people import policy, staff
from tests.inbox.room import Talk, colleague
from tests.scene import Scene

ANSWER = "서연 고객님, 카드를 바로 멈췄습니다."


def state_of(reply: Reply) -> str:
    return Message.objects.get(reply=reply.obj).state


def test_an_answer_leaves_after_ten_seconds_with_consent_by_policy(scene: Scene) -> None:
    talk = Talk(scene)
    reply = replies.write(scene.people["responder"], talk.row, ANSWER)
    delivery = Delivery.objects.get(obj=reply.delivery)
    assert (reply.state, state_of(reply)) == ("planned", "planned")
    assert delivery.due_at == scene.moment + 10_000
    assert (delivery.consent.policy, delivery.lane) == ("reply-direct@1", talk.row.lane)
    assert replies.undo_until(reply) == scene.moment + 10_000
    assert talk.row.due_at


def test_where_an_answer_goes_is_part_of_its_words(scene: Scene) -> None:
    talk = Talk(scene)
    second = talk.story.seen("En de app?", "comment:13", who="Sanne")
    words = replies.write(scene.people["responder"], talk.row, "Dank u, wij kijken ernaar.").words
    assert (words["in_reply_to"], words["thread"], words["private"], words["lang"]) == (
        "comment:13", "comment:12", False, "nl",
    )  # fmt: skip
    words = replies.write(scene.people["responder"], talk.row, "확인했습니다.", to=talk.first.n).words
    assert words["in_reply_to"] == "comment:12"
    assert second.n != talk.first.n
    private = Talk(scene, "卡丢了", thread="dm:1", private=True, who="王立")
    words = replies.write(scene.people["responder"], private.row, "已经为您锁卡。").words
    assert (words["private"], list(words["to"])) == (True, ["account:王立"])


def test_an_answer_taken_back_in_time_never_leaves(scene: Scene) -> None:
    talk = Talk(scene)
    reply = replies.write(scene.people["responder"], talk.row, ANSWER)
    scene.later(9)
    taken = replies.take_back(scene.people["responder"], reply)
    assert (taken.state, state_of(reply), taken.words["text"]) == ("withdrawn", "withdrawn", ANSWER)
    assert replies.take_back(scene.people["responder"], reply).state == "withdrawn"
    assert replies.undo_until(taken) == 0
    scene.later(60)
    assert scene.network.posts("reply") == []
    assert talk.row.due_at


def test_what_has_left_is_not_taken_back(scene: Scene) -> None:
    reply = replies.write(scene.people["responder"], _real(scene), ANSWER)
    scene.later(11)
    assert state_of(reply) == "sent"
    with pytest.raises(replies.TooLate):
        replies.take_back(scene.people["responder"], reply)


def test_a_sent_answer_stops_the_clock_and_comes_back_as_one_row(scene: Scene) -> None:
    row = _real(scene)
    reply = replies.write(scene.people["responder"], row, ANSWER)
    scene.later(120)
    row.refresh_from_db()
    assert (row.due_at, row.waiting_since, row.messages) == (0, 0, 2)
    lines = reading.thread(row).lines
    assert [(line.way, line.state, line.outside) for line in lines] == [
        ("in", "", False),
        ("out", "sent", False),
    ]
    assert lines[1].reply == reply.obj


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_answer_has_words(scene: Scene, text: str) -> None:
    with pytest.raises(replies.CannotSend, match="Write something"):
        replies.write(scene.people["responder"], Talk(scene).row, text)


def test_what_the_network_would_refuse_is_not_sent(scene: Scene) -> None:
    row = Talk(scene).row
    with pytest.raises(replies.CannotSend) as refused:
        replies.write(scene.people["responder"], row, "가" * 501)
    assert refused.value.findings == replies.preview(row, "가" * 501).findings
    with pytest.raises(replies.CannotSend, match="card or registration number"):
        replies.write(scene.people["responder"], row, "uw kaart 4242 4242 4242 4242")
    assert not Reply.objects.exists()


@pytest.mark.parametrize(("act", "word"), [("pause", "paused"), ("remove", "not on the desk any more")])
def test_nothing_is_written_for_a_channel_that_does_not_run(scene: Scene, act: str, word: str) -> None:
    row = Talk(scene).row
    if act == "pause":
        connect.pause(scene.people["administrator"], scene.channel, "maintenance")
    else:
        connect.remove(scene.people["administrator"], scene.channel)
    with pytest.raises(replies.CannotSend, match=word):
        replies.write(scene.people["responder"], row, ANSWER)


def test_whoever_comes_second_keeps_her_words_as_a_note(scene: Scene) -> None:
    row, other = Talk(scene).row, colleague(scene, "Jiwoo Han", "responder")
    replies.write(other, row, "확인하고 있습니다.", version=row.version)
    scene.later(9)
    with pytest.raises(replies.Changed, match="Jiwoo Han answered 9 seconds ago") as second:
        replies.write(scene.people["responder"], row, ANSWER, version=row.version)
    note = Message.objects.get(way="note")
    assert (note.text, note.reply, note.actor) == (
        ANSWER, second.value.note, scene.people["responder"].actor,
    )  # fmt: skip
    assert Reply.objects.count() == 1
    row.refresh_from_db()
    assert replies.write(scene.people["responder"], row, ANSWER, version=row.version).state == "planned"


def test_an_answer_typed_in_the_networks_app_meanwhile_counts_too(scene: Scene) -> None:
    talk = Talk(scene)
    version = talk.row.version
    talk.story.seen("We look into it.", "comment:50", own=True, who="Hanul Bank")
    with pytest.raises(replies.Changed, match="network's own app"):
        replies.write(scene.people["responder"], talk.row, ANSWER, version=version)


def test_a_message_that_arrives_while_she_writes_is_no_conflict(scene: Scene) -> None:
    talk = Talk(scene)
    version = talk.row.version
    talk.story.seen("빨리요!", "comment:13")
    assert replies.write(scene.people["responder"], talk.row, ANSWER, version=version).state == "planned"


@pytest.mark.parametrize("role", ["reviewer", "auditor", "author", "administrator"])
def test_only_responders_answer(scene: Scene, role: str) -> None:
    with pytest.raises(policy.NotYours):
        replies.write(scene.people[role], Talk(scene).row, ANSWER)


# --- with a second person ------------------------------------------------------------------------------
@pytest.fixture
def asked(scene: Scene, settings: Any) -> Reply:
    settings.REPLY_APPROVAL = "always"
    return replies.write(scene.people["responder"], Talk(scene).row, ANSWER)


def test_an_answer_waits_for_a_second_person_where_policy_says_so(scene: Scene, asked: Reply) -> None:
    assert (asked.state, asked.delivery, state_of(asked)) == ("approval", "", "approval")
    scene.later(60)
    assert not Delivery.objects.exists()
    (waiting,) = reading.replies_waiting(scene.people["reviewer"])
    assert (waiting.reply, waiting.text, waiting.digest) == (asked.obj, ANSWER, asked.digest)
    assert reading.replies_waiting(scene.people["responder"]) == ()


def test_a_reviewer_agrees_to_what_she_saw_and_it_leaves(scene: Scene, asked: Reply) -> None:
    with pytest.raises(consent.Changed):
        replies.approve(scene.people["reviewer"], asked, digest="0" * 64)
    reply = replies.approve(scene.people["reviewer"], asked, digest=asked.digest)
    assert (reply.state, state_of(reply)) == ("planned", "planned")
    assert replies.approve(scene.people["reviewer"], asked, digest=asked.digest).delivery == reply.delivery
    assert Delivery.objects.get().consent.approver == scene.people["reviewer"]
    assert [line.what for line in reading.thread(row_of(asked)).lines if line.kind == "event"] == ["approved"]


def test_whoever_wrote_an_answer_cannot_agree_to_it(scene: Scene, asked: Reply) -> None:
    staff.give_role(scene.people["responder"], "reviewer", team=scene.team)
    with pytest.raises(consent.OwnWords):
        replies.approve(scene.people["responder"], asked, digest=asked.digest)
    assert not Delivery.objects.exists()


def test_an_answer_sent_back_says_why(scene: Scene, asked: Reply) -> None:
    reply = replies.send_back(scene.people["reviewer"], asked, reason="Name no card.")
    message = Message.objects.get(reply=reply.obj)
    assert (reply.state, message.state, message.note) == ("sent-back", "sent-back", "Name no card.")
    with pytest.raises(replies.TooLate):
        replies.take_back(scene.people["responder"], reply)


def test_an_answer_taken_back_while_it_waits_cannot_be_agreed_to(scene: Scene, asked: Reply) -> None:
    replies.take_back(scene.people["responder"], asked)
    with pytest.raises(consent.Changed):
        replies.approve(scene.people["reviewer"], asked, digest=asked.digest)
    assert reading.replies_waiting(scene.people["reviewer"]) == ()


def test_an_answer_for_a_channel_that_stopped_meanwhile_is_not_agreed_to(scene: Scene, asked: Reply) -> None:
    connect.pause(scene.people["administrator"], scene.channel, "maintenance")
    with pytest.raises(replies.CannotSend, match="paused"):
        replies.approve(scene.people["reviewer"], asked, digest=asked.digest)
    connect.resume(scene.people["administrator"], scene.channel)
    assert replies.approve(scene.people["reviewer"], asked, digest=asked.digest).state == "planned"


def test_who_sees_an_answer(scene: Scene, asked: Reply) -> None:
    assert replies.get_visible(scene.people["reviewer"], asked.obj) == asked
    with pytest.raises(replies.NoReply):
        replies.get_visible(scene.people["author"], asked.obj)


def row_of(reply: Reply) -> conversations.Conversation:
    return conversations.Conversation.objects.get(obj=reply.conversation)


def _real(scene: Scene) -> conversations.Conversation:
    """A conversation that came from the network itself."""
    scene.network.customer_says("앱에도 로그인이 안 돼요.", by="minji")
    scene.later(61)
    return conversations.Conversation.objects.get()
