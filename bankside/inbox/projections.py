"""Conversations as they follow from the record: who said what to us, what we answered, what waits.

What was said is in `arriving.py`, how our answers fare is in `answering.py`. Nothing here reads a clock, a
setting or a model: the same entries always give the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bankside.inbox import acts, answering, arriving, gathered, picturing, wording
from bankside.inbox.models import Act, Conversation, Event, Message, Wording
from bankside.record.append import Entry
from bankside.record.facts.approvals import ApprovalGiven, SentBack
from bankside.record.facts.channels import (
    ActivityChanged,
    ActivityReceived,
    ActivityRemoved,
    AttemptStarted,
    DeliveryDelayed,
    DeliveryRefused,
    DeliveryRequested,
    DeliveryUncertain,
    DeliveryWithdrawn,
    DoubtDecided,
    HandedOver,
    PictureKept,
    PictureMissed,
    PostPublished,
)
from bankside.record.facts.inbox import (
    ConversationAssigned,
    ConversationClosed,
    ConversationReopened,
    MessageTriaged,
    NoteWritten,
    ReplyWithdrawn,
    ReplyWritten,
)
from bankside.record.projection import Projection


class Inbox(Projection):
    """Conversation, Message, Event, Wording, Act. Likes, follows and shares open nothing."""

    name = "inbox.conversations"
    tables = (Conversation, Message, Event, Wording, Act)
    facts = (
        ActivityReceived, ActivityChanged, ActivityRemoved, PictureKept, PictureMissed, MessageTriaged,
        ConversationAssigned, ConversationClosed, ConversationReopened,
        NoteWritten, ReplyWritten, ReplyWithdrawn, ApprovalGiven, SentBack,
        DeliveryRequested, AttemptStarted, DeliveryDelayed, DeliveryRefused, DeliveryUncertain,
        DeliveryWithdrawn, DoubtDecided, HandedOver, PostPublished,
    )  # fmt: skip

    @contextmanager
    def batch(self, told: Sequence[tuple[Entry, Any]]) -> Iterator[None]:
        """Rows are read before a batch; they are written, and words go into the index, at its end."""
        objs = {entry.obj for entry, fact in told if fact is None or isinstance(fact, ActivityReceived)}
        sorted_now = {fact.entry for _, fact in told if isinstance(fact, MessageTriaged)}
        erased = {entry.n: entry.id for entry, fact in told if fact is None}
        acts.erased(erased)
        with wording.together(), gathered.together(objs, sorted_now, erased):
            yield

    def apply(self, entry: Entry, fact: Any) -> None:
        """Changes the rows of one conversation for one entry."""
        pictured = entry.key.startswith(picturing.KEYS)
        if fact is None and not pictured and gathered.was_never_said(entry.n):
            arriving.never_said(entry)
            return
        if not arriving.is_alone(fact):
            gathered.write()
        match fact:
            case None if pictured:
                picturing.erased(entry)
            case None:
                acts.erased([entry.n])
                arriving.erased(entry)
            case ActivityReceived() if fact.seen.verb in acts.VERBS:
                acts.done(entry, fact)
            case PictureKept():
                picturing.kept(entry, fact)
            case PictureMissed():
                picturing.missed(entry, fact)
            case ActivityReceived() | ActivityChanged():
                arriving.seen(entry, fact)
            case ActivityRemoved():
                arriving.removed(entry, fact)
            case MessageTriaged():
                arriving.triaged(entry, fact)
            case ConversationAssigned():
                _event(entry, "assigned", fact.to, assignee=fact.to)
            case ConversationClosed():
                _event(entry, "closed", fact.reason, state=Conversation.CLOSED, settled=entry.n)
            case ConversationReopened():
                _event(entry, "reopened", fact.by, state=Conversation.OPEN)
            case NoteWritten():
                answering.noted(entry, fact)
            case ReplyWritten():
                answering.written(entry, fact)
            case _:
                answering.fared(entry, fact)


INBOX = Inbox()


def _event(entry: Entry, what: str, detail: str, **changes: Any) -> None:
    """What somebody did with the conversation. Nothing, for a conversation that was never seen."""
    row = Conversation.objects.filter(obj=entry.obj).first()
    if row is None:
        return
    for name, value in changes.items():
        setattr(row, name, value)
    arriving.happened(entry, row, what, detail)
    arriving.renew(entry, row)
