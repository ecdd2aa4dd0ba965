"""Things that members say, recorded as intake records them, without a network: for tests of earning."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.db import transaction

from bankside.channels.models import Channel, Thread
from bankside.record import clock, subjects
from bankside.record.append import Draft, Entry, append_many
from bankside.record.facts.channels import (
    ActivityChanged,
    ActivityReceived,
    ActivityRemoved,
    ActorSeen,
    Seen,
)
from bankside.record.lane import lane_count
from bankside.rewards import reactions
from tests.rewards.joined import NETWORK

TEXT = (
    "How long does it take until the new card number {} arrives by post? I have heard nothing about it yet."
)
POST = "root-of-the-bank"
_numbers = count(1)


def channel() -> Channel:
    """One of the bank's accounts, with a thread that the bank began."""
    row, made = Channel.objects.get_or_create(
        name="Hanul on examplenet", network=NETWORK, defaults={"hook": "hook", "handle": "@hanulbank"}
    )
    if made:
        began(row, POST)
    return row


def began(row: Channel, root: str) -> None:
    """The bank's own account says something on the network, outside the desk; the desk sees it."""
    from bankside.channels.models import Sighting

    thread = Thread.objects.create(channel=row, mac=f"mac-{root}"[:64], lane=0)
    key = f"{NETWORK}:{row.obj}:{root}:1"
    seen = _seen(root, "Ask us anything about the new app.", own=True)
    fact = ActivityReceived(channel=row.obj, network=NETWORK, seen=seen, via="poll")
    with transaction.atomic():
        append_many([Draft(fact=fact, key=key, actor="s:intake", obj=thread.obj, subj=subjects.desk())])
        Sighting.objects.create(channel=row, remote_id=root, thread=thread, version="1", key=key)


def draft(
    subject: str, text: str = "", *, obj: str = "", lane: int = -1, via: str = "hook", **seen: Any
) -> Draft:
    """An answer in the bank's thread, unless told otherwise."""
    number, row = next(_numbers), channel()
    seen = {"in_reply_to": POST, "thread": POST, "remote_id": f"said-{number}", **seen}
    remote_id = str(seen.pop("remote_id"))
    said = _seen(remote_id, text or TEXT.format(f"{number:06}"), subject, **seen)
    return Draft(
        fact=ActivityReceived(channel=row.obj, network=NETWORK, seen=said, via=via),
        key=f"{NETWORK}:{row.obj}:{remote_id}:1", actor="s:intake", obj=obj or f"{number % 7:032x}",
        lane=number % lane_count() if lane < 0 else lane, subj=subjects.subject_of(NETWORK, subject),
    )  # fmt: skip


def say(*drafts: Draft) -> list[Entry]:
    with transaction.atomic():
        return append_many(drafts)


def post(subject: str, text: str, **seen: Any) -> Draft:
    """A post of a member's own, in no thread."""
    return draft(subject, text, in_reply_to="", thread="", **seen)


def edit(entry: Entry, before: Draft, text: str) -> Entry:
    """The same item with other words."""
    seen: Seen = before.fact.seen
    new = _seen(seen.remote_id, text, seen.actor.remote_id, version=str(clock.now_ms()))
    fact = ActivityChanged(channel=before.fact.channel, network=NETWORK, seen=new, via="hook")
    key = f"{before.key}:{next(_numbers)}"
    return say(_after(entry, before, fact, key))[0]


def remove(entry: Entry, before: Draft) -> Entry:
    """The item is taken away."""
    fact = ActivityRemoved(
        channel=before.fact.channel, network=NETWORK, remote_id=before.fact.seen.remote_id, via="hook"
    )
    return say(_after(entry, before, fact, f"{before.key}%gone"))[0]


def earn() -> None:
    """All that is recorded earns."""
    while reactions.earn_recorded():
        pass


def _after(entry: Entry, before: Draft, fact: object, key: str) -> Draft:
    return Draft(
        fact=fact,
        key=key,
        actor="s:intake",
        obj=before.obj,
        lane=before.lane,
        subj=before.subj,
        prev=entry.id,
    )


def _seen(remote_id: str, text: str, subject: str = "the-bank", **seen: Any) -> Seen:
    given: dict[str, Any] = {
        "remote_id": remote_id, "version": "1", "verb": "Create", "kind": "Note",
        "actor": ActorSeen(remote_id=subject), "text": text, **seen,
    }  # fmt: skip
    return Seen(**given)
