"""Every way in which sending can go, on the practice network: once, or not, or a person is asked."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from bankside.channels import attempt, connect, freeze, media, outcome
from bankside.channels import delivery as deliveries
from bankside.channels import words as exact
from bankside.channels.models import Attempt, Delivery
from bankside.networks import catalogue
from bankside.record import clock, jobs
from bankside.record.models import Entry
from tests.channels.films import film
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Any) -> Any:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def state(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).state


def told(delivery: Delivery) -> list[str]:
    """The facts about it, in order, without the room's name."""
    rows = Entry.objects.filter(obj=delivery.about, fact__startswith="channels.").order_by("n")
    return [name.split(".")[1] for name in rows.values_list("fact", flat=True)]


def test_approved_words_go_out_once_and_the_attempt_is_recorded_before_the_answer(scene: Scene) -> None:
    delivery = scene.deliver("내일 앱 점검이 있습니다.")
    scene.work()
    assert state(delivery) == "sent"
    assert [p.text for p in scene.network.posts("post")] == ["내일 앱 점검이 있습니다."]
    assert told(delivery) == ["delivery-requested", "attempt-started", "post-published"]
    jobs.again(deliveries.job_key(delivery), scene.moment)
    scene.work()
    assert len(scene.network.posts("post")) == 1


def test_asking_twice_is_asking_once(scene: Scene) -> None:
    first = scene.deliver("一次就好")
    again = deliveries.request(
        channel=scene.channel, purpose="post", about=first.about, version=first.version,
        words=deliveries.words_of(first), digest=first.digest, consent=first.consent, due_ms=scene.moment,
        requested_by=scene.people["author"],
    )  # fmt: skip
    assert again.pk == first.pk
    scene.work()
    assert len(scene.network.posts("post")) == 1


def test_a_network_that_is_busy_is_asked_later_and_gets_it_once(scene: Scene) -> None:
    delivery = scene.deliver("Morgen onderhoud aan de app.")
    scene.network.fail_next("send", "later", after_seconds=60)
    scene.work()
    assert state(delivery) == "waiting"
    scene.later(59)
    assert scene.network.posts("post") == []
    scene.later(2)
    assert state(delivery) == "sent"
    assert "delivery-delayed" in told(delivery)


def test_a_network_that_is_always_busy_ends_with_a_person(scene: Scene) -> None:
    delivery = scene.deliver("hello")
    scene.network.fail_next("send", "later", times=100, after_seconds=60)
    for _ in range(25):
        scene.later(61)
    assert state(delivery) == "refused"
    assert "20 tries" in Delivery.objects.get(pk=delivery.pk).note


