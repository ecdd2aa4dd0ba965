"""Mail goes once: by key, with its words dropped, and never again when the server's answer was lost."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMessage

from bankside.channels import mail
from bankside.record import clock, jobs
from bankside.record.models import Job

pytestmark = pytest.mark.usefixtures("db")
NOW = clock.from_iso("2026-11-24T10:00:00Z")


@pytest.fixture(autouse=True)
def server(settings: Any) -> Iterator[None]:
    settings.MAIL_URL = "memory:"
    outbox.outbox = []
    with clock.frozen(NOW):
        yield


def put(key: str = "report:1", **how: Any) -> bool:
    given = {"to": "board@hanul.example", "subject": "Measures", "text": "수치\n", **how}
    return mail.post(key=key, **given)


def failing(monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    def refuse(self: EmailMessage, fail_silently: bool = False) -> int:
        raise trouble

    monkeypatch.setattr(EmailMessage, "send", refuse)


def test_one_mail_goes_once_and_its_words_are_dropped() -> None:
    assert put(attachments=[mail.Attachment("a.pdf", "application/pdf", b"%PDF-1.7")])
    assert not put(text="again")
    assert mail.outcome("report:1") == mail.WAITING
    assert "hanul" not in str(Job.objects.get().data) and "수치" not in str(Job.objects.get().data)
    assert jobs.run_due() == 1 and jobs.run_due() == 0
    (sent,) = outbox.outbox
    assert (sent.to, sent.subject, sent.body) == (["board@hanul.example"], "Measures", "수치\n")
    assert sent.attachments[0][0] == "a.pdf" and sent.attachments[0][1] == b"%PDF-1.7"
    assert mail.outcome("report:1") == mail.SENT
    assert Job.objects.get().data == {"outcome": mail.SENT}
    assert not put()


def test_a_worker_that_died_while_it_sent_leaves_it_unknown() -> None:
    put()
    job = Job.objects.get()
    Job.objects.update(data={**job.data, "begun": True})
    jobs.run_due()
    assert outbox.outbox == [] and mail.outcome("report:1") == mail.UNKNOWN


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (TimeoutError(), mail.UNKNOWN),
        (smtplib.SMTPServerDisconnected("gone"), mail.UNKNOWN),
        (smtplib.SMTPRecipientsRefused({}), mail.REFUSED),
        (smtplib.SMTPDataError(554, b"no"), mail.REFUSED),
        (smtplib.SMTPDataError(451, b"later"), mail.WAITING),
        (ConnectionRefusedError(), mail.WAITING),
    ],
)
def test_what_the_server_says(monkeypatch: pytest.MonkeyPatch, trouble: Exception, outcome: str) -> None:
    put()
    failing(monkeypatch, trouble)
    jobs.run_due()
    assert mail.outcome("report:1") == outcome


def test_it_is_given_up_after_eight_times(monkeypatch: pytest.MonkeyPatch) -> None:
    put()
    failing(monkeypatch, ConnectionRefusedError())
    for hours in range(mail.TRIES_MAX):
        with clock.frozen(NOW + hours * 3_700_000):
            assert jobs.run_due() == 1
    assert mail.outcome("report:1") == mail.REFUSED


def test_nothing_is_put_on_the_table_without_a_server(settings: Any) -> None:
    settings.MAIL_URL = ""
    assert not mail.ready() and not put()
    assert not Job.objects.exists() and mail.outcome("report:1") == ""


def test_no_line_is_added_to_the_head_of_a_mail() -> None:
    put(subject="Measures\r\nBcc: all@hanul.example")
    jobs.run_due()
    assert outbox.outbox[0].subject == "Measures Bcc: all@hanul.example"
    with pytest.raises(mail.WrongAddress):
        put("2", to="a@hanul.example\nBcc: b@hanul.example")
    with pytest.raises(mail.TooLarge):
        put("3", attachments=[mail.Attachment("a", "text/plain", b"x" * (mail.BYTES_MAX + 1))])


def test_the_address_of_the_server(settings: Any, tmp_path: Path) -> None:
    settings.MAIL_URL = "smtp+tls://desk:p%40ss@mail.hanul.example:587"
    made = mail._connection()
    assert (made.host, made.port, made.username, made.password) == (
        "mail.hanul.example", 587, "desk", "p@ss",
    )  # fmt: skip
    assert made.use_tls and not made.use_ssl
    settings.MAIL_URL = "gopher://x"
    with pytest.raises(ValueError, match="gopher"):
        mail._connection()
    settings.MAIL_URL = f"folder:{tmp_path}"
    put()
    jobs.run_due()
    assert len(list(tmp_path.glob("*.log"))) == 1
