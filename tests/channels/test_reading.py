from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from django.db import connection

from bankside.channels import reading
from bankside.channels.models import Channel, Item, Sighting, Thread
from bankside.networks.contract import Activity, Actor, Request
from bankside.networks.practice import PracticeServer
from bankside.record import clock, subjects
from bankside.record.append import entry_of
from bankside.record.facts.channels import ActivityReceived, ActivityRemoved, OlderVersionFound
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests.channels.test_intake import give
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def read_all() -> int:
    return sum(iter(reading.read_kept, 0))


def came_in() -> list[Entry]:
    """What was seen on networks, in the order of the record."""
    return list(Entry.objects.filter(actor="s:intake").order_by("n"))


def said(entry: Entry) -> Any:
    return payload_of(entry.n)


def hook_now(scene: Scene, *ids: str) -> Request:
    """The hook for these things as they are at this moment."""
    return scene.network.hook_request(*ids)


def test_what_was_kept_becomes_a_fact_with_its_author_and_conversation(scene: Scene) -> None:
    post = scene.deliver("11월 25일 새벽 점검이 있습니다.")
    scene.work()
    [root] = scene.network.posts("post")
    comment = scene.network.customer_says("몇 시까지요?", under=root.id, lang="ko")
    scene.network.customer_replies(comment, "Until when?", by="grace", lang="en")
    scene.network.customer_says("私信", private=True, by="wang")
    scene.later(10)
    entries = came_in()
    assert [e.fact for e in entries] == ["channels.activity-received"] * 3
    first, second, third = (said(e) for e in entries)
    assert (first.channel, first.network, first.via) == (scene.channel.obj, "practice", "poll")
    assert (first.seen.text, first.seen.lang, first.seen.thread) == ("몇 시까지요?", "ko", comment)
    assert (first.seen.in_reply_to, second.seen.thread) == (root.id, comment)
    assert entries[0].obj == entries[1].obj != entries[2].obj, "one thread is one conversation"
    assert entries[0].obj != post.about
    assert (second.seen.actor.remote_id, third.seen.private) != ("", False)
    assert entries[0].subj == subjects.subject_of("practice", first.seen.actor.remote_id)
    assert len({e.subj for e in entries}) == 3
    assert entry_of(entries[0]).src_t == first.seen.published_ms
    assert {e.type for e in entries} == {"post.in"}
    assert not Item.objects.exclude(body=b"").exists(), "what was read is emptied"
    assert (
        Channel.objects.get(pk=scene.channel.pk).items_read == Item.objects.filter(state="read").count() == 3
    )


def test_an_edit_and_a_removal_follow_what_came_before(scene: Scene) -> None:
    id = scene.network.customer_says("Ik ben kwaat", by="jan", lang="nl")
    give(scene, hook_now(scene, id))
    read_all()
    scene.network.customer_edits(id, "Ik ben kwaad")
    give(scene, hook_now(scene, id))
    read_all()
    scene.network.customer_deletes(id)
    give(scene, hook_now(scene, id))
    give(scene, hook_now(scene, id))
    read_all()
    first, second, third = (entry_of(row) for row in came_in())
    assert [first.fact, second.fact, third.fact] == [
        "channels.activity-received", "channels.activity-changed", "channels.activity-removed",
    ]  # fmt: skip
    assert (first.prev, second.prev, third.prev) == (None, first.id, second.id)
    assert first.obj == second.obj == third.obj
    assert (first.type, second.type, third.type) == ("post.in", "edit", "delete")
    assert first.subj == second.subj == third.subj
    assert said(came_in()[1]).seen.text == "Ik ben kwaad"
    assert Sighting.objects.get().gone


def test_versions_that_come_in_the_wrong_order_are_recorded_and_overwrite_nothing(scene: Scene) -> None:
    id = scene.network.customer_says("v1")
    hooks = [hook_now(scene, id)]
    for text in ("v2", "v3"):
        scene.network.customer_edits(id, text)
        hooks.append(hook_now(scene, id))
    scene.network.customer_deletes(id)
    hooks.append(hook_now(scene, id))
    for place in (1, 3, 2, 0, 3, 1):  # v2, removal, v3, v1, and some again
        give(scene, hooks[place])
        read_all()
    assert [type(said(e)).__name__ for e in came_in()] == [
        "ActivityReceived", "ActivityRemoved", "OlderVersionFound", "OlderVersionFound",
    ]  # fmt: skip
    assert [said(e).seen.text for e in came_in()[2:]] == ["v3", "v1"]
    sighting = Sighting.objects.get()
    assert (sighting.version, sighting.gone) == ("4", True)