def test_a_key_that_the_network_has_forgotten_is_not_sent_again_before_a_person_looked(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = catalogue.network(scene.channel.network)
    short = structs.replace(data, doubt=structs.replace(data.doubt, key_hours=1))
    monkeypatch.setattr(deliveries, "network", lambda name: short)
    delivery = scene.deliver("열쇠는 한 시간 동안만")
    scene.network.fail_next("send", "later", times=2, after_seconds=1800)
    for _ in range(2):
        scene.later(1801)
    assert state(delivery) == "waiting"
    scene.later(1801)
    assert state(delivery) == "refused" and scene.network.posts("post") == []
    deliveries.decide(scene.people["approver"], delivery, decision="again", evidence="It is not there.")
    scene.work()
    assert state(delivery) == "sent" and len(scene.network.posts("post")) == 1


@pytest.mark.parametrize("kind", ["refused", "not-allowed", "gone"])
def test_a_refusal_goes_to_a_person_with_the_networks_reason(scene: Scene, kind: str) -> None:
    delivery = scene.deliver("hello")
    scene.network.fail_next("send", kind)
    scene.work()
    row = Delivery.objects.get(pk=delivery.pk)
    assert (row.state, row.attempts.count()) == ("refused", 1)
    assert "practice network" in row.note
    deliveries.decide(scene.people["approver"], row, decision="again", evidence="The account may again.")
    scene.work()
    assert state(delivery) == "sent"


def test_a_dead_grant_stops_the_channel_once_and_everything_on_it_waits(scene: Scene) -> None:
    first, second = scene.deliver("one"), scene.deliver("two")
    scene.network.fail_next("send", "reconnect", times=2)
    scene.work()
    assert {state(first), state(second)} == {"held"}
    assert Entry.objects.filter(fact="channels.channel-stopped").count() == 1
    assert scene.network.posts("post") == []
    scene.channel.refresh_from_db()
    connect.reconnect(scene.people["administrator"], scene.channel)
    scene.later(31)
    assert [p.text for p in scene.network.posts("post")] == ["one", "two"]


def test_a_lost_answer_is_looked_up_after_the_bound_and_found(scene: Scene) -> None:
    delivery = scene.deliver("Our annual report is out.")
    scene.network.fail_next("send", "uncertain-after")
    scene.work()
    assert state(delivery) == "doubtful"
    assert scene.network.calls("find") == 0
    scene.later(4)
    assert state(delivery) == "sent"
    assert len(scene.network.posts("post")) == 1
    assert scene.network.calls("send") == 1


def test_what_did_not_get_there_is_sent_again_only_after_a_look(scene: Scene) -> None:
    delivery = scene.deliver("hello")
    scene.network.fail_next("send", "uncertain-before")
    scene.work()
    scene.later(4)
    assert state(delivery) == "sent"
    assert len(scene.network.posts("post")) == 1
    assert [a.act for a in Attempt.objects.order_by("number")] == ["send", "find", "send"]


def test_an_answer_that_is_accepted_late_is_waited_for(scene: Scene) -> None:
    delivery = scene.deliver("hello")
    scene.network.fail_next("send", "late-acceptance")
    scene.work()
    scene.later(4)
    assert state(delivery) == "sent"
    assert len(scene.network.posts("post")) == 1


def test_a_pending_post_is_settled_by_reading_only(scene: Scene) -> None:
    delivery = scene.deliver("hello")
    scene.network.fail_next("send", "pending")
    scene.work()
    assert state(delivery) == "pending"
    scene.later(10)
    assert state(delivery) == "sent"
    assert scene.network.calls("send") == 1


def test_without_a_way_to_look_up_a_lost_answer_is_uncertain_and_nothing_is_resent(scene: Scene) -> None:
    scene.folder = scene.folder.parent / "blind"
    scene.channel = scene.connect("Blind", scene.folder, lookup="no")
    delivery = scene.deliver("hello")
    scene.network.fail_next("send", "uncertain-after")
    scene.work()
    for _ in range(20):
        scene.later(3600)
    row = Delivery.objects.get(pk=delivery.pk)
    assert row.state == "uncertain"
    assert scene.network.calls("send") == 1
    assert row.attempts.get().outcome == "uncertain"
    assert row.attempts.get().detail
    deliveries.decide(
        scene.people["approver"],
        row,
        decision="there",
        evidence="I see it on our page.",
        url="https://p.example/1",
    )
    assert state(delivery) == "sent"
    assert scene.network.calls("send") == 1


def test_whoever_decides_a_doubt_says_what_she_saw_and_may(scene: Scene) -> None:
    delivery = scene.deliver("hello")
    with pytest.raises(deliveries.TooLate):
        deliveries.decide(scene.people["approver"], delivery, decision="there", evidence="I see it.")
    with pytest.raises(deliveries.EvidenceMissing):
        deliveries.decide(scene.people["approver"], delivery, decision="again", evidence=" ")
    with pytest.raises(PermissionError):
        deliveries.decide(scene.people["author"], delivery, decision="again", evidence="I see it.")


def test_a_worker_that_died_while_sending_leaves_a_doubt_not_a_second_post(scene: Scene) -> None:
    delivery = scene.deliver("hello")
    job = jobs.take_due(10)
    errand = next(e for e in map(attempt.bring_out, (j for j in job if j.kind == "delivery")) if e)
    assert isinstance(errand, jobs.Errand)
    errand.work()  # the network has it; the worker is killed here
    assert state(delivery) == "sending"
    scene.later(jobs.LEASE_SECONDS + 1)
    assert state(delivery) == "doubtful"
    scene.later(4)
    assert state(delivery) == "sent"
    assert len(scene.network.posts("post")) == 1


def test_a_worker_that_slept_past_its_lease_does_not_call(scene: Scene) -> None:
    scene.deliver("hello")
    job = next(j for j in jobs.take_due(10) if j.kind == "delivery")
    errand = attempt.bring_out(job)
    assert isinstance(errand, jobs.Errand)
    with clock.frozen(scene.moment + 600_000), pytest.raises(outcome.LeaseLost):
        errand.work()
    assert scene.network.calls("send") == 0


def test_a_freeze_holds_everything_and_lets_it_go_on(scene: Scene) -> None:
    freeze.freeze(scene.people["administrator"], "A wrong figure went out.")
    delivery = scene.deliver("hello")
    scene.work()
    scene.later(60)
    assert (state(delivery), scene.network.calls("send")) == ("waiting", 0)
    freeze.unfreeze(scene.people["administrator"], "Corrected.")
    scene.later(3)
    assert state(delivery) == "sent"


def test_a_consent_that_expired_or_was_taken_back_is_not_sent(scene: Scene) -> None:
    delivery = scene.deliver("hello")
    Delivery.objects.filter(pk=delivery.pk).update(due_at=scene.moment + 400 * 3_600_000)
    jobs.again(deliveries.job_key(delivery), scene.moment + 400 * 3_600_000)
    scene.later(400 * 3600 + 1)
    assert state(delivery) == "withdrawn"
    assert scene.network.posts() == []


def test_a_paused_channel_holds_and_a_removed_one_withdraws(scene: Scene) -> None:
    waits, goes = scene.deliver("one"), scene.deliver("two")
    connect.pause(scene.people["administrator"], scene.channel, "Looking at it.")
    scene.work()
    assert state(waits) == "held"
    scene.channel.refresh_from_db()
    connect.remove(scene.people["administrator"], scene.channel)
    scene.later(31)
    assert {state(waits), state(goes)} == {"withdrawn"}


def test_answers_in_one_conversation_keep_their_order(scene: Scene) -> None:
    conversation = "c" * 32
    first = scene.deliver("one", purpose="reply", about=conversation)
    second = scene.deliver("two", purpose="reply", about=conversation)
    elsewhere = scene.deliver("three", purpose="reply", about="d" * 32)
    scene.network.fail_next("send", "later", after_seconds=30)
    scene.work()
    assert (state(first), state(second), state(elsewhere)) == ("waiting", "waiting", "sent")
    scene.later(31)
    scene.later(2)
    assert [p.text for p in scene.network.posts()] == ["three", "one", "two"]


def test_a_film_that_is_long_on_its_way_is_taken_over_by_nobody(scene: Scene, settings: Any) -> None:
    settings.MEDIA_FOLDER = scene.folder.parent / "media"
    row = media.add(scene.people["author"], film(), "지점.mp4")
    delivery = scene.deliver("hello", media=(media.said(row, "새 지점"),))
    job = next(j for j in jobs.take_due(10) if j.kind == "delivery")
    errand = attempt.bring_out(job)
    assert isinstance(errand, jobs.Errand)
    assert errand.lease_seconds == exact.FILM_SECONDS > jobs.LEASE_SECONDS
    other = scene.deliver("hello")
    errand = next(e for j in jobs.take_due(10) if (e := attempt.bring_out(j)))
    assert isinstance(errand, jobs.Errand) and errand.lease_seconds == 0
    assert (state(delivery), state(other)) == ("sending", "sending")
