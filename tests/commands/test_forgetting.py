"""`bankside erase` and `bankside hold`: two people who may, done when it returns, refused with the reason."""

from __future__ import annotations

import json

import pytest

from bankside.inbox.models import Message
from bankside.people import staff
from bankside.record.models import Subject
from tests.commands.ask import Ask
from tests.inbox.story import Story, follow

OFFICER, SECOND, AUTHOR = "o@hanulbank.example", "c@hanulbank.example", "a@hanulbank.example"
BASIS = ("--basis", "GDPR-17")

pytestmark = pytest.mark.django_db


@pytest.fixture
def subj() -> str:
    for email, role in ((OFFICER, "records-officer"), (SECOND, "compliance"), (AUTHOR, "author")):
        staff.add(email, role, role=role, team=None)
    entry = Story(thread="dm:1").seen("비밀 marker4711", "dm:1", private=True)
    follow()
    return entry.subj


def test_two_people_erase_and_it_is_done_when_it_returns(ask: Ask, subj: str) -> None:
    told = ask("erase", "--subject", subj, *BASIS, "--by", OFFICER, "--and", SECOND, "--json")
    assert told.code == 0, told.err
    assert json.loads(told.out)["state"] == "erased"
    assert not Subject.objects.filter(subj=subj).exists()
    assert not Message.objects.filter(text__contains="marker").exists()
    again = ask("erase", "--subject", subj, *BASIS, "--by", OFFICER, "--and", SECOND)
    assert again.code == 1 and "forgotten it already" in again.err


@pytest.mark.parametrize(
    ("by", "second", "why"),
    [(OFFICER, OFFICER, "second person"), (AUTHOR, SECOND, "You may not"), (OFFICER, AUTHOR, "You may not"),
     (OFFICER, "nobody@hanulbank.example", "nobody@")],
)  # fmt: skip
def test_never_by_one_or_by_those_who_may_not(ask: Ask, subj: str, by: str, second: str, why: str) -> None:
    told = ask("erase", "--subject", subj, *BASIS, "--by", by, "--and", second)
    assert told.code == 1 and why in told.err
    assert Subject.objects.filter(subj=subj).exists()


def test_a_hold_comes_first_and_is_released_by_another(ask: Ask, subj: str) -> None:
    held = ask("hold", "add", "subject", subj, "--by", OFFICER, "--reason", "소송", "--json")
    hold = json.loads(held.out)["hold"]
    told = ask("erase", "--subject", subj, *BASIS, "--by", OFFICER, "--and", SECOND)
    assert told.code == 1 and "nothing was erased" in told.err and "hold" in told.err
    assert subj in ask("hold", "list").out
    assert ask("hold", "release", hold, "--by", OFFICER, "--reason", "끝").code == 1
    assert ask("hold", "release", hold, "--by", SECOND, "--reason", "끝").code == 0
    assert not Subject.objects.filter(subj=subj).exists()
