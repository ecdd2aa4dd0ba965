"""Forgetting: two people, holds before wishes, whatever dies meanwhile (record.md 3; faults 11 and 47)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from bankside.inbox.models import Conversation, Message, Wording
from bankside.record import audit, clock, jobs, subjects, two_people
from bankside.record.append import Entry as Row
from bankside.record.forgetting import covered, duties, erasing, holding, restricted, shredding
from bankside.record.forgetting.covered import Scope
from bankside.record.ids import new_id
from bankside.record.log.leaf import leaf_bytes, parse
from bankside.record.models import Entry, Erasure, Hold, Job, Payload, Restriction, Subject
from bankside.record.projection import payload_of
from bankside.record.rebuild import rebuild
from bankside.worker import Worker
from tests.inbox.story import Story, follow, rebuilt, tables
from tests.record.rebuilt import assert_all_rebuild

OFFICER, SECOND, THIRD = ("u:" + digit * 32 for digit in "123")
SECRET = "제 계좌가 잠겼어요 marker-4711"
OTHER = "Waar vind ik de voorwaarden?"

pytestmark = pytest.mark.django_db


def erase(scope: Scope, basis: str = "GDPR-17") -> Erasure:
    """Asked, agreed to and driven to its end."""
    row = erasing.ask(OFFICER, scope, basis, "She wrote to us.")
    erasing.agree(SECOND, row.obj)
    assert shredding.drive(row.obj)
    row.refresh_from_db()
    return row


@pytest.fixture
def told() -> Iterator[tuple[Story, Story, str]]:
    """Her private exchange with the bank, and a public thread in which she and another person speak."""
    alone, shared = Story(thread="dm:박서연"), Story(thread="comment:12")
    first = alone.seen(SECRET, "dm:1", private=True)
    reply = new_id()
    follow()
    alone.wrote(reply, "marker-4712 Goedemiddag mevrouw Park")
    follow()
    alone.published(reply, "dm:2", "marker-4712 Goedemiddag mevrouw Park")
    shared.seen(OTHER, "comment:12", who="Sanne de Vries")
    shared.seen(SECRET, "comment:13", in_reply_to="comment:12")
    follow()
    yield alone, shared, first.subj


def test_after_an_erasure_nothing_of_her_can_be_read_and_others_are_as_before(
    told: tuple[Story, Story, str],
) -> None:
    _alone, shared, subj = told
    before = [payload_of(row.n) for row in Entry.objects.filter(subj__in=others(subj), obj=shared.obj)]
    hers = list(Entry.objects.filter(subj=subj).values_list("n", flat=True))
    row = erase(Scope(subj))
    assert row.state == Erasure.ERASED
    assert not Subject.objects.filter(subj=subj).exists()
    assert not Payload.objects.filter(n__in=hers).exists()
    assert all(payload_of(n) is None for n in hers)
    after = [payload_of(row.n) for row in Entry.objects.filter(subj__in=others(subj), obj=shared.obj)]
    assert after == before
    assert not Message.objects.filter(text__contains="marker").exists()
    assert not Conversation.objects.filter(excerpt__contains="marker").exists()
    assert (
        not Wording.objects.filter(conversation=shared.row().pk)
        .exclude(id__in=Message.objects.filter(erased=False).values("id"))
        .exists()
    )
    assert Message.objects.get(text=OTHER).name == "Sanne de Vries"
    assert audit.audit().problems == []


def test_living_tables_are_those_of_a_rebuild(told: tuple[Story, Story, str]) -> None:
    erase(Scope(told[2]))
    living = tables()
    assert rebuilt() == living
    assert_all_rebuild()


def test_the_leaf_says_who_and_why_and_how_many(told: tuple[Story, Story, str]) -> None:
    _, _, subj = told
    count = Entry.objects.filter(subj=subj).count()
    row = erase(Scope(subj))
    leaves = [parse(entry.leaf) for entry in shredding.entries_of(row.obj)]
    mine = [leaf for leaf in leaves if leaf["subj"] == subj]
    assert sum(leaf["count"] for leaf in mine) == count
    for leaf in leaves:
        assert (leaf["basis"], leaf["by"], leaf["type"]) == ("GDPR-17", [OFFICER, SECOND], "erase")
        assert "ct" not in leaf
    assert {leaf.get("obj") for leaf in leaves} == {None, told[0].obj}


def test_a_later_contact_is_a_new_subject(told: tuple[Story, Story, str]) -> None:
    alone, _, subj = told
    erase(Scope(subj))
    again = alone.seen("안녕하세요", "dm:9", private=True)
    assert again.subj != subj
    follow()
    assert Message.objects.get(pk=again.n).text == "안녕하세요"
    assert tables() == rebuilt()


def test_one_thing_alone_is_forgotten_and_her_other_words_stay(told: tuple[Story, Story, str]) -> None:
    alone, shared, subj = told
    erase(Scope(subj, shared.obj))
    assert [m.text for m in shared.messages()] == [OTHER, ""]
    assert alone.messages()[0].text == SECRET
    assert Subject.objects.filter(subj=subj).exists()
    assert tables() == rebuilt()
    assert audit.audit().problems == []


def test_nobody_agrees_to_what_she_asked_for_herself(told: tuple[Story, Story, str]) -> None:
    row = erasing.ask(OFFICER, Scope(told[2]), "GDPR-17")
    with pytest.raises(two_people.SamePerson):
        erasing.agree(OFFICER, row.obj)
    with pytest.raises(two_people.NotAPerson):
        erasing.agree("s:program", row.obj)
    assert Subject.objects.filter(subj=told[2]).exists()
    assert erasing.ask(THIRD, Scope(told[2]), "PIPA-36").obj == row.obj
    erasing.decline(SECOND, row.obj, "Not she who asked.")
    with pytest.raises(two_people.NotNow):
        erasing.agree(SECOND, row.obj)


@pytest.mark.parametrize("kind", holding.KINDS)
def test_a_hold_comes_before_a_wish_and_it_is_erased_when_the_hold_is_over(
    told: tuple[Story, Story, str], kind: str
) -> None:
    alone, _, subj = told
    target = {Hold.SUBJECT: subj, Hold.OBJECT: alone.obj, Hold.CHANNEL: alone.channel}[kind]
    if kind == Hold.CHANNEL:  # the story's channel has no row: the room of channels tells of it in flows
        target = alone.obj
    hold = holding.place(OFFICER, kind, target, "Court of Seoul, 2026-114")
    row = erasing.ask(OFFICER, Scope(subj), "COURT-ORDER")
    assert erasing.agree(SECOND, row.obj).state == Erasure.WAITING
    assert Subject.objects.filter(subj=subj).exists()
    follow()
    assert not Message.objects.filter(text__contains="marker-4711").exists()  # restricted meanwhile
    assert tables() == rebuilt()
    with pytest.raises(two_people.SamePerson):
        holding.release(OFFICER, hold.obj, "over")
    assert erasing.reconsider() == 0
    holding.release(SECOND, hold.obj, "The case is closed.")
    assert erasing.reconsider() == 1
    assert shredding.drive(row.obj)
    assert not Subject.objects.filter(subj=subj).exists()
    assert not Restriction.objects.exists()
    assert tables() == rebuilt()
    assert audit.audit().problems == []


def test_a_hold_that_comes_after_the_decision_is_refused(told: tuple[Story, Story, str]) -> None:
    row = erasing.ask(OFFICER, Scope(told[2]), "GDPR-17")
    erasing.agree(SECOND, row.obj)
    with pytest.raises(holding.AlreadyErased):
        holding.place(OFFICER, Hold.SUBJECT, told[2], "too late")
    assert shredding.drive(row.obj)


@pytest.mark.parametrize("step", range(len(shredding.STEPS)))
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_it_is_driven_to_its_end(
    told: tuple[Story, Story, str], monkeypatch: pytest.MonkeyPatch, step: int, when: str
) -> None:
    """Fault: the process dies before or after each step; the job comes again."""
    row = erasing.ask(OFFICER, Scope(told[2]), "GDPR-17")
    erasing.agree(SECOND, row.obj)
    steps = list(shredding.STEPS)

    def dies(entries: list[Row]) -> bool:
        if when == "after":
            shredding_step(entries)
        raise Killed

    shredding_step, steps[step] = steps[step], dies
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(shredding, "STEPS", tuple(steps))
        shredding.drive(row.obj)
    subjects.forget()
    jobs.run_due()
    row.refresh_from_db()
    assert row.state == Erasure.ERASED
    assert not Message.objects.filter(text__contains="marker").exists()
    assert tables() == rebuilt()
    assert audit.audit().problems == []
    with clock.frozen(clock.now_ms() + shredding.LATE_MS + 1):
        jobs.run_due()
    assert Job.objects.get(kind=shredding.JOB).state == Job.DONE


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("job", ["gone", "failed", "put off"])
def test_a_worker_that_starts_goes_on_with_what_was_decided(
    told: tuple[Story, Story, str], settings: Any, tmp_path: Path, job: str
) -> None:
    settings.LOG_FOLDER = tmp_path / "log"
    row = erasing.ask(OFFICER, Scope(told[2]), "GDPR-17", "She wrote to us.")
    erasing.agree(SECOND, row.obj)
    its = Job.objects.filter(key=shredding.job_key(row.obj))
    if job == "gone":
        its.delete()
    else:
        its.update(state=Job.FAILED if job == "failed" else Job.WAITING, due_at=clock.now_ms() + 10**9)
    made = Worker(1)
    assert made.run_until_idle()
    made.close()
    row.refresh_from_db()
    assert row.state == Erasure.ERASED


def test_what_was_written_under_the_old_key_meanwhile_is_covered_too(told: tuple[Story, Story, str]) -> None:
    """On PostgreSQL somebody may have the key in hand while it is destroyed."""
    alone, _, subj = told
    key = subjects.key_of(subj)
    row = erasing.ask(OFFICER, Scope(subj), "GDPR-17")
    erasing.agree(SECOND, row.obj)
    subjects._keys[subj] = key
    entry = alone.tell(payload_like(alone), subj=subj)
    subjects._keys.pop(subj)
    shredding.drive(row.obj)
    assert Payload.objects.filter(n=entry.n).exists()
    jobs.run_due()
    with clock.frozen(clock.now_ms() + shredding.LATE_MS + 1):
        jobs.run_due()
    assert not Payload.objects.filter(n=entry.n).exists()
    assert audit.audit().problems == []


def payload_like(story: Story) -> object:
    from bankside.record.facts.channels import ActivityRemoved

    return ActivityRemoved(channel=story.channel, network=story.network, remote_id="x", via="poll")


def test_a_key_that_another_process_destroyed_is_forgotten_here(
    told: tuple[Story, Story, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Target 8: within 60 seconds, in every process."""
    subj = told[2]
    subjects.key_of(subj)
    Subject.objects.filter(subj=subj).delete()
    assert subjects.key_of(subj)
    at = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: at + subjects.KEYS_SECONDS_MAX + 1)
    with pytest.raises(subjects.Forgotten):
        subjects.key_of(subj)
    assert subjects.KEYS_SECONDS_MAX <= 60


