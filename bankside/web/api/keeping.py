"""What is kept and what is forgotten: requests that a second person agrees to, holds, restrictions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from bankside.people import keeping, policy
from bankside.record.forgetting import erasing, holding, restricted
from bankside.record.models import Erasure, Hold, Restriction
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.keeping import (
    DoneOut,
    ErasureIn,
    ErasureOut,
    Erasures,
    HoldIn,
    HoldOut,
    Holds,
    KeepingReasonIn,
    RestrictionIn,
    RestrictionOut,
    Restrictions,
    ScopeIn,
)

router = Router(tags=["keeping"])


@operation(router, "GET", "/record/erasures", "keeping.see", says=Erasures)
def erasure_list(request: HttpRequest) -> Any:
    """Requests that words be forgotten, newest first, at most 500."""
    policy.require(staff_of(request), "keeping.see")
    return {"items": [_erasure(row) for row in erasing.all_of()]}


@operation(router, "POST", "/record/erasures", "erasure.ask", says=ErasureOut, status=201)
def erasure_ask(request: HttpRequest, said: ErasureIn) -> Any:
    """Asks that words be forgotten. Nothing happens until a second person agrees."""
    return _erasure(keeping.ask(staff_of(request), said.subject, said.object, said.basis, said.reason))


@operation(router, "GET", "/record/erasures/{obj}", "keeping.see", says=ErasureOut)
def erasure_show(request: HttpRequest, obj: Obj) -> Any:
    """One request and how far it is."""
    policy.require(staff_of(request), "keeping.see")
    return _erasure(erasing.get(obj))


@operation(router, "POST", "/record/erasures/{obj}/agreement", "erasure.agree", says=ErasureOut)
def erasure_agree(request: HttpRequest, obj: Obj) -> Any:
    """The second person agrees. `waiting`: a hold or a duty to keep comes first, the words are restricted."""
    return _erasure(keeping.agree(staff_of(request), obj))


@operation(router, "POST", "/record/erasures/{obj}/refusal", "keeping.see", says=ErasureOut)
def erasure_decline(request: HttpRequest, obj: Obj, said: KeepingReasonIn) -> Any:
    """Somebody does not agree, or takes back what she asked for."""
    return _erasure(keeping.decline(staff_of(request), obj, said.reason))


@operation(router, "GET", "/record/holds", "keeping.see", says=Holds)
def hold_list(request: HttpRequest) -> Any:
    """Legal holds in force, newest first, at most 500."""
    policy.require(staff_of(request), "keeping.see")
    return {"items": [_hold(row) for row in holding.in_force()]}


@operation(router, "POST", "/record/holds", "hold.place", says=HoldOut, status=201)
def hold_place(request: HttpRequest, said: HoldIn) -> Any:
    """Keeps everything of a subject, an object or a channel from being erased."""
    return _hold(keeping.place(staff_of(request), said.kind, said.target, said.reason))


@operation(router, "POST", "/record/holds/{obj}/release", "hold.release", says=HoldOut)
def hold_release(request: HttpRequest, obj: Obj, said: KeepingReasonIn) -> Any:
    """Ends a hold that somebody else placed."""
    return _hold(keeping.release(staff_of(request), obj, said.reason))


@operation(router, "GET", "/record/restrictions", "keeping.see", says=Restrictions)
def restriction_list(request: HttpRequest) -> Any:
    """Words that are shown to nobody, newest first, at most 500."""
    policy.require(staff_of(request), "keeping.see")
    return {"items": [_restriction(row) for row in restricted.all_of()]}


@operation(router, "POST", "/record/restrictions", "erasure.ask", says=RestrictionOut, status=201)
def restriction_place(request: HttpRequest, said: RestrictionIn) -> Any:
    """Hides words: they are stored, and in no list and no search."""
    return _restriction(keeping.restrict(staff_of(request), said.subject, said.object, said.reason))


@operation(router, "POST", "/record/restrictions/lifting", "erasure.ask", says=RestrictionOut)
def restriction_lifting(request: HttpRequest, said: RestrictionIn) -> Any:
    """Asks that hidden words be shown again. Nothing happens until a second person agrees."""
    return _restriction(keeping.ask_to_lift(staff_of(request), said.subject, said.object, said.reason))


@operation(router, "POST", "/record/restrictions/agreement", "erasure.agree", says=DoneOut)
def restriction_lift(request: HttpRequest, said: ScopeIn) -> Any:
    """The second person agrees that they are shown again."""
    keeping.lift(staff_of(request), said.subject, said.object)
    return {"done": True}


def _erasure(row: Erasure) -> dict[str, Any]:
    return {
        "id": row.obj, "subject": row.subj, "object": row.about, "basis": row.basis, "reason": row.reason,
        "state": row.state, "why": row.why, "asked_by": row.asked_by, "asked_at": moment(row.asked_at),
        "agreed_by": row.agreed_by, "agreed_at": moment(row.agreed_at), "ended_at": moment(row.ended_at),
    }  # fmt: skip


def _hold(row: Hold) -> dict[str, Any]:
    return {
        "id": row.obj, "kind": row.kind, "target": row.target, "reason": row.reason,
        "placed_by": row.placed_by, "placed_at": moment(row.placed_at), "released_by": row.released_by,
        "released_at": moment(row.released_at),
    }  # fmt: skip


def _restriction(row: Restriction) -> dict[str, Any]:
    return {
        "subject": row.subj, "object": row.about, "reason": row.reason, "placed_by": row.placed_by,
        "placed_at": moment(row.placed_at), "lift_by": row.lift_by,
    }  # fmt: skip
