"""Studies: written, opened, closed; each step once, in order, told to the record."""

from __future__ import annotations

import pytest

from bankside.measures import studies, study_reports
from bankside.measures.models import Study
from bankside.measures.studies import NobodyAsked, NotComparable, StudyWrong
from bankside.measures.study_rows import NoSuchStudy, NotNow
from bankside.people.policy import NotYours
from bankside.record.models import Entry
from tests.measures.studied import TEXT, answered, author, draft, invited, opened
from tests.people.team import person

pytestmark = pytest.mark.django_db


def test_the_sample_is_a_study_in_four_languages() -> None:
    assert studies.check(studies.sample()) == ()
    assert studies.read(studies.sample()).languages == ("en", "ko", "zh-Hans", "nl")


def test_a_text_with_mistakes_is_no_study() -> None:
    staff = author()
    with pytest.raises(StudyWrong) as wrong:
        studies.create(staff, TEXT.replace('kind = "number"', 'kind = "numbers"'))
    assert wrong.value.troubles and not Study.objects.exists()
    with pytest.raises(StudyWrong):
        studies.create(staff, "x" * (studies.TEXT_CHARACTERS_MAX + 1))


def test_each_step_is_told_once() -> None:
    staff = author()
    study = opened(staff)
    studies.open_study(staff, study.obj)
    [row] = invited(staff, study, "Hanul Bank")
    answered(row, uses="no", value="1")
    for _ in range(2):
        studies.close(staff, study.obj)
    for _ in range(2):
        study_reports.publish(staff, study.obj)
    facts = list(Entry.objects.filter(obj=study.obj).order_by("n").values_list("fact", flat=True))
    assert facts == [
        "measures.study-opened", "measures.institution-invited", "measures.institution-answered",
        "measures.study-closed", "measures.study-published",
    ]  # fmt: skip


def test_steps_come_in_order() -> None:
    staff = author()
    study = draft(staff)
    with pytest.raises(NotNow):
        studies.close(staff, study.obj)
    with pytest.raises(NotNow):
        study_reports.publish(staff, study.obj)
    studies.open_study(staff, study.obj)
    with pytest.raises(NobodyAsked):
        studies.close(staff, study.obj)
    with pytest.raises(NotNow):
        studies.rewrite(staff, study.obj, TEXT)
    with pytest.raises(NoSuchStudy):
        studies.close(staff, "0" * 32)


def test_a_published_study_stays_as_it_is() -> None:
    staff = author()
    study = opened(staff)
    [row] = invited(staff, study, "Hanul Bank")
    answered(row, uses="no", value="1")
    studies.close(staff, study.obj)
    study_reports.publish(staff, study.obj)
    for act in (
        lambda: studies.set_up(staff, study.obj, us="x", anonymous=False),
        lambda: studies.open_study(staff, study.obj),
        lambda: invited(staff, study, "Noord Bank"),
    ):
        with pytest.raises(NotNow):
            act()


def test_only_studies_with_the_same_questions_are_compared() -> None:
    staff = author()
    study, other = draft(staff), draft(staff)
    strange = draft(staff, '[study]\ntitle = "x"\n[[question]]\nid = "y"\nkind = "number"\n')
    assert [one.pk for one in studies.comparable(staff, study)] == [other.pk]
    studies.set_up(staff, study.obj, us="", anonymous=True, earlier=other.obj)
    for wrong in (strange.obj, study.obj):
        with pytest.raises(NotComparable):
            studies.set_up(staff, study.obj, us="", anonymous=True, earlier=wrong)


@pytest.mark.parametrize("role", ["responder", "administrator", "auditor", "approver"])
def test_only_who_manages_studies_makes_them(role: str) -> None:
    with pytest.raises(NotYours):
        studies.create(person(role), TEXT)


def test_whoever_reads_no_studies_sees_none() -> None:
    for act in (studies.visible_to, lambda one: studies.get_visible(one, "0" * 32)):
        with pytest.raises(NotYours):
            act(person("responder"))
