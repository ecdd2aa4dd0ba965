"""What waits in the card's room: for whoever may decide it, and never her own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bankside.record import clock
from bankside.rewards import appeal, fraud, programme, reported, review
from bankside.rewards.models import Flag, Member
from bankside.rewards.reported import Item
from bankside.rewards.waiting import waiting
from tests.rewards import joined, living
from tests.rewards.living import person

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 1000)  # everything is looked at
    with clock.frozen(NOW):
        yield


@pytest.fixture
def who() -> Member:
    living.live()
    member = joined.member()
    reported.take("s:feedback", [Item(ref="fb-1", member=member.obj, kind="feedback")])
    assert fraud.examine() == 1
    return member


def test_nothing_waits_for_whoever_decides_nothing(
    who: Member, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    author, reviewer = person("author", "Jan Writes"), person("reviewer", "Wang Reviews")
    waiting(author), waiting(reviewer)  # what she may do is looked up once
    with django_assert_num_queries(0):
        assert waiting(author) == 0
    with django_assert_max_num_queries(1):
        assert waiting(reviewer) == 1


def test_a_proposal_waits_for_a_second_person(who: Member) -> None:
    reviewer, second = person("compliance", "Wang Reviews"), person("approver", "Hyejin Agrees")
    assert (waiting(reviewer), waiting(second)) == (1, 0)
    review.propose(reviewer, Flag.objects.get().obj, code="automation", why="A script posted it.")
    assert (waiting(reviewer), waiting(second)) == (0, 1)
    review.reverse(second, Flag.objects.get().obj)
    assert (waiting(reviewer), waiting(second)) == (0, 0)


def test_an_appeal_waits_until_it_is_answered(who: Member) -> None:
    reviewer = person("reviewer", "Wang Reviews")
    before = waiting(reviewer)
    made = appeal.make(who, "r:fb-1", "내 의견이 맞습니다.")
    assert waiting(reviewer) == before + 1
    appeal.answer(reviewer, made.obj, "We looked again, and you are right.")
    assert waiting(reviewer) == before


def test_a_programme_waits_for_others_than_its_author() -> None:
    author, approver = person("author", "Jan Writes"), person("approver", "Hyejin Agrees")
    row = programme.draft(author, name="spring", text=programme.sample())
    assert waiting(approver) == 0
    row = programme.submit(author, row.obj)
    assert (waiting(author), waiting(approver)) == (0, 1)
    programme.approve(approver, row.obj, sha256=row.sha256)
    assert waiting(approver) == 0
    assert waiting(person("compliance", "Eva Looks")) == 1
