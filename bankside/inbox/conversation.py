"""An exchange with a person: seen, taken on, noted in, closed and opened again.

Every command begins by catching up with the record in the conversation's lane. `version` is the one that
the reader saw; if somebody else acted on the same matter since, the command is refused with `Changed`.
"""

from __future__ import annotations

from django.db import models, transaction

from bankside.channels import channel as channels
from bankside.channels.models import Channel
from bankside.inbox.models import Conversation, Event, Message
from bankside.inbox.projections import INBOX
from bankside.people import policy
from bankside.people import staff as people
from bankside.people.models import Staff, Team
from bankside.record import projection
from bankside.record.append import append
from bankside.record.fact import kind_of
from bankside.record.facts.inbox import (
    ConversationAssigned,
    ConversationClosed,
    ConversationReopened,
    NoteWritten,
)
from bankside.record.identifiers import kept, mask
from bankside.record.ids import new_id
from bankside.said import Said

NOTE_CHARACTERS_MAX = 5_000
REASON_CHARACTERS_MAX = 300


class NoConversation(LookupError):
    """There is no such conversation, or it is not on a channel of hers."""


class Changed(ValueError):
    """Somebody else acted meanwhile. `note` is the obj of the note that keeps her words, "" for none."""

    def __init__(self, message: str, note: str = "") -> None:
        super().__init__(message)
        self.note = note


class NotAssignable(ValueError):
    """Whoever shall have it cannot see it, or does not work here."""


class BadNote(ValueError):
    """A note has words, and not too many."""


def visible_to(staff: Staff) -> models.QuerySet[Conversation]:
    """The conversations on channels where she may see them, on removed channels too; newest first."""
    seen = channels.visible_to(staff, "conversation.see", with_removed=True)
    return Conversation.objects.filter(channel__in=seen.order_by().values("obj")).order_by("-last_at", "-id")


def get_visible(staff: Staff, number: int | str) -> Conversation:
    """One of them, by number or by obj; raises NoConversation."""
    text = str(number)
    wanted = {"pk": int(text)} if text.isascii() and text.isdigit() and len(text) < 19 else {"obj": text}
    found = visible_to(staff).filter(**wanted).first()
    if found is None:
        raise NoConversation(Said("There is no such conversation among those that you see."))
    return found


def assign(
    staff: Staff, conversation: Conversation, to_uid: str, *, version: int | None = None
) -> Conversation:
    """Somebody has it now, or ("") nobody. Raises NotYours, NotAssignable, Changed."""
    team = team_of(conversation)
    policy.require(staff, "conversation.assign", team)
    _refuse_unable(to_uid, team)
    with transaction.atomic():
        row = caught_up(conversation)
        if row.assignee != to_uid:
            _refuse_changed(staff, row, version, ("assigned",))
            _tell(staff, row, ConversationAssigned(to=to_uid))
        return _seen(row)


def close(
    staff: Staff, conversation: Conversation, *, reason: str = "", version: int | None = None
) -> Conversation:
    """Nothing more is to be done until the person writes again.

    Raises NotYours, or Changed when something was said or done since `version`.
    """
    policy.require(staff, "conversation.close", team_of(conversation))
    with transaction.atomic():
        row = caught_up(conversation)
        if row.state == Conversation.OPEN:
            _refuse_changed(staff, row, version, ("closed", "reopened"))
            _refuse_unread(row, version)
            _tell(staff, row, ConversationClosed(reason=kept(reason.strip())[:REASON_CHARACTERS_MAX]))
        return _seen(row)


def reopen(staff: Staff, conversation: Conversation) -> Conversation:
    """It is open again, without a clock. Raises NotYours."""
    policy.require(staff, "conversation.close", team_of(conversation))
    with transaction.atomic():
        row = caught_up(conversation)
        if row.state == Conversation.CLOSED:
            _tell(staff, row, ConversationReopened(by="staff"))
        return _seen(row)


def note(staff: Staff, conversation: Conversation, text: str) -> str:
    """Words among colleagues; the obj of the note. Card and registration numbers are masked.

    Raises NotYours, BadNote.
    """
    policy.require(staff, "conversation.note", team_of(conversation))
    with transaction.atomic():
        obj = keep_note(staff, conversation, text)
        projection.see(INBOX, conversation.lane)
    return obj


def may_be_assigned(conversation: Conversation) -> list[Staff]:
    """Everybody who could have it, by name."""
    return list(people.with_act("conversation.reply", team_of(conversation)))


# --- what reply.py shares with this file -----------------------------------------------------------------
def channel_of(conversation: Conversation) -> Channel:
    """The channel that it is on, removed or not."""
    return Channel.objects.select_related("team").get(obj=conversation.channel)


def team_of(conversation: Conversation) -> Team | None:
    """The team that looks after its channel."""
    return channel_of(conversation).team


def caught_up(conversation: Conversation) -> Conversation:
    """The row as it is now. The cursor stays locked until the end of the transaction."""
    projection.see(INBOX, conversation.lane)
    return Conversation.objects.get(pk=conversation.pk)


def keep_note(staff: Staff, conversation: Conversation, text: str) -> str:
    """Appends a note, in the caller's transaction, whatever the caller's rights; its obj."""
    plain, red = mask(text.strip())
    if not 0 < len(plain) <= NOTE_CHARACTERS_MAX:
        raise BadNote(Said("A note has 1 to %(number)s characters.", number=NOTE_CHARACTERS_MAX))
    fact = NoteWritten(note=new_id(), text=plain)
    append(
        fact, f"inbox.note-written:{fact.note}", actor=staff.actor, obj=conversation.obj,
        lane=conversation.lane, red=red,
    )  # fmt: skip
    return fact.note


def _tell(staff: Staff, row: Conversation, fact: object) -> None:
    key = f"{kind_of(fact).name}:{new_id()}"
    append(fact, key, actor=staff.actor, obj=row.obj, lane=row.lane)


def _seen(row: Conversation) -> Conversation:
    projection.see(INBOX, row.lane)
    return Conversation.objects.get(pk=row.pk)


def _refuse_unable(uid: str, team: Team | None) -> None:
    if not uid:
        return
    try:
        able = policy.may(people.by_uid(uid), "conversation.see", team)
    except people.NoSuchStaff:
        able = False
    if not able:
        raise NotAssignable(Said("This person cannot see the conversation. Choose somebody of its team."))


def _refuse_changed(staff: Staff, row: Conversation, version: int | None, what: tuple[str, ...]) -> None:
    if version is None:
        return
    others = Event.objects.filter(conversation=row.pk, id__gt=version, what__in=what)
    if newest := others.exclude(actor=staff.actor).order_by("-id").first():
        who = people.named([newest.actor.removeprefix("u:")]).get(newest.actor.removeprefix("u:"))
        raise Changed(_quicker(newest.what, who.name if who else Said("Somebody")))


def _quicker(what: str, name: str) -> Said:
    match what:
        case "assigned":
            return Said("%(name)s was quicker: it was assigned meanwhile.", name=name)
        case "closed":
            return Said("%(name)s was quicker: it was closed meanwhile.", name=name)
        case _:
            return Said("%(name)s was quicker: it was reopened meanwhile.", name=name)


def _refuse_unread(row: Conversation, version: int | None) -> None:
    if version is None:
        return
    if Message.objects.filter(conversation=row.pk, id__gt=version, way=Message.IN).exists():
        raise Changed(Said("A message arrived meanwhile. Read it before you close the conversation."))
