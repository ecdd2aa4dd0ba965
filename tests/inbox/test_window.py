"""What the network lets us answer: shown before, and refused in the room as on the page."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bankside.inbox import reply as replies
from bankside.inbox.models import Message
from bankside.networks.catalogue import network
from bankside.networks.declared import Window
from bankside.record import clock
from bankside.record.facts import channels as facts
from tests.channels import by_hand_networks as networks
from tests.inbox.room import Talk
from tests.scene import NOW, Scene

HOUR = 3_600


@pytest.fixture(autouse=True)
def _two_answers_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = (
        Window(kind="private message", hours=24, messages=2),
        Window(kind="comment", hours=2, of="reply"),
    )
    networks.put_up(monkeypatch, msgspec.structs.replace(network("practice"), windows=windows))


def private(scene: Scene, **fields: Any) -> Talk:
    return Talk(scene, "卡丢了", thread="dm:1", private=True, who="王立", **fields)


def test_a_private_answer_has_its_time_and_its_number(scene: Scene) -> None:
    talk, responder = private(scene), scene.people["responder"]
    now = replies.standing(talk.row)
    assert (now.refusal, now.until_ms, now.messages) == ("", NOW + 24 * HOUR * 1000, 2)
    replies.write(responder, talk.row, "已经为您锁卡。")
    assert replies.standing(talk.row).messages == 1
    taken = replies.write(responder, talk.row, "新卡两天内寄出。")
    with pytest.raises(replies.CannotSend, match="takes 2 answers to one message"):
        replies.write(responder, talk.row, "还有什么可以帮您？")
    replies.take_back(responder, taken)
    assert replies.standing(talk.row).messages == 1


def test_the_window_opens_anew_when_the_person_writes(scene: Scene) -> None:
    talk, responder = private(scene), scene.people["responder"]
    scene.moment += 25 * HOUR * 1000
    clock._frozen_ms = scene.moment
    late = replies.standing(talk.row)
    assert "24 hours" in late.refusal and late.until_ms < scene.moment
    with pytest.raises(replies.CannotSend, match="24 hours"):
        replies.write(responder, talk.row, "已经为您锁卡。")
    assert any("24 hours" in one for one in replies.preview(talk.row, "好").findings)
    talk.story.seen("还在吗？", "dm:2", private=True, who="王立")
    assert replies.standing(talk.row).refusal == ""
    assert replies.write(responder, talk.row, "在的。").state == "planned"


def test_the_window_of_a_comment_is_its_own(scene: Scene) -> None:
    talk = Talk(scene)
    assert replies.standing(talk.row).until_ms == NOW + 2 * HOUR * 1000
    scene.moment += 3 * HOUR * 1000
    clock._frozen_ms = scene.moment
    talk.story.seen("En de app?", "comment:13", who="Sanne")
    responder = scene.people["responder"]
    with pytest.raises(replies.CannotSend, match="2 hours"):
        replies.write(responder, talk.row, "늦었습니다.", to=talk.first.n)
    assert replies.write(responder, talk.row, "Wij kijken ernaar.").state == "planned"


def test_what_the_network_lets_nobody_answer_is_refused_with_the_way_there(scene: Scene) -> None:
    url = "https://practice.example/dm/1"
    talk = private(scene, reply_allowed=False, url=url)
    standing = replies.standing(talk.row)
    assert "lets nobody answer this from a desk" in standing.refusal and standing.elsewhere == url
    with pytest.raises(replies.CannotSend, match="from a desk"):
        replies.write(scene.people["responder"], talk.row, "好")
    talk.story.seen("现在呢？", "dm:2", private=True, who="王立")
    assert replies.standing(talk.row).refusal == ""


def test_an_edit_can_shut_and_open_the_way(scene: Scene) -> None:
    talk = private(scene)
    talk.story.edited("卡丢了！", "dm:1", private=True, who="王立", reply_allowed=False)
    assert replies.standing(talk.row).refusal
    assert [m.reply_allowed for m in Message.objects.all()] == [False]


def test_an_answer_that_waited_for_a_second_person_too_long_does_not_leave(
    scene: Scene, settings: Any
) -> None:
    settings.REPLY_APPROVAL = "always"
    talk = private(scene)
    reply = replies.write(scene.people["responder"], talk.row, "已经为您锁卡。")
    scene.moment += 25 * HOUR * 1000
    clock._frozen_ms = scene.moment
    with pytest.raises(replies.CannotSend, match="24 hours"):
        replies.approve(scene.people["reviewer"], reply, digest=reply.digest)
    assert talk.row and not Message.objects.filter(delivery__gt="").exists()


def test_an_answer_that_waits_is_not_counted_against_itself(scene: Scene, settings: Any) -> None:
    settings.REPLY_APPROVAL = "always"
    talk, responder = private(scene), scene.people["responder"]
    first = replies.write(responder, talk.row, "已经为您锁卡。")
    second = replies.write(responder, talk.row, "新卡两天内寄出。")
    assert replies.standing(talk.row).messages == 0
    for one in (first, second):
        assert replies.approve(scene.people["reviewer"], one, digest=one.digest).state == "planned"


def test_without_a_message_of_a_person_there_is_nothing_to_refuse(scene: Scene) -> None:
    talk = private(scene)
    talk.story.tell(
        facts.ActivityRemoved(channel=scene.channel.obj, network="practice", remote_id="dm:1", via="poll"),
        actor="s:intake",
    )
    assert replies.standing(talk.row) == replies.window.Standing()
