"""Who takes part, and who is not taking part now: what every file about members asks first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import subjects
from bankside.rewards.models import Member
from bankside.said import Said

SYSTEM: Final = "s:card"
"""The actor when the bank's own systems did it."""
HERSELF: Final = "s:member"
"""The actor of what a member did herself. Which member it was is what the fact says, and its subject."""
ACT: Final = "member.manage"


class NoSuchMember(LookupError):
    """Nobody of that name or number takes part."""


class NotTakingPart(ValueError):
    """The member has paused, or has left; the message says which."""


def actor_of(member: Member) -> str:
    """Who did it, when she did it herself. A leaf knows staff and systems alone; she is its subject."""
    return HERSELF


def subj_of(member: Member) -> str:
    """The record's subject (32 hex) under which facts about her are kept, and die."""
    return subjects.subject_of("member", member.obj)


def subjs_of(members: Iterable[Member]) -> dict[str, str]:
    """The same for many, by obj."""
    found = subjects.subjects_of(("member", member.obj) for member in members)
    return {obj: subj for (_, obj), subj in found.items()}


def acting(member: Member, by: Staff | None) -> str:
    """The actor of a change: herself, or somebody of the staff who may. Raises NotYours."""
    if by is None:
        return actor_of(member)
    policy.require(by, ACT)
    return by.actor


def locked(member: Member) -> Member:
    """Her row as it is now, nobody else's until the transaction ends. Raises NoSuchMember."""
    row = Member.objects.select_for_update(no_key=True).filter(pk=member.pk).first()
    if row is None:
        raise NoSuchMember(Said("There is no such member."))
    return row


class HasStatus(Protocol):
    """A member, or what was read of one."""

    @property
    def status(self) -> str: ...


def refuse_unless_active(member: HasStatus) -> None:
    """Raises NotTakingPart for whoever has paused or left."""
    match member.status:
        case Member.PAUSED:
            raise NotTakingPart(Said("Taking part is paused. Resume it first."))
        case Member.LEFT:
            raise NotTakingPart(Said("This member has left the programme."))