def test_replayed_after_a_restore_nothing_comes_back(told: tuple[Story, Story, str]) -> None:
    """Fault 11: yesterday's rows have the key and the words again, and the leaf from the published log."""
    _alone, _shared, subj = told
    kept = list(Subject.objects.filter(subj=subj).values())
    words = list(Payload.objects.filter(n__in=Entry.objects.filter(subj=subj).values("n")).values())
    row = erase(Scope(subj))
    Subject.objects.create(**kept[0])
    Payload.objects.bulk_create(Payload(**one) for one in words)
    assert erasing.replay() == len(shredding.entries_of(row.obj))
    assert not Subject.objects.filter(subj=subj).exists()
    assert not Payload.objects.filter(n__in=[one["n"] for one in words]).exists()
    rebuild("inbox.conversations")
    assert not Message.objects.filter(text__contains="marker").exists()


def test_leaves_that_only_the_published_log_has_are_replayed_too(
    told: tuple[Story, Story, str],
) -> None:
    _alone, _shared, subj = told
    fields = {"v": 1, "seq": 90, "id": "a" * 32, "t": "2026-11-29T00:00:00.000Z", "type": "erase"}
    fields |= {"actor": SECOND, "ret": "KEEPING", "pol": "0" * 64, "subj": subj, "basis": "GDPR-17"}
    leaf = leaf_bytes(fields | {"count": 1, "by": [OFFICER, SECOND]})
    assert erasing.replay([leaf, b"nonsense"]) == 1
    assert not covered.words_left(Scope(subj))
    with pytest.raises(subjects.Forgotten):
        subjects.key_of(subj)


