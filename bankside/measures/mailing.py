"""Reports by mail: ordered, listed, ended. What is in one is put together where it is sent (web/measured).

Each is one job that comes again: on Monday morning, or on the first morning of a month, in the zone of who
ordered it. A mail has a key of report, period and address, so that nobody gets the same one twice.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from bankside.channels import mail
from bankside.measures import period as periods
from bankside.measures.figures import zone_of
from bankside.measures.mailing_tables import Mailing
from bankside.measures.period import Period
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, jobs, sealed
from bankside.record.append import append
from bankside.record.facts.measures import ReportEnded, ReportOrdered
from bankside.said import Said

JOB: Final = "measures.report"
ACT: Final = "measures.decide"
KEY: Final = "study"
EVERY: Final = (Mailing.WEEK, Mailing.MONTH)
LANGUAGES: Final = ("en", "ko", "zh-hans", "nl")
ADDRESSES_MAX, MAILINGS_MAX = 50, 50
HOUR: Final = 7


class NoMailServer(ValueError):
    """No mail can be sent from this desk."""


class WrongOrder(ValueError):
    """A report cannot be ordered so; the message says what is wrong."""


class NoSuchMailing(LookupError):
    """There is no such report."""


def order(staff: Staff, *, every: str, language: str, addresses: Sequence[str]) -> Mailing:
    """From now on. Raises NotYours, NoMailServer, WrongOrder and mail.WrongAddress."""
    policy.require(staff, ACT)
    if not mail.ready():
        raise NoMailServer(Said("No mail server is set up, so nothing can be sent."))
    told = _proved(every, language, addresses)
    with transaction.atomic():
        row = Mailing(every=every, language=language, count=len(told), author=staff, made_at=clock.now_ms())
        row.addresses = sealed.seal(KEY, json.dumps(told).encode(), f"mailing:{row.obj}")
        row.save()
        data = {"mailing": row.obj}
        jobs.enqueue(JOB, f"{JOB}:{row.obj}", due_ms=due_after(row, clock.now_ms()), data=data)
        fact = ReportOrdered(report=row.obj, every=every, language=language, addresses=len(told))
        append(fact, f"measures.report-ordered:{row.obj}", actor=staff.actor, obj=row.obj)
    return row


def end(staff: Staff, obj: str) -> None:
    """Nothing more is sent. Raises NotYours, NoSuchMailing."""
    policy.require(staff, ACT)
    with transaction.atomic():
        row = Mailing.objects.select_for_update().filter(obj=obj, ended_at=0).first()
        if row is None:
            raise NoSuchMailing(Said("This report is not sent any more."))
        row.ended_at = clock.now_ms()
        row.addresses = b""
        row.save(update_fields=["ended_at", "addresses"])
        jobs.cancel(f"{JOB}:{obj}")
        append(
            ReportEnded(report=obj), f"measures.report-ended:{obj}", actor=staff.actor, obj=obj,
        )  # fmt: skip


def going(staff: Staff) -> list[Mailing]:
    """The reports that go out, newest first. Raises NotYours."""
    policy.require(staff, ACT)
    rows = Mailing.objects.filter(ended_at=0).select_related("author").order_by("-pk")
    return list(rows[:MAILINGS_MAX])


def get_going(obj: str) -> Mailing | None:
    """The one of this obj, while it goes on."""
    return Mailing.objects.filter(obj=obj, ended_at=0).select_related("author").first()


def addresses_of(row: Mailing) -> list[str]:
    """Who gets it; nobody once it has ended."""
    if not row.addresses:
        return []
    return list(json.loads(sealed.unseal(KEY, bytes(row.addresses), f"mailing:{row.obj}")))


def period_of(row: Mailing, now_ms: int) -> Period:
    """What the report is about that is due now: the last whole week, or the month before this one."""
    zone = zone_of(row.author)
    if row.every == Mailing.WEEK:
        return periods.named("week", zone, now_ms)
    first = _today(zone, now_ms).replace(day=1)
    last = first - datetime.timedelta(days=1)
    return periods.chosen(last.replace(day=1), last, zone)


def due_after(row: Mailing, now_ms: int) -> int:
    """The next morning on which it is sent, in UTC ms: a Monday, or the first of a month, at seven."""
    zone = zone_of(row.author)
    day = _today(zone, now_ms)
    for _ in range(63):
        at = datetime.datetime(day.year, day.month, day.day, HOUR, tzinfo=ZoneInfo(zone))
        is_day = day.weekday() == 0 if row.every == Mailing.WEEK else day.day == 1
        if is_day and int(at.timestamp() * 1000) > now_ms:
            return int(at.timestamp() * 1000)
        day += datetime.timedelta(days=1)
    raise AssertionError("two months have a Monday and a first day")


def send(
    row: Mailing, about: Period, *, subject: str, text: str, attachments: Sequence[mail.Attachment]
) -> int:
    """Puts a mail for each address on the table; how many are new."""
    sent = 0
    with transaction.atomic():
        for address in addresses_of(row):
            who = hashlib.sha256(address.encode()).hexdigest()[:16]
            key = f"report:{row.obj}:{about.first.isoformat()}:{who}"
            sent += mail.post(to=address, subject=subject, text=text, key=key, attachments=attachments)
        Mailing.objects.filter(pk=row.pk).update(sent_at=clock.now_ms())
    return sent


def _proved(every: str, language: str, addresses: Sequence[str]) -> list[str]:
    told = list(dict.fromkeys(one.strip() for one in addresses if one.strip()))
    if every not in EVERY or language not in LANGUAGES:
        raise WrongOrder(Said("Choose how often and in which language."))
    if not 0 < len(told) <= ADDRESSES_MAX:
        raise WrongOrder(
            Said("A report goes to one address at least, and to %(n)s at most.", n=ADDRESSES_MAX)
        )
    if len(Mailing.objects.filter(ended_at=0)[:MAILINGS_MAX]) >= MAILINGS_MAX:
        raise WrongOrder(Said("There are %(n)s reports already. End one first.", n=MAILINGS_MAX))
    for one in told:
        mail.proved(one)
    return told


def _today(zone: str, now_ms: int) -> datetime.date:
    return datetime.datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone)).date()
