from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import connect, polling, reading
from bankside.channels.models import Channel, Item
from bankside.networks import contract
from bankside.networks.practice import Practice, PracticeServer
from bankside.record import clock, jobs
from bankside.record.append import entry_of
from bankside.record.models import Entry, Job
from bankside.record.projection import payload_of
from tests.channels.test_intake import give
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def facts(name: str) -> list[Any]:
    return [payload_of(e.n) for e in Entry.objects.filter(fact=f"channels.{name}").order_by("n")]


def next_poll_ms(scene: Scene) -> int:
    return Job.objects.get(key=connect.poll_key(scene.channel)).due_at - scene.moment


def test_what_is_new_is_found_by_asking_and_the_cursor_moves_with_it(scene: Scene) -> None:
    scene.network.customer_says("이체가 안 돼요")
    scene.later(5)
    channel = fresh(scene.channel)
    assert (channel.polled_at, channel.heard_at, channel.ok_at) == (scene.moment,) * 3
    assert channel.cursor != ""
    assert [f.via for f in facts("activity-received")] == ["poll"]
    assert next_poll_ms(scene) == 5000
    scene.later(5)
    assert Item.objects.count() == 1, "what the overlap repeats is kept once"
    assert fresh(scene.channel).heard_at == scene.moment - 5000


