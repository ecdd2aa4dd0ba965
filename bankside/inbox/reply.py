"""Answering: written, agreed to where policy asks, sent by the same path as a post, taken back in time.

An answer waits a few seconds before it leaves, so that it can be taken back. If somebody else answered
while it was being written, it is not sent: the words are kept as a note, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.db import models, transaction

from bankside.approvals import consent, requests
from bankside.approvals import policy as consent_policy
from bankside.approvals.models import Consent, Request
from bankside.channels import channel as channels
from bankside.channels import delivery as deliveries
from bankside.channels import preview as previews
from bankside.channels import way
from bankside.channels import words as exact
from bankside.channels.models import Channel, Delivery
from bankside.inbox import conversation as conversations
from bankside.inbox import window
from bankside.inbox.conversation import Changed as Changed
from bankside.inbox.models import Conversation, Message, Reply
from bankside.inbox.projections import INBOX
from bankside.inbox.triage import language_of
from bankside.people import policy
from bankside.people import staff as people
from bankside.people.models import Staff
from bankside.record import clock, projection
from bankside.record.append import append
from bankside.record.facts.channels import MediaSaid, Words
from bankside.record.facts.inbox import ReplyWithdrawn, ReplyWritten
from bankside.record.identifiers import NEVER_SAID, mask
from bankside.record.ids import new_id
from bankside.record.models import Head
from bankside.said import Said, joined

KIND: Final = "reply"
TITLE_CHARACTERS = 80


class NoReply(LookupError):
    """There is no such answer, or it is not in a conversation of hers."""


class CannotSend(ValueError):
    """Something has to be put right first; `findings` says what."""

    def __init__(self, findings: tuple[str, ...]) -> None:
        self.findings = findings
        super().__init__(joined(findings))


class TooLate(ValueError):
    """The answer has left, or was decided about; it cannot be taken back any more."""


def visible_to(staff: Staff) -> models.QuerySet[Reply]:
    """The answers in conversations that she sees, newest first."""
    seen = channels.visible_to(staff, "conversation.see", with_removed=True)
    rows = Reply.objects.filter(channel__in=seen.order_by().values("obj"))
    return rows.select_related("author").order_by("-pk")


def get_visible(staff: Staff, obj: str) -> Reply:
    """One of them by its obj; raises NoReply."""
    found = visible_to(staff).filter(obj=obj).first()
    if found is None:
        raise NoReply(Said("There is no such answer in the conversations that you see."))
    return found


def preview(
    conversation: Conversation, text: str, *, media: tuple[MediaSaid, ...] = (), lang: str = ""
) -> previews.Preview:
    """The answer as its network would show and count it, with everything that keeps it from being sent."""
    channel, answered = conversations.channel_of(conversation), _answered(conversation, None)
    words = _words(conversation, text, media, lang, answered)
    shown = previews.preview(channel, words)
    if not words.text and not words.media:
        return shown
    late = window.standing(conversation, channel, answered).refusal
    found = (*((late,) if late else ()), *_own_findings(channel, words), *shown.findings)
    return previews.Preview(text=shown.text, title=shown.title, counts=shown.counts, findings=found)


def write(
    staff: Staff,
    conversation: Conversation,
    text: str,
    *,
    media: tuple[MediaSaid, ...] = (),
    version: int | None = None,
    lang: str = "",
    to: int | None = None,
) -> Reply:
    """Answers a conversation. `to` is the message (its id) that is answered; the newest if not given.

    `version` is the conversation's that she saw. If somebody else answered since, the words become a note
    and Changed is raised, after the note was kept: do not call this inside another transaction then.
    Raises NotYours, CannotSend, Changed, LookupError (no such message).
    """
    channel = conversations.channel_of(conversation)
    policy.require(staff, "conversation.reply", channel.team)
    with transaction.atomic():
        # The lane first: of two people who answer at once, the second sees the first one's answer.
        Head.objects.select_for_update().get(lane=conversation.lane)
        row = conversations.caught_up(conversation)
        answered = _answered(row, to)
        words = _words(row, text, media, lang, answered)
        _refuse_late(row, channel, answered)
        if found := _findings(channel, words):
            raise CannotSend(found)
        quicker = _somebody_answered(staff, row, version)
        if quicker is None:
            reply = _put_down(staff, channel, row, words)
        else:
            note = conversations.keep_note(staff, row, text)
        projection.see(INBOX, row.lane)
    if quicker is not None:
        raise Changed(_quicker(quicker), note)
    return reply


def approve(staff: Staff, reply: Reply, *, digest: str) -> Reply:
    """A second person agrees to the words of the digest that she saw, and the answer leaves.

    Raises NotYours, CannotSend, and what `approvals.consent.give` raises.
    """
    with transaction.atomic():
        row = Reply.objects.select_for_update().get(pk=reply.pk)
        [agreed] = consent.give(staff, _request(row), words=[(row.channel, digest)])
        if row.state == Reply.APPROVAL:
            channel = _open_channel(row.channel)
            _refuse_late_answer(row, channel)
            _send(row, channel, agreed, requested_by=staff, due_ms=clock.now_ms())
            row.save()
        projection.see(INBOX, row.lane)
    return row


def send_back(staff: Staff, reply: Reply, *, reason: str) -> Reply:
    """A second person does not agree and says why. Raises what `approvals.consent.send_back` raises."""
    with transaction.atomic():
        row = Reply.objects.select_for_update().get(pk=reply.pk)
        consent.send_back(staff, _request(row), reason=reason)
        if row.state == Reply.APPROVAL:
            row.state = Reply.SENT_BACK
            row.save(update_fields=["state"])
        projection.see(INBOX, row.lane)
    return row


def take_back(staff: Staff, reply: Reply) -> Reply:
    """The answer does not leave. Its words, for the box, are in `words`. Raises NotYours, TooLate."""
    policy.require(staff, "conversation.reply", _channel(reply.channel).team)
    with transaction.atomic():
        row = Reply.objects.select_for_update().get(pk=reply.pk)
        if row.state == Reply.WITHDRAWN:
            return row
        _withdraw(staff, row)
        row.state = Reply.WITHDRAWN
        row.save(update_fields=["state"])
        fact = ReplyWithdrawn(reply=row.obj, reason=Said("Taken back."))
        append(
            fact, f"inbox.reply-withdrawn:{row.obj}", actor=staff.actor, obj=row.conversation, lane=row.lane
        )
        projection.see(INBOX, row.lane)
    return row


def undo_until(reply: Reply) -> int:
    """Until when (UTC ms) the answer can be taken back before it leaves; 0 when that is over."""
    return reply.due_at if reply.state == Reply.PLANNED and reply.due_at > clock.now_ms() else 0


# --- writing -------------------------------------------------------------------------------------------
def _put_down(staff: Staff, channel: Channel, row: Conversation, words: Words) -> Reply:
    """Writes the answer, asks for consent or has it by policy, and puts it on its way."""
    direct = consent_policy.asks_nobody(KIND, author=staff, team=channel.team)
    reply = Reply(
        obj=new_id(), conversation=row.obj, channel=channel.obj, lane=row.lane, author=staff,
        words=exact.to_dict(words), digest=exact.digest(channel.obj, words),
        state=Reply.PLANNED if direct else Reply.APPROVAL, written_at=clock.now_ms(),
    )  # fmt: skip
    fact = ReplyWritten(
        reply=reply.obj, channel=channel.obj, digest=reply.digest, needs_approval=not direct, words=words
    )
    append(fact, f"inbox.reply-written:{reply.obj}", actor=staff.actor, obj=row.obj, lane=row.lane)
    said = [(channel.obj, reply.digest)]
    if direct:
        [agreed] = consent.by_policy(
            kind=KIND, thing=reply.obj, version=reply.obj, about=row.obj, author=staff, words=said,
            lane=row.lane, team=channel.team,
        )  # fmt: skip
        due = reply.written_at + settings.REPLY_UNDO_SECONDS * 1000
        _send(reply, channel, agreed, requested_by=staff, due_ms=due)
    else:
        title = f"{row.name or row.handle}: {' '.join(words.text.split())}"[:TITLE_CHARACTERS]
        reply.request = requests.ask(
            kind=KIND, thing=reply.obj, version=reply.obj, about=row.obj, author=staff, editor=staff,
            words=said, lane=row.lane, team=channel.team, title=title, due_ms=row.due_at,
        ).obj  # fmt: skip
    reply.save()
    return reply


def _send(reply: Reply, channel: Channel, agreed: Consent, *, requested_by: Staff, due_ms: int) -> None:
    delivery = deliveries.request(
        channel=channel, purpose=KIND, about=reply.conversation, version=reply.obj,
        words=exact.from_dict(reply.words), digest=reply.digest, consent=agreed, due_ms=due_ms,
        requested_by=requested_by, lane=reply.lane,
    )  # fmt: skip
    reply.state, reply.delivery, reply.due_at = Reply.PLANNED, delivery.obj, due_ms


def _words(
    row: Conversation, text: str, media: tuple[MediaSaid, ...], lang: str, answered: Message | None
) -> Words:
    """The exact words of an answer: where it goes is part of what is said."""
    private = answered.private if answered else row.private
    words = Words(
        text=text.strip(), lang=lang or language_of(text) or row.lang, thread=row.thread, private=private,
        in_reply_to=answered.remote_id if answered else row.thread,
        to=(answered.account,) if answered and private else (), media=media,
    )  # fmt: skip
    return exact.from_dict(exact.to_dict(words))


def _answered(row: Conversation, to: int | None) -> Message | None:
    """The message that is answered: the one that was chosen, or the newest that a person wrote."""
    said = Message.objects.filter(conversation=row.pk, way=Message.IN)
    if to is None:
        return said.filter(removed_at=0, erased=False).order_by("-id").first()
    chosen = said.filter(pk=to).first()
    if chosen is None:
        raise conversations.NoConversation(Said("There is no such message in this conversation."))
    return chosen


def _findings(channel: Channel, words: Words) -> tuple[str, ...]:
    if not words.text and not words.media:
        return (Said("Write something first."),)
    return _own_findings(channel, words) or previews.preview(channel, words).findings


def standing(conversation: Conversation) -> window.Standing:
    """Whether the network still lets us answer, until when, and why not."""
    channel = conversations.channel_of(conversation)
    return window.standing(conversation, channel, _answered(conversation, None))


def _refuse_late(row: Conversation, channel: Channel, answered: Message | None) -> None:
    if refusal := window.standing(row, channel, answered).refusal:
        raise CannotSend((refusal,))


def _own_findings(channel: Channel, words: Words) -> tuple[str, ...]:
    """What keeps an answer from leaving, before its network is asked."""
    found = list(_of_state(channel))
    if any(not one.alt.strip() for one in words.media):
        found.append(Said("Say in words what the picture shows, for those who cannot see it."))
    if mask("\n".join((words.text, *(one.alt for one in words.media))), NEVER_SAID).red:
        found.append(Said("The words hold a card or registration number. Take it out; it is never sent."))
    return tuple(found)


def _of_state(channel: Channel) -> Sequence[str]:
    match channel.state:
        case Channel.REMOVED:
            words = Said(
                "%(name)s is not on the desk any more; nothing can be sent there.", name=channel.name
            )
        case Channel.PAUSED:
            words = Said(
                "%(name)s is paused. Keep your words as a note until it runs again.", name=channel.name
            )
        case Channel.STOPPED:
            words = Said(
                "%(name)s has to be connected again before anything can be sent there.", name=channel.name
            )
        case _ if way.of(channel) == "closed":
            words = Said(
                "%(name)s is on a network that has closed; nothing can be sent there.", name=channel.name
            )
        case _:
            return []
    return [words]


# --- two people ----------------------------------------------------------------------------------------
def _somebody_answered(staff: Staff, row: Conversation, version: int | None) -> Message | None:
    """The newest answer of somebody else since the version that she saw."""
    if version is None:
        return None
    since = Message.objects.filter(conversation=row.pk, way=Message.OUT, id__gt=version)
    return since.exclude(actor=staff.actor).exclude(state="withdrawn").order_by("-id").first()


def _quicker(answer: Message) -> str:
    uid = answer.actor.removeprefix("u:")
    who = people.named([uid]).get(uid)
    seconds = max(0, (clock.now_ms() - answer.at) // 1000)
    number = seconds if seconds < 120 else seconds // 60
    when = Said("%(number)s seconds", number=number)
    if seconds >= 120:
        when = Said("%(number)s minutes", number=number)
    name = who.name if who else Said("Somebody, in the network's own app,")
    kept = Said("Your words are kept as a note. Read that answer before you send more.")
    return joined((Said("%(name)s answered %(when)s ago.", name=name, when=when), kept))


# --- taking back ---------------------------------------------------------------------------------------
def _withdraw(staff: Staff, row: Reply) -> None:
    """What waits does not go out and has no consent any more."""
    if row.state not in {Reply.APPROVAL, Reply.PLANNED}:
        raise TooLate(Said("This answer was sent back already; write a new one."))
    if row.delivery:
        delivery = Delivery.objects.get(obj=row.delivery)
        if not deliveries.withdraw(delivery, by_actor=staff.actor, reason=Said("Taken back.")):
            raise TooLate(Said("The answer has left already; it cannot be taken back."))
    consent.void(row.obj, by_actor=staff.actor, reason=Said("Taken back."))


def _refuse_late_answer(row: Reply, channel: Channel) -> None:
    """While it waited for a second person the window may have closed. It is one of our answers already."""
    talk = Conversation.objects.get(obj=row.conversation)
    answered = Message.objects.filter(
        conversation=talk.pk, way=Message.IN, remote_id=row.words["in_reply_to"]
    ).first()
    late = window.standing(talk, channel, answered)
    if late.refusal and late.messages != 0:
        raise CannotSend((late.refusal,))


def _request(row: Reply) -> Request:
    found = Request.objects.filter(obj=row.request).first()
    if found is None:
        raise NoReply(Said("Nobody was asked to agree to this answer."))
    return found


def _channel(obj: str) -> Channel:
    return Channel.objects.select_related("team").get(obj=obj)


def _open_channel(obj: str) -> Channel:
    channel = _channel(obj)
    if found := tuple(_of_state(channel)):
        raise CannotSend(found)
    return channel
