"""Whether the network still lets us answer: until when, how often, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.channels import preview as previews
from bankside.channels import windows
from bankside.channels.models import Channel
from bankside.inbox import answering
from bankside.inbox.models import Conversation, Message
from bankside.record import clock
from bankside.said import Said

NOT_THERE = (answering.WITHDRAWN, answering.SENT_BACK, answering.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How answering stands. `refusal`: why it cannot be done here, "" when it can.

    `until_ms` 0: there is no window; `messages` -1: as many as one likes. `elsewhere`: where a person can
    answer by hand.
    """

    refusal: str = ""
    until_ms: int = 0
    messages: int = -1
    elsewhere: str = ""


def standing(conversation: Conversation, channel: Channel, answered: Message | None) -> Standing:
    """How answering this message stands now."""
    if answered is None:
        return Standing()
    elsewhere = answered.url or conversation.url or channel.url
    if not answered.reply_allowed:
        title = previews.title_of(channel.network)
        refusal = Said("%(network)s lets nobody answer this from a desk.", network=title)
        return Standing(refusal=refusal, elsewhere=elsewhere)
    room = _room(conversation, channel, answered)
    if room is None:
        return Standing()
    return Standing(
        refusal=_refusal(room, channel) if room.closed(clock.now_ms()) else "", until_ms=room.until_ms,
        messages=room.messages, elsewhere=elsewhere,
    )  # fmt: skip


def _room(conversation: Conversation, channel: Channel, answered: Message) -> windows.Room | None:
    """A private window opens anew with every message of the person; that of a comment, with the comment."""
    said = Message.objects.filter(conversation=conversation.pk)
    opened = answered
    if answered.private:
        newest = said.filter(way=Message.IN, private=True, erased=False).order_by("-at", "-id").first()
        opened = newest or answered
    ours = said.filter(way=Message.OUT, at__gte=opened.at).exclude(state__in=NOT_THERE)
    if not answered.private:
        ours = ours.filter(in_reply_to=answered.remote_id)
    return windows.left(channel, private=answered.private, since_ms=opened.at, answers=ours.count())


def _refusal(room: windows.Room, channel: Channel) -> Said:
    title = previews.title_of(channel.network)
    if room.messages == 0:
        return Said(
            "%(network)s takes %(most)s answers to one message. It opens again when the person writes.",
            network=title, most=room.most,
        )  # fmt: skip
    return Said(
        "%(network)s takes answers for %(hours)s hours after a message. That time is over.",
        network=title, hours=room.hours,
    )  # fmt: skip
