"""A desk and a whole Bluesky network: what is approved goes out, what people say comes in and is answered."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bankside.channels import connect, media
from bankside.channels.models import Channel, Delivery
from bankside.inbox import acts
from bankside.inbox import reply as replies
from bankside.inbox.acts import Acts
from bankside.inbox.models import Conversation, Message
from bankside.record import clock, jobs
from bankside.record.facts.channels import MediaSaid
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests.scene import Scene
from tests.servers.bluesky import Bluesky, Person, Ref

pytestmark = [pytest.mark.server("bluesky"), pytest.mark.django_db, pytest.mark.timeout(900)]
ARRIVES_SECONDS_MAX = 60


@pytest.fixture
def bank(bluesky: Bluesky) -> Person:
    return bluesky.account("hanulbank")


@pytest.fixture
def scene(tmp_path: Path, bluesky: Bluesky, bank: Person, settings: Any) -> Iterator[Scene]:
    settings.WIRE_PRIVATE_HOSTS = frozenset({bluesky.host, bluesky.plc.removeprefix("http://")})
    settings.REPLY_UNDO_SECONDS = 0
    scene = Scene(tmp_path / "network", moment=clock.now_ms())
    connect.remove(scene.people["administrator"], scene.channel)
    scene.channel = connect.add(
        scene.people["administrator"], "bluesky", name="Bluesky", team=scene.team,
        settings={**bluesky.settings(bank), "directory": bluesky.plc, "poll_seconds": "1"},
        secrets={"app_password": bank.app_password()},
    )  # fmt: skip
    scene.work()
    yield scene


def until(scene: Scene, ready: Callable[[], Any], what: str) -> None:
    """Works until it is so, for a minute at most."""
    began = time.monotonic()
    while not ready():
        assert time.monotonic() - began < ARRIVES_SECONDS_MAX, f"{what} did not come"
        scene.work()
        time.sleep(0.2)


def sent(scene: Scene, delivery: Delivery) -> Delivery:
    until(scene, lambda: Delivery.objects.get(pk=delivery.pk).state == "sent", "the delivery")
    return Delivery.objects.get(pk=delivery.pk)


def ref(bank: Person, uri: str) -> Ref:
    return Ref(uri, next(row["cid"] for row in bank.records() if row["uri"] == uri))


def message(text: str) -> Message | None:
    return Message.objects.filter(text=text).first()


def photo(scene: Scene) -> MediaSaid:
    picture = io.BytesIO()
    Image.new("RGB", (640, 400), "navy").save(picture, "PNG")
    return media.said(media.add(scene.people["author"], picture.getvalue(), "지점.png"), "새 지점 창구")


def test_a_post_a_question_and_an_answer(scene: Scene, bluesky: Bluesky, bank: Person) -> None:
    row = Channel.objects.get(pk=scene.channel.pk)
    assert (row.handle, row.state) == (f"@{bank.handle}", "open")
    words = "새 지점을 열었습니다. 新网点开业。 Nieuw kantoor open."
    delivery = sent(scene, scene.deliver(words, media=(photo(scene),)))
    [record] = bank.records()
    assert (record["uri"], record["value"]["text"]) == (delivery.remote_id, words)
    assert record["value"]["embed"]["images"][0]["alt"] == "새 지점 창구"

    kim, li = bluesky.account("kim"), bluesky.account("liwei")
    asked = kim.reply(ref(bank, delivery.remote_id), "몇 시에 열어요?", langs=["ko"])
    told = li.mention(bank, "信用卡丢了怎么办？")
    for said in (asked, told):
        bluesky.wait_for(said.uri)
    until(scene, lambda: Message.objects.filter(way=Message.IN).count() == 2, "the words")
    question, mention = message("몇 시에 열어요?"), message(f"@{bank.handle} 信用卡丢了怎么办？")
    assert question and mention and question.conversation != mention.conversation
    assert question.lang == "ko" and question.handle == f"@{kim.handle}"

    conversation = Conversation.objects.get(pk=question.conversation)
    replies.write(scene.people["responder"], conversation, "평일 9시부터 4시까지입니다.", lang="ko")
    until(scene, lambda: len(bank.records()) == 2, "our answer")
    answer = next(row for row in bank.records() if row["uri"] != delivery.remote_id)
    assert answer["value"]["text"] == "평일 9시부터 4시까지입니다."
    assert answer["value"]["reply"]["parent"] == asked.strong
    assert answer["value"]["reply"]["root"]["uri"] == delivery.remote_id
    bluesky.wait_for(answer["uri"])
    until(
        scene,
        lambda: Message.objects.filter(remote_id=answer["uri"], way=Message.OUT).exists(),
        "the receipt",
    )
    scene.work()
    assert Message.objects.filter(conversation=question.conversation).count() == 2, "our own words come once"


def test_an_answer_that_nobody_was_told_of_arrives_and_counts_as_repaired(
    scene: Scene, bluesky: Bluesky, bank: Person
) -> None:
    kim = bluesky.account("kim")
    uri = sent(scene, scene.deliver("곧 말씀드리겠습니다.")).remote_id
    post = ref(bank, uri)
    words = bank.records()[0]["value"]
    bluesky.wait_for(uri)
    bank.delete(uri)  # for a moment, so that the question is there before the post
    bluesky.wait_for(uri, gone=True)
    early = kim.reply(post, "너무 빠른 질문", wait=False)
    bluesky.wait_for(early.uri)
    bank.put(uri, words)
    bluesky.wait_for(uri)
    until(scene, lambda: message("너무 빠른 질문"), "the question")
    assert early.uri not in {told["uri"] for told in bank.notifications()}
    assert Channel.objects.get(pk=scene.channel.pk).items_repaired == 1
    gaps = [payload_of(e.n) for e in Entry.objects.filter(fact="channels.gap-repaired")]
    assert [gap.items for gap in gaps] == [1]


def test_edits_and_removals_are_seen_on_the_desk(scene: Scene, bluesky: Bluesky, bank: Person) -> None:
    sanne = bluesky.account("sanne")
    first, second = sanne.mention(bank, "een"), sanne.mention(bank, "twee")
    for said in (first, second):
        bluesky.wait_for(said.uri)
    until(scene, lambda: Message.objects.count() == 2, "the words")
    value = next(row["value"] for row in sanne.records() if row["uri"] == first.uri)
    sanne.put(first.uri, {**value, "text": f"@{bank.handle} anders"})
    sanne.delete(second.uri)
    until(scene, lambda: message(f"@{bank.handle} anders"), "the edit")
    until(scene, lambda: Message.objects.get(remote_id=second.uri).removed_at, "the removal")
    assert Message.objects.count() == 2


def test_likes_shares_and_followers_are_counted_and_open_nothing(
    scene: Scene, bluesky: Bluesky, bank: Person
) -> None:
    uri = sent(scene, scene.deliver("연차보고서를 냈습니다.")).remote_id
    post = ref(bank, uri)
    for name in ("kim", "liwei"):
        person = bluesky.account(name)
        person.like(post)
        person.follow(bank)
    person.repost(post)
    channel = scene.channel.obj
    until(scene, lambda: acts.of_channel(channel) == Acts(likes=2, shares=1, follows=2), "what they did")
    assert acts.about(channel, [uri]) == {uri: Acts(likes=2, shares=1)}
    assert not Conversation.objects.filter(state="open").exists()
    scene.work()
    assert acts.of_channel(channel) == Acts(likes=2, shares=1, follows=2), (
        "each once, however often it is read"
    )


def test_a_password_that_was_taken_back_stops_the_channel_and_holds_what_waits(
    scene: Scene, bluesky: Bluesky, bank: Person
) -> None:
    bank.revoke_app_password()
    Channel.objects.filter(pk=scene.channel.pk).update(fresh_until=1)
    delivery = scene.deliver("wacht")
    jobs.again(connect.poll_key(scene.channel), clock.now_ms())
    until(scene, lambda: Delivery.objects.get(pk=delivery.pk).state == "held", "the stop")
    assert Channel.objects.get(pk=scene.channel.pk).state == "stopped"
    password = {"app_password": bank.app_password("again")}
    connect.reconnect(scene.people["administrator"], scene.channel, password)
    assert sent(scene, delivery).tries == 1 and len(bank.records()) == 1
