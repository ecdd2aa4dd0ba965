"""A desk that follows a feed: news by asking and by a hub become conversations, and nothing is said there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connect, health, intake, preview
from bankside.channels.models import Channel
from bankside.inbox.models import Conversation, Message
from bankside.networks.catalogue import NetworkData
from bankside.networks.contract import Request
from bankside.record import clock
from tests.networks.pretended.web_feeds import Entry, PretendedWebFeeds
from tests.scene import NOW, Scene

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
RATES = Entry(id="tag:1", title="금리 동결", words="<p>기준금리는 그대로입니다.</p>")
BRANCH = Entry(id="tag:2", title="Nieuw kantoor", words="Open vanaf 9 uur.", writer="Sanne de Vries")


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> PretendedWebFeeds:
    fake, plain = PretendedWebFeeds(), NetworkData.wire

    def wire(self: NetworkData, *given: Any, **how: Any) -> Any:
        return plain(self, *given, **{**how, "transport": fake})

    monkeypatch.setattr(NetworkData, "wire", wire)
    return fake


@pytest.fixture
def scene(tmp_path: Path, paper: PretendedWebFeeds) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def follow(scene: Scene, paper: PretendedWebFeeds, **secrets: str) -> Channel:
    return connect.add(
        scene.people["administrator"], "web_feeds",
        name="마포신문", settings=paper.settings, secrets=secrets, team=scene.team,
    )  # fmt: skip


def push(channel: Channel, request: Request) -> int:
    return intake.receive(
        channel.hook, method=request.method, path=request.path, query=request.query, headers=request.headers,
        body=request.body,
    ).status  # fmt: skip


def told(channel: Channel) -> list[tuple[str, str]]:
    rows = Message.objects.filter(conversation__in=_conversations(channel)).order_by("id")
    return [(row.title, row.text) for row in rows]


def _conversations(channel: Channel) -> list[int]:
    return list(Conversation.objects.filter(channel=channel.obj).values_list("pk", flat=True))


def test_news_are_asked_for_and_an_edit_changes_them(scene: Scene, paper: PretendedWebFeeds) -> None:
    channel = follow(scene, paper)
    assert channel.account["name"] == paper.title and not preview.speaks(channel)
    paper.publish(RATES, BRANCH)
    scene.later(300)
    assert told(channel) == [
        ("금리 동결", "기준금리는 그대로입니다."),
        ("Nieuw kantoor", "Open vanaf 9 uur."),
    ]
    scene.later(300)
    paper.entries[0] = Entry(id="tag:2", title="Nieuw kantoor", words="Open vanaf 10 uur.")
    scene.later(300)
    assert len(_conversations(channel)) == 2 and told(channel)[1][1] == "Open vanaf 10 uur."
    assert push(channel, paper.push()) == 404
    channel.refresh_from_db()
    assert health.health(channel).words == "News from there are read. Nothing can be said there."


def test_a_hub_brings_the_same_news_once_and_forged_ones_never(
    scene: Scene, paper: PretendedWebFeeds
) -> None:
    channel = follow(scene, paper, hub_secret=paper.secrets["hub_secret"])
    assert push(channel, paper.shake()) == 200
    paper.publish(RATES)
    assert push(channel, paper.push(secret="another")) == 401
    assert push(channel, paper.push()) == 200 and push(channel, paper.push(method="sha1")) == 200
    scene.work()
    scene.later(300)
    channel.refresh_from_db()
    assert told(channel) == [("금리 동결", "기준금리는 그대로입니다.")]
    assert (channel.hooks_forged, channel.items_repaired) == (1, 0)
    paper.publish(BRANCH)
    scene.later(300)
    channel.refresh_from_db()
    assert channel.items_repaired == 1 and len(told(channel)) == 2
