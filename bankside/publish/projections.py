"""The story of every post and how it fares on each channel, as they follow from the record."""

from __future__ import annotations

from typing import Any

from bankside.publish.models import Happening, Outcome
from bankside.record.append import Entry
from bankside.record.facts.approvals import ApprovalGiven, ApprovalVoid, SentBack
from bankside.record.facts.channels import (
    AttemptStarted,
    DeliveryDelayed,
    DeliveryRefused,
    DeliveryRequested,
    DeliveryUncertain,
    DeliveryWithdrawn,
    DoubtDecided,
    HandedOver,
    PostedByHand,
    PostPublished,
)
from bankside.record.facts.publish import (
    PostDiscarded,
    PostEdited,
    PostScheduled,
    PostSubmitted,
    PostUnscheduled,
)
from bankside.record.projection import Projection
from bankside.said import Said

PLANNED, SENDING, DELAYED, HELD, BY_HAND, LOOKING, UNCERTAIN, REFUSED, SENT, WITHDRAWN = (
    "planned", "sending", "delayed", "held", "by-hand", "looking", "uncertain", "refused", "sent",
    "withdrawn",
)  # fmt: skip
"""`Outcome.state`. Looking: the desk looks whether it arrived; uncertain: a person must look."""

ON_THE_WAY = frozenset({PLANNED, SENDING, DELAYED, HELD, REFUSED})


class Posts(Projection):
    """Outcome and Happening. All facts of one delivery are in one lane, and so in order."""

    name = "publish.posts"
    tables = (Outcome, Happening)
    facts = (
        PostSubmitted, PostEdited, PostScheduled, PostUnscheduled, PostDiscarded,
        ApprovalGiven, SentBack, ApprovalVoid,
        DeliveryRequested, AttemptStarted, DeliveryDelayed, DeliveryRefused, DeliveryUncertain,
        DeliveryWithdrawn, DoubtDecided, HandedOver, PostedByHand, PostPublished,
    )  # fmt: skip

    def apply(self, entry: Entry, fact: Any) -> None:
        """A line in the post's story, and what it changes for one channel."""
        if not _about_a_post(entry, fact):
            return
        Happening.objects.create(
            id=entry.n, post=entry.obj, version=getattr(fact, "version", ""),
            channel=getattr(fact, "channel", ""), what=entry.fact.partition(".")[2], actor=entry.actor,
            at=entry.t, note=_note(fact), due_at=getattr(fact, "due_ms", 0),
        )  # fmt: skip
        if isinstance(fact, DeliveryRequested):
            Outcome.objects.create(
                id=entry.n, post=entry.obj, version=fact.version, channel=fact.channel,
                delivery=fact.delivery, state=PLANNED, due_at=fact.due_ms, at=entry.t,
            )  # fmt: skip
        elif hasattr(fact, "delivery"):
            _fare(entry, fact)


POSTS = Posts()


def _about_a_post(entry: Entry, fact: Any) -> bool:
    """Erased entries tell only what their leaf says: those of this room are still about a post."""
    if fact is None:
        return entry.fact.startswith("publish.")
    return getattr(fact, "purpose", "post") == "post" and getattr(fact, "kind", "post") == "post"


def _note(fact: Any) -> str:
    match fact:
        case DoubtDecided():
            return f"{fact.decision}: {fact.evidence}"
        case PostPublished():
            return fact.url
        case PostedByHand(same=False):
            return Said("Other words than the approved ones stand there.")
        case _:
            return str(getattr(fact, "reason", ""))


def _fare(entry: Entry, fact: Any) -> None:
    row = Outcome.objects.filter(delivery=fact.delivery).first()
    if row is None or row.state == SENT:
        return
    row.state, row.note = _next(row, fact)
    row.at = entry.t
    match fact:
        case PostPublished():
            row.remote_id, row.url = fact.remote_id[:300], fact.url[:1000]
        case PostedByHand():
            row.picture = fact.picture
        case DeliveryRefused():
            row.fallback = fact.fallback[:1000]
        case DeliveryDelayed():
            row.due_at = fact.due_ms
    row.save()


def _next(row: Outcome, fact: Any) -> tuple[str, str]:
    """The state after the fact, and why."""
    match fact:
        case AttemptStarted():
            return (SENDING, "") if row.state in ON_THE_WAY else (row.state, row.note)
        case DeliveryDelayed():
            return (HELD if fact.held else DELAYED), fact.reason
        case DeliveryRefused():
            return REFUSED, fact.reason
        case DeliveryUncertain():
            return (LOOKING if fact.looking else UNCERTAIN), fact.reason
        case HandedOver():
            return BY_HAND, ""
        case DeliveryWithdrawn():
            return WITHDRAWN, fact.reason
        case DoubtDecided(decision="again"):
            return PLANNED, ""
        case PostPublished():
            return SENT, ""
        case _:
            return row.state, row.note
