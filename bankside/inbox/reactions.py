"""What the inbox adds to the record on seeing a message: how it was sorted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection

from bankside.channels.models import Channel
from bankside.inbox.arriving import ASKS, WORDS
from bankside.inbox.models import Message
from bankside.inbox.triage import triage
from bankside.record.append import Draft, Entry
from bankside.record.facts.channels import ActivityReceived, Seen
from bankside.record.facts.inbox import MessageTriaged
from bankside.record.projection import Reaction

ACTOR = "s:triage"
ARTICLE = "Article"


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
    """Whether a person waits for us. Not when she answers somebody else and does not name us, and not in an
    article, which speaks to everybody: a feed that is followed starts no clock. Whoever wrote a number that
    nobody should see is asked to delete it, whomever she spoke to."""
    if fact.seen.kind == ARTICLE:
        return False
    if fact.seen.private or not fact.seen.in_reply_to or ASKS.intersection(entry.red):
        return True
    with connection.cursor() as cursor:  # by hand: putting it together would cost more than running it
        cursor.execute(_ANSWERED, [entry.obj, fact.seen.in_reply_to, Message.IN, entry.subj])
        return cursor.fetchone() is None or _names_us(fact)


_ANSWERED = """select 1 from inbox_message m join inbox_conversation c on c.id = m.conversation
    where c.obj = %s and m.remote_id = %s and m.way = %s and m.subj <> %s limit 1"""


def _names_us(fact: ActivityReceived) -> bool:
    named = {mention.lstrip("@").lower() for mention in fact.seen.mentions} - {""}
    if not named:
        return False
    handle = Channel.objects.filter(obj=fact.channel).values_list("handle", flat=True).first() or ""
    return handle.lstrip("@").lower() in named
