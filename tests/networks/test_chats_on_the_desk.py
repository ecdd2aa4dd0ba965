"""LINE, Telegram and KakaoTalk on a desk: connected, written to, answered once. The networks are fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connect, intake, preview
from bankside.channels.models import Channel, Delivery
from bankside.inbox import reply as replies
from bankside.inbox.models import Conversation, Message
from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import Request
from bankside.record import clock
from bankside.record.facts.channels import Words
from tests.networks.pretended import Pretended, fake_of, kakaotalk, line_me, telegram
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db
ASKED = "제 카드 4000 0000 0000 0002 가 안 돼요."
PUBLIC = frozenset({"line_me", "telegram"})
"""Where something can be said to everybody."""


@dataclass
class Desk:
    """A desk with one channel, and the fake behind it."""

    scene: Scene
    fake: Pretended
    channel: Channel

    def hears(self, request: Request | None) -> None:
        """What a hook brings, or the next look; twice, as networks do."""
        for _ in range(2):
            if request is not None:
                answer = intake.receive(
                    self.channel.hook, method=request.method, path=request.path, query=request.query,
                    headers=request.headers, body=request.body,
                )  # fmt: skip
                assert answer.status == 200
            self.scene.later(60)


def writes(fake: Pretended) -> Request | None:
    """Somebody writes to the bank; the request that tells it, where the network calls."""
    match fake:
        case line_me.PretendedLine():
            return fake.hook(line_me.text(1, ASKED))
        case kakaotalk.PretendedDealer():
            return fake.hook(kakaotalk.written(1, ASKED))
        case telegram.PretendedTelegram():
            fake.says(telegram.MINJI, ASKED)
    return None


@pytest.fixture(params=["kakaotalk", "line_me", "telegram"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any, settings: Any) -> Iterator[Desk]:
    settings.REPLY_UNDO_SECONDS = 0
    fake = fake_of(request.param)
    plain: Callable[..., Any] = NetworkData.wire

    def wire(self: NetworkData, *given: Any, **how: Any) -> Any:
        return plain(self, *given, **how | ({"transport": fake} if self.name == fake.name else {}))

    monkeypatch.setattr(NetworkData, "wire", wire)
    known = {setting.name for setting in network(fake.name).settings}
    secrets = {name: value for name, value in fake.secrets.items() if name in known and value}
    with clock.frozen(NOW):
        scene = Scene(tmp_path / "network")
        if isinstance(fake, telegram.PretendedTelegram):
            fake.now = NOW // 1000 + 1
        channel = connect.add(
            scene.people["administrator"], fake.name, name="한울은행 채팅", settings=fake.settings,
            secrets=secrets, team=scene.team,
        )  # fmt: skip
        scene.work()
        yield Desk(scene, fake, channel)


def test_who_writes_is_answered_once_in_the_same_chat(desk: Desk) -> None:
    desk.hears(writes(desk.fake))
    [talk] = Conversation.objects.filter(channel=desk.channel.obj)
    [message] = Message.objects.filter(conversation=talk.pk)
    assert talk.private and "4000 0000 0000 0002" not in message.text and "안 돼요" in message.text
    replies.write(desk.scene.people["responder"], talk, "민지 고객님, 확인하겠습니다.")
    desk.scene.later(60)
    [delivery] = Delivery.objects.filter(channel=desk.channel)
    assert delivery.state == "sent" and delivery.remote_id
    assert desk.fake.visible().count("민지 고객님, 확인하겠습니다.") == 1


def test_what_is_said_to_everybody_goes_out_where_there_is_an_everybody(desk: Desk) -> None:
    findings = preview.preview(desk.channel, Words(text="마포 지점 안내", lang="ko")).findings
    assert bool(findings) == (desk.fake.name not in PUBLIC)
    desk.scene.channel = desk.channel
    delivery = desk.scene.deliver("마포 지점 안내")
    desk.scene.later(60)
    delivery.refresh_from_db()
    assert delivery.state == ("sent" if desk.fake.name in PUBLIC else "refused")
    assert desk.fake.visible() == ["마포 지점 안내"] * (desk.fake.name in PUBLIC)


def test_a_hook_that_is_forged_is_refused_and_counted(desk: Desk) -> None:
    request = writes(desk.fake)
    if request is None:
        pytest.skip("it is asked for its news and calls nobody")
    answer = intake.receive(
        desk.channel.hook,
        method="POST",
        path="/",
        query={},
        headers={"x-line-signature": "x"},
        body=request.body,
    )
    desk.channel.refresh_from_db()
    assert answer.status == 401 and desk.channel.hooks_forged == 1
