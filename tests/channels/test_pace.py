"""How often a channel is asked: at its rhythm while something comes in, less often while it stays quiet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bankside.channels import connect, polling
from bankside.channels.health import health
from bankside.channels.models import Channel
from bankside.record import clock, jobs
from bankside.record.models import Job
from tests.channels.test_intake import give
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def row(scene: Scene) -> Channel:
    return Channel.objects.get(pk=scene.channel.pk)


def waits_ms(scene: Scene) -> int:
    return Job.objects.get(key=connect.poll_key(scene.channel)).due_at - scene.moment


def quiet_for(scene: Scene, seconds: int) -> None:
    ends = scene.moment + seconds * 1000
    while scene.moment < ends:
        scene.later(waits_ms(scene) / 1000)


def test_a_quiet_channel_is_asked_less_often_step_by_step_and_at_most_four_times_less(scene: Scene) -> None:
    scene.work()
    found = []
    for _ in range(5):
        found.append(waits_ms(scene))
        quiet_for(scene, 5 * polling.QUIET_ROUNDS)
    assert found == [5000, 10_000, 15_000, 20_000, 20_000]
    assert health(row(scene)).state == "well", "that it waits is not trouble"


def test_the_first_thing_that_comes_in_brings_the_rhythm_back(scene: Scene) -> None:
    scene.work()
    quiet_for(scene, 300)
    assert waits_ms(scene) == 20_000
    scene.network.customer_says("카드를 잃어버렸어요")
    scene.later(20)
    assert waits_ms(scene) == 5000
    quiet_for(scene, 300)
    give(scene, scene.network.hook_request(scene.network.customer_says("我的卡丢了")))
    scene.later(20)
    assert waits_ms(scene) == 5000, "also when a hook brought it"


@pytest.mark.parametrize(
    ("rhythm", "quiet_seconds", "asked_after"),
    [
        (30, 0, 30), (30, 599, 30), (30, 600, 60), (30, 1800, 120), (30, 10**8, 120),
        (300, 10**8, 900), (600, 10**8, 900), (3600, 10**8, 3600), (1, 10**8, 4),
    ],
)  # fmt: skip
def test_nothing_is_found_later_than_after_a_quarter_of_an_hour(
    scene: Scene, rhythm: int, quiet_seconds: int, asked_after: int
) -> None:
    channel = row(scene)
    channel.poll_seconds, channel.created_at = rhythm, NOW - quiet_seconds * 1000
    assert polling.pace_seconds(channel) == asked_after
    assert asked_after <= max(900, rhythm), "only a person may choose a longer time"


def test_a_clock_that_was_ahead_slows_nothing(scene: Scene) -> None:
    channel = row(scene)
    channel.heard_at = NOW + 10**12
    assert polling.pace_seconds(channel) == polling.rhythm_seconds(channel)


def test_an_answer_that_comes_after_the_channel_was_stopped_does_not_hide_why(scene: Scene) -> None:
    job = Job.objects.get(key=connect.poll_key(scene.channel))
    errand = polling.poll(job)
    assert isinstance(errand, jobs.Errand)
    answer = errand.work()
    connect.stop(row(scene), "The password is no good.")
    errand.after(answer)
    assert (row(scene).state, row(scene).trouble) == ("stopped", "The password is no good.")
