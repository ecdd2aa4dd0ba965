from __future__ import annotations

import pytest

from bankside.channels import connect
from bankside.channels.models import Delivery
from bankside.publish import post as posts
from bankside.publish import schedule
from bankside.publish.models import Outcome
from tests.publish.room import TEXT, approved, digests, draft, fresh, submitted, told
from tests.scene import Scene

HOUR = 3_600_000


def states(scene: Scene) -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_an_approved_post_goes_out_at_its_time_and_once(scene: Scene) -> None:
    post = schedule.schedule(scene.people["author"], approved(scene), due_ms=scene.moment + HOUR)
    assert post.state == "scheduled"
    scene.later(3_599)
    assert scene.network.posts("post") == []
    scene.later(2)
    scene.later(3_600)
    assert [p.text for p in scene.network.posts("post")] == [TEXT]


def test_a_time_chosen_before_approval_schedules_the_post_by_itself(scene: Scene) -> None:
    post, version = submitted(scene)
    schedule.schedule(scene.people["author"], post, due_ms=scene.moment + HOUR)
    assert fresh(post).state == "waiting"
    assert posts.approve(scene.people["approver"], post, words=digests(version)).state == "scheduled"
    assert Delivery.objects.get().due_at == scene.moment + HOUR
    assert Outcome.objects.get().state == "planned"


def test_at_once_means_as_soon_as_it_is_approved(scene: Scene) -> None:
    post = draft(scene)
    schedule.schedule(scene.people["author"], post, due_ms=None)
    version = posts.submit(scene.people["author"], fresh(post), edition=post.edition)
    posts.approve(scene.people["approver"], post, words=digests(version))
    scene.work()
    assert len(scene.network.posts("post")) == 1


def test_another_time_moves_what_waits(scene: Scene) -> None:
    post = schedule.schedule(scene.people["author"], approved(scene), due_ms=scene.moment + HOUR)
    schedule.schedule(scene.people["author"], post, due_ms=scene.moment + 2 * HOUR)
    scene.later(3_700)
    assert scene.network.posts("post") == []
    schedule.schedule(scene.people["author"], post, due_ms=None)
    scene.work()
    assert len(scene.network.posts("post")) == 1
    with pytest.raises(schedule.AlreadyOut):
        schedule.schedule(scene.people["author"], post, due_ms=scene.moment + HOUR)


def test_what_is_taken_back_does_not_go_out_and_needs_approval_again(scene: Scene) -> None:
    post = schedule.schedule(scene.people["author"], approved(scene), due_ms=scene.moment + HOUR)
    back = schedule.unschedule(scene.people["approver"], post, reason="The results are not public yet.")
    assert (back.state, back.due_at, states(scene)) == ("draft", 0, ["withdrawn"])
    scene.later(7_200)
    assert scene.network.posts("post") == []
    assert {"publish.post-unscheduled", "approvals.approval-void", "channels.delivery-withdrawn"} <= set(
        told(post)
    )
    version = posts.submit(scene.people["author"], back, edition=back.edition)
    again = posts.approve(scene.people["approver"], back, words=digests(version))
    schedule.schedule(scene.people["author"], again, due_ms=None)
    scene.work()
    assert len(scene.network.posts("post")) == 1


def test_a_draft_cannot_be_taken_back_and_what_is_out_cannot_either(scene: Scene) -> None:
    with pytest.raises(schedule.NotNow):
        schedule.unschedule(scene.people["author"], draft(scene))
    post = schedule.schedule(scene.people["author"], approved(scene), due_ms=None)
    scene.work()
    with pytest.raises(schedule.AlreadyOut):
        schedule.unschedule(scene.people["author"], post)


def test_a_time_after_the_approval_ends_is_refused(scene: Scene) -> None:
    post = approved(scene)
    with pytest.raises(schedule.NotNow, match="approval"):
        schedule.schedule(scene.people["author"], post, due_ms=scene.moment + 30 * 24 * HOUR)
    with pytest.raises(schedule.NotNow, match="366 days"):
        schedule.schedule(scene.people["author"], post, due_ms=scene.moment + 400 * 24 * HOUR)
    assert fresh(post).state == "approved"


def test_a_network_that_left_the_desk_leaves_the_post_approved_and_says_so(scene: Scene) -> None:
    post, version = submitted(scene)
    schedule.schedule(scene.people["author"], post, due_ms=scene.moment + HOUR)
    connect.remove(scene.people["administrator"], scene.channel)
    assert posts.approve(scene.people["approver"], post, words=digests(version)).state == "approved"
    with pytest.raises(schedule.NotNow, match="left the desk"):
        schedule.schedule(scene.people["author"], post, due_ms=None)


def test_two_channels_get_a_delivery_each_and_one_refusal_does_not_stop_the_other(
    scene: Scene, tmp_path: object
) -> None:
    second = scene.connect("汉尔银行", scene.folder.parent / "second")
    author = scene.people["author"]
    post = draft(scene, "Onze cijfers")
    post = posts.write(
        author, post, edition=post.edition, words={scene.channel.obj: {}, second.obj: {"text": "数字"}}
    )
    version = posts.submit(author, post, edition=post.edition)
    posts.approve(scene.people["approver"], post, words=digests(version))
    scene.network.fail_next("send", "refused")
    schedule.schedule(author, fresh(post), due_ms=None)
    scene.work()
    assert sorted(states(scene)) == ["refused", "sent"]
    assert dict(Outcome.objects.values_list("channel", "state")) == {
        scene.channel.obj: "refused",
        second.obj: "sent",
    }
