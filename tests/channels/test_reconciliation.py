"""Once a day a channel is read again: what was missed is found and counted, and what was not is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connect, daily, reconciliation, token_health
from bankside.channels.models import Channel, Item
from bankside.networks import contract
from bankside.networks.practice import Practice
from bankside.record import clock
from bankside.record.models import Entry, Job
from bankside.record.projection import payload_of
from tests.channels import on_disk
from tests.channels.test_intake import give
from tests.scene import Scene

pytestmark = pytest.mark.django_db
DAY = 86_400


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    # The pretended network lives today; a minute's spread instead of an hour, or today ends within a test.
    monkeypatch.setattr(daily, "SPREAD_SECONDS", 60)
    now = clock.now_ms()
    with clock.frozen(now):
        made = Scene(tmp_path / "network", moment=now)
        made.work()
        yield made


def facts() -> list[Any]:
    return [payload_of(e.n) for e in Entry.objects.filter(fact="channels.reconciled").order_by("n")]


def a_day(scene: Scene) -> Any:
    """The day's jobs are planned and done; the last fact."""
    daily.plan()
    scene.later(daily.SPREAD_SECONDS)
    return facts()[-1] if facts() else None


def row(scene: Scene) -> Channel:
    return Channel.objects.get(pk=scene.channel.pk)


def test_nothing_missed_is_a_fact_too_and_one_a_day(scene: Scene) -> None:
    scene.network.customer_says("안녕하세요")
    scene.later(5)
    cursor = row(scene).cursor
    today = token_health.day_of(scene.moment)
    found = a_day(scene)
    assert (found.seen, found.missing, found.whole, found.day) == (1, 0, True, today)
    assert daily.plan() == 0 and row(scene).cursor == cursor
    scene.later(DAY)
    assert a_day(scene).day > today and [one.seen for one in facts()] == [1, 0]


def test_what_neither_a_hook_nor_a_question_brought_is_found_and_counted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.network.customer_says("first")
    scene.later(5)
    lost = scene.network.customer_says("나를 놓쳤어요")
    real = Practice.poll

    def forgetful(self: Practice, cursor: str, since_ms: int) -> contract.Page:
        page = real(self, cursor, since_ms)
        items = tuple(i for i in page.items if i.remote_id != lost or not cursor)
        return contract.Page(items=items, cursor=page.cursor, more=page.more)

    monkeypatch.setattr(Practice, "poll", forgetful)
    scene.later(5)
    assert not Item.objects.filter(remote_id=lost).exists()
    found = a_day(scene)
    assert (found.seen, found.missing) == (2, 1) and row(scene).items_repaired == 1
    assert Item.objects.get(remote_id=lost).state == "read"


def test_what_comes_in_meanwhile_was_not_missed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    daily.plan()
    job = Job.objects.get(kind=reconciliation.JOB)
    real = Practice.poll

    def while_asked(self: Practice, cursor: str, since_ms: int) -> contract.Page:
        if not cursor:
            scene.network.customer_says("just now")
        return real(self, cursor, since_ms)

    monkeypatch.setattr(Practice, "poll", while_asked)
    errand = reconciliation.reconcile(job)
    assert errand is not None and not isinstance(errand, int)
    assert errand.after(errand.work()) is None
    assert (facts()[-1].seen, facts()[-1].missing) == (1, 0)


def test_an_item_of_a_hook_was_not_missed_and_older_ones_are_not_looked_for(scene: Scene) -> None:
    scene.network.customer_says("yesterday")
    scene.later(2 * DAY)
    give(scene, scene.network.hook_request(scene.network.customer_says("카드가 안 돼요")))
    assert (a_day(scene).seen, facts()[-1].missing) == (1, 0)


@pytest.mark.parametrize("times", [1, 3])
def test_a_network_that_is_busy_is_read_later_the_same_day(scene: Scene, times: int) -> None:
    daily.plan()
    Job.objects.filter(kind="poll").delete()
    Job.objects.filter(kind="capabilities").delete()
    scene.network.fail_next("poll", "later", after_seconds=120, times=times)
    scene.later(daily.SPREAD_SECONDS)
    assert facts() == []
    for _ in range(times):
        scene.later(125)
    assert facts()[-1].whole is True


def test_at_the_end_of_its_day_it_says_that_it_could_not_read_everything(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.network.customer_says("seen")
    scene.later(5)
    real = Practice.poll

    def halting(self: Practice, cursor: str, since_ms: int) -> contract.Page:
        if cursor:
            raise contract.Later(60, "Busy.")
        return real(self, cursor, since_ms)

    monkeypatch.setattr(Practice, "poll", halting)
    assert a_day(scene) is None
    for _ in range(31):  # the day, whatever its hour is now, and the six hours in which it is tried still
        scene.later(3600)
    assert [one.whole for one in facts()] == [False]


def test_a_refused_grant_stops_the_channel_and_a_paused_one_is_not_read(scene: Scene) -> None:
    connect.pause(scene.people["administrator"], row(scene), "Rustdag.")
    assert daily.plan() == 0
    connect.resume(scene.people["administrator"], row(scene))
    daily.plan()
    Job.objects.exclude(kind=reconciliation.JOB).delete()
    scene.network.fail_next("poll", "reconnect")
    scene.later(daily.SPREAD_SECONDS)
    assert row(scene).state == "stopped" and facts() == []


def test_a_desk_on_a_disk_does_the_jobs_of_its_day(tmp_path: Path) -> None:
    said = on_disk.found(tmp_path).run(
        """
        from bankside.channels import daily
        from bankside.record import clock
        from bankside.record.models import Job
        network.customer_says("카드를 잃어버렸어요")
        planned = daily.plan()
        Job.objects.exclude(kind="poll").update(due_at=clock.now_ms())
        while jobs.run_due() and Job.objects.filter(kind__in=daily.KINDS, state="waiting").exists():
            pass
        done = Job.objects.filter(kind__in=daily.KINDS, state="done").count()
        print(planned, done, Entry.objects.filter(fact="channels.reconciled").count(), daily.plan())
        """
    )
    assert said == "2 2 1 0"
