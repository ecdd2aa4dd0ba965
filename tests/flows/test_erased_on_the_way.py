"""Words that are erased while they are on their way are not sent, told or kept again, wherever they were.

Every state of a delivery, erased with the person, as a thing, and again after a restore; with the process
killed in between. Record.md section 3; fault 11; target 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from bankside.approvals import consent as consents
from bankside.approvals.models import Request
from bankside.channels import attempt, by_hand, connect, kept, media
from bankside.channels import delivery as deliveries
from bankside.channels.models import Delivery, Item, Media
from bankside.inbox import reply as replies
from bankside.inbox.models import Conversation, Reply
from bankside.networks import contract
from bankside.people import keeping, staff
from bankside.publish import post as posts
from bankside.publish import schedule
from bankside.publish.models import Post
from bankside.record import audit, clock, jobs, refill, subjects
from bankside.record.append import append_many
from bankside.record.backup import restoring
from bankside.record.forgetting import erasing, shredding
from bankside.record.log.leaf import leaf_bytes
from bankside.record.models import Entry, Job
from tests.channels.test_picture import picture_bytes
from tests.flows.test_forgetting import seen_of
from tests.flows.test_no_number_is_kept import everything_kept
from tests.record.rebuilt import assert_all_rebuild
from tests.scene import NOW, Scene

MARK = "teken4712"
BEGUN = ("sending", "pending", "doubtful", "uncertain")
STATES = ("waiting", "held", "refused", "by-hand", *BEGUN, "sent", "withdrawn")
WAYS = ("person", "thing", "restore")
# On PostgreSQL each state in one of the ways, and all of them with --long.
EACH = [
    pytest.param(state, way, marks=pytest.mark.more if (row + column) % len(WAYS) else [])
    for row, state in enumerate(STATES)
    for column, way in enumerate(WAYS)
]


@pytest.fixture
def scene(tmp_path: Path, settings: Any, transactional_db: None) -> Iterator[Scene]:
    settings.DATA, settings.LOG_FOLDER, settings.MEDIA_FOLDER = tmp_path, tmp_path / "log", tmp_path / "media"
    settings.REPLY_APPROVAL = "always"
    with clock.frozen(NOW):
        made = Scene(tmp_path / "network")
        for role, name in (("records-officer", "Mina Han"), ("compliance", "陈静")):
            made.people[role] = staff.add(f"{role}@hanulbank.example", name, role=role, team=None)
        yield made


class Answer:
    """An answer to a private message, brought to a state; `errand` is the call that is under way."""

    def __init__(self, scene: Scene, state: str) -> None:
        self.scene, self.errand = scene, None
        if state == "uncertain":
            scene.folder = scene.folder.parent / "blind" / "network"
            scene.channel = scene.connect("Blind", scene.folder, lookup="no")
        scene.network.customer_says("Mijn rekening is dicht", by="fleur", name="Fleur", private=True)
        scene.later(120)
        self.talk = Conversation.objects.get()
        replies.write(scene.people["responder"], self.talk, f"Goedemiddag {MARK}")
        reply = Reply.objects.get()
        replies.approve(scene.people["reviewer"], reply, digest=reply.digest)
        getattr(self, f"bring_{state.replace('-', '_')}")()
        assert self.row.state == state

    @property
    def row(self) -> Delivery:
        return Delivery.objects.select_related("channel", "channel__team").get()

    def bring_waiting(self) -> None:
        """Nothing was done yet."""

    def bring_held(self) -> None:
        connect.pause(self.scene.people["administrator"], self.scene.channel, "Looking at it.")
        self.scene.work()

    def bring_refused(self) -> None:
        self.failing("refused")

    def bring_by_hand(self) -> None:
        with transaction.atomic():
            by_hand.hand_over(self.row, actor="s:test")
        jobs.cancel(deliveries.job_key(self.row))

    def bring_sending(self) -> None:
        [job] = [one for one in jobs.take_due(10) if one.kind == "delivery"]
        self.job = job
        self.errand = attempt.bring_out(job)

    def bring_pending(self) -> None:
        self.failing("pending")

    def bring_doubtful(self) -> None:
        self.failing("uncertain-after")

    def bring_uncertain(self) -> None:
        self.failing("uncertain-after")

    def bring_sent(self) -> None:
        self.scene.work()

    def bring_withdrawn(self) -> None:
        deliveries.withdraw(self.row, by_actor="s:test", reason=f"Not {MARK}.")

    def failing(self, how: str) -> None:
        self.scene.network.fail_next("send", how)
        self.scene.work()

    def said_there(self) -> int:
        return sum(MARK in one.text for one in self.scene.network.posts())


def forget_person(answer: Answer) -> None:
    agreed(answer.scene, answer.talk.subj, "")


def forget_thing(answer: Answer) -> None:
    agreed(answer.scene, subjects.desk(), answer.talk.obj)


def forget_restore(answer: Answer) -> None:
    """Yesterday's rows, and an erasure that only the published log tells of."""
    restored(subjects.desk(), answer.talk.obj)


