"""Facts appended by hand, as intake, delivery and people would: the inbox only ever sees facts."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from bankside.inbox.models import Conversation, Message
from bankside.inbox.projections import INBOX
from bankside.inbox.reactions import TRIAGES
from bankside.record import clock, projection, subjects
from bankside.record.append import Entry, append
from bankside.record.facts import channels as facts
from bankside.record.facts import inbox as said
from bankside.record.ids import new_id
from bankside.record.lane import lane_count, lane_of
from bankside.record.rebuild import rebuild

CHANNEL = "c" * 32
T0 = 1_795_600_000_000
STAFF = "u:" + "5" * 32


class Story:
    """One conversation on one channel, told entry by entry."""

    def __init__(self, thread: str = "comment:12", channel: str = CHANNEL, network: str = "practice") -> None:
        self.thread, self.channel, self.network, self.obj = thread, channel, network, new_id()
        self.lane = lane_of(network, channel, thread)

    def seen(self, text: str, remote_id: str = "comment:12", **fields: Any) -> Entry:
        """A person (or, with own=True, our account) says something."""
        return self._sighting(facts.ActivityReceived, text, remote_id, fields)

    def edited(self, text: str, remote_id: str = "comment:12", **fields: Any) -> Entry:
        return self._sighting(facts.ActivityChanged, text, remote_id, fields)

    def removed(self, remote_id: str = "comment:12") -> Entry:
        fact = facts.ActivityRemoved(
            channel=self.channel, network=self.network, remote_id=remote_id, via="poll"
        )
        return self.tell(fact, actor="s:intake")

    def wrote(self, reply: str, text: str, needs_approval: bool = False) -> Entry:
        fact = said.ReplyWritten(
            reply=reply, channel=self.channel, digest="d" * 64, needs_approval=needs_approval,
            words=facts.Words(text=text),
        )  # fmt: skip
        return self.tell(fact)

    def delivery(self, fact: type, reply: str, **fields: Any) -> Entry:
        """A fact of the delivery of an answer."""
        about = {"delivery": f"{reply[:28]}dddd", "channel": self.channel, "purpose": "reply"}
        return self.tell(fact(**about, about=self.obj, version=reply, **fields), actor="s:delivery")

    def published(self, reply: str, remote_id: str, text: str = "") -> Entry:
        return self.delivery(
            facts.PostPublished, reply, remote_id=remote_id, url=f"https://blog.example/{remote_id}",
            found="sent", published_ms=0, words=facts.Words(text=text),
        )  # fmt: skip

    def tell(self, fact: object, *, actor: str = STAFF, **leaf: Any) -> Entry:
        with transaction.atomic():
            return append(fact, f"story:{new_id()}", actor=actor, obj=self.obj, lane=self.lane, **leaf)

    def row(self) -> Conversation:
        follow()
        return Conversation.objects.get(obj=self.obj)

    def messages(self) -> list[Message]:
        return list(Message.objects.filter(conversation=self.row().pk).order_by("id"))

    def _sighting(self, fact: type, text: str, remote_id: str, fields: dict[str, Any]) -> Entry:
        who = fields.pop("who", "박서연")
        published, red = fields.pop("published_ms", 0), fields.pop("red", ())
        activity = facts.Seen(
            remote_id=remote_id, version=new_id(), verb=fields.pop("verb", "Create"),
            kind=fields.pop("kind", "Note"),
            actor=facts.ActorSeen(remote_id=f"account:{who}", handle=f"@{who}", name=who),
            text=text, thread=self.thread, published_ms=published, **fields,
        )  # fmt: skip
        told = fact(channel=self.channel, network=self.network, seen=activity, via="poll")
        subj = subjects.subject_of(self.network, activity.actor.remote_id)
        return self.tell(told, actor="s:intake", subj=subj, src_t=published or None, red=red)


def follow() -> None:
    """What the worker does: every follower of the inbox takes what is new, in every lane."""
    for lane in range(lane_count()):
        while projection.catch_up(INBOX, lane) + projection.catch_up(TRIAGES, lane):
            pass


def tables() -> list[list[tuple[Any, ...]]]:
    """Every row of the projection, for comparing."""
    return [list(model.objects.order_by("pk").values_list()) for model in INBOX.tables]


def rebuilt() -> list[list[tuple[Any, ...]]]:
    rebuild(INBOX.name)
    return tables()


def at(minutes: float) -> Any:
    """Holds the clock at so many minutes after the story began."""
    return clock.frozen(T0 + int(minutes * 60_000))
