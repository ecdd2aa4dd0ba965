"""What the inbox adds to the record on seeing a message: how it was sorted."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from bankside.channels.models import Channel
from bankside.inbox.arriving import WORDS
from bankside.inbox.models import Conversation, Message
from bankside.inbox.triage import triage
from bankside.record.append import Draft, Entry
from bankside.record.facts.channels import ActivityReceived, Seen
from bankside.record.facts.inbox import MessageTriaged
from bankside.record.projection import Reaction

ACTOR = "s:triage"


class Triages(Reaction):
    """Sorts every message of a person once, when it is first seen. Our own words are not sorted."""

    name = "inbox.triage"
    facts = (ActivityReceived,)

    def react(self, entry: Entry, fact: Any) -> tuple[Draft, ...]:
        """How the message was sorted, under a key of the message's entry."""
        seen: Seen = fact.seen
        if seen.own or seen.verb not in WORDS:
            return ()
        sorted_as = triage(
            f"{seen.title}\n{seen.text}",
            at=min(seen.published_ms or entry.t, entry.t),
            addressed=_addressed(entry, fact),
            answer_minutes=settings.ANSWER_MINUTES,
        )
        said = MessageTriaged(
            entry=entry.id, model=sorted_as.model, lang=seen.lang or sorted_as.lang,
            classes=sorted_as.classes, due_ms=sorted_as.due_ms,
        )  # fmt: skip
        draft = Draft(
            fact=said, key=f"inbox.message-triaged:{entry.id}", actor=ACTOR, obj=entry.obj, lane=entry.lane,
            subj=entry.subj,
        )  # fmt: skip
        return (draft,)


TRIAGES = Triages()


def _addressed(entry: Entry, fact: ActivityReceived) -> bool:
    """Whether a person speaks to us. Not when she answers somebody else and does not name us."""
    if fact.seen.private or not fact.seen.in_reply_to:
        return True
    answered = Message.objects.filter(
        remote_id=fact.seen.in_reply_to, conversation__in=_conversation(entry), way=Message.IN
    ).exclude(subj=entry.subj)
    return not answered.exists() or _names_us(fact)


def _conversation(entry: Entry) -> Any:
    return Conversation.objects.filter(obj=entry.obj).values("id")


def _names_us(fact: ActivityReceived) -> bool:
    handle = Channel.objects.filter(obj=fact.channel).values_list("handle", flat=True).first() or ""
    named = {mention.lstrip("@").lower() for mention in fact.seen.mentions}
    return handle.lstrip("@").lower() in named - {""}