def test_restricted_words_are_in_no_table_and_come_back_when_two_agree(
    told: tuple[Story, Story, str],
) -> None:
    alone, _shared, subj = told
    before = tables()
    scope = Scope(subj)
    restricted.place(OFFICER, scope, "She disputes it.")
    late = alone.seen("marker-4713 nog iets", "dm:7", private=True)
    follow()
    assert not Message.objects.filter(text__contains="marker-471").exclude(actor__startswith="u:").exists()
    assert tables() == rebuilt()
    assert payload_of(late.n) is None
    assert Payload.objects.filter(n=late.n).exists()
    restricted.ask_to_lift(OFFICER, scope, "Settled.")
    with pytest.raises(two_people.SamePerson):
        restricted.lift(OFFICER, scope)
    restricted.lift(SECOND, scope)
    follow()
    assert Message.objects.filter(text="marker-4713 nog iets").exists()
    assert tables()[0][1:] == before[0][1:]
    assert tables() == rebuilt()


def test_a_salt_of_its_own_takes_one_record_and_no_other(told: tuple[Story, Story, str]) -> None:
    """record.md 3: delete the salt, and one record is gone."""
    hers = list(Entry.objects.filter(subj=told[2]).order_by("n"))
    Payload.objects.filter(n=hers[0].n).delete()
    assert payload_of(hers[0].n) is None
    assert payload_of(hers[-1].n) is not None