FORGET: dict[str, Callable[[Answer], None]] = {
    "person": forget_person, "thing": forget_thing, "restore": forget_restore,
}  # fmt: skip


def agreed(scene: Scene, subj: str, about: str) -> None:
    row = keeping.ask(scene.people["records-officer"], subj, about, "GDPR-17", "Zij vroeg het.")
    keeping.agree(scene.people["compliance"], row.obj)
    assert shredding.drive(row.obj)


def restored(subj: str, obj: str) -> None:
    fields = {"v": 1, "seq": 90, "id": "a" * 32, "t": "2026-11-29T00:00:00.000Z", "type": "erase"}
    fields |= {"actor": "u:" + "1" * 32, "ret": "KEEPING", "pol": "0" * 64, "subj": subj, "basis": "GDPR-17"}
    fields |= {"count": 1, "by": ["u:" + "1" * 32, "u:" + "2" * 32], "obj": obj}
    leaf = leaf_bytes({name: value for name, value in fields.items() if value})
    with transaction.atomic():
        append_many(list(restoring._decided_again(leaf)))
    assert erasing.replay([leaf]) >= 1
    refill.refill()
    shredding.tidy()


def nothing_is_kept(scene: Scene) -> None:
    lines = [line[:300] for line in everything_kept(scene).split("\n") if MARK in line]
    assert lines == []
    for row in Delivery.objects.all():
        assert deliveries.words_of(row).text == "" and MARK not in row.note


@pytest.mark.parametrize(("state", "way"), EACH)
def test_what_is_erased_is_not_sent_and_not_told_again(scene: Scene, state: str, way: str) -> None:
    answer = Answer(scene, state)
    before = answer.said_there()
    FORGET[way](answer)
    nothing_is_kept(scene)
    end(answer)
    assert answer.said_there() == (1 if state in BEGUN else before)
    lines = Entry.objects.filter(fact="channels.post-published").count()
    assert (answer.row.state == "sent", lines) == (state in {*BEGUN, "sent"}, int(answer.row.state == "sent"))
    nothing_is_kept(scene)
    assert audit.audit().problems == []
    assert_all_rebuild()


def end(answer: Answer) -> None:
    """The call that was under way comes back, the worker goes on, and a person decides what is left."""
    scene = answer.scene
    if answer.errand is not None:
        jobs._settle(answer.job, answer.errand.after(answer.errand.work()))
    if answer.row.channel.state == "paused":
        connect.resume(scene.people["administrator"], answer.row.channel)
    for _ in range(3):
        wait(scene, 40)
    if answer.row.state == "uncertain":
        decide(answer)


def wait(scene: Scene, seconds: int) -> None:
    """Time passes for the desk, which does not ask the network what is new: it would be told the words."""
    scene.moment += seconds * 1000
    clock._frozen_ms = scene.moment
    scene.network.advance(seconds)
    Job.objects.filter(kind__in=("poll", "reconcile")).update(due_at=scene.moment + 86_400_000)
    scene.work()


