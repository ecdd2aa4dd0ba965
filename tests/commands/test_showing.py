"""`bankside log show`: told before it is shown, to those who may, and nothing that is hidden or gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bankside.people import keeping, staff
from bankside.record import projection, reading, readings, seal
from bankside.record.append import Entry
from tests.commands.ask import Ask
from tests.inbox.story import Story, follow

OFFICER, SECOND, AUTHOR = "o@hanulbank.example", "c@hanulbank.example", "a@hanulbank.example"
WHY = ("--by", OFFICER, "--reason", "the court asks")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people(folder: Path) -> None:
    for email, role in ((OFFICER, "records-officer"), (SECOND, "compliance"), (AUTHOR, "author")):
        staff.add(email, role, role=role, team=None)


def said() -> tuple[Entry, Entry]:
    """Words, and a later version of them by the same person."""
    story = Story()
    both = story.seen("fees rose by 3% today"), story.seen("fees rose by 2% today", "comment:13")
    follow()
    return both


def told() -> list[Any]:
    return [projection.payload_of(one.n) for one in reading.entries(fact="record.entry-read")]


def test_leaf_proof_and_words_are_shown_and_the_reading_is_recorded_with_its_reason(ask: Ask) -> None:
    first, _ = said()
    waits = ask("log", "show", str(first.n), *WHY, "--json").json
    assert "no published head" in waits["proof"]["why"]
    seal.seal_all()
    shown = ask("log", "show", first.id, *WHY, "--json").json
    assert (shown["leaf"]["id"], shown["state"]) == (first.id, "readable")
    assert shown["words"]["seen"]["text"] == "fees rose by 3% today"
    assert shown["proof"]["size"] > shown["proof"]["index"] == first.seq and shown["proof"]["signed"]
    assert "versions" not in shown
    assert [(one.entry, one.reason) for one in told()] == [(first.id, "the court asks")] * 2
    [actor] = {one.actor for one in reading.entries(fact="record.entry-read")}
    assert actor == staff.by_email(OFFICER).actor


def test_versions_stand_side_by_side_and_each_is_a_reading(ask: Ask) -> None:
    first, second = said()
    shown = ask("log", "show", str(second.n), "--versions", *WHY, "--json").json
    assert [one["n"] for one in shown["versions"]] == [first.n, second.n]
    assert shown["before"]["words"]["seen"]["text"] == "fees rose by 3% today"
    [text] = [one["pieces"] for one in shown["changes"] if one["name"] == "seen.text"]
    assert [piece for piece in text if piece[0] != "same"] == [["gone", "3%"], ["new", "2%"]]
    assert {one.entry for one in told()} == {first.id, second.id}
    page = ask("log", "show", str(second.n), "--versions", *WHY).out
    assert "seen.text: fees rose by [-3%-]{+2%+} today" in page
    alone = ask("log", "show", str(first.n), "--versions", *WHY, "--json").json
    assert (alone["before"], alone["changes"]) == (None, [])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--by", AUTHOR, "--reason", "curious"), "You may not read the words in the record"),
        (("--by", "nobody@hanulbank.example", "--reason", "curious"), "nobody@"),
        (("--by", OFFICER, "--reason", "  "), "Say why"),
        (("--by", OFFICER), "--reason"),
    ],
)
def test_nothing_is_shown_to_who_may_not_or_does_not_say_why(
    ask: Ask, words: tuple[str, ...], why: str
) -> None:
    first, _ = said()
    answer = ask("log", "show", str(first.n), *words)
    assert answer.code != 0 and why in answer.err and "fees" not in answer.out
    assert told() == []


def test_an_entry_that_is_not_there_is_named(ask: Ask) -> None:
    answer = ask("log", "show", "4711", *WHY)
    assert answer.code == 1 and "has no entry 4711" in answer.err


def test_what_cannot_be_recorded_is_not_shown(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = said()

    def away(*_: Any, **__: Any) -> None:
        raise readings.NotRecorded("not recorded")

    monkeypatch.setattr(readings, "tell", away)
    answer = ask("log", "show", str(first.n), *WHY)
    assert answer.code == 1 and "fees" not in answer.out


def test_restricted_words_are_shown_to_nobody_until_two_people_lift_that(ask: Ask) -> None:
    first, _ = said()
    asked = ("hold", "restrict", "--subject", first.subj, "--by", OFFICER, "--reason", "a dispute")
    assert ask(*asked, "--json").json == {
        "subject": first.subj, "object": "", "reason": "a dispute", "lift_asked": False,
    }  # fmt: skip
    assert ask(*asked).code == 0, "twice is once"
    assert len(reading.entries(fact="record.words-restricted")) == 1
    assert first.subj in ask("hold", "restricted").out
    hidden = ask("log", "show", str(first.n), "--versions", *WHY)
    assert "restricted: not shown" in hidden.out and "fees" not in hidden.out and told() == []
    lift = ("hold", "lift", "--subject", first.subj, "--reason", "it is settled", "--by", OFFICER, "--and")
    for second, why in ((OFFICER, "second person"), (AUTHOR, "You may not")):
        refused = ask(*lift, second)
        assert refused.code == 1 and why in refused.err
        assert not ask("hold", "restricted", "--json").json[0]["lift_asked"], "nothing is half asked"
    assert "is shown again" in ask(*lift, SECOND).out
    assert "fees rose" in ask("log", "show", str(first.n), *WHY).out
    assert ask(*lift, SECOND).code == 1, "nothing is restricted any more"


def test_erased_words_are_gone_for_the_command_too(ask: Ask) -> None:
    first, _ = said()
    officer, second = staff.by_email(OFFICER), staff.by_email(SECOND)
    keeping.erase(officer, second, first.subj, "", "GDPR-17", "")
    shown = ask("log", "show", str(first.n), *WHY, "--json").json
    assert (shown["state"], shown["words"]) == ("erased", None)
    assert shown["leaf"]["id"] == first.id and told() == []
