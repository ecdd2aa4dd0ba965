"""People who act at the same moment, with the worker beside them: nothing is lost, sent twice or stuck.

SQLite has one writer, which settles the order by itself; these stories are about row locks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from bankside.approvals import consent
from bankside.channels.models import Delivery
from bankside.inbox import reply as replies
from bankside.inbox.models import Message, Reply
from bankside.people import staff
from bankside.publish import post as posts
from bankside.publish import schedule
from bankside.record import jobs, projection
from tests.inbox.room import Talk, colleague
from tests.publish.room import approved, digests, submitted
from tests.scene import Scene

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="row locks are PostgreSQL's; SQLite has one writer"
    ),
]

ROUNDS = 8


@pytest.fixture
def scene(tmp_path: Path, transactional_db: None) -> Iterator[Scene]:
    yield Scene(tmp_path / "network")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Starts all acts at one moment, each on its own connection; results and exceptions in their order."""
    gate = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return act()
        except (ValueError, PermissionError) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def work() -> None:
    """A few steps of a worker."""
    for _ in range(5):
        for follower, lane in projection.behind():
            projection.catch_up(follower, lane)
        jobs.run_due()


def test_of_two_answers_at_once_one_leaves_and_the_other_is_a_note(scene: Scene) -> None:
    first, second = scene.people["responder"], colleague(scene, "Joon Seo", "responder")
    for number in range(ROUNDS):
        row = Talk(scene, thread=f"comment:{number}").row
        results = at_once(
            lambda row=row: replies.write(first, row, "확인했습니다.", version=row.version),
            lambda row=row: replies.write(second, row, "已经收到。", version=row.version),
            work,
        )
        assert sorted(type(r).__name__ for r in results) == ["Changed", "NoneType", "Reply"]
        assert Reply.objects.filter(conversation=row.obj).count() == 1
        assert Message.objects.filter(conversation=row.pk, way="note").count() == 1


def test_an_edit_and_an_approval_at_once_never_send_words_that_nobody_agreed_to(scene: Scene) -> None:
    author, approver = scene.people["author"], scene.people["approver"]
    for number in range(ROUNDS):
        post, version = submitted(scene, f"말 {number}")
        post = schedule.schedule(author, post, due_ms=None)
        results = at_once(
            lambda p=post, v=version: posts.approve(approver, p, words=digests(v)),
            lambda p=post: posts.write(author, p, edition=p.edition, base="다른 말"),
            work,
        )
        assert all(
            r is None or isinstance(r, posts.Post | consent.Changed | posts.AlreadyOut) for r in results
        ), results
        work()
    sent = {p.text for p in scene.network.posts("post")}
    assert "다른 말" not in sent
    for delivery in Delivery.objects.all():
        assert delivery.state in {"sent", "withdrawn"}


def test_taking_back_and_sending_at_once_do_one_of_the_two(scene: Scene) -> None:
    author = scene.people["author"]
    staff.give_role(author, "approver", team=scene.team)
    for _ in range(ROUNDS):
        post = schedule.schedule(author, approved(scene), due_ms=None)
        taken, _ = at_once(lambda p=post: schedule.unschedule(author, p), work)
        work()
        state = Delivery.objects.get(about=post.obj, version=schedule.latest(post).obj).state
        assert (state == "withdrawn") == isinstance(taken, posts.Post), (state, taken)
        assert state in {"withdrawn", "sent"}
