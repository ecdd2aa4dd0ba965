from __future__ import annotations

import pytest

from bankside.approvals import consent
from bankside.channels import channel as channels
from bankside.channels import words as exact
from bankside.channels.models import Delivery
from bankside.people import policy, staff, teams
from bankside.publish import post as posts
from bankside.publish import schedule
from bankside.publish.models import Post
from tests.publish.room import approved, digests, draft, fresh, submitted, told
from tests.scene import Scene


def test_a_draft_is_written_and_its_base_words_fill_every_channel(scene: Scene) -> None:
    post = draft(scene, "2026 연차보고서를 공개합니다.", own={"lang": "ko"})
    said = posts.words_of(post)[scene.channel.obj]
    assert (said.text, said.lang, said.kind) == ("2026 연차보고서를 공개합니다.", "ko", "note")
    assert (post.edition, post.state, post.team) == (2, "draft", scene.team)


def test_own_words_of_a_channel_go_before_the_base_words(scene: Scene) -> None:
    assert posts.words_of(draft(scene, own={"text": "자기 말"}))[scene.channel.obj].text == "자기 말"


def test_writing_the_same_again_changes_nothing(scene: Scene) -> None:
    post = draft(scene)
    again = posts.write(scene.people["author"], post, edition=post.edition, base=post.base)
    assert again.edition == post.edition


def test_two_people_writing_at_once_do_not_overwrite_each_other(scene: Scene) -> None:
    post = draft(scene)
    posts.write(scene.people["author"], post, edition=post.edition, base="first")
    with pytest.raises(posts.Changed, match="Pieter Smit"):
        posts.write(scene.people["author"], post, edition=post.edition, base="second")
    assert fresh(post).base == "first"


def test_fields_that_a_post_does_not_have_are_refused(scene: Scene) -> None:
    with pytest.raises(exact.BadWords, match="in_reply_to"):
        draft(scene, own={"in_reply_to": "post:7"})


def test_submitted_words_are_frozen_and_wait_for_somebody_else(scene: Scene) -> None:
    post, version = submitted(scene)
    assert (post.state, version.number) == ("waiting", 1)
    said = posts.words_of(post)[scene.channel.obj]
    assert digests(version) == [(scene.channel.obj, exact.digest(scene.channel.obj, said))]
    assert told(post) == ["publish.post-submitted", "approvals.approval-asked"]


def test_words_with_findings_are_not_submitted(scene: Scene) -> None:
    post = draft(scene, " ")
    with pytest.raises(posts.CannotSubmit) as refused:
        posts.submit(scene.people["author"], post, edition=post.edition)
    assert refused.value.findings[0].channel == scene.channel.obj
    assert fresh(post).state == "draft"
    assert told(post) == []


def test_the_author_cannot_approve_even_with_every_role(scene: Scene) -> None:
    post, version = submitted(scene)
    staff.give_role(scene.people["author"], "approver")
    with pytest.raises(consent.OwnWords):
        posts.approve(scene.people["author"], post, words=digests(version))
    assert fresh(post).state == "waiting"


def test_the_last_editor_cannot_approve_either(scene: Scene) -> None:
    editor = scene.people["approver"]
    staff.give_role(editor, "author", team=scene.team)
    post = draft(scene)
    post = posts.write(editor, post, edition=post.edition, base="바뀐 말")
    version = posts.submit(scene.people["author"], post, edition=post.edition)
    with pytest.raises(consent.OwnWords):
        posts.approve(editor, post, words=digests(version))


def test_an_approver_agrees_to_the_digests_that_she_saw(scene: Scene) -> None:
    post, version = submitted(scene)
    with pytest.raises(consent.Changed):
        posts.approve(scene.people["approver"], post, words=[(scene.channel.obj, "0" * 64)])
    assert posts.approve(scene.people["approver"], post, words=digests(version)).state == "approved"
    assert posts.approve(scene.people["approver"], post, words=digests(version)).state == "approved"


def test_sent_back_with_a_reason_and_written_on(scene: Scene) -> None:
    post, _ = submitted(scene)
    back = posts.send_back(
        scene.people["approver"], post, reason="The Chinese figures are the wrong way round."
    )
    assert back.state == "sent-back"
    again = posts.write(scene.people["author"], back, edition=back.edition, base="0.61% → 0.58%")
    assert again.state == "draft"
    assert posts.submit(scene.people["author"], again, edition=again.edition).number == 2