def test_the_desk_itself_is_never_erased(told: tuple[Story, Story, str]) -> None:
    with pytest.raises(two_people.NoSuchThing):
        erasing.ask(OFFICER, Scope(subjects.desk()), "GDPR-17")
    with pytest.raises(ValueError, match="cannot be erased"), transaction.atomic():
        subjects.erase(subjects.desk())
    with pytest.raises(erasing.BasisWrong):
        erasing.ask(OFFICER, Scope(told[2]), "because of reasons")


def test_a_duty_to_keep_waits_until_its_end_unless_a_court_orders(
    told: tuple[Story, Story, str], tmp_path: object, settings: object
) -> None:
    settings.RETENTION_FILE = str(duty_file(tmp_path))  # type: ignore[attr-defined]
    story = Story(thread="dm:王立")
    subj = story.seen("我想投诉 marker-5", "dm:30", private=True, who="王立").subj
    follow()
    row = erasing.ask(OFFICER, Scope(subj), "PIPL-47")
    assert erasing.agree(SECOND, row.obj).state == Erasure.WAITING
    assert duties.until_ms(Scope(subj)) > clock.now_ms() + 4 * 365 * 86_400_000
    follow()
    assert not Message.objects.filter(text__contains="marker-5").exists()
    with clock.frozen(clock.now_ms() + 6 * 366 * 86_400_000):
        assert erasing.reconsider() == 1
    other = Story(thread="dm:李雷").seen("投诉", "dm:31", private=True, who="李雷").subj
    row = erasing.ask(OFFICER, Scope(other), "COURT-ORDER")
    assert erasing.agree(SECOND, row.obj).state == Erasure.ERASING


def duty_file(folder: object) -> object:
    path = folder / "retention.toml"  # type: ignore[operator]
    path.write_text(
        '[CN-5Y]\nmonths = 60\nduty = true\nlaw = "complaints"\nfalls_on = ["channels.activity-received"]\n'
        '[DEFAULT-10Y]\nmonths = 120\nduty = false\nlaw = "own"\nfalls_on = []\n'
    )
    return path


def others(subj: str) -> list[str]:
    return list(Entry.objects.exclude(subj=subj).values_list("subj", flat=True).distinct())
