"""A clock that jumps by a day, or runs backwards, in the middle of the journeys (faults 26 and 27).

What is due fires once or is held; numbers, proofs and the order within a conversation stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import attempt, polling
from bankside.channels.models import Attempt, Delivery
from bankside.inbox.models import Message
from bankside.record import audit, clock, jobs
from bankside.record.models import Entry, Head
from tests.scene import NOW, Scene

DAY_SECONDS = 86_400
NEW_YEAR_2027 = clock.from_iso("2027-01-01T00:00:00Z")

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path, settings: Any) -> Iterator[Scene]:
    settings.LOG_FOLDER = tmp_path / "log"
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def state_of(delivery: Delivery) -> str:
    return str(Delivery.objects.get(pk=delivery.pk).state)


def texts(scene: Scene) -> list[str]:
    return [said.text for said in scene.network.posts()]


def assert_the_record_holds() -> None:
    assert audit.audit().problems == []
    for head in Head.objects.filter(size__gt=0):
        seqs = Entry.objects.filter(lane=head.lane, year=head.year).order_by("n")
        assert list(seqs.values_list("seq", flat=True)) == list(range(head.size))


def planned(scene: Scene, text: str, in_seconds: float) -> Delivery:
    scene.moment += int(in_seconds * 1000)
    delivery = scene.deliver(text)
    scene.moment -= int(in_seconds * 1000)
    return delivery


@pytest.mark.parametrize("jump", [DAY_SECONDS, 60 * DAY_SECONDS / 24])
def test_a_jump_over_the_time_of_a_post_sends_it_once(scene: Scene, jump: float) -> None:
    delivery = planned(scene, "내일 점검 공지", DAY_SECONDS / 2)
    scene.work()
    assert (state_of(delivery), texts(scene)) == ("waiting", [])
    scene.later(jump)
    scene.later(-jump)
    assert (state_of(delivery), texts(scene)) == ("sent", ["내일 점검 공지"])
    for seconds in (jump, -2 * jump, 3 * jump):
        scene.later(seconds)
    assert texts(scene) == ["내일 점검 공지"]
    assert_the_record_holds()


def test_a_clock_that_runs_backwards_holds_what_is_due(scene: Scene) -> None:
    delivery = scene.deliver("立即发布")
    scene.later(-DAY_SECONDS)
    assert (state_of(delivery), texts(scene)) == ("waiting", [])
    scene.later(DAY_SECONDS)
    assert (state_of(delivery), texts(scene)) == ("sent", ["立即发布"])
    assert_the_record_holds()


@pytest.mark.parametrize(
    "jumps", [[DAY_SECONDS], [-DAY_SECONDS, DAY_SECONDS + 300], [-600, 1200, DAY_SECONDS]]
)
def test_a_worker_that_died_while_sending_is_followed_by_a_look_at_any_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, jumps: list[float]
) -> None:
    delivery = scene.deliver("Openingstijden met kerst")

    class Died(BaseException):
        """Nothing after it is done."""

    def dying(*_: object) -> int:
        raise Died

    with monkeypatch.context() as patched, pytest.raises(Died):
        patched.setattr(attempt, "_after", dying)
        jobs.run_due()
    assert texts(scene) == ["Openingstijden met kerst"]
    assert state_of(delivery) == "sending"
    for seconds in jumps:
        scene.later(seconds)
        assert texts(scene) == ["Openingstijden met kerst"]
    for _ in range(5):
        scene.later(60)
    assert (state_of(delivery), texts(scene)) == ("sent", ["Openingstijden met kerst"])
    assert Attempt.objects.filter(delivery=delivery, act="send").count() == 1
    assert_the_record_holds()


def test_a_jump_past_the_end_of_an_approval_sends_nothing(scene: Scene) -> None:
    delivery = planned(scene, "Too late", DAY_SECONDS / 2)
    scene.later(8 * DAY_SECONDS)
    assert (state_of(delivery), texts(scene)) == ("withdrawn", [])
    scene.later(-8 * DAY_SECONDS)
    scene.later(DAY_SECONDS)
    assert texts(scene) == []


@pytest.mark.parametrize("jumps", [[DAY_SECONDS, -DAY_SECONDS], [-DAY_SECONDS, DAY_SECONDS], [-5, 5]])
def test_what_arrives_while_the_clock_jumps_arrives_once_and_in_order(
    scene: Scene, jumps: list[float]
) -> None:
    first = scene.network.customer_says("첫 번째")
    scene.later(5)
    for number, seconds in enumerate(jumps, 2):
        scene.network.customer_replies(first, f"{number} 번째")
        scene.later(seconds)
    polling.wake_overslept()  # as the worker does every minute
    for _ in range(3):
        scene.later(61)
    said = [row.text for row in Message.objects.order_by("id")]
    assert said == ["첫 번째", "2 번째", "3 번째"]
    assert Entry.objects.filter(fact="inbox.message-triaged").count() == 3
    assert_the_record_holds()


def test_a_clock_that_goes_back_over_new_year_opens_no_old_log(scene: Scene) -> None:
    scene.later((NEW_YEAR_2027 - scene.moment) / 1000 + 10)
    first = scene.network.customer_says("새해 복 많이 받으세요")
    scene.later(61)
    lane = Entry.objects.get(fact="channels.activity-received").lane
    assert Head.objects.get(lane=lane).year == 2027
    scene.network.customer_replies(first, "Gelukkig nieuwjaar")
    scene.later(-DAY_SECONDS)
    scene.later(61)
    scene.later(DAY_SECONDS)
    assert Message.objects.count() == 2
    newest = Entry.objects.filter(lane=lane).order_by("-n")[0]
    assert (newest.year, Head.objects.get(lane=lane).year) == (2027, 2027)
    assert_the_record_holds()