def decide(answer: Answer) -> None:
    approver, row = answer.scene.people["approver"], answer.row
    with pytest.raises(deliveries.TooLate, match="erased"):
        deliveries.decide(approver, row, decision="again", evidence="It is not there.")
    deliveries.decide(approver, row, decision="there", evidence="I see it.", url=f"https://p.example/{MARK}")


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("state", ["waiting", "held", "uncertain"])
def test_killed_in_between_it_is_driven_to_its_end(
    scene: Scene, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are empty, and the process dies before anybody was told to take them off the way."""
    answer = Answer(scene, state)

    def dies(*given: Any, **said: Any) -> bool:
        raise Killed

    row = keeping.ask(scene.people["records-officer"], subjects.desk(), answer.talk.obj, "GDPR-17", "x")
    keeping.agree(scene.people["compliance"], row.obj)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("bankside.channels.pictures.forget_erased", dies)
        shredding.drive(row.obj)
    assert deliveries.words_of(answer.row).text == ""
    end(answer)
    nothing_is_kept(scene)
    assert answer.row.state == ("sent" if state == "uncertain" else "withdrawn")


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_from_the_decision_on_nothing_begins_and_nothing_is_told(scene: Scene, state: str) -> None:
    """Between the decision and the emptying of rows the words are in the table, and nobody takes them."""
    answer = Answer(scene, state)
    row = keeping.ask(scene.people["records-officer"], subjects.desk(), answer.talk.obj, "GDPR-17", "x")
    keeping.agree(scene.people["compliance"], row.obj)
    assert MARK in deliveries.words_of(answer.row).text
    if state == "sending":
        jobs._settle(answer.job, answer.errand.after(answer.errand.work()))  # type: ignore[union-attr]
    else:
        attempt.bring_out(next(one for one in jobs.take_due(10) if one.kind == "delivery"))
    assert answer.row.state == ("sent" if state == "sending" else "withdrawn")
    assert shredding.drive(row.obj)
    scene.work()
    nothing_is_kept(scene)


def test_an_answer_that_waits_for_a_second_person_is_agreed_to_by_nobody(scene: Scene) -> None:
    scene.network.customer_says("Mijn rekening is dicht", by="fleur", name="Fleur", private=True)
    scene.later(120)
    talk = Conversation.objects.get()
    reply = replies.write(scene.people["responder"], talk, f"Goedemiddag {MARK}")
    scene.work()
    agreed(scene, subjects.desk(), talk.obj)
    with pytest.raises(consents.Changed):
        replies.approve(scene.people["reviewer"], reply, digest=reply.digest)
    assert (Request.objects.get().state, Reply.objects.get().state) == (Request.VOID, Reply.WITHDRAWN)
    nothing_is_kept(scene)


def test_what_is_agreed_to_after_the_decision_is_put_on_no_way(scene: Scene) -> None:
    scene.network.customer_says("Mijn rekening is dicht", by="fleur", name="Fleur", private=True)
    scene.later(120)
    talk = Conversation.objects.get()
    reply = replies.write(scene.people["responder"], talk, f"Goedemiddag {MARK}")
    row = keeping.ask(scene.people["records-officer"], subjects.desk(), talk.obj, "GDPR-17", "x")
    keeping.agree(scene.people["compliance"], row.obj)
    with pytest.raises(deliveries.NoConsent, match="erased"):
        replies.approve(scene.people["reviewer"], reply, digest=reply.digest)
    assert shredding.drive(row.obj)
    nothing_is_kept(scene)


def test_an_answer_after_the_erasure_stays_and_goes_out(scene: Scene) -> None:
    """Also when the erasure is done again: by its last look, and after a restore."""
    answer = Answer(scene, "sent")
    agreed(scene, subjects.desk(), answer.talk.obj)
    wait(scene, 30)
    reply = replies.write(scene.people["responder"], answer.talk, "Nog een vraag?")
    erasing.replay()
    scene.work()
    replies.approve(scene.people["reviewer"], reply, digest=reply.digest)
    erasing.replay()
    wait(scene, 120)
    assert [one.text for one in scene.network.posts()][-1] == "Nog een vraag?"
    assert Reply.objects.get(pk=reply.pk).words["text"] == "Nog een vraag?"


def planned(scene: Scene, picture: str) -> Post:
    author, approver = scene.people["author"], scene.people["approver"]
    obj = scene.channel.obj
    words = {obj: {"text": f"Morgen {MARK}", "media": [{"media": picture, "alt": f"A {MARK}"}]}}
    row = posts.start_with(author, title=f"Over {MARK}", team=scene.team, base=None, words=words)
    posts.submit(author, row, edition=row.edition)
    row.refresh_from_db()
    said = [(part["channel"], part["digest"]) for part in row.versions.get().words]
    posts.approve(approver, row, words=said)
    row.refresh_from_db()
    schedule.schedule(approver, row, due_ms=scene.moment + 60_000)
    return row


def test_a_scheduled_post_is_erased_with_its_pictures(scene: Scene) -> None:
    mine = media.add(scene.people["author"], picture_bytes(), f"{MARK}.png")
    row = planned(scene, mine.obj)
    other = media.add(scene.people["author"], picture_bytes(), "other.png")
    Post.objects.filter(pk=row.pk).update(words={**row.words, "x": {"media": [{"media": other.obj}]}})
    also = {scene.channel.obj: {"text": "ook", "media": [{"media": other.obj, "alt": "x"}]}}
    posts.start_with(scene.people["author"], title="", team=scene.team, base=None, words=also)
    agreed(scene, subjects.desk(), row.obj)
    wait(scene, 120)
    assert scene.network.posts("post") == []
    assert list(Media.objects.values_list("obj", flat=True)) == [other.obj]
    with pytest.raises(media.NoSuchMedia):
        media.media_of(media.token_of(mine))
    assert media.read(other)
    nothing_is_kept(scene)
    assert audit.audit().problems == []
    assert_all_rebuild()


def test_a_draft_is_not_submitted_after_the_decision(scene: Scene) -> None:
    author, words = scene.people["author"], {scene.channel.obj: {"text": f"Morgen {MARK}"}}
    row = posts.start_with(author, title="Over morgen", team=scene.team, base=None, words=words)
    posts.submit(author, row, edition=row.edition)
    row = posts.write(author, row, edition=row.edition, base=f"Ook {MARK}")
    asked = keeping.ask(scene.people["records-officer"], subjects.desk(), row.obj, "GDPR-17", "x")
    keeping.agree(scene.people["compliance"], asked.obj)
    with pytest.raises(posts.NotNow, match="erased"):
        posts.submit(author, row, edition=row.edition)
    assert shredding.drive(asked.obj)
    nothing_is_kept(scene)
    with pytest.raises(posts.Changed):
        posts.write(author, row, edition=row.edition, base=f"Ook {MARK}")


def test_reasons_of_approvers_are_forgotten_too(scene: Scene) -> None:
    scene.network.customer_says("Mijn rekening is dicht", by="fleur", name="Fleur", private=True)
    scene.later(120)
    talk = Conversation.objects.get()
    reply = replies.write(scene.people["responder"], talk, "Goedemiddag")
    replies.send_back(scene.people["reviewer"], reply, reason=f"Noem haar niet {MARK}.")
    agreed(scene, subjects.desk(), talk.obj)
    assert (Request.objects.get().reason, Request.objects.get().state) == ("", Request.SENT_BACK)
    nothing_is_kept(scene)


def test_her_name_leaves_the_titles_where_others_spoke_too(scene: Scene) -> None:
    """The answers of the bank stay there; what an approver sees above them names her no more."""
    scene.deliver("Morgen onderhoud.")
    scene.work()
    [root] = scene.network.posts("post")
    comment = scene.network.customer_says("Hoe laat?", under=root.id, by="fleur", name=MARK)
    scene.network.customer_replies(comment, "Weet ik ook niet", by="minji")
    scene.later(120)
    talk = Conversation.objects.get(name=MARK)
    replies.write(scene.people["responder"], talk, "Om zes uur.")
    request = Request.objects.exclude(title="").get()
    assert MARK in request.title
    agreed(scene, talk.subj, "")
    assert Request.objects.get(pk=request.pk).title == ""
    assert Reply.objects.get().words["text"] == "Om zes uur."


def test_unread_items_of_hers_are_empty_before_anybody_is_served(scene: Scene) -> None:
    """Yesterday's rows have what could not be read; nobody can tell later whose it is."""
    scene.network.customer_says("Mijn rekening is dicht", by="fleur", name="Fleur", private=True)
    scene.later(120)
    talk = Conversation.objects.get()
    account = next(one.actor.remote_id for one in seen_of(talk.subj))
    for number, state in enumerate((Item.UNKNOWN, Item.POISONED, Item.KEPT)):
        body = {"kind": "unheard of", "author": {"id": account}, "text": MARK}
        item = contract.Item(remote_id=f"odd-{number}", version="1", raw=body)
        row = kept.row_of(scene.channel, item, via=kept.POLL, now_ms=NOW)
        row.state = state
        row.save()
    raw = {"kind": "note", "author": {"id": "u-minji"}}
    other = contract.Item(remote_id="others", version="1", raw=raw)
    kept.row_of(scene.channel, other, via=kept.POLL, now_ms=NOW).save()
    restored(talk.subj, "")
    assert [row.remote_id for row in Item.objects.exclude(body=b"")] == ["others"]