def test_a_long_answer_is_read_to_its_end_in_bounded_runs(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.work()
    for number in range(120):  # 50 to a page
        scene.network.customer_says(f"nr. {number}", by="jan", lang="nl")
    monkeypatch.setattr(polling, "PAGES_MAX", 2)
    scene.later(5)
    assert len(facts("activity-received")) == 120
    assert next_poll_ms(scene) == 5000


def test_a_network_that_promises_more_and_moves_nowhere_is_not_asked_in_a_circle(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def same(self: Practice, cursor: str, since_ms: int) -> contract.Page:
        asked.append(cursor)
        return contract.Page(items=(), cursor="7", more=True)

    monkeypatch.setattr(Practice, "poll", same)
    scene.work()
    assert asked == ["", "7"]
    assert next_poll_ms(scene) == 5000


@pytest.mark.parametrize(
    ("seconds", "waits"), [(1, 1000), (30, 30_000), (0, 1000), (-5, 1000), (10**9, 900_000)]
)
def test_a_network_that_asks_to_wait_is_asked_later(scene: Scene, seconds: float, waits: int) -> None:
    scene.network.fail_next("poll", "later", after_seconds=seconds)
    jobs.run_due()
    assert next_poll_ms(scene) == waits
    channel = fresh(scene.channel)
    assert (channel.failures, channel.failed_at, channel.state) == (1, NOW, "open")
    assert channel.trouble == "The practice network is busy."


def test_a_channel_that_fails_is_asked_less_and_less_and_recovers(scene: Scene) -> None:
    scene.network.fail_next("poll", "refused", times=12)
    waits = []
    for _ in range(12):
        scene.work()
        waits.append(next_poll_ms(scene) // 1000)
        scene.later(waits[-1] - 0.001)
        scene.later(0.001)
    assert waits[:5] == [5, 10, 20, 40, 80]
    assert max(waits) == 900
    channel = fresh(scene.channel)
    assert (channel.failures, channel.trouble) == (0, "")


def test_a_refused_grant_stops_the_channel_once_and_everything_on_it_waits(scene: Scene) -> None:
    scene.network.fail_next("poll", "reconnect")
    scene.work()
    assert fresh(scene.channel).state == "stopped"
    delivery = scene.deliver("기다려요")
    scene.later(600)
    assert scene.network.calls("poll") == 1
    assert scene.network.posts() == []
    delivery.refresh_from_db()
    assert delivery.state == "held"
    assert [f.reason for f in facts("channel-stopped")] == ["The practice network asks for a new connection."]


def test_an_answer_that_nobody_understands_stops_nothing_else(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = scene.connect("둘째", tmp_path / "second")
    PracticeServer(tmp_path / "second").customer_says("여기요")
    poll = Practice.poll

    def broken(self: Practice, cursor: str, since_ms: int) -> contract.Page:
        if self.grant.settings["folder"] == str(scene.folder):
            raise KeyError("secret words of a customer")
        return poll(self, cursor, since_ms)

    monkeypatch.setattr(Practice, "poll", broken)
    scene.later(5)
    assert fresh(scene.channel).trouble == "The answer of the network could not be understood (KeyError)."
    assert [f.channel for f in facts("activity-received")] == [other.obj]


def test_garbage_is_set_aside_and_what_comes_with_it_is_read(scene: Scene) -> None:
    scene.network.customer_says("goed")
    scene.network.fail_next("poll", "garbage")
    scene.work()
    scene.later(5)
    assert Item.objects.filter(state="poisoned").count() == 1
    assert len(facts("activity-received")) == 1


def test_an_item_that_cannot_be_written_down_does_not_hold_up_its_page(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {"id": "g1", "kind": "mention", "version": "1"}
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    raws = [("g1", good), ("d1", {"deep": deep}), ("o1", {"odd": object()}), ("\ud83d\x00" * 300, good)]
    page = contract.Page(
        items=tuple(contract.Item(remote_id=i, version="1", raw=raw) for i, raw in raws),
        cursor="1",
        more=False,
    )
    monkeypatch.setattr(Practice, "poll", lambda self, cursor, since_ms: page)
    jobs.run_due()
    states = dict(Item.objects.values_list("remote_id", "state"))
    assert len(states) == 4
    assert (states["g1"], states["d1"], states["o1"]) == ("kept", "poisoned", "poisoned")
    assert fresh(scene.channel).cursor == "1"


def test_what_polling_finds_beside_hooks_is_counted_and_recorded_as_repaired(scene: Scene) -> None:
    first = scene.network.customer_says("알림으로 왔어요")
    scene.later(5)
    assert fresh(scene.channel).items_repaired == 0, "no hook has ever come: polling is the way in"
    give(scene, scene.network.hook_request(first))
    hooked = scene.network.customer_says("둘")
    give(scene, scene.network.hook_request(hooked))
    scene.network.customer_says("길을 잃은 알림")
    scene.network.customer_says("또 하나")
    scene.later(5)
    assert fresh(scene.channel).items_repaired == 2
    assert [(f.channel, f.items) for f in facts("gap-repaired")] == [(scene.channel.obj, 2)]
    scene.later(60)
    assert len(facts("gap-repaired")) == 1
    assert len(facts("activity-received")) == 4


def test_what_earlier_pages_brought_is_kept_when_a_later_one_fails(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = contract.Item(remote_id="a1", version="1", raw={"kind": "raid"})

    def two_pages(self: Practice, cursor: str, since_ms: int) -> contract.Page:
        if cursor == "one":
            raise contract.Later(20, "Too many.")
        return contract.Page(items=(item,), cursor="one", more=True)

    monkeypatch.setattr(Practice, "poll", two_pages)
    jobs.run_due()
    channel = fresh(scene.channel)
    assert (channel.cursor, channel.trouble, channel.failures) == ("one", "Too many.", 1)
    assert Item.objects.get().remote_id == "a1"
    assert next_poll_ms(scene) == 20_000


def hashed(text: str, *, gone: bool = False) -> contract.Item:
    """As networks tell it that date no change: the version is a digest of the words."""
    raw = {"text": text, "gone": gone}
    return contract.Item(remote_id="c1", version="gone" if gone else f"h{text}", raw=raw)


def test_what_was_taken_back_or_restored_stands_there_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[contract.Item] = []

    def read(self: Practice, raw: dict[str, Any]) -> tuple[contract.Activity, ...]:
        return (
            contract.Activity(
                remote_id="c1", version="gone" if raw["gone"] else f"h{raw['text']}", thread="c1",
                verb="Delete" if raw["gone"] else "Create", text=raw["text"], published_ms=NOW - 5,
                actor=contract.Actor(remote_id="" if raw["gone"] else "minji"),
            ),
        )  # fmt: skip

    page = lambda self, cursor, since_ms: contract.Page(items=tuple(there), cursor="1", more=False)  # noqa: E731
    monkeypatch.setattr(Practice, "poll", page)
    monkeypatch.setattr(Practice, "read", read)
    steps = [("a", False), ("b", False), ("a", False), ("", True), ("a", False), ("", True), ("b", False)]
    for text, gone in steps:
        there[:] = [hashed(text, gone=gone)]
        scene.later(5)
        scene.later(5)  # and once more the same: nothing new
    entries = list(Entry.objects.filter(actor="s:intake").order_by("n"))
    told = [payload_of(e.n) for e in entries]
    assert [(f.seen.text if hasattr(f, "seen") else "", not hasattr(f, "seen")) for f in told] == steps
    assert {type(f).__name__ for f in told[1:]} == {"ActivityChanged", "ActivityRemoved"}
    rids = [e.rid for e in entries]
    assert [entry_of(e).prev for e in entries] == [None, *rids[:-1]]
    assert len({e.subj for e in entries}) == 1, "a removal that names nobody is about the same person"
    assert Item.objects.count() == 3


def test_a_cursor_that_somebody_else_has_moved_is_not_moved_back(scene: Scene) -> None:
    asked = fresh(scene.channel)
    Channel.objects.filter(pk=asked.pk).update(cursor="12")
    polling._keep(asked, polling.Polled([], "5"))
    assert fresh(asked).cursor == "12"


def test_a_channel_whose_secrets_cannot_be_opened_says_so_and_is_tried_again(scene: Scene) -> None:
    Channel.objects.filter(pk=scene.channel.pk).update(secrets=b"changed by somebody" * 3)
    jobs.run_due()
    assert "Unreadable" in fresh(scene.channel).trouble
    assert next_poll_ms(scene) == 5000


@pytest.mark.django_db(transaction=True)
def test_a_dead_channel_delays_nobody(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = scene.connect("둘째", tmp_path / "second")
    PracticeServer(tmp_path / "second").customer_says("저는 기다리지 않아요")
    hangs, poll = threading.Event(), Practice.poll

    def slow(self: Practice, cursor: str, since_ms: int) -> contract.Page:
        if self.grant.settings["folder"] == str(scene.folder):
            hangs.wait(20)
        return poll(self, cursor, since_ms)

    monkeypatch.setattr(Practice, "poll", slow)
    with ThreadPoolExecutor(4) as pool:
        runner = jobs.Runner(pool)
        runner.start(10)
        while not Item.objects.filter(channel=other).exists():
            runner.finish(wait_seconds=1)
        assert runner.busy, "the first channel still hangs"
        assert reading.read_kept() == 1
        hangs.set()
        while runner.busy:
            runner.finish(wait_seconds=1)
    assert fresh(scene.channel).ok_at == NOW


@pytest.mark.parametrize(("own", "env", "used"), [(7, 60, 7), (0, 60, 5), (0, 2, 2)])
def test_the_rhythm_is_the_channel_s_or_the_quicker_of_network_and_setting(
    scene: Scene, settings: Any, own: int, env: int, used: int
) -> None:
    settings.POLL_SECONDS = env
    scene.channel.poll_seconds = own
    assert polling.rhythm_seconds(scene.channel) == used
