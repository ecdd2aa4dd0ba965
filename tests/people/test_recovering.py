"""Two people end recovery mode: each of them may, and the second is another one than the first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bankside.people import recovering, staff
from bankside.people.models import Staff
from bankside.people.policy import NotYours
from bankside.record import clock, reading, recovery, two_people
from bankside.record.models import Entry, Standstill
from bankside.record.reasons import ReasonMissing
from bankside.record.recovering import NotStanding

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-29T09:00:00Z")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.LOG_FOLDER = tmp_path / "log"


def person(name: str, role: str) -> Staff:
    return staff.add(f"{name}@hanulbank.example", name, role=role)


@pytest.fixture
def two() -> tuple[Staff, Staff]:
    found = person("mina", "administrator"), person("jiwon", "compliance")
    recovery.begin("the signer has signed more")
    return found


def test_one_asks_and_another_one_agrees(two: tuple[Staff, Staff]) -> None:
    first, second = two
    with clock.frozen(NOW):
        recovering.ask(first, "  the newer backup is back  ")
        wish = recovering.asked()
        assert wish is not None
        assert (wish.by, wish.reason, wish.without) == (first, "the newer backup is back", False)
        with pytest.raises(two_people.SamePerson):
            recovering.agree(first, at=NOW)
        assert recovery.mode() is not None
        assert recovering.agree(second, at=NOW).opened == ()
    assert recovery.mode() is None
    entry = Entry.objects.get(fact="record.desk-recovered")
    opened = reading.words_of("s:test", entry.n)
    assert opened is not None
    assert (entry.actor, opened.said["second"], opened.said["why"]) == (
        first.actor, second.actor, "the signer has signed more",
    )  # fmt: skip


def test_what_nobody_asks_for_any_more_is_not_agreed_to(two: tuple[Staff, Staff]) -> None:
    first, second = two
    with clock.frozen(NOW):
        for at in (0, NOW):
            with pytest.raises(recovering.NobodyAsked):
                recovering.agree(second, at=at)
        recovering.ask(first, "looked")
    with clock.frozen(NOW + 1):
        recovering.ask(first, "looked again", without=True)
        with pytest.raises(recovering.NobodyAsked):
            recovering.agree(second, at=NOW)
    with clock.frozen(NOW + 3_600_002):
        assert recovering.asked() is None
        with pytest.raises(recovering.NobodyAsked):
            recovering.agree(second, at=NOW + 1)
    assert recovery.mode() is not None


def test_it_takes_two_who_may_and_a_reason(two: tuple[Staff, Staff]) -> None:
    first, _ = two
    Standstill.objects.all().delete()
    author = person("author", "author")
    with pytest.raises(NotStanding):
        recovering.ask(first, "why")
    recovery.begin("refused")
    for wrong in ("", "  "):
        with pytest.raises(ReasonMissing):
            recovering.ask(first, wrong)
    with pytest.raises(NotYours):
        recovering.ask(author, "why")
    for pair in ((first, author), (author, first)):
        with pytest.raises(NotYours):
            recovering.leave(*pair, "why")
    with pytest.raises(two_people.SamePerson):
        recovering.leave(first, first, "why")
    assert recovery.mode() is not None


def test_somebody_who_left_does_not_count(two: tuple[Staff, Staff]) -> None:
    first, second = two
    with clock.frozen(NOW):
        recovering.ask(first, "looked")
        Staff.objects.filter(pk=first.pk).update(is_active=False)
        assert recovering.asked() is None
        with pytest.raises(recovering.NobodyAsked):
            recovering.agree(second, at=NOW)
