"""What a conversation becomes when something is seen on a network: opened, continued, edited, taken away.

A conversation in which only our own account has spoken is `quiet`: it is there as context and in no list,
until a person says something. What our account said and this conversation's answers did not send is
`outside`: typed in the network's own app. The two are told apart by the network's id of the message, which
the answer learns when it is published; whichever is seen first, one row is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any, Final

from django.db.models import Max, Min, Q, QuerySet

from bankside.inbox import gathered, picturing, wording
from bankside.inbox.models import Conversation, Event, Message
from bankside.record import identifiers
from bankside.record.append import Entry, entries_where
from bankside.record.facts.channels import ActivityChanged, ActivityReceived, ActivityRemoved, Seen
from bankside.record.facts.inbox import MessageTriaged

ACTOR = "s:inbox"
WORDS = frozenset({"Create", "Update"})
EXCERPT_CHARACTERS = 280
FAR = 2**53
SENT: Final = "sent"
"""`Message.state` of an answer that is there."""
ASKS: Final = identifiers.CLASSES - {identifiers.IBAN}
"""Whoever wrote one of these is asked to delete it; an account to pay to is often needed."""

Sighting = ActivityReceived | ActivityChanged


def seen(entry: Entry, fact: Sighting) -> None:
    """Something with words was seen, for the first time or in a new version."""
    if fact.seen.verb == "Delete":
        gone(entry, fact.seen.remote_id)
    if fact.seen.verb not in WORDS:
        return
    row = _conversation(entry, fact)
    known = gathered.said(row, fact.seen.remote_id)
    if known is None:
        _add(entry, row, fact.seen)
        return
    gathered.write()
    if isinstance(fact, ActivityChanged):
        _edit(entry, row, known, fact.seen)
    else:  # our own answer, which comes back to us from the network
        known.url = known.url or fact.seen.url[:1000]
        known.save()
    row.excerpt = _excerpt(row)
    renew(entry, row)


def is_alone(fact: Any) -> bool:
    """Whether an entry concerns nothing but rows at hand: what a person said or did, or how it was sorted."""
    if isinstance(fact, MessageTriaged):
        return True
    return isinstance(fact, ActivityReceived) and fact.seen.verb != "Delete" and not fact.seen.own


def removed(entry: Entry, fact: ActivityRemoved) -> None:
    """It is not on the network any more. The words stay, marked; nobody waits for an answer to them."""
    gone(entry, fact.remote_id)


def gone(entry: Entry, remote_id: str) -> None:
    """Marks the message of that id as taken away at the time of the entry."""
    row = Conversation.objects.filter(obj=entry.obj).first()
    if row is None:
        return
    Message.objects.filter(conversation=row.pk, remote_id=remote_id, removed_at=0).update(removed_at=entry.t)
    renew(entry, row)


def triaged(entry: Entry, fact: MessageTriaged) -> None:
    """The message was sorted: its language where the network named none, and when an answer is due."""
    message = gathered.message(fact.entry)
    if message is None or message.erased:
        return
    first = message.due_at == 0
    message.lang = message.lang or fact.lang[:16]
    message.due_at = fact.due_ms
    gathered.sort(message)
    row = gathered.conversation_of(message)
    row.lang = row.lang or message.lang
    if not first:
        renew(entry, row)
        return
    if fact.due_ms and message.way == Message.IN and message.pk > row.settled and not message.removed_at:
        row.due_at = min(row.due_at or fact.due_ms, fact.due_ms)
    _keep(entry, row)


def erased(entry: Entry) -> None:
    """The words of the entry were erased: its message stays as an empty row."""
    message = Message.objects.filter(Q(pk=entry.n) | Q(entry=entry.id)).first()
    if message is None:
        never_said(entry)
        return
    wording.drop([message.pk])
    _blank(message)
    row = Conversation.objects.get(pk=message.conversation)
    if row.subj == entry.subj:
        row.name = row.handle = row.url = ""
    row.lang, row.excerpt = _first_language(row), _excerpt(row)
    renew(entry, row)


def never_said(entry: Entry) -> None:
    """An empty row for a message whose words were erased before they were told here. It waits for nothing."""
    way = _WAY_OF_ERASED.get(entry.fact)
    if way is None:
        return
    row = _unknown(entry)
    row.subj = row.subj or entry.subj
    actor = "" if way == Message.IN else entry.actor
    at = entry.src_t or entry.t
    gathered.add(
        Message(
            id=entry.n, conversation=row.pk, way=way, entry=entry.id, subj=entry.subj, actor=actor, at=at,
            erased=True,
        )
    )  # fmt: skip
    row.messages += way != Message.NOTE
    _keep(entry, row)


def happened(entry: Entry, row: Conversation, what: str, detail: str, actor: str = "") -> None:
    """A line between the messages: what happened besides words."""
    Event.objects.create(
        id=entry.n,
        conversation=row.pk,
        what=what,
        actor=actor or entry.actor,
        detail=detail[:300],
        at=entry.t,
    )


def renew(entry: Entry, row: Conversation) -> None:
    """Works out again what follows from the messages: who waits since when, and the turn in the list."""
    gathered.write()
    waiting = _from_people(row).filter(id__gt=row.settled, removed_at=0)
    clocks = waiting.aggregate(since=Min("at"), due=Min("due_at", filter=Q(due_at__gt=0)))
    row.waiting_since, row.due_at = clocks["since"] or 0, clocks["due"] or 0
    if row.hidden:  # whoever adds to it has done so before; here it can only become less
        row.hidden = _asked_of(chain.from_iterable(_unasked(row).values_list("red", flat=True)))
    _keep(entry, row)


def _unasked(row: Conversation) -> QuerySet[Message]:
    """What holds a hidden number and waits, or was changed after we answered or closed: it stands there."""
    held = _from_people(row).filter(removed_at=0).exclude(red=[])
    return held.filter(Q(id__gt=row.settled) | Q(edited_at__gt=_dealt_with(row)))


def _dealt_with(row: Conversation) -> int:
    """When we last answered or closed, ms. An answer counts from when it was written, not from when it left:
    its author had not seen what was changed in between."""
    ours = Message.objects.filter(conversation=row.pk, way=Message.OUT)
    outside, ends = ours.filter(outside=True), Event.objects.filter(conversation=row.pk, what="closed")
    times = [rows.aggregate(at=Max("at"))["at"] or 0 for rows in (outside, ends)]
    written = ours.filter(state=SENT).aggregate(n=Max("pk"))["n"]
    return max([*times, *(entry.t for entry in entries_where("n = %s", [written or 0]))])


def turn_of(due_at: int, last_at: int) -> int:
    """Smaller is sooner: first who has a clock, by when an answer is due; then the others, newest first."""
    return due_at or FAR - last_at


def _add(entry: Entry, row: Conversation, said: Seen) -> None:
    at = min(said.published_ms or entry.src_t or entry.t, entry.t)
    message = Message(
        id=entry.n, conversation=row.pk, way=Message.OUT if said.own else Message.IN, entry=entry.id,
        subj=entry.subj, at=at, remote_id=said.remote_id[:300], outside=said.own, **_words(entry, said),
    )  # fmt: skip
    gathered.add(message)
    wording.keep(message)
    row.last_at, row.messages = max(row.last_at, at), row.messages + 1
    if said.own:
        gathered.write()
        settle(row, Message.objects.filter(conversation=row.pk, way=Message.IN, at__lte=at))
        renew(entry, row)
    else:  # it is the newest and waits, so that nothing has to be looked up again
        _came_in(entry, row, said, at)
        row.waiting_since = min(row.waiting_since or at, at)
        row.excerpt = _shortened(said.text or said.title)
        _hide(entry, row)
        _keep(entry, row)


def _hide(entry: Entry, row: Conversation) -> None:
    """Marks the conversation when a number was hidden in what came in."""
    if entry.red:
        row.hidden = _asked_of([*row.hidden.split(), *entry.red])


def _asked_of(classes: Iterable[str]) -> str:
    return " ".join(sorted(ASKS.intersection(classes)))


def _keep(entry: Entry, row: Conversation) -> None:
    row.turn = turn_of(row.due_at, row.last_at)
    row.version = max(row.version or 0, entry.n)
    gathered.keep(row)


def settle(row: Conversation, answered: Any) -> None:
    """These messages wait for no answer any more."""
    newest = answered.order_by("-id").values_list("id", flat=True).first()
    row.settled = max(row.settled, newest or 0)


def _came_in(entry: Entry, row: Conversation, said: Seen, at: int) -> None:
    if row.subj in ("", entry.subj):
        row.subj = entry.subj
        row.name, row.handle = said.actor.name[:200], said.actor.handle[:200]
        row.url = row.url or said.url[:1000]
    row.lang = row.lang or said.lang[:16]
    row.last_in_at = max(row.last_in_at, at)
    _open(entry, row)


def _open(entry: Entry, row: Conversation) -> None:
    """A person's words open what was quiet or closed."""
    if row.state == Conversation.CLOSED:
        happened(entry, row, "reopened", "message", actor=ACTOR)
    row.state = Conversation.OPEN


