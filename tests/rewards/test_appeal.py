"""A member says that something is wrong, once at a time, under her own key; a person answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bankside.record import clock, projection, subjects
from bankside.record.models import Entry
from bankside.rewards import appeal, receipt, reported
from bankside.rewards.models import Member
from bankside.rewards.reported import Item
from bankside.rewards.taking_part import actor_of
from tests.rewards import joined, living
from tests.rewards.living import person

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
WORDS = "점수가 잘못됐어요. 두 번 참여했는데 한 번만 인정됐습니다."


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def who() -> Member:
    living.live()
    member = joined.member()
    reported.take("s:feedback", [Item(ref="fb-1", member=member.obj, kind="feedback")])
    return member


def test_she_says_it_and_is_answered_beside_her_receipt(who: Member) -> None:
    said = appeal.make(who, "r:fb-1", f"  {WORDS}  ")
    assert (said.words, said.made_at) == (WORDS, NOW)
    reviewer = person("reviewer", "Wang Reviews")
    assert [row.pk for row in appeal.waiting(reviewer)] == [said.pk]
    assert receipt.why(who, "r:fb-1").can == ("wait",)
    done = appeal.answer(reviewer, said.obj, "Wij hebben het nagekeken.")
    assert appeal.answer(reviewer, said.obj, "Wij hebben het nagekeken.").answered_at == done.answered_at
    assert appeal.waiting(reviewer) == []
    found = receipt.why(who, "r:fb-1")
    assert found.appeal is not None
    assert (found.appeal.answer, found.can) == ("Wij hebben het nagekeken.", ("appeal", "wait"))
    with pytest.raises(appeal.AlreadyAnswered):
        appeal.answer(person("compliance", "Jin Answers"), said.obj, "No.")


def test_her_words_die_with_her_key(who: Member) -> None:
    appeal.make(who, "r:fb-1", WORDS)
    entry = Entry.objects.get(fact="rewards.appeal-made")
    assert entry.subj == subjects.subject_of("member", who.obj)
    assert entry.actor == actor_of(who)
    assert projection.payload_of(entry.n).words == WORDS


def test_one_at_a_time_for_what_is_hers_with_words(who: Member) -> None:
    appeal.make(who, "r:fb-1", WORDS)
    with pytest.raises(appeal.AlreadyOpen):
        appeal.make(who, "r:fb-1", WORDS)
    for words in ("", "  ", "x" * 1001):
        with pytest.raises(appeal.WordsMissing):
            appeal.make(who, "r:fb-1", words)
    with pytest.raises(receipt.NoSuchReceipt):
        appeal.make(joined.member(), "r:fb-1", WORDS)
    assert [row.source for row in appeal.mine(who)] == ["r:fb-1"]
    with pytest.raises(appeal.NoSuchAppeal):
        appeal.answer(person("reviewer", "Wang Reviews"), "0" * 32, "x")
