"""Letters to institutions: the invitation, and at most two reminders to those who have not finished.

A reminder is a job that looks again when it is due: whoever finished meanwhile, whose link was ended, or
whose study is closed is not written to. Without a mail server nothing is sent, and links are handed over by
hand.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction

from bankside.channels import mail
from bankside.measures import invitations, letters
from bankside.measures.models import Respondent, Study
from bankside.measures.study_rows import get_managed, locked
from bankside.people.models import Staff
from bankside.record import clock, jobs
from bankside.record.append import append
from bankside.record.facts.measures import InstitutionReminded
from bankside.record.models import Job
from bankside.said import Said

JOB: Final = "measures.remind"
REMINDERS_MAX: Final = 2
APART_DAYS: Final = 7
DAY_MS: Final = 86_400_000
ACTOR: Final = "s:reminders"


class NoMail(ValueError):
    """The desk has no mail server: links are handed over by hand."""


def send(staff: Staff, obj: str) -> int:
    """Writes to every institution that has a link and an address and was not written to yet; how many.

    Plans its reminders, a week apart. Raises NoMail, NotNow (not open).
    """
    get_managed(staff, obj)
    _refuse_without_mail()
    with transaction.atomic():
        study = locked(obj, Study.OPEN)
        rows = Respondent.objects.filter(study=study, sent_at=0, digest__isnull=False, finished_at=0)
        waiting = [row for row in rows.exclude(email=b"") if row.email]
        for row in waiting:
            row.study = study
            _write(row, reminder=0)
            row.sent_at = clock.now_ms()
            row.save(update_fields=["sent_at"])
            due = row.sent_at + APART_DAYS * DAY_MS
            jobs.enqueue(JOB, f"{JOB}:{row.obj}", due_ms=due, data={"respondent": row.obj})
    return len(waiting)


def remind_now(staff: Staff, obj: str) -> int:
    """Writes again to those who have not finished, at most twice each and never twice in a week; how many."""
    get_managed(staff, obj)
    _refuse_without_mail()
    with transaction.atomic():
        study = locked(obj, Study.OPEN)
        rows = list(Respondent.objects.filter(study=study, sent_at__gt=0, reminded__lt=REMINDERS_MAX))
        due = [row for row in rows if _may(row, study) and _rested(row)]
        for row in due:
            _remind(row, study, actor=staff.actor)
    return len(due)


@jobs.handler(JOB)
def remind(job: Job) -> int | None:
    """One reminder, when it is still wanted; the time of the next one, or None when there is none."""
    with transaction.atomic():
        row = Respondent.objects.select_related("study").filter(obj=str(job.data["respondent"])).first()
        if row is None or not _may(row, row.study):
            return None
        if not mail.ready():
            return clock.now_ms() + DAY_MS
        if _rested(row):
            _remind(row, row.study, actor=ACTOR)
    last = row.reminded_at or row.sent_at
    return last + APART_DAYS * DAY_MS if row.reminded < REMINDERS_MAX else None


def waiting(study: Study) -> int:
    """How many institutions have an address and a link and were not written to yet."""
    rows = Respondent.objects.filter(study=study, sent_at=0, digest__isnull=False, finished_at=0)
    return rows.exclude(email=b"").count()


def _may(row: Respondent, study: Study) -> bool:
    wanted = not row.finished_at and not row.revoked_at and row.reminded < REMINDERS_MAX
    return wanted and bool(row.email) and bool(row.digest) and study.state == Study.OPEN


def _rested(row: Respondent) -> bool:
    return clock.now_ms() - (row.reminded_at or row.sent_at) >= APART_DAYS * DAY_MS


def _remind(row: Respondent, study: Study, *, actor: str) -> None:
    row.study = study
    row.reminded, row.reminded_at = row.reminded + 1, clock.now_ms()
    row.save(update_fields=["reminded", "reminded_at"])
    _write(row, reminder=row.reminded)
    fact = InstitutionReminded(study=study.obj, respondent=row.obj, times=row.reminded)
    key = f"measures.institution-reminded:{row.obj}:{row.reminded}"
    append(fact, key, actor=actor, obj=study.obj)


def _write(row: Respondent, *, reminder: int) -> None:
    subject, text = letters.of(row, invitations.link_of(row), reminder=reminder)
    key = f"study:{row.obj}:{row.turn}:{reminder}"
    mail.post(to=invitations.email_of(row), subject=subject, text=text, key=key)


def _refuse_without_mail() -> None:
    if not mail.ready():
        raise NoMail(Said("The desk has no mail server. Hand the links over yourself."))
