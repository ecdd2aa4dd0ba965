"""Members: who takes part, what each agreed to, which profiles are hers, and what she has."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import StringConstraints

from bankside.people import policy
from bankside.rewards import consent, link, receipt, visit, wallet
from bankside.rewards import member as members
from bankside.rewards.models import Link, Member
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.paging import Cursor, Limit, page_of
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.members import (
    BeginningOut,
    ConsentIn,
    Consents,
    LeavingIn,
    LinkIn,
    LinkOut,
    Links,
    MemberAmendedIn,
    MemberIn,
    MemberOut,
    Members,
    ProofIn,
    Purpose,
    ReceiptOut,
    VisitOut,
    WalletOut,
)

router = Router(tags=["members"])
Called = Annotated[str, StringConstraints(max_length=200)]


@operation(router, "GET", "/members", "member.see", says=Members)
def member_list(
    request: HttpRequest, cursor: Cursor = "", limit: Limit = 50,
    customer_ref: Called = "", code: Called = "",
) -> Any:  # fmt: skip
    """Everybody who takes part, or did; or whom the bank calls exactly so, or whose card has this code."""
    staff = staff_of(request)
    policy.require(staff, "member.see")
    named = members.named(members.visible_to(staff), customer_ref=customer_ref, code=code)
    rows, further = page_of(named, cursor, limit)
    return {"items": [_member(row) for row in rows], "next": further}


@operation(router, "POST", "/members", "member.manage", says=MemberOut, status=201)
def member_enrol(request: HttpRequest, said: MemberIn) -> Any:
    """Lets a customer take part. The same reference again gives the member that is there."""
    agreed = {str(purpose): version for purpose, version in said.consents.items()}
    row = members.enrol(
        customer_ref=said.customer_ref, born=said.born, consents=agreed, name=said.name,
        language=said.language, employee=said.employee, interests=tuple(said.interests),
        tenure_since=said.tenure_since, by=staff_of(request),
    )  # fmt: skip
    return _member(row)


@operation(router, "GET", "/members/{member}", "member.see", says=MemberOut)
def member_show(request: HttpRequest, member: Obj) -> Any:
    """One member."""
    return _member(members.get_visible(staff_of(request), member))


@operation(router, "PATCH", "/members/{member}", "member.manage", says=MemberOut)
def member_amend(request: HttpRequest, member: Obj, said: MemberAmendedIn) -> Any:
    """Corrects her name for the next card, her language, or the day since which she is a customer."""
    staff = staff_of(request)
    row = members.amend(members.get_visible(staff, member), by=staff, **said.model_dump())
    return _member(row)


@operation(router, "DELETE", "/members/{member}", "member.manage", says=None, status=204)
def member_leave(request: HttpRequest, member: Obj, said: LeavingIn) -> Any:
    """Takes part no longer: profiles are unlinked, the code on the card is off, the name is gone."""
    staff = staff_of(request)
    members.leave(members.get_visible(staff, member), by=staff, reason=said.reason)


@operation(router, "POST", "/members/{member}/pause", "member.manage", says=MemberOut)
def member_pause(request: HttpRequest, member: Obj) -> Any:
    """Nothing is earned until she goes on."""
    staff = staff_of(request)
    return _member(members.pause(members.get_visible(staff, member), by=staff))


@operation(router, "DELETE", "/members/{member}/pause", "member.manage", says=MemberOut)
def member_resume(request: HttpRequest, member: Obj) -> Any:
    """She goes on."""
    staff = staff_of(request)
    return _member(members.resume(members.get_visible(staff, member), by=staff))


@operation(router, "POST", "/members/{member}/visits", "member.manage", says=VisitOut, status=201)
def member_visit(request: HttpRequest, member: Obj) -> Any:
    """An address that lets her in from the bank's own app, where she is signed in: once, within minutes."""
    staff = staff_of(request)
    return {"address": visit.address_of(visit.ticket(members.get_visible(staff, member), by=staff))}


@operation(router, "GET", "/members/{member}/consents", "member.see", says=Consents)
def consent_list(request: HttpRequest, member: Obj) -> Any:
    """Every purpose, and whether she agreed to it."""
    return _consents(members.get_visible(staff_of(request), member))


@operation(router, "POST", "/members/{member}/consents", "member.manage", says=Consents)
def consent_give(request: HttpRequest, member: Obj, said: ConsentIn) -> Any:
    """She agreed, in the bank's own app, to a purpose in the words of a version."""
    staff = staff_of(request)
    row = members.get_visible(staff, member)
    consent.give(row, said.purpose, said.version, by=staff)
    return _consents(row)


