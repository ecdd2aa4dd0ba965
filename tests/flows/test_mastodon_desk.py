"""A desk and a server of the Mastodon API over HTTP: out, in, answered, changed, lost. A fake server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from bankside.channels import connect, media
from bankside.channels.models import Channel, Delivery
from bankside.inbox import acts
from bankside.inbox import reply as replies
from bankside.inbox.acts import Acts
from bankside.inbox.models import Conversation, Message
from bankside.networks.catalogue import NetworkData, network
from bankside.record import clock
from bankside.record.facts.channels import MediaSaid
from tests.scene import Scene
from tests.servers.mastodon_fake import HOME, TOKEN, FakeMastodon
from tests.servers.mastodon_http import over_http

pytestmark = [pytest.mark.network, pytest.mark.django_db, pytest.mark.timeout(900)]
NAME, BANK = "mastodon", f"@hanulbank@{HOME}"
TRIES, TRIES_LONG = 12, 200


class Dropping(httpx.BaseTransport):
    """Lets every request through to the server and, while armed, loses the answer to a new post."""

    def __init__(self) -> None:
        self.armed, self.lost = False, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with httpx.HTTPTransport() as sockets:
            there = sockets.handle_request(request)
            answer = httpx.Response(
                there.status_code, headers=there.headers, stream=httpx.ByteStream(there.read())
            )
        if self.armed and request.method == "POST" and request.url.path == "/api/v1/statuses":
            self.lost, self.armed = self.lost + 1, False
            raise httpx.ReadError("the answer was lost on the way")
        return answer


@pytest.fixture(params=[True, False], ids=["honours keys", "ignores keys"])
def fake(request: pytest.FixtureRequest, settings: Any) -> Iterator[FakeMastodon]:
    with over_http(FakeMastodon(honours_keys=request.param)) as there:
        settings.WIRE_PRIVATE_HOSTS = frozenset({there.url.removeprefix("http://")})
        settings.REPLY_UNDO_SECONDS = 0
        yield there


@pytest.fixture
def dropping(monkeypatch: pytest.MonkeyPatch) -> Dropping:
    transport, plain = Dropping(), NetworkData.wire

    def wire(self: NetworkData, *given: Any, **how: Any) -> Any:
        return plain(self, *given, **{**how, "transport": transport})

    monkeypatch.setattr(NetworkData, "wire", wire)
    return transport


@pytest.fixture
def scene(tmp_path: Path, fake: FakeMastodon, dropping: Dropping) -> Iterator[Scene]:
    now = clock.now_ms() - 60_000  # the connector has a clock of its own: nothing here is too young for it
    with clock.frozen(now):
        scene = Scene(tmp_path / "network", moment=now)
        fake.clock_ms = lambda: scene.moment
        connect.remove(scene.people["administrator"], scene.channel)
        scene.channel = connect.add(
            scene.people["administrator"], NAME, name="Mastodon", team=scene.team,
            settings={"server": fake.url}, secrets={"access_token": TOKEN},
        )  # fmt: skip
        yield scene


def look(scene: Scene) -> None:
    """As long as it takes until the desk has looked once more."""
    scene.later(network(NAME).poll.seconds + 1)


def photo(scene: Scene) -> MediaSaid:
    picture = io.BytesIO()
    Image.new("RGB", (640, 400), "navy").save(picture, "PNG")
    return media.said(media.add(scene.people["author"], picture.getvalue(), "지점.png"), "새 지점 창구")


def states(deliveries: list[Delivery]) -> set[str]:
    keys = [delivery.pk for delivery in deliveries]
    return set(Delivery.objects.filter(pk__in=keys).values_list("state", flat=True))


def test_a_post_a_question_an_answer_a_message_a_change_and_a_removal(
    scene: Scene, fake: FakeMastodon
) -> None:
    assert Channel.objects.get(pk=scene.channel.pk).handle == BANK
    words = "새 지점을 열었습니다. 新网点开业。 Nieuw kantoor open."
    delivery = scene.deliver(words, media=(photo(scene),))
    scene.work()
    delivery.refresh_from_db()
    there = fake.statuses[delivery.remote_id]
    assert (delivery.state, fake.sources[delivery.remote_id]) == ("sent", words)
    assert [m["description"] for m in there["media_attachments"]] == ["새 지점 창구"]

    asked = fake.says("minji@elsewhere.example", f"{BANK} 몇 시에 열어요?", under=delivery.remote_id)
    private = fake.says("sanne", f"{BANK} Mijn pas is weg", visibility="direct")
    look(scene)
    question, secret = (Message.objects.get(remote_id=id) for id in (asked, private))
    assert question.text == "@hanulbank 몇 시에 열어요?" and not question.private and secret.private
    for message, text in ((question, "평일 9시부터 4시까지입니다."), (secret, "We blokkeren uw pas.")):
        conversation = Conversation.objects.get(pk=message.conversation)
        replies.write(scene.people["responder"], conversation, text)
    scene.work()
    assert fake.words()[1:] == [
        "@minji@elsewhere.example 평일 9시부터 4시까지입니다.", "@sanne We blokkeren uw pas.",
    ]  # fmt: skip
    assert [s["visibility"] for s in fake.statuses.values() if s["account"]["acct"] == "hanulbank"] == [
        "public", "public", "direct",
    ]  # fmt: skip
    look(scene)
    for message in (question, secret):
        said = Message.objects.filter(conversation=message.conversation)
        assert said.count() == 2, "our own words come once"

    fake.edits(asked, f"{BANK} 토요일에도 열어요?")
    fake.deletes(private)
    look(scene)
    assert Message.objects.get(remote_id=asked).text == "@hanulbank 토요일에도 열어요?"
    assert Message.objects.get(remote_id=private).removed_at


def test_an_answer_that_names_nobody_arrives_and_counts_as_repaired(scene: Scene, fake: FakeMastodon) -> None:
    delivery = scene.deliver("곧 말씀드리겠습니다.")
    scene.work()
    delivery.refresh_from_db()
    quiet = fake.says("liwei@other.example", "没有提到银行", under=delivery.remote_id)
    look(scene)
    assert Message.objects.get(remote_id=quiet).text == "没有提到银行"
    assert Channel.objects.get(pk=scene.channel.pk).items_repaired == 1


def test_likes_shares_and_followers_are_counted_once(scene: Scene, fake: FakeMastodon) -> None:
    delivery = scene.deliver("연차보고서를 냈습니다.")
    scene.work()
    delivery.refresh_from_db()
    for who in ("minji@elsewhere.example", "sanne"):
        for kind in ("favourite", "favourite", "reblog", "follow", "follow"):
            fake.does(kind, who, "" if kind == "follow" else delivery.remote_id)
    look(scene)
    look(scene)
    assert acts.of_channel(scene.channel.obj) == Acts(likes=2, shares=2, follows=2)


@pytest.mark.more
@pytest.mark.parametrize("tries", [TRIES, pytest.param(TRIES_LONG, marks=pytest.mark.long)])
def test_a_lost_answer_leaves_exactly_one_post_in_every_try(
    scene: Scene, fake: FakeMastodon, dropping: Dropping, tries: int
) -> None:
    asked = fake.says("minji@elsewhere.example", f"{BANK} 질문 있습니다")
    deliveries = []
    for number in range(tries):
        dropping.armed = True
        answers = {"in_reply_to": asked, "thread": asked} if number % 4 == 3 else {}
        deliveries.append(
            scene.deliver(f"연차보고서 {number} <3 年报 https://hanulbank.example/{number}", **answers)
        )
        scene.work()
        if number % 100 == 99 or number == tries - 1:
            assert states(deliveries) <= {"doubtful", "sent"}
            scene.later(network(NAME).doubt.late_acceptance_seconds + 1)
    assert dropping.lost == tries and states(deliveries) == {"sent"}
    said = [words.removeprefix("@minji@elsewhere.example ") for words in fake.words()]
    expected = [f"연차보고서 {number} <3 年报 https://hanulbank.example/{number}" for number in range(tries)]
    assert sorted(said) == sorted(expected)
    known = {Delivery.objects.get(pk=d.pk).remote_id for d in deliveries}
    assert len(known) == tries and known <= set(fake.statuses)
    assert all(d.attempts.filter(act="send").count() == 1 for d in deliveries), "nothing was sent again"


def test_what_never_got_there_is_sent_again_once(scene: Scene, fake: FakeMastodon) -> None:
    fake.failing["POST /api/v1/statuses"] = [(502, b"<html>", {})]
    delivery = scene.deliver("한 번만")
    scene.work()
    assert states([delivery]) == {"doubtful"} and fake.words() == []
    scene.later(network(NAME).doubt.late_acceptance_seconds + 1)
    assert states([delivery]) == {"sent"} and fake.words() == ["한 번만"]


def test_a_token_that_was_taken_back_stops_the_channel_and_holds_what_waits(
    scene: Scene, fake: FakeMastodon
) -> None:
    fake.tokens.clear()
    delivery = scene.deliver("wacht")
    scene.work()
    assert states([delivery]) == {"held"} and Channel.objects.get(pk=scene.channel.pk).state == "stopped"
    fake.tokens["another"] = "hanulbank"
    connect.reconnect(scene.people["administrator"], scene.channel, {"access_token": "another"})
    scene.later(60)
    assert states([delivery]) == {"sent"} and fake.words() == ["wacht"]
