"""Every projection of every room, computed again after days at an invented bank, is the same row for row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bankside.channels import counted
from bankside.channels.models import Counted
from bankside.commands import invented
from bankside.inbox import conversation, openings, reply
from bankside.measures import rules
from bankside.people import readings, staff
from bankside.record import audit, clock, projection, seal
from bankside.record.models import Entry, Job, Quarantined
from bankside.worker import Worker
from tests.record.rebuilt import assert_all_rebuild


@pytest.mark.django_db(transaction=True)
def test_the_tables_of_all_rooms_rebuild_and_the_record_holds(settings: Any, tmp_path: Path) -> None:
    settings.DATA, settings.LOG_FOLDER, settings.MEDIA_FOLDER = tmp_path, tmp_path / "log", tmp_path / "media"
    settings.REPLY_UNDO_SECONDS = 0
    (tmp_path / "keys").mkdir()
    people = {one["role"]: staff.by_email(one["email"]) for one in invented.bank()}
    answer_customers(people)
    rules.write(people["compliance"], "savings", rules.text("savings"))
    openings.thread(people["responder"], conversation.visible_to(people["responder"])[0])
    readings.review(people["compliance"], "2026-01", "없음")
    read_counts()
    work()
    counts = assert_all_rebuild()
    assert {table for table, rows in counts.items() if not rows} == set()
    assert projection.behind() == []
    assert not Quarantined.objects.exists()
    seal.seal_all()
    report = audit.audit()
    assert (report.problems, report.entries) == ([], Entry.objects.count())


def answer_customers(people: dict[str, Any]) -> None:
    """Somebody takes a conversation, notes, answers, takes an answer back, closes one and opens it again."""
    responder = people["responder"]
    first, second, *_ = conversation.visible_to(responder)
    conversation.assign(responder, first, responder.uid)
    conversation.note(responder, first, "카드 4242 4242 4242 4242 정지했습니다")
    reply.write(responder, first, "카드를 정지했습니다. 새 카드는 사흘 안에 도착합니다.")
    if reply.undo_until(taken := reply.write(responder, second, "Een ogenblik.")):
        reply.take_back(responder, taken)
    work()
    conversation.close(responder, conversation.get_visible(responder, first.pk), reason="answered")
    conversation.reopen(responder, conversation.get_visible(responder, first.pk))
    work()


def read_counts() -> None:
    """The networks are asked now what they count on our posts, ten minutes early."""
    now = clock.now_ms()
    Counted.objects.update(due_at=now)
    Job.objects.filter(kind=counted.JOB).update(due_at=now)


def work() -> None:
    worker = Worker(threads=2)
    worker.run_until_idle(30)
    worker.close()
