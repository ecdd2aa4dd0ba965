"""What is kept and what is forgotten, as the API shows and takes it."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import StringConstraints

from bankside.web.api.operation import Obj

Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Basis = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:/-]{1,64}$")]
ObjOrNone = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{32})?$")]


class ErasureIn(Schema):
    """A wish that words be forgotten: all of a subject, or those about one object."""

    subject: Obj
    object: ObjOrNone = ""
    basis: Basis
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class ErasureOut(Schema):
    """A wish and what became of it. `state` is asked, declined, waiting, erasing or erased."""

    id: str
    subject: str
    object: str
    basis: str
    reason: str
    state: str
    why: str
    asked_by: str
    asked_at: str | None
    agreed_by: str
    agreed_at: str | None
    ended_at: str | None


class Erasures(Schema):
    """Requests, newest first."""

    items: list[ErasureOut]


class KeepingReasonIn(Schema):
    """Why, in a few words; it goes into the record."""

    reason: Reason


class HoldIn(Schema):
    """What must not be erased, and why."""

    kind: Literal["subject", "object", "channel"]
    target: Obj
    reason: Reason


class HoldOut(Schema):
    """A hold; it is in force while `released_at` is null."""

    id: str
    kind: str
    target: str
    reason: str
    placed_by: str
    placed_at: str | None
    released_by: str
    released_at: str | None


class Holds(Schema):
    """Holds in force, newest first."""

    items: list[HoldOut]


class ScopeIn(Schema):
    """Words of a subject, all of them or those about one object."""

    subject: Obj
    object: ObjOrNone = ""


class RestrictionIn(ScopeIn):
    """Which words, and why."""

    reason: Reason


class RestrictionOut(Schema):
    """Words that are stored and shown to nobody. `lift_by`: who asks that they be shown again."""

    subject: str
    object: str
    reason: str
    placed_by: str
    placed_at: str | None
    lift_by: str


class Restrictions(Schema):
    """Restrictions, newest first."""

    items: list[RestrictionOut]


class DoneOut(Schema):
    """It was done."""

    done: bool