def test_all_versions_in_one_batch_are_linked_one_to_the_next(scene: Scene) -> None:
    id = scene.network.customer_says("1")
    give(scene, hook_now(scene, id))
    for number in range(2, 6):
        scene.network.customer_edits(id, str(number))
        give(scene, hook_now(scene, id))
    assert reading.read_kept() == 1, "a batch ends before the second item about the same thing"
    assert read_all() == 4
    entries = [entry_of(row) for row in came_in()]
    assert [e.prev for e in entries] == [None, *(e.id for e in entries[:-1])]


def test_a_removal_of_what_was_never_seen_is_recorded_and_nothing_comes_back(scene: Scene) -> None:
    id = scene.network.customer_says("weg")
    first = hook_now(scene, id)
    scene.network.customer_deletes(id)
    give(scene, hook_now(scene, id))
    give(scene, first)
    read_all()
    facts = [said(e) for e in came_in()]
    assert [type(f) for f in facts] == [ActivityRemoved, OlderVersionFound]


def test_the_bank_s_own_words_belong_to_the_desk(scene: Scene) -> None:
    id = scene.network.customer_says("질문", private=True)
    scene.later(10)
    scene.deliver("답변", purpose="reply", about=came_in()[0].obj, in_reply_to=id, private=True)
    scene.work()
    scene.later(10)
    own = [e for e in came_in() if said(e).seen.own]
    assert [e.subj for e in own] == [subjects.desk()]
    assert own[0].obj == came_in()[0].obj


def test_one_poisoned_item_is_set_aside_and_all_others_are_read(scene: Scene) -> None:
    ids = [scene.network.customer_says(f"문의 {n}") for n in range(40)]
    give(scene, hook_now(scene, *ids[:20]))
    broken = {"items": [{"id": "x1", "version": "1", "kind": "mention", "author": 7, "text": None}]}
    give(scene, scene.network.hook_request(body=msgspec.json.encode(broken)))
    give(scene, hook_now(scene, *ids[20:]))
    assert reading.read_kept() == 41
    assert reading.read_kept() == 0
    assert len(came_in()) == 40
    poisoned = Item.objects.get(state="poisoned")
    assert (poisoned.remote_id, poisoned.error, poisoned.tries) == ("x1", "Refused", 1)
    assert poisoned.body, "it can be tried again when the desk has learnt to read it"


