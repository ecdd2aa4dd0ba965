"""What of ours is counted, and how often: hourly, then daily, then weekly, then never again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.channels import counted
from bankside.channels.counted import DAY_MS, HOUR_MS, MINUTE_MS, NEVER
from bankside.channels.models import Channel, Counted, Delivery
from bankside.networks.contract import Activity, Actor
from bankside.record import clock
from tests.channels.test_intake import give
from tests.scene import NOW, Scene

DAYS_90 = 90 * DAY_MS


@pytest.fixture
def scene(db: None, tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def our_own(remote_id: str, **changed: object) -> Activity:
    fields = {"thread": remote_id, "own": True, "published_ms": NOW - HOUR_MS} | changed
    return Activity(remote_id=remote_id, actor=Actor(remote_id="bank:hanulbank"), text="실적", **fields)  # type: ignore[arg-type]


# --- the rhythm ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (0, HOUR_MS), (DAY_MS - 1, HOUR_MS), (DAY_MS, DAY_MS), (7 * DAY_MS - 1, DAY_MS),
        (7 * DAY_MS, 7 * DAY_MS), (83 * DAY_MS, 7 * DAY_MS),
    ],
)  # fmt: skip
def test_the_older_a_post_the_less_often(age: int, wait: int) -> None:
    assert counted.next_look_ms(NOW - age, NOW) == NOW + wait


@pytest.mark.parametrize("age", [83 * DAY_MS + 1, DAYS_90, 4 * DAYS_90])
def test_after_90_days_it_is_never_looked_at_again(age: int) -> None:
    assert counted.next_look_ms(NOW - age, NOW) == NEVER


@given(st.integers(0, DAY_MS), st.lists(st.integers(0, 3 * DAY_MS), max_size=8))
@settings(max_examples=40)
def test_however_late_the_worker_is_a_post_has_few_looks_and_they_end(first: int, late: list[int]) -> None:
    now, looks, delays = NOW + first, 0, iter(late)
    while (due := counted.next_look_ms(NOW, now)) != NEVER:
        assert due >= now + HOUR_MS
        now, looks = due + next(delays, 0), looks + 1
        assert looks <= 24 + 7 + 13
    assert now - NOW > 83 * DAY_MS


def test_what_is_gone_is_asked_for_once_a_week_and_an_account_once_a_day() -> None:
    post = Counted(said_at=NOW - HOUR_MS)
    assert counted.next_of(post, NOW, there=True) == NOW + HOUR_MS
    assert counted.next_of(post, NOW, there=False) == NOW + 7 * DAY_MS
    assert counted.next_of(Counted(said_at=NOW - DAYS_90), NOW, there=False) == NEVER
    account = Counted(said_at=NOW - 10 * DAYS_90, account=True)
    assert (
        counted.next_of(account, NOW, there=True)
        == counted.next_of(account, NOW, there=False)
        == NOW + DAY_MS
    )


# --- what is counted -------------------------------------------------------------------------------------
def test_a_post_of_this_desk_is_counted_ten_minutes_later_and_an_answer_is_not(scene: Scene) -> None:
    asked = scene.network.customer_says("카드가 안 돼요")
    scene.later(5)
    scene.deliver("새 지점을 엽니다")
    scene.deliver("확인하겠습니다", purpose="reply", in_reply_to=asked)
    scene.work()
    [row] = Counted.objects.filter(account=False)
    assert [row.remote_id] == [post.id for post in scene.network.posts("post")]
    assert row.due_at == scene.moment + 10 * MINUTE_MS and row.told == {}


def test_what_was_typed_in_the_networks_own_app_is_counted_and_what_comes_back_is_one(scene: Scene) -> None:
    channel = Channel.objects.get(pk=scene.channel.pk)
    for _ in range(2):
        counted.seen([(channel, our_own("p7")), (channel, our_own("p8", published_ms=0))])
    assert [(r.remote_id, r.said_at) for r in Counted.objects.order_by("remote_id")] == [
        ("p7", NOW - HOUR_MS), ("p8", NOW),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"own": False}, {"private": True}, {"held": True}, {"in_reply_to": "m1"}, {"verb": "Delete"},
        {"verb": "Like"},
        {"published_ms": NOW - DAYS_90}, {"remote_id": "x" * 301},
    ],
)  # fmt: skip
def test_what_is_no_post_of_ours_or_too_old_is_not(scene: Scene, changed: dict[str, object]) -> None:
    channel = Channel.objects.get(pk=scene.channel.pk)
    named = str(changed.get("remote_id", "p7"))
    counted.seen([(channel, our_own(named, **{k: v for k, v in changed.items() if k != "remote_id"}))])
    assert not Counted.objects.exists()


def test_a_hook_with_our_own_post_is_enough(scene: Scene) -> None:
    give(scene, scene.network.hook_request(scene.network.customer_says("nothing of ours")))
    scene.work()
    assert not Counted.objects.exists()


def test_the_account_is_counted_where_its_network_tells(scene: Scene) -> None:
    channel = Channel.objects.get(pk=scene.channel.pk)
    assert counted.account_of(channel) and not counted.account_of(channel)
    row = Counted.objects.get()
    assert (row.remote_id, row.account, row.due_at) == ("bank:hanulbank", True, NOW)


def test_what_is_due_comes_longest_due_first(scene: Scene) -> None:
    channel = Channel.objects.get(pk=scene.channel.pk)
    for name, due in [("late", NOW - 2), ("now", NOW), ("never", NEVER), ("soon", NOW + 1)]:
        Counted.objects.create(channel=channel, remote_id=name, said_at=NOW, due_at=due)
    assert [row.remote_id for row in counted.due(channel, NOW, 9)] == ["late", "now"]
    assert [row.remote_id for row in counted.due(channel, NOW, 1)] == ["late"]
    assert counted.next_due_ms(channel) == NOW - 2
    Counted.objects.all().delete()
    assert counted.next_due_ms(channel) == NEVER


def test_a_desk_that_is_brought_up_to_date_counts_what_it_said_in_90_days(scene: Scene) -> None:
    for text in ("하나", "둘", "셋"):
        scene.deliver(text)
    scene.work()
    old, new, twin = Delivery.objects.order_by("id")
    Delivery.objects.filter(pk=old.pk).update(state_at=NOW - DAYS_90 * 40)
    Delivery.objects.filter(pk=twin.pk).update(remote_id=new.remote_id)
    moment = int(time.time() * 1000) - HOUR_MS
    Delivery.objects.exclude(pk=old.pk).update(state_at=moment)
    Counted.objects.all().delete()
    migration = import_module("bankside.channels.migrations.0008_counted")
    for _ in range(2):
        migration.take_in(apps, connection.schema_editor())
    [row] = Counted.objects.all()
    assert (row.remote_id, row.said_at, row.account) == (new.remote_id, moment, False)
    assert moment < row.due_at
