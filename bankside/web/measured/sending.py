"""Sends reports that are due: read in the worker's thread, drawn in another one, posted once an address."""

from __future__ import annotations

from typing import Final

from bankside.channels.mail import Attachment
from bankside.measures import figures, mailing
from bankside.measures.mailing_tables import Mailing
from bankside.measures.period import Period
from bankside.people import policy
from bankside.record import clock, jobs
from bankside.record.models import Job
from bankside.web.measured import document

PDF: Final = "application/pdf"
DRAW_SECONDS_MAX = 120


@jobs.handler(mailing.JOB)
def report(job: Job) -> int | jobs.Errand[bytes] | None:
    """One report that is due; None when it goes out no longer. Whoever ordered it must still be here."""
    row = mailing.get_going(job.data["mailing"])
    if row is None or not policy.may(row.author, mailing.ACT):
        return None
    period = mailing.period_of(row, clock.now_ms())
    found = figures.of(row.author, period)
    paper = document.composed(found, row.language)
    subject, letter = document.subject(found, row.language), document.letter(found, row.language)
    found.close()

    def after(drawn: bytes | Exception) -> int | None:
        if isinstance(drawn, Exception):
            raise drawn
        return _sent(row, period, subject, letter, drawn)

    return jobs.Errand(work=paper.pdf, after=after, lease_seconds=DRAW_SECONDS_MAX)


def _sent(row: Mailing, period: Period, subject: str, letter: str, drawn: bytes) -> int:
    name = f"measures-{period.first.isoformat()}-{period.last.isoformat()}.pdf"
    mailing.send(row, period, subject=subject, text=letter, attachments=[Attachment(name, PDF, drawn)])
    return mailing.due_after(row, clock.now_ms())
