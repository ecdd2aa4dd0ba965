"""Letters to institutions: once, reminded twice at most, never to those who finished, in their language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail as outbox

from bankside.measures import invitations, reminders, studies
from bankside.measures.models import Respondent, Study
from bankside.measures.reminders import APART_DAYS, NoMail
from bankside.people.models import Staff
from bankside.record import clock, jobs
from bankside.record.models import Entry
from tests.measures.studied import again, answered, author, invited, opened
from tests.people.team import person

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")
DAY_MS = 86_400_000


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> Iterator[None]:
    settings.MAIL_URL = "memory:"
    outbox.outbox = []
    with clock.frozen(NOW):
        yield


@pytest.fixture
def staff() -> Staff:
    return author()


@pytest.fixture
def study(staff: Staff) -> Study:
    return opened(staff)


def row_of(staff: Staff, study: Study, language: str = "nl") -> Respondent:
    return invited(staff, study, "Noord Bank", email="pers@noord.example", language=language)[0]


def after(days: float) -> list[Any]:
    """What was sent by then."""
    clock._frozen_ms = NOW + int(days * DAY_MS)
    for _ in range(5):
        jobs.run_due()
    return list(outbox.outbox)


def test_an_invitation_holds_the_link_and_goes_once(staff: Staff, study: Study) -> None:
    row = row_of(staff, study)
    invited(staff, study, "Zuid Bank")  # has no address
    assert reminders.waiting(study) == 1
    assert reminders.send(staff, study.obj) == 1
    assert reminders.send(staff, study.obj) == 0 and reminders.waiting(study) == 0
    [sent] = after(0)
    assert sent.to == ["pers@noord.example"] and invitations.link_of(row) in sent.body
    assert "Netwerken van banken" in sent.subject


def test_two_reminders_a_week_apart_and_no_third(staff: Staff, study: Study) -> None:
    row = row_of(staff, study)
    reminders.send(staff, study.obj)
    counts = [len(after(days)) for days in (0, 6.9, 7, 8, 13.9, 14, 21, 100)]
    assert counts == [1, 1, 2, 2, 2, 3, 3, 3]
    assert again(row).reminded == 2
    assert Entry.objects.filter(fact="measures.institution-reminded").count() == 2


@pytest.mark.parametrize("how", ["finished", "revoked", "closed"])
def test_who_need_not_be_reminded_is_not(staff: Staff, study: Study, how: str) -> None:
    row = row_of(staff, study)
    reminders.send(staff, study.obj)
    if how == "revoked":
        invitations.revoke(staff, study.obj, row.obj, reason="x")
    else:
        answered(row if how == "finished" else invited(staff, study, "Zuid Bank")[0], uses="no", value="1")
        if how == "closed":
            studies.close(staff, study.obj)
    assert len(after(30)) == 1


def test_whoever_presses_twice_reminds_once(staff: Staff, study: Study) -> None:
    row_of(staff, study)
    reminders.send(staff, study.obj)
    assert reminders.remind_now(staff, study.obj) == 0  # written to today
    after(APART_DAYS - 1)
    clock._frozen_ms = NOW + APART_DAYS * DAY_MS
    assert reminders.remind_now(staff, study.obj) == 1
    assert reminders.remind_now(staff, study.obj) == 0
    assert len(after(APART_DAYS + 0.1)) == 2


def test_without_a_mail_server_nobody_is_told_that_a_letter_went(
    staff: Staff, study: Study, settings: Any
) -> None:
    settings.MAIL_URL = ""
    row = row_of(staff, study)
    for act in (reminders.send, reminders.remind_now):
        with pytest.raises(NoMail):
            act(staff, study.obj)
    assert not again(row).sent_at


def test_only_who_manages_studies_writes(study: Study) -> None:
    from bankside.people.policy import NotYours

    with pytest.raises(NotYours):
        reminders.send(person("auditor"), study.obj)
