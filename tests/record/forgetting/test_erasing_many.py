"""Target 8 of record.md: ten thousand entries of one person are unreadable within sixty seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import transaction

from bankside.inbox.models import Message
from bankside.inbox.projections import INBOX
from bankside.record import projection, subjects
from bankside.record.append import Draft, append_many
from bankside.record.facts import channels as facts
from bankside.record.forgetting import erasing, shredding
from bankside.record.forgetting.covered import Scope
from bankside.record.ids import new_id
from bankside.record.lane import lane_count, lane_of
from bankside.record.models import Entry, Payload
from tests.inbox.story import CHANNEL, tables
from tests.inbox.story import rebuilt as rebuilt_tables

OFFICER, SECOND = "u:" + "1" * 32, "u:" + "2" * 32
SECONDS_MAX = 60.0
CONVERSATIONS = 50


def speak(entries: int) -> str:
    """So many entries of one person: half in one long exchange, the others in fifty short ones."""
    subj = subjects.subject_of("practice", "account:many")
    long, others = new_id(), [new_id() for _ in range(CONVERSATIONS)]
    for start in range(0, entries, 1000):
        drafts = []
        for n in range(start, min(start + 1000, entries)):
            obj = long if n % 2 else others[n % CONVERSATIONS]
            seen = facts.Seen(
                remote_id=f"m:{n}", version="1", verb="Create", kind="Note", text=f"비밀 marker-9 {n}",
                actor=facts.ActorSeen(remote_id="account:many", name="박서연"), thread=obj, private=True,
            )  # fmt: skip
            fact = facts.ActivityReceived(channel=CHANNEL, network="practice", seen=seen, via="poll")
            drafts.append(
                Draft(
                    fact=fact, key=f"many:{n}", actor="s:intake", obj=obj, subj=subj,
                    lane=lane_of("practice", CHANNEL, obj),
                )
            )  # fmt: skip
        with transaction.atomic():
            append_many(sorted(drafts, key=lambda draft: draft.lane))
    return subj


@pytest.mark.django_db
@pytest.mark.parametrize("entries", [600, pytest.param(10_000, marks=pytest.mark.long)])
def test_many_entries_of_one_person_are_gone_within_a_minute(
    entries: int, record_property: Callable[[str, object], None]
) -> None:
    subj = speak(entries)
    follow()
    assert Message.objects.filter(text__contains="marker-9").count() == entries
    row = erasing.ask(OFFICER, Scope(subj), "GDPR-17")
    begun, worked = time.monotonic(), time.process_time()
    erasing.agree(SECOND, row.obj)
    decided = time.monotonic() - begun
    while not shredding.drive(row.obj):
        pass
    took, worked = time.monotonic() - begun, time.process_time() - worked
    told = f"{entries} entries: decided in {decided:.2f} s, gone in {took:.2f} s"
    record_property("told", f"{told} ({worked:.2f} s of processor)")
    assert not Message.objects.filter(text__contains="marker-9").exists()
    assert not Payload.objects.filter(n__in=Entry.objects.filter(subj=subj).values("n")).exists()
    assert took < SECONDS_MAX
    if entries < 1000:
        living = tables()
        assert rebuilt_tables() == living


def follow() -> None:
    for lane in range(lane_count()):
        while projection.catch_up(INBOX, lane):
            pass
