from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connect
from bankside.channels.health import Health, health, health_of, needing_a_person
from bankside.channels.models import Channel, Delivery, Item
from bankside.record import clock
from tests.channels.test_intake import give
from tests.people.team import person, team
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def now(scene: Scene) -> Health:
    return health(Channel.objects.get(pk=scene.channel.pk))


def test_a_channel_that_works_says_so_and_when_it_was_last_heard(scene: Scene) -> None:
    assert now(scene).state == "well"
    give(scene, scene.network.hook_request(scene.network.customer_says("안녕하세요")))
    assert (now(scene).heard_ms, now(scene).kept, now(scene).state) == (NOW, 1, "well")
    scene.deliver("나중에 나갑니다")
    assert now(scene).waiting_out == 1
    scene.work()
    assert (now(scene).kept, now(scene).waiting_out, now(scene).asked_ms) == (0, 0, NOW)


def test_a_person_is_asked_for_by_the_most_urgent_reason(scene: Scene) -> None:
    boss = scene.people["administrator"]
    scene.network.fail_next("poll", "later", times=3)
    for _ in range(3):
        scene.later(5)
    assert now(scene).state == "slow"
    assert now(scene).words == "No answer in 3 tries: The practice network is busy."
    Item.objects.create(channel=scene.channel, remote_id="x", via="poll", state="poisoned", received_at=NOW)
    assert now(scene).words == "1 item could not be read and was set aside."
    delivery = scene.deliver("갔을까요?")
    Delivery.objects.filter(pk=delivery.pk).update(state="uncertain")
    assert (now(scene).state, now(scene).words) == ("person", "1 delivery needs a person to look.")
    assert (now(scene).doubtful_out, now(scene).poisoned) == (1, 1)
    connect.pause(boss, scene.channel, "Rustdag.")
    assert (now(scene).state, now(scene).words) == ("paused", "Paused: Rustdag.")
    connect.resume(boss, scene.channel)
    connect.stop(scene.channel, "The password is no good.")
    assert now(scene).words == "The network refuses us: The password is no good. Connect the account again."
    connect.remove(boss, scene.channel)
    assert now(scene).state == "removed"


def test_a_silent_worker_is_noticed(scene: Scene) -> None:
    scene.work()
    with clock.frozen(NOW + 59_000):
        assert now(scene).state == "well"
    with clock.frozen(NOW + 61_000):
        assert (now(scene).state, "worker" in now(scene).words) == ("slow", True)


def test_all_channels_take_one_statement(
    scene: Scene, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        scene.connect(f"Channel {number}", tmp_path / str(number))
    listed = list(Channel.objects.all())
    with django_assert_num_queries(1):
        found = health_of(listed)
    assert set(found) == {c.pk for c in listed}
    assert health_of([]) == {}


def test_the_number_on_the_rail_is_what_the_page_shows(scene: Scene, tmp_path: Path) -> None:
    boss = scene.people["administrator"]
    others = [scene.connect(f"Channel {number}", tmp_path / str(number)) for number in range(6)]
    refused, poisoned, paused, stopped, removed, _ = others
    for channel in (refused, paused, removed):
        scene.channel = channel
        Delivery.objects.filter(pk=scene.deliver("갔을까요?").pk).update(state="refused")
    Item.objects.create(channel=poisoned, remote_id="x", via="poll", state="poisoned", received_at=NOW)
    connect.pause(boss, paused, "Rustdag.")
    connect.stop(stopped, "The password is no good.")
    connect.remove(boss, removed)
    shown = [one.state for one in health_of(Channel.objects.all()).values()]
    assert sorted(shown) == ["paused", "person", "person", "removed", "stopped", "well", "well"]
    assert needing_a_person(boss) == 3
    north = team("북부")
    hers = person("approver", team=north)
    assert needing_a_person(hers) == 0
    Channel.objects.filter(pk__in=[refused.pk, paused.pk]).update(team=north)
    assert (needing_a_person(hers), needing_a_person(person("key-custodian"))) == (1, 0)