def _edit(entry: Entry, row: Conversation, known: Message, said: Seen) -> None:
    """New words replace the old ones, which stay in the record. An edit starts no clock."""
    changed = (said.text, said.title) != (known.text, known.title)
    words = _words(entry, said)
    words["attachments"] = picturing.carried(known.attachments, words["attachments"])
    for name, value in words.items():
        setattr(known, name, value)
    known.entry, known.removed_at = entry.id, 0
    if changed:
        known.edited_at = entry.t
        row.last_at = max(row.last_at, entry.t)
    known.save()
    wording.keep(known)
    if known.way == Message.IN:
        _hide(entry, row)
    if changed and known.way == Message.IN:
        _open(entry, row)


def _words(entry: Entry, said: Seen) -> dict[str, Any]:
    """The columns that a new version of a message replaces."""
    files = [{"kind": a.kind, "url": a.url, "alt": a.alt, "mime": a.mime} for a in said.attachments]
    return {
        "name": said.actor.name[:200],
        "handle": said.actor.handle[:200],
        "account": said.actor.remote_id[:300],
        "text": said.text,
        "title": said.title[:500],
        "lang": said.lang[:16],
        "in_reply_to": said.in_reply_to[:300],
        "url": said.url[:1000],
        "private": said.private,
        "held": said.held,
        "reply_allowed": said.reply_allowed,
        "red": list(entry.red),
        "attachments": files,
    }


