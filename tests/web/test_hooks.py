"""What machines ask: hooks of networks, health and metrics for operators."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.test import Client

from bankside.channels import alarms
from bankside.channels.models import Channel, Item
from bankside.inbox.models import Conversation
from bankside.record import beat, gauges, kek, key_places, sealed
from bankside.record.keys import KeyAway, KeyWrong
from tests.scene import Scene


def send(scene: Scene, body: bytes | None = None, **changes: str) -> Any:
    """A hook of the practice network, as it would be sent over HTTP."""
    channel = Channel.objects.get(pk=scene.channel.pk)
    path = f"/hooks/{channel.hook}"
    sent = scene.network.hook_request(*changes.pop("ids", "").split(), path=path, body=body)
    return Client(enforce_csrf_checks=True).generic(
        "POST", path, sent.body, content_type=sent.headers.get("content-type", "application/json"),
        headers={k: v for k, v in sent.headers.items() if k != "content-type"} | changes,
    )  # fmt: skip


# Hooks are kept in a transaction that must be the outermost, so these tests commit.
@pytest.fixture
def committed(transactional_db: None, request: pytest.FixtureRequest) -> Scene:
    """A scene whose hooks are really kept."""
    scene: Scene = request.getfixturevalue("scene")
    return scene


@pytest.mark.django_db(transaction=True)
def test_a_hook_is_kept_and_becomes_a_conversation(committed: Scene) -> None:
    asked = committed.network.customer_says("안녕하세요, 질문이 있어요", name="박서준", lang="ko")
    assert send(committed, ids=asked).status_code == 200
    assert Item.objects.count() == 1
    committed.work()
    assert Conversation.objects.get().name == "박서준"
    for _ in range(20):
        assert send(committed, ids=asked).status_code == 200
    committed.work()
    assert Item.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_forged_malformed_and_huge_ones_are_told_and_counted(committed: Scene) -> None:
    before = Item.objects.count()
    asked = committed.network.customer_says("hi", name="Kim", lang="en")
    sent = committed.network.hook_request(asked)
    channel = Channel.objects.get(pk=committed.channel.pk)
    forged = Client().post(f"/hooks/{channel.hook}", sent.body, content_type="application/json")
    assert forged.status_code == 401
    assert send(committed, body=b"{not json").status_code == 400
    huge = Client().generic(
        "POST", f"/hooks/{channel.hook}", b"x" * (settings.HOOK_BODY_BYTES_MAX + 1), "application/json"
    )
    assert huge.status_code == 413
    channel.refresh_from_db()
    assert (channel.hooks_forged, channel.hooks_malformed, channel.hooks_accepted) == (1, 2, 0)
    assert Item.objects.count() == before


def test_an_address_that_is_nobodys(db: None) -> None:
    assert Client().post("/hooks/nobody", b"{}", content_type="application/json").status_code == 404


def health() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/health")
    return answer.status_code, msgspec.json.decode(answer.content)


def test_health(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beat, "age_seconds", lambda: 1.0)
    assert health() == (
        200,
        {
            "status": "ok", "database": "answers", "worker_seconds": 1.0, "read_only": "",
            "logs_refused": 0, "witnesses_away": 0,
            "channels": {"well": 1},
            "evidence": dict.fromkeys(alarms.KINDS, 0), "keys": kek.AT_HAND,
            "keys_beside_data": len(key_places.warnings()),
        },
    )  # fmt: skip
    for age_seconds in (None, beat.SILENT_SECONDS_MAX + 1.0):
        monkeypatch.setattr(beat, "age_seconds", lambda found=age_seconds: found)
        assert health()[0] == 503


def test_health_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beat, "age_seconds", lambda: 1.0)
    monkeypatch.setattr(gauges, "database_answers", lambda: False)
    status, said = health()
    assert (status, said["database"], said["channels"]) == (503, "away", {})


@pytest.mark.parametrize("trouble", [KeyAway("the HSM does not answer"), KeyWrong("the key service refuses")])
def test_without_keys_health_is_bad_and_networks_are_told_to_come_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def gone() -> None:
        raise trouble

    monkeypatch.setattr(beat, "age_seconds", lambda: 1.0)
    monkeypatch.setattr(kek, "current", gone)
    sealed.forget()
    assert (health()[0], health()[1]["keys"]) == (503, kek.DROPPED)
    request = scene.network.hook_request(scene.network.customer_says("我的卡丢了", lang="zh"))
    answer = Client().post(f"/hooks/{scene.channel.hook}", request.body, content_type="application/json")
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert str(trouble) not in answer.content.decode()


def test_metrics_are_prometheus_text_without_anybody(scene: Scene) -> None:
    scene.network.customer_says("카드를 잃어버렸어요", name="박서준", lang="ko")
    scene.later(120)
    scene.deliver("비밀 아닌 공지")
    answer = Client().get("/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.content.decode().splitlines()
    samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert int(samples["bankside_entries"]) == gauges.entries() > 10
    assert samples['bankside_deliveries{state="waiting"}'] == "1"
    assert samples['bankside_follower_lag_entries{follower="inbox.conversations"}'] != "0"
    for secret in ("박서준", "카드", "공지", "hanulbank.example", scene.channel.hook):
        assert secret not in answer.content.decode()
    typed = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(typed) == len(set(typed)) > 10


def test_lag_counts_what_followers_have_not_taken(scene: Scene) -> None:
    scene.work()
    assert set(gauges.lags().values()) == {0}
    scene.deliver("공지")
    assert all(lag > 0 for lag in gauges.lags().values())