@operation(router, "DELETE", "/members/{member}/consents/{purpose}", "member.manage", says=Consents)
def consent_withdraw(request: HttpRequest, member: Obj, purpose: Purpose) -> Any:
    """She took it back; what follows from it does so at once."""
    staff = staff_of(request)
    row = members.get_visible(staff, member)
    consent.withdraw(row, purpose, by=staff)
    return _consents(row)


@operation(router, "GET", "/members/{member}/wallet", "member.see", says=WalletOut)
def wallet_show(request: HttpRequest, member: Obj) -> Any:
    """What she has, what settles when, and what expires."""
    purse = wallet.purse(members.get_visible(staff_of(request), member))
    return {
        "available": purse.available, "pending": purse.pending,
        "settles": [{"day": one.on, "points": one.points} for one in purse.settles],
        "expires": [{"day": one.on, "points": one.points} for one in purse.expires],
    }  # fmt: skip


@operation(router, "GET", "/members/{member}/receipts/{path:source}", "member.see", says=ReceiptOut)
def receipt_show(request: HttpRequest, member: Obj, source: str) -> Any:
    """Why an act earned what it did, or nothing."""
    return _receipt(receipt.why(members.get_visible(staff_of(request), member), source))


@operation(router, "GET", "/members/{member}/links", "member.see", says=Links)
def link_list(request: HttpRequest, member: Obj) -> Any:
    """Her profiles."""
    row = members.get_visible(staff_of(request), member)
    return {"items": [_link(row, one) for one in link.of(row)]}


@operation(router, "POST", "/links", "member.manage", says=BeginningOut, status=201)
def link_begin(request: HttpRequest, said: LinkIn) -> Any:
    """Begins to prove that a profile is hers: by signing in there, or by a line on her own page or domain.

    The sign-in ends at the desk's own page, in her browser; a line is looked for at `/links/proof`.
    """
    row = members.get_visible(staff_of(request), said.member)
    begun = link.begin(row, said.network, said.place, said.proof)
    if isinstance(begun, link.Away):
        return {"proof": "oauth", "state": begun.state, "address": begun.address, "text": "", "where": ""}
    where = {"text": begun.text, "where": str(begun.where)}
    return {"proof": begun.proof, "state": begun.state, "address": "", **where}


@operation(router, "POST", "/links/proof", "member.manage", says=LinkOut)
def link_prove(request: HttpRequest, said: ProofIn) -> Any:
    """Looks for the line on her page or domain, by the state with which that began: her profile is linked.

    As often as she asks within a week; a sign-in ends in her browser.
    """
    row = members.get_visible(staff_of(request), said.member)
    return _link(row, link.look(row, said.state))


@operation(router, "DELETE", "/members/{member}/links/{obj}", "member.manage", says=None, status=204)
def link_remove(request: HttpRequest, member: Obj, obj: Obj) -> Any:
    """Unlinks: it earns nothing from now on, and what it earned stays."""
    staff = staff_of(request)
    link.unlink(members.get_visible(staff, member), obj, by=staff, reason="desk")


def _member(row: Member) -> dict[str, Any]:
    return {
        "id": str(row.pk), "obj": row.obj, "status": row.status, "language": row.language,
        "employee": row.employee, "interests": row.interests, "joined": moment(row.joined_at),
        "left": moment(row.left_at), "tenure_since": members.customer_since(row),
    }  # fmt: skip


def _consents(row: Member) -> dict[str, Any]:
    return {
        "items": [
            {"purpose": one.purpose, "words": one.words, "current": one.current, "version": one.version,
             "since": moment(one.since)}
            for one in consent.standing(row)
        ]
    }  # fmt: skip


def _link(member: Member, row: Link) -> dict[str, Any]:
    return {
        "obj": row.obj, "member": member.obj, "network": row.network, "handle": row.handle, "url": row.url,
        "proof": row.proof, "counts": row.counts, "linked": moment(row.linked_at),
        "unlinked": moment(row.unlinked_at),
    }  # fmt: skip


def _receipt(why: receipt.Why) -> dict[str, Any]:
    return {
        "source": why.source, "kind": why.kind, "network": why.network, "at": moment(why.at),
        "outcome": why.outcome, "state": why.state, "points": why.points, "entry": why.entry,
        "programme": why.name, "number": why.number, "sha256": why.sha256,
        "awards": [_award(one) for one in why.awards],
    }  # fmt: skip


def _award(one: receipt.Award) -> dict[str, Any]:
    parts = [{"label": part.label, "shown": part.shown, "points": part.points} for part in one.parts]
    return {
        "rule": one.rule, "sentence": one.sentence, "parts": parts, "asked": one.asked,
        "points": one.points, "outcome": one.outcome, "reason": one.reason,
    }  # fmt: skip