def _conversation(entry: Entry, fact: Sighting) -> Conversation:
    row = _unknown(entry)
    row.channel, row.network = fact.channel, fact.network
    row.thread = row.thread or (fact.seen.thread or fact.seen.remote_id)[:300]
    row.private = row.private or fact.seen.private
    return row


def _unknown(entry: Entry) -> Conversation:
    """The entry's conversation; a new one is quiet and knows only what the leaf says."""
    at = min(entry.src_t or entry.t, entry.t)
    return gathered.conversation(entry.obj) or Conversation(
        id=entry.n, obj=entry.obj, lane=entry.lane, state=Conversation.QUIET, first_at=at, last_at=at
    )


def _from_people(row: Conversation) -> QuerySet[Message]:
    return Message.objects.filter(conversation=row.pk, way=Message.IN, erased=False)


def _excerpt(row: Conversation) -> str:
    """The newest words of a person, as far as the list shows them."""
    newest = _from_people(row).order_by("-id").values_list("text", "title").first()
    return _shortened(newest[0] or newest[1]) if newest else ""


def _shortened(words: str) -> str:
    return " ".join(words.split())[:EXCERPT_CHARACTERS]


def _first_language(row: Conversation) -> str:
    said = _from_people(row).exclude(lang="")
    return said.order_by("id").values_list("lang", flat=True).first() or ""


def _blank(message: Message) -> None:
    message.text = message.title = message.name = message.handle = message.account = message.url = ""
    message.remote_id = message.in_reply_to = message.lang = message.note = ""
    message.attachments, message.erased, message.due_at = [], True, 0
    message.save()


_WAY_OF_ERASED = {
    "channels.activity-received": Message.IN,
    "inbox.reply-written": Message.OUT,
    "inbox.note-written": Message.NOTE,
}