def test_an_edit_after_approval_voids_it(scene: Scene) -> None:
    post = approved(scene)
    version = schedule.latest(post)
    edited = posts.write(scene.people["author"], post, edition=post.edition, base="다른 말")
    assert edited.state == "draft"
    assert consent.of(version.obj, *digests(version)[0]) is None
    assert told(post)[-2:] == ["publish.post-edited", "approvals.approval-void"]


def test_an_edit_after_scheduling_withdraws_what_is_planned_and_nothing_goes_out(scene: Scene) -> None:
    post = schedule.schedule(scene.people["author"], approved(scene), due_ms=scene.moment + 60_000)
    posts.write(scene.people["author"], post, edition=post.edition, base="다른 말")
    scene.later(120)
    assert Delivery.objects.get(about=post.obj).state == "withdrawn"
    assert scene.network.posts("post") == []


def test_what_is_out_is_not_edited(scene: Scene) -> None:
    post = schedule.schedule(scene.people["author"], approved(scene), due_ms=None)
    scene.work()
    with pytest.raises(posts.AlreadyOut, match="한울은행: sent"):
        posts.write(scene.people["author"], post, edition=post.edition, base="다른 말")
    assert fresh(post).state == "scheduled"


def test_a_discarded_post_is_gone_for_good(scene: Scene) -> None:
    post, version = submitted(scene)
    assert posts.discard(scene.people["author"], post).state == "discarded"
    with pytest.raises(consent.Changed):
        posts.approve(scene.people["approver"], post, words=digests(version))
    with pytest.raises(posts.NotNow):
        posts.write(scene.people["author"], post, edition=post.edition, base="x")
    assert "publish.post-discarded" in told(post)


def test_who_sees_a_post(scene: Scene) -> None:
    post = draft(scene)
    elsewhere = staff.add(
        "a@hanulbank.example", "Mei Lin", role="author", team=teams.make("Amsterdam", "UTC")
    )
    assert list(posts.visible_to(scene.people["approver"])) == [post]
    assert posts.get_visible(scene.people["auditor"], post.obj) == post
    for stranger in (elsewhere, scene.people["administrator"]):
        with pytest.raises(posts.NoPost):
            posts.get_visible(stranger, post.pk)


@pytest.mark.parametrize("role", ["approver", "responder", "auditor", "administrator"])
def test_only_authors_write(scene: Scene, role: str) -> None:
    post = draft(scene)
    with pytest.raises(policy.NotYours):
        posts.write(scene.people[role], post, edition=post.edition, base="x")
    with pytest.raises(policy.NotYours):
        posts.submit(scene.people[role], post, edition=post.edition)
    with pytest.raises(policy.NotYours):
        posts.start(scene.people[role])


def test_a_post_speaks_on_channels_of_its_own_team(scene: Scene) -> None:
    amsterdam = teams.make("Amsterdam", "Europe/Amsterdam")
    author = scene.people["author"]
    with pytest.raises(channels.NoSuchChannel):
        other = staff.add("nl@hanulbank.example", "Sanne", role="author", team=amsterdam)
        post = posts.start(other)
        posts.write(other, post, edition=1, words={scene.channel.obj: {}})
    staff.give_role(author, "author", team=amsterdam)
    with pytest.raises(posts.ChooseTeam):
        posts.start(author)
    post = posts.start(author, team=amsterdam)
    with pytest.raises(posts.NotThatChannel, match="another team"):
        posts.write(author, post, edition=1, words={scene.channel.obj: {}})
    assert Post.objects.count() == 2


def test_a_draft_with_its_words_is_made_whole_or_not_at_all(scene: Scene) -> None:
    author = scene.people["author"]
    post = posts.start_with(author, title="공지", team=None, base="점검 안내", words={scene.channel.obj: {}})
    assert (post.title, post.base, list(post.words)) == ("공지", "점검 안내", [scene.channel.obj])
    with pytest.raises(channels.NoSuchChannel):
        posts.start_with(author, title="", team=None, base="x", words={"0" * 32: {}})
    assert Post.objects.count() == 1
