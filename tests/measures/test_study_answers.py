"""Answers through a link: saved page by page, nothing lost, counted once they are finished."""

from __future__ import annotations

import pytest

from bankside.measures import studies, study_answers
from bankside.measures.study.read_definition import define_text
from bankside.measures.study_answers import AnswersMissing, Finished, StudyOver
from bankside.record.models import Entry
from tests.measures.studied import TEXT, again, answered, author, invited, opened

DEFINITION = define_text(TEXT)


def ids(cells: dict[str, str]) -> list[list[str]]:
    return [[one.id for one in page] for page in study_answers.pages_of(DEFINITION, "bank", cells)]


def test_what_hangs_on_an_answer_stands_on_a_later_page() -> None:
    assert ids({}) == [["uses"], ["value"]]
    assert ids({"uses": "yes"}) == [["uses"], ["networks", "people"], ["value"]]
    assert ids({"uses": "no", "networks": "blog"}) == [["uses"], ["value"]]


def test_what_hangs_on_a_question_that_is_not_asked_is_not_asked() -> None:
    text = (
        TEXT
        + '\n[[question]]\nid = "why"\nkind = "single"\noptions = ["a", "b"]\nbase = \'"blog" in networks\'\n'
    )
    definition = define_text(text)
    cells = {"uses": "no", "networks": "blog"}
    assert [one.id for one in study_answers.asked(definition, "", cells)] == ["uses", "value"]


@pytest.mark.parametrize(
    ("question", "chosen", "cell"),
    [
        ("uses", ["yes"], "yes"), ("uses", [""], ""), ("networks", ["video", "blog"], "blog|video"),
        ("networks", ["-"], "-"), ("networks", [], ""), ("people", ["12"], "12"),
        ("people", [" 4.5 "], "4.5"),
        ("value", ["3"], "3"), ("people", [""], ""),
    ],
)  # fmt: skip
def test_what_a_form_sends_becomes_a_cell(question: str, chosen: list[str], cell: str) -> None:
    assert study_answers.read(DEFINITION.question(question), chosen) == (cell, None)


@pytest.mark.parametrize(
    ("question", "chosen"),
    [
        ("uses", ["maybe"]), ("uses", ["yes", "no"]), ("networks", ["blog", "-"]), ("people", ["many"]),
        ("people", ["501"]), ("people", ["-1"]), ("value", ["6"]), ("networks", ["<script>"]),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_said_and_not_kept(question: str, chosen: list[str]) -> None:
    cell, mistake = study_answers.read(DEFINITION.question(question), chosen)
    assert cell == "" and mistake is not None and mistake.question == question and mistake.message


@pytest.mark.django_db
def test_answers_are_saved_taken_away_and_come_back() -> None:
    staff = author()
    [row] = invited(staff, opened(staff), "Hanul Bank")
    study_answers.save(row, {"uses": "yes"})
    study_answers.save(row, {"networks": "blog|chat", "people": ""})
    assert study_answers.cells_of(row) == {"uses": "yes", "networks": "blog|chat"}
    study_answers.save(row, {"networks": ""})
    assert study_answers.cells_of(row) == {"uses": "yes"}
    assert again(row).begun_at and not again(row).finished_at and again(row).saves == 3


@pytest.mark.django_db
def test_finished_answers_count_and_are_told_without_their_content() -> None:
    staff = author()
    study = opened(staff)
    [row, other] = invited(staff, study, "Hanul Bank", "Noord Bank")
    study_answers.save(other, {"uses": "yes"})
    assert study_answers.records_of(study) == []
    done = answered(row, uses="no", networks="blog", value="4")
    assert done.version == 1
    assert [one["institution"] for one in study_answers.records_of(study)] == ["Hanul Bank"]
    entry = Entry.objects.get(fact="measures.institution-answered")
    assert entry.obj == study.obj
    study_answers.finish(row, studies.definition_of(study))  # twice is once
    assert Entry.objects.filter(fact="measures.institution-answered").count() == 1


@pytest.mark.django_db
def test_finished_answers_are_opened_again_before_they_change() -> None:
    staff = author()
    study = opened(staff)
    [row] = invited(staff, study, "Hanul Bank")
    answered(row, uses="yes", value="2")
    with pytest.raises(Finished):
        study_answers.save(row, {"value": "3"})
    study_answers.reopen(row)
    assert study_answers.records_of(study) == []
    assert answered(row, value="3").version == 2
    assert study_answers.records_of(study)[0]["value"] == "3"


@pytest.mark.django_db
def test_nothing_is_answered_once_the_study_is_closed() -> None:
    staff = author()
    study = opened(staff)
    [row, late] = invited(staff, study, "Hanul Bank", "Noord Bank")
    answered(row, uses="no", value="1")
    studies.close(staff, study.obj)
    for act in (
        lambda: study_answers.save(late, {"uses": "yes"}),
        lambda: study_answers.finish(late, DEFINITION),
        lambda: study_answers.reopen(row),
    ):
        with pytest.raises(StudyOver):
            act()
    assert len(study_answers.records_of(study)) == 1


@pytest.mark.django_db
def test_nothing_at_all_cannot_be_finished() -> None:
    staff = author()
    [row] = invited(staff, opened(staff), "Hanul Bank")
    study_answers.save(row, {"networks": "blog"})  # not asked: uses is not answered
    with pytest.raises(AnswersMissing):
        study_answers.finish(row, DEFINITION)


@pytest.mark.django_db
def test_too_many_savings_are_no_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    staff = author()
    [row] = invited(staff, opened(staff), "Hanul Bank")
    monkeypatch.setattr(study_answers, "SAVES_MAX", 1)
    study_answers.save(row, {"uses": "yes"})
    with pytest.raises(study_answers.TooOften):
        study_answers.save(row, {"uses": "no"})
