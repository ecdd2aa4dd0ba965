"""Mail of the desk: reports and reminders, by the bank's own mail server, each sent at most once.

A mail is a job under a key. That it is being handed over is written first; when the answer of the server is
lost, nobody knows whether it went, and it is not sent again. A server that says no, or is not reached, is
asked again with growing waits. What a mail says is sealed while it waits, and dropped once it is settled.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email

from bankside.record import clock, jobs, sealed
from bankside.record.models import Job
from bankside.said import Said

JOB: Final = "channels.mail"
KEY: Final = "delivery"  # the key class under which words wait to be sent
WAITING, SENT, REFUSED, UNKNOWN = "waiting", "sent", "refused", "unknown"
TRIES_MAX = 8
BACKOFF_SECONDS, BACKOFF_SECONDS_MAX = 30, 3_600
TIMEOUT_SECONDS = 30
LEASE_SECONDS = 300
BYTES_MAX = 8_000_000
SUBJECT_CHARACTERS_MAX, TEXT_CHARACTERS_MAX = 200, 100_000
_BACKENDS: Final = {
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "smtp+tls": "django.core.mail.backends.smtp.EmailBackend",
    "smtps": "django.core.mail.backends.smtp.EmailBackend",
    "folder": "django.core.mail.backends.filebased.EmailBackend",
    "memory": "django.core.mail.backends.locmem.EmailBackend",
}
log = logging.getLogger(__name__)


class WrongAddress(ValueError):
    """No mail can be sent to this address."""


class TooLarge(ValueError):
    """A mail with its files is larger than servers take."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail; `kind` is its media type."""

    name: str
    kind: str
    body: bytes


def ready() -> bool:
    """Whether a mail server is set up (`BANKSIDE_MAIL_URL`); without one nothing is ever put on the table."""
    return bool(settings.MAIL_URL)


def post(*, to: str, subject: str, text: str, key: str, attachments: Sequence[Attachment] = ()) -> bool:
    """Puts a mail on the table in the caller's transaction. False: its key is known, or no server is set up.

    WrongAddress when nobody can have this address, TooLarge when it has more than 8 MB of files.
    """
    if not ready():
        return False
    proved(to)
    if sum(len(one.body) for one in attachments) > BYTES_MAX:
        raise TooLarge(Said("The files of a mail have at most 8 MB."))
    files = [
        {"name": one.name, "kind": one.kind, "body": base64.b64encode(one.body).decode()}
        for one in attachments
    ]
    said = {
        "to": to, "subject": " ".join(subject.split())[:SUBJECT_CHARACTERS_MAX],
        "text": text[:TEXT_CHARACTERS_MAX], "files": files,
    }  # fmt: skip
    name = f"{JOB}:{key}"
    shut = sealed.seal(KEY, json.dumps(said).encode(), name)
    data = {"sealed": base64.b64encode(shut).decode(), "tries": 0}
    return jobs.enqueue(JOB, name, due_ms=clock.now_ms(), data=data)


def outcome(key: str) -> str:
    """What became of a mail: `waiting`, `sent`, `refused`, `unknown`; empty when there is none of it."""
    data = Job.objects.filter(key=f"{JOB}:{key}").values_list("data", flat=True).first()
    return "" if data is None else str(data.get("outcome", WAITING))


@jobs.handler(JOB)
def send(job: Job) -> int | jobs.Errand[int] | None:
    """Hands one mail over. One whose handing over began and whose answer is not known is let be."""
    if "outcome" in job.data:
        return None
    if job.data.get("begun"):
        return _settled(job, UNKNOWN)
    if not ready():
        return _later(job)
    message = _message(job)
    _keep(job, {**job.data, "begun": True})
    return jobs.Errand(
        work=message.send, after=lambda answer: _after(job, answer), lease_seconds=LEASE_SECONDS
    )


def _after(job: Job, answer: int | Exception) -> int | None:
    match answer:
        case int():
            return _settled(job, SENT if answer else REFUSED)
        case smtplib.SMTPResponseException() if 500 <= answer.smtp_code < 600:
            return _settled(job, REFUSED)
        case smtplib.SMTPRecipientsRefused():
            return _settled(job, REFUSED)
        case smtplib.SMTPResponseException() | ConnectionRefusedError() | smtplib.SMTPConnectError():
            return _later(job)
        case _:
            # the line broke or fell silent: perhaps it went, perhaps not
            return _settled(job, UNKNOWN)


def _later(job: Job) -> int | None:
    """Asked again after a wait that doubles; refused after the eighth time."""
    tries = int(job.data.get("tries", 0)) + 1
    if tries >= TRIES_MAX:
        return _settled(job, REFUSED)
    _keep(job, {**job.data, "begun": False, "tries": tries})
    wait_seconds: int = min(BACKOFF_SECONDS * 2**tries, BACKOFF_SECONDS_MAX)
    return clock.now_ms() + wait_seconds * 1000


def _settled(job: Job, how: str) -> int | None:
    """Only what became of it is kept: no address, no words."""
    if how != SENT:
        log.warning("mail %s: %s", job.pk, how)
    _keep(job, {"outcome": how})
    return None


def _keep(job: Job, data: dict[str, Any]) -> None:
    job.data = data
    Job.objects.filter(pk=job.pk).update(data=data)


def _message(job: Job) -> EmailMessage:
    data = json.loads(sealed.unseal(KEY, base64.b64decode(job.data["sealed"]), job.key))
    name = hashlib.sha256(job.key.encode()).hexdigest()[:32]
    message = EmailMessage(
        subject=data["subject"], body=data["text"], from_email=settings.MAIL_FROM, to=[data["to"]],
        headers={"Message-ID": f"<{name}@{settings.PUBLIC_HOST}>", "Auto-Submitted": "auto-generated"},
        connection=_connection(),
    )  # fmt: skip
    for one in data["files"]:
        message.attach(one["name"], base64.b64decode(one["body"]), one["kind"])
    return message


def _connection() -> Any:
    """As `BANKSIDE_MAIL_URL` says; ValueError when it says something else than smtp, smtp+tls or smtps."""
    parts = urlsplit(settings.MAIL_URL)
    if parts.scheme not in _BACKENDS:
        raise ValueError(f"BANKSIDE_MAIL_URL: {parts.scheme!r} is not known; use smtp:, smtp+tls: or smtps:")
    if parts.scheme == "memory":
        return get_connection(_BACKENDS["memory"])
    if parts.scheme == "folder":
        return get_connection(_BACKENDS["folder"], file_path=unquote(parts.path))
    return get_connection(
        _BACKENDS[parts.scheme], host=parts.hostname or "localhost",
        port=parts.port or {"smtps": 465, "smtp+tls": 587}.get(parts.scheme, 25),
        username=unquote(parts.username or ""), password=unquote(parts.password or ""),
        use_tls=parts.scheme == "smtp+tls", use_ssl=parts.scheme == "smtps", timeout=TIMEOUT_SECONDS,
    )  # fmt: skip


def proved(to: str) -> None:
    """Raises WrongAddress when nobody can have this address."""
    try:
        validate_email(to)
    except ValidationError as error:
        raise WrongAddress(Said("%(address)s is no address of mail.", address=to[:80])) from error
