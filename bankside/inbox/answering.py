"""How our own words in a conversation fare: written, agreed to, on their way, there or not there."""

from __future__ import annotations

from typing import Any

from bankside.inbox import arriving, wording
from bankside.inbox.models import Conversation, Message
from bankside.record.append import Entry
from bankside.record.facts.approvals import ApprovalGiven, SentBack
from bankside.record.facts.channels import (
    AttemptStarted,
    DeliveryDelayed,
    DeliveryRefused,
    DeliveryRequested,
    DeliveryUncertain,
    DeliveryWithdrawn,
    DoubtDecided,
    HandedOver,
    PostPublished,
    Words,
)
from bankside.record.facts.inbox import NoteWritten, ReplyWithdrawn, ReplyWritten

APPROVAL, PLANNED, SENDING, DELAYED, HELD, BY_HAND, LOOKING, UNCERTAIN = (
    "approval", "planned", "sending", "delayed", "held", "by-hand", "looking", "uncertain",
)  # fmt: skip
REFUSED, SENT, WITHDRAWN, SENT_BACK = "refused", arriving.SENT, "withdrawn", "sent-back"
"""`Message.state` of an answer. Looking: the desk looks whether it arrived; uncertain: a person must look."""

ON_THE_WAY = frozenset({PLANNED, SENDING, DELAYED, HELD, REFUSED})


def noted(entry: Entry, fact: NoteWritten) -> None:
    """Words among colleagues."""
    row = Conversation.objects.filter(obj=entry.obj).first()
    if row is not None:
        _say(entry, row, Message.NOTE, text=fact.text, reply=fact.note, red=list(entry.red))
        arriving.renew(entry, row)


def written(entry: Entry, fact: ReplyWritten) -> None:
    """Somebody answered; it has not left yet."""
    row = Conversation.objects.filter(obj=entry.obj).first()
    if row is None:
        return
    state = APPROVAL if fact.needs_approval else PLANNED
    _say(entry, row, Message.OUT, reply=fact.reply, state=state, **_columns(fact.words))
    row.last_at, row.messages = max(row.last_at, entry.t), row.messages + 1
    arriving.renew(entry, row)


def fared(entry: Entry, fact: Any) -> None:
    """What became of an answer; facts about posts pass by."""
    message = _answer(fact)
    if message is None:
        return
    row = Conversation.objects.get(pk=message.conversation)
    if isinstance(fact, ApprovalGiven):
        arriving.happened(entry, row, "approved", message.reply)
    elif isinstance(fact, PostPublished):
        _published(entry, row, message, fact)
    else:
        message.state, message.note = _next(message, fact)
        if isinstance(fact, DeliveryRequested):
            message.delivery = fact.delivery
        message.save()
    arriving.renew(entry, row)


def _next(message: Message, fact: Any) -> tuple[str, str]:
    """The state after the fact, and why. What was sent stays sent."""
    if message.state == SENT:
        return SENT, message.note
    match fact:
        case DeliveryRequested():
            return PLANNED, ""
        case AttemptStarted():
            return (SENDING, "") if message.state in ON_THE_WAY else (message.state, message.note)
        case DeliveryDelayed():
            return (HELD if fact.held else DELAYED), fact.reason
        case DeliveryUncertain():
            return (LOOKING if fact.looking else UNCERTAIN), fact.reason
        case HandedOver():
            return BY_HAND, ""
        case DeliveryRefused():
            return REFUSED, fact.reason
        case DoubtDecided(decision="again"):
            return PLANNED, ""
        case DeliveryWithdrawn() | ReplyWithdrawn():
            return WITHDRAWN, fact.reason
        case SentBack():
            return SENT_BACK, fact.reason
        case _:
            return message.state, message.note


def _published(entry: Entry, row: Conversation, message: Message, fact: PostPublished) -> None:
    """It is there. If the network told us of it before, as something said outside, that row goes."""
    if fact.remote_id:
        twin = Message.objects.filter(conversation=row.pk, remote_id=fact.remote_id)
        gone = list(twin.exclude(pk=message.pk).values_list("pk", flat=True))
        wording.drop(gone)
        Message.objects.filter(pk__in=gone).delete()
        row.messages -= len(gone)
    message.state, message.note, message.at = SENT, "", entry.t
    message.remote_id, message.url = fact.remote_id[:300], fact.url[:1000] or message.url
    message.save()
    row.last_at = max(row.last_at, entry.t)
    before = Message.objects.filter(conversation=row.pk, way=Message.IN, id__lt=message.pk)
    arriving.settle(row, before)


def _answer(fact: Any) -> Message | None:
    """The answer that a fact is about: its reply is the delivery's version and the approval's thing."""
    match fact:
        case ReplyWithdrawn():
            reply = fact.reply
        case ApprovalGiven(kind="reply") | SentBack(kind="reply"):
            reply = fact.thing
        case ApprovalGiven() | SentBack():
            return None
        case _ if fact.purpose == "reply":
            reply = fact.version
        case _:
            return None
    return Message.objects.filter(reply=reply, way=Message.OUT).first()


def _say(entry: Entry, row: Conversation, way: str, **columns: Any) -> None:
    message = Message.objects.create(
        id=entry.n, conversation=row.pk, way=way, entry=entry.id, subj=entry.subj, actor=entry.actor,
        at=entry.t, **columns,
    )  # fmt: skip
    wording.keep(message)


def _columns(words: Words) -> dict[str, Any]:
    files = [
        {"kind": m.mime.partition("/")[0], "media": m.media, "alt": m.alt, "mime": m.mime}
        for m in words.media
    ]
    return {
        "text": words.text,
        "title": words.title[:500],
        "lang": words.lang[:16],
        "in_reply_to": words.in_reply_to[:300],
        "private": words.private,
        "attachments": files,
    }