def test_what_was_poisoned_is_read_after_the_desk_has_learnt_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bankside.networks.practice import Practice

    read = Practice.read
    monkeypatch.setattr(Practice, "read", lambda self, raw: 1 // 0)
    give(scene, hook_now(scene, scene.network.customer_says("둘째 시도")))
    assert read_all() == 1
    assert Item.objects.get().error == "ZeroDivisionError"
    monkeypatch.setattr(Practice, "read", read)
    assert reading.retry_poisoned(scene.channel) == 1
    assert read_all() == 1
    assert len(came_in()) == 1


def test_a_kind_that_nobody_knows_is_kept_for_seven_days_and_never_guessed(scene: Scene) -> None:
    unknown = {"items": [{"id": "r1", "version": "1", "kind": "raid", "text": "?"}]}
    give(scene, scene.network.hook_request(body=msgspec.json.encode(unknown)))
    give(scene, hook_now(scene, scene.network.customer_says("bekend")))
    assert read_all() == 2
    assert came_in()[0].fact == "channels.activity-received"
    assert Item.objects.get(state="unknown").body
    scene.later(6 * 86_400)
    assert Item.objects.filter(state="unknown").exists()
    scene.later(2 * 86_400)
    assert not Item.objects.filter(state="unknown").exists()
    assert Item.objects.filter(state="read").exists()
    scene.later(23 * 86_400)
    assert not Item.objects.filter(remote_id=said(came_in()[0]).seen.remote_id).exists()


def test_an_item_that_was_forgotten_and_comes_again_is_the_same_fact(scene: Scene) -> None:
    request = hook_now(scene, scene.network.customer_says("één keer"))
    give(scene, request)
    read_all()
    Item.objects.all().delete()
    give(scene, request)
    assert read_all() == 1
    assert len(came_in()) == 1


def test_a_batch_is_bounded(scene: Scene) -> None:
    ids = [scene.network.customer_says(str(n)) for n in range(30)]
    give(scene, hook_now(scene, *ids))
    assert reading.read_kept(limit=12) == 12
    assert [reading.read_kept(limit=12), reading.read_kept(limit=12), reading.read_kept()] == [12, 6, 0]
    assert len({e.obj for e in came_in()}) == Thread.objects.count() == 30
    assert all(isinstance(said(e), ActivityReceived) for e in came_in())


def test_reading_takes_few_statements_however_many_items(
    scene: Scene, django_assert_max_num_queries: Any
) -> None:
    ids = [scene.network.customer_says(str(n)) for n in range(100)]
    give(scene, hook_now(scene, *ids))
    with django_assert_max_num_queries(40):
        assert reading.read_kept() == 100


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer")
def test_a_channel_is_read_by_one_worker_at_a_time(scene: Scene, tmp_path: Path) -> None:
    other, folder = scene.connect("둘째", tmp_path / "second"), tmp_path / "second"
    network = PracticeServer(folder, hook_secret="practice hook secret")
    give(scene, hook_now(scene, scene.network.customer_says("먼저")))
    give(scene, network.hook_request(network.customer_says("daarnaast")), other.hook)
    place = {name: connection.settings_dict[name.upper()] for name in ("host", "port", "user")}
    with psycopg.connect(**place, dbname=connection.settings_dict["NAME"]) as worker:
        worker.execute("select pg_advisory_xact_lock(%s, %s)", [reading.TURN, scene.channel.pk])
        assert reading.read_kept() == 1, "the other channel goes on"
        assert [said(e).seen.text for e in came_in()] == ["daarnaast"]
        worker.rollback()
    assert reading.read_kept() == 1


def test_the_lag_is_that_of_what_people_wrote_last_since_the_channel_is_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lag(written: int, kept: int, **fields: Any) -> int:
        item = Item(channel=scene.channel, remote_id="m", received_at=kept)
        said = {"remote_id": "m", "actor": Actor(remote_id="a"), "thread": "m", "published_ms": written}
        understood = reading.Understood(item, (Activity(**said, **fields),))
        return reading._lag_ms([understood], scene.channel.pk)

    since = scene.channel.since
    assert lag(since + 1_000, since + 7_500) == 6_500
    assert lag(since - 1, since + 7_500) == 0, "it was there before the channel"
    assert lag(since + 8_000, since + 7_500) == 0, "a clock ahead of ours"
    assert lag(since + 1_000, since + 7_500, own=True) == 0
    assert lag(since + 1_000, since + 7_500, verb="Like") == 0
    word = scene.network.customer_says("지점이 언제 여나요?")
    give(scene, scene.network.hook_request(word))
    monkeypatch.setattr(reading, "_lag_ms", lambda batch, channel: 6_500)
    read_all()
    assert Channel.objects.get(pk=scene.channel.pk).lag_ms == 6_500


def test_what_could_not_be_read_is_kept_thirty_days_and_no_longer(scene: Scene) -> None:
    for number, state in enumerate((Item.UNKNOWN, Item.POISONED, Item.KEPT)):
        Item.objects.create(
            channel=scene.channel,
            remote_id=f"odd-{number}",
            via="poll",
            state=state,
            body=b"x",
            received_at=NOW,
        )
    left = []
    for days in (8, 29, 31):
        with clock.frozen(NOW + days * 86_400_000):
            reading.forget_old()
        left.append(set(Item.objects.filter(body=b"x").values_list("state", flat=True)))
    assert left == [{Item.POISONED, Item.KEPT}, {Item.POISONED, Item.KEPT}, {Item.KEPT}]
