"""Reports by mail: on the right morning, once for each address and period, never after their end."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox

from bankside.channels import mail
from bankside.measures import mailing
from bankside.measures.models import Mailing
from bankside.people import policy, staff
from bankside.people.models import Staff
from bankside.record import clock, jobs
from bankside.record.models import Entry, Job

pytestmark = pytest.mark.django_db
SEOUL = ZoneInfo("Asia/Seoul")
NOW = clock.from_iso("2026-11-24T10:00:00Z")  # a Tuesday
BOARD = ["board@hanul.example", "raad@hanul.example"]


@pytest.fixture(autouse=True)
def _mail(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.MAIL_URL = "memory:"
    outbox.outbox = []
    monkeypatch.setattr(clock, "_frozen_ms", NOW)
    yield


@pytest.fixture
def her() -> Staff:
    who = staff.add("compliance@hanulbank.example", "Jiho", role="compliance", team=None)
    Staff.objects.filter(pk=who.pk).update(zone="Asia/Seoul")
    who.refresh_from_db()
    return who


def order(her: Staff, every: str = "week", **how: Any) -> Mailing:
    return mailing.order(her, **{"every": every, "language": "ko", "addresses": BOARD, **how})


def local(ms: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(ms / 1000, SEOUL)


def test_it_is_due_on_monday_or_the_first_at_seven_where_she_is(her: Staff) -> None:
    weekly, monthly = order(her), order(her, "month")
    due = {job.data["mailing"]: local(job.due_at) for job in Job.objects.filter(kind=mailing.JOB)}
    assert due[weekly.obj] == datetime.datetime(2026, 11, 30, 7, tzinfo=SEOUL)
    assert due[monthly.obj] == datetime.datetime(2026, 12, 1, 7, tzinfo=SEOUL)
    again = mailing.due_after(weekly, int(due[weekly.obj].timestamp() * 1000))
    assert local(again) == datetime.datetime(2026, 12, 7, 7, tzinfo=SEOUL)


def test_the_report_is_about_the_whole_week_or_month_before(her: Staff) -> None:
    at = int(datetime.datetime(2026, 12, 1, 7, tzinfo=SEOUL).timestamp() * 1000)
    week, month = mailing.period_of(order(her), at), mailing.period_of(order(her, "month"), at)
    assert (week.first.isoformat(), week.last.isoformat()) == ("2026-11-23", "2026-11-29")
    assert (month.first.isoformat(), month.last.isoformat()) == ("2026-11-01", "2026-11-30")


def test_one_mail_for_each_address_and_period(her: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    row = order(her, addresses=[*BOARD, BOARD[0], "  "])
    monday = NOW + 6 * 86_400_000
    for times in range(3):
        monkeypatch.setattr(clock, "_frozen_ms", monday + times * 60_000)
        Job.objects.filter(kind=mailing.JOB).update(due_at=monday)
        jobs.run_due()
        jobs.run_due()
    assert sorted(one.to[0] for one in outbox.outbox) == sorted(BOARD)
    assert all(one.attachments[0][1].startswith(b"%PDF") for one in outbox.outbox)
    assert Mailing.objects.get(pk=row.pk).sent_at
    later = monday + 7 * 86_400_000
    monkeypatch.setattr(clock, "_frozen_ms", later)
    Job.objects.filter(kind=mailing.JOB).update(due_at=later)
    jobs.run_due()
    jobs.run_due()
    assert len(outbox.outbox) == 4


def test_nothing_is_sent_after_the_end_or_when_she_has_left(her: Staff) -> None:
    row, other = order(her), order(her)
    mailing.end(her, row.obj)
    assert not mailing.addresses_of(Mailing.objects.get(pk=row.pk))
    with pytest.raises(mailing.NoSuchMailing):
        mailing.end(her, row.obj)
    Staff.objects.filter(pk=her.pk).update(is_active=False)
    Job.objects.filter(kind=mailing.JOB).update(due_at=NOW)
    jobs.run_due()
    jobs.run_due()
    assert outbox.outbox == [] and Job.objects.get(data__mailing=other.obj).state == Job.DONE
    facts = list(Entry.objects.filter(fact__startswith="measures.report").values_list("fact", flat=True))
    assert sorted(facts) == ["measures.report-ended", "measures.report-ordered", "measures.report-ordered"]


def test_what_cannot_be_ordered(her: Staff, settings: Any) -> None:
    many = [f"a{n}@hanul.example" for n in range(51)]
    orders: list[dict[str, Any]] = [
        {"addresses": []}, {"every": "day"}, {"language": "fr"}, {"addresses": many},
    ]  # fmt: skip
    for wrong in orders:
        with pytest.raises(mailing.WrongOrder):
            order(her, **wrong)
    with pytest.raises(mail.WrongAddress):
        order(her, addresses=["board"])
    with pytest.raises(policy.NotYours):
        order(staff.add("author@hanulbank.example", "Pieter", role="author", team=None))
    settings.MAIL_URL = ""
    with pytest.raises(mailing.NoMailServer):
        order(her)
    assert not Mailing.objects.exists() and not Job.objects.exists()
