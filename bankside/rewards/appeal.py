"""A member says that something is wrong with her points; a person answers."""

from __future__ import annotations

from typing import Final

from django.db import IntegrityError, transaction

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.rewards import AppealAnswered, AppealMade
from bankside.record.identifiers import kept
from bankside.rewards import receipt
from bankside.rewards.models import Appeal, Member
from bankside.rewards.taking_part import actor_of, subj_of
from bankside.said import Said

WORDS_CHARACTERS_MAX: Final = 1000
APPEALS_MAX: Final = 200
OPEN_MAX: Final = 20


class NoSuchAppeal(LookupError):
    """There is no such appeal."""


class WordsMissing(ValueError):
    """An appeal and its answer say something, in at most 1,000 characters."""


class AlreadyOpen(ValueError):
    """She has said so already, or has too many appeals open, and somebody will answer."""


class AlreadyAnswered(ValueError):
    """Somebody was quicker."""


def make(member: Member, source: str, words: str) -> Appeal:
    """She says what is wrong with an act of hers; a refusal may be appealed too.

    Her words go into the record under her own key. Raises NoSuchReceipt, WordsMissing, AlreadyOpen.
    """
    receipt.why(member, source)
    said = _said(words)
    try:
        with transaction.atomic():
            mine = list(Appeal.objects.select_for_update().filter(member=member, answered_at=0))
            if len(mine) >= OPEN_MAX or any(row.source == source for row in mine):
                raise AlreadyOpen(Said("You have said so already. A person will look and answer."))
            row = Appeal.objects.create(member=member, source=source, words=said, made_at=clock.now_ms())
            fact = AppealMade(appeal=row.obj, member=member.obj, source=source, words=said)
            key = f"rewards.appeal-made:{row.obj}"
            append(fact, key, actor=actor_of(member), obj=row.obj, subj=subj_of(member))
    except IntegrityError:  # the button was pressed twice at the same moment
        raise AlreadyOpen(Said("You have said so already. A person will look and answer.")) from None
    return row


def mine(member: Member) -> list[Appeal]:
    """Her appeals, newest first."""
    return list(Appeal.objects.filter(member=member).order_by("-pk")[:APPEALS_MAX])


def waiting(staff: Staff) -> list[Appeal]:
    """Appeals that nobody answered, oldest first."""
    policy.require(staff, "review.see")
    found = Appeal.objects.filter(answered_at=0).select_related("member").order_by("made_at", "pk")
    return list(found[:APPEALS_MAX])


def answer(staff: Staff, obj: str, words: str) -> Appeal:
    """A person answers; the member sees it beside her receipt. The same person twice is once."""
    policy.require(staff, "review.decide")
    said = _said(words)
    with transaction.atomic():
        rows = Appeal.objects.select_for_update(of=("self",)).select_related("member")
        row = rows.filter(obj=obj).first()
        if row is None:
            raise NoSuchAppeal(Said("There is no such appeal."))
        if row.answered_at:
            if (row.answered_by, row.answer) == (staff.uid, said):
                return row
            raise AlreadyAnswered(Said("Somebody else was quicker: this appeal was answered already."))
        row.answer, row.answered_at, row.answered_by = said, clock.now_ms(), staff.uid
        row.save(update_fields=["answer", "answered_at", "answered_by"])
        fact = AppealAnswered(appeal=row.obj, member=row.member.obj, words=said)
        key = f"rewards.appeal-answered:{row.obj}"
        append(fact, key, actor=staff.actor, obj=row.obj, subj=subj_of(row.member))
    return row


def _said(words: str) -> str:
    said = kept(words.strip())
    if not 0 < len(said) <= WORDS_CHARACTERS_MAX:
        raise WordsMissing(Said("Say it in 1 to %(number)s characters.", number=WORDS_CHARACTERS_MAX))
    return said
