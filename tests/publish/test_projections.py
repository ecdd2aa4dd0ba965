from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from bankside.publish import post as posts
from bankside.publish import schedule
from bankside.publish.models import Happening, Outcome
from bankside.publish.projections import POSTS
from bankside.record.append import append
from bankside.record.facts import channels as facts
from bankside.record.ids import new_id
from bankside.record.rebuild import rebuild
from tests.publish.room import approved, digests, follow, submitted
from tests.scene import Scene

POST, VERSION, CHANNEL = "a" * 32, "b" * 32, "c" * 32


def tell(fact: type, delivery: str = "d" * 32, purpose: str = "post", **fields: Any) -> int:
    said = {"delivery": delivery, "channel": CHANNEL, "purpose": purpose, "about": POST, "version": VERSION}
    with transaction.atomic():
        n = append(fact(**said, **fields), f"told:{new_id()}", actor="s:delivery", obj=POST).n
    follow()
    return n


def requested(**fields: Any) -> int:
    words = facts.Words(text="말")
    return tell(facts.DeliveryRequested, digest="e" * 64, consent="f" * 32, due_ms=5, words=words, **fields)


def published(remote_id: str = "post:1") -> int:
    return tell(
        facts.PostPublished, remote_id=remote_id, url="https://blog.example/1", found="sent", published_ms=1,
        words=facts.Words(text="말"),
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fact", "fields", "state"),
    [
        (facts.AttemptStarted, {"number": 1}, "sending"),
        (facts.DeliveryDelayed, {"reason": "busy", "due_ms": 9, "held": False}, "delayed"),
        (facts.DeliveryDelayed, {"reason": "paused", "due_ms": 9, "held": True}, "held"),
        (facts.DeliveryRefused, {"reason": "no", "fallback": "https://x.example"}, "refused"),
        (facts.DeliveryUncertain, {"reason": "?", "looking": True}, "looking"),
        (facts.DeliveryUncertain, {"reason": "?", "looking": False}, "uncertain"),
        (facts.DeliveryWithdrawn, {"reason": "taken back"}, "withdrawn"),
    ],
)
def test_what_becomes_of_a_version_on_a_channel(fact: type, fields: dict[str, Any], state: str) -> None:
    first = requested()
    tell(fact, **fields)
    row = Outcome.objects.get()
    assert (row.pk, row.state, row.note) == (first, state, fields.get("reason", ""))
    published()
    tell(facts.DeliveryRefused, reason="late", fallback="")
    row = Outcome.objects.get()
    assert (row.state, row.url) == ("sent", "https://blog.example/1")


@pytest.mark.django_db
def test_a_decision_to_send_again_and_a_look_that_is_not_a_try() -> None:
    requested()
    tell(facts.DeliveryUncertain, reason="?", looking=False)
    tell(facts.AttemptStarted, number=2)
    assert Outcome.objects.get().state == "uncertain"
    tell(facts.DoubtDecided, decision="again", evidence="not there")
    assert Outcome.objects.get().state == "planned"
    assert Happening.objects.order_by("-id")[0].note == "again: not there"


@pytest.mark.django_db
def test_answers_are_no_business_of_this_room() -> None:
    requested(purpose="reply")
    assert not Outcome.objects.exists()
    assert not Happening.objects.exists()


def test_a_rebuild_gives_the_same_rows(scene: Scene) -> None:
    author = scene.people["author"]
    post = schedule.schedule(author, approved(scene), due_ms=scene.moment + 60_000)
    post = posts.write(author, post, edition=post.edition, base="다른 말")
    posts.discard(author, post)
    other, version = submitted(scene)
    schedule.schedule(author, other, due_ms=None)
    posts.approve(scene.people["approver"], other, words=digests(version))
    before = tables()
    assert [len(rows) for rows in before] == [2, 13]
    Happening.objects.all().update(note="broken")
    rebuild(POSTS.name)
    assert tables() == before


def tables() -> list[list[tuple[Any, ...]]]:
    return [list(model.objects.order_by("pk").values_list()) for model in (Outcome, Happening)]
