"""Programmes, acts that the bank's systems saw, card payments, what is owed, what waits for a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Router

from bankside.people import policy
from bankside.record import clock
from bankside.rewards import appeal, payment, rehearsal, reported, review
from bankside.rewards import member as members
from bankside.rewards import programme as programmes
from bankside.rewards.ledger import balance
from bankside.rewards.models import Appeal, Programme
from bankside.rewards.payments.transaction import CardTransaction
from bankside.rewards.rules import plain
from bankside.rewards.rules import programme as rules
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.shapes import Moment, moment
from bankside.web.api.shapes.programmes import (
    ActsIn,
    ActsOut,
    AnswerIn,
    AppealOut,
    Appeals,
    CheckedOut,
    DigestIn,
    DraftProgrammeIn,
    DryRunIn,
    DryRunOut,
    FlagOut,
    Flags,
    Liability,
    LookIn,
    PaymentIn,
    PaymentsIn,
    PaymentsOut,
    ProgrammeOut,
    Programmes,
    ReleaseIn,
    ReversalIn,
    RewriteIn,
    TextIn,
    WhyIn,
)
from bankside.web.spoken import spoken

router = Router(tags=["programmes"])


@operation(router, "GET", "/programmes", "offer.see", says=Programmes)
def programme_list(request: HttpRequest) -> Any:
    """Every version, newest first."""
    return {"items": [_programme(row) for row in programmes.visible_to(staff_of(request))]}


@operation(router, "POST", "/programmes", "programme.write", says=ProgrammeOut, status=201)
def programme_draft(request: HttpRequest, said: DraftProgrammeIn) -> Any:
    """Keeps a new version as a draft, also when it has mistakes."""
    return _programme(programmes.draft(staff_of(request), name=said.name, text=said.text))


@operation(router, "POST", "/programmes:check", "programme.write", says=CheckedOut)
def programme_check(request: HttpRequest, said: TextIn) -> Any:
    """Looks at a text and keeps nothing: mistakes by line and column, the worst case, every rule in words."""
    return _checked(rules.check(said.text))


@operation(router, "POST", "/programmes:dry-run", "programme.write", says=DryRunOut)
def programme_dry_run(request: HttpRequest, said: DryRunIn) -> Any:
    """Tries a text on what members did in the last days, and keeps nothing. A run takes some seconds at most:
    it reads as many whole days as have 20,000 acts, and says how many acts were left out."""
    staff, checked = staff_of(request), rules.check(said.text)
    policy.require(staff, "programme.write")
    tried = rehearsal.of_text(staff, checked, days=said.days)
    return {
        "ok": not checked.findings,
        "findings": _findings(checked),
        "tried": asdict(tried) if tried else None,
    }


@operation(router, "GET", "/programmes/{programme}", "offer.see", says=ProgrammeOut)
def programme_show(request: HttpRequest, programme: Obj) -> Any:
    """One version."""
    return _programme(programmes.get_visible(staff_of(request), programme))


@operation(router, "PATCH", "/programmes/{programme}", "programme.write", says=ProgrammeOut)
def programme_rewrite(request: HttpRequest, programme: Obj, said: RewriteIn) -> Any:
    """Another text for a draft."""
    return _programme(programmes.rewrite(staff_of(request), programme, text=said.text))


@operation(router, "POST", "/programmes/{programme}/submission", "programme.write", says=ProgrammeOut)
def programme_submit(request: HttpRequest, programme: Obj) -> Any:
    """Puts a draft without mistakes before two other people."""
    return _programme(programmes.submit(staff_of(request), programme))


@operation(router, "POST", "/programmes/{programme}/approval", "programme.approve", says=ProgrammeOut)
def programme_approve(request: HttpRequest, programme: Obj, said: DigestIn) -> Any:
    """Agrees to exactly this text; with the second agreement it is in force."""
    return _programme(programmes.approve(staff_of(request), programme, sha256=said.sha256))


@operation(router, "POST", "/programmes/{programme}/return", "programme.approve", says=ProgrammeOut)
def programme_return(request: HttpRequest, programme: Obj, said: WhyIn) -> Any:
    """Sends it back to its author, and says why."""
    return _programme(programmes.send_back(staff_of(request), programme, reason=said.reason))


@operation(router, "POST", "/programmes/{programme}/retirement", "programme.approve", says=ProgrammeOut)
def programme_retire(request: HttpRequest, programme: Obj, said: WhyIn) -> Any:
    """Ends a version that is in force; what was earned stays."""
    return _programme(programmes.retire(staff_of(request), programme, reason=said.reason))


@operation(router, "POST", "/activities:batch", "member.manage", says=ActsOut)
def acts_take(request: HttpRequest, said: ActsIn) -> Any:
    """What the bank's own system saw members do. Each act is taken once, by its reference."""
    staff = staff_of(request)
    policy.require(staff, "member.manage")
    items = [
        reported.Item(
            ref=one.ref,
            member=one.member,
            kind=one.kind,
            campaign=one.campaign,
            evidence=one.evidence,
            values=dict(one.values),
        )
        for one in said.items
    ]
    names = ("ref", "outcome", "rule", "points", "reason")
    results = reported.take(staff.actor, items)
    return {"items": [{name: getattr(one, name) for name in names} for one in results]}


@operation(router, "POST", "/card-transactions:batch", "member.manage", says=PaymentsOut)
def payments_take(request: HttpRequest, said: PaymentsIn) -> Any:
    """Card payments: authorised, cleared, refunded. Each is taken once, by its reference."""
    staff = staff_of(request)
    policy.require(staff, "member.manage")
    results = payment.take([_transaction(one) for one in said.items], staff.actor)
    names = ("ref", "outcome", "reason", "offer", "amount")
    return {"items": [{name: getattr(one, name) for name in names} for one in results]}


@operation(router, "GET", "/ledger/liability", "liability.see", says=Liability)
def liability(request: HttpRequest, as_of: Moment | None = None) -> Any:
    """What is owed, by vintage: now, or as it was at a moment."""
    policy.require(staff_of(request), "liability.see")
    found = balance.liability(int(as_of.timestamp() * 1000) if as_of else None)
    names = ("unit", "state", "due", "points", "members")
    return {"items": [{name: getattr(one, name) for name in names} for one in found]}


@operation(router, "GET", "/reviews", "review.see", says=Flags)
def flag_list(request: HttpRequest) -> Any:
    """Acts that a person has to look at before their points settle, oldest first."""
    return {"items": [_flagged(one) for one in review.waiting(staff_of(request))]}


@operation(router, "GET", "/reviews/{flag}", "review.see", says=FlagOut)
def flag_show(request: HttpRequest, flag: Obj) -> Any:
    """One of them."""
    return _flagged(review.opened(staff_of(request), flag))


@operation(router, "POST", "/reviews/{flag}/release", "review.decide", says=FlagOut)
def flag_release(request: HttpRequest, flag: Obj, said: ReleaseIn) -> Any:
    """Lets the points settle."""
    staff = staff_of(request)
    review.release(staff, flag, why=said.why)
    return _flagged(review.opened(staff, flag))


@operation(router, "POST", "/reviews/{flag}/proposal", "review.decide", says=FlagOut)
def flag_propose(request: HttpRequest, flag: Obj, said: ReversalIn) -> Any:
    """Says that the points should be taken back; somebody else has to agree."""
    staff = staff_of(request)
    review.propose(staff, flag, code=said.code, why=said.why)
    return _flagged(review.opened(staff, flag))


@operation(router, "POST", "/reviews/{flag}/reversal", "review.second", says=FlagOut)
def flag_reverse(request: HttpRequest, flag: Obj) -> Any:
    """Agrees that the points are taken back; the member is told, and may appeal."""
    staff = staff_of(request)
    review.reverse(staff, flag)
    return _flagged(review.opened(staff, flag))


@operation(router, "POST", "/reviews/{flag}/restoring", "review.decide", says=FlagOut)
def flag_propose_restoring(request: HttpRequest, flag: Obj, said: ReleaseIn) -> Any:
    """Says that points were taken back by mistake; somebody else has to agree that they are given back."""
    staff = staff_of(request)
    review.propose_restoring(staff, flag, why=said.why)
    return _flagged(review.opened(staff, flag))


@operation(router, "POST", "/reviews/{flag}/restoration", "review.second", says=FlagOut)
def flag_restore(request: HttpRequest, flag: Obj) -> Any:
    """Agrees that points are given back; the member is told."""
    staff = staff_of(request)
    review.restore(staff, flag)
    return _flagged(review.opened(staff, flag))


@operation(router, "POST", "/members/{member}/reviews", "review.decide", says=FlagOut, status=201)
def flag_raise(request: HttpRequest, member: Obj, said: LookIn) -> Any:
    """Has an act of a member looked at; its points do not settle until then. What is in review stays so."""
    staff = staff_of(request)
    row = members.get_visible(staff, member)
    return _flagged(review.opened(staff, review.raise_by_hand(staff, row, said.source, why=said.why).obj))


@operation(router, "GET", "/appeals", "review.see", says=Appeals)
def appeal_list(request: HttpRequest) -> Any:
    """What members say is wrong, oldest first."""
    return {"items": [_appeal(row) for row in appeal.waiting(staff_of(request))]}


@operation(router, "POST", "/appeals/{obj}/answer", "review.decide", says=AppealOut)
def appeal_answer(request: HttpRequest, obj: Obj, said: AnswerIn) -> Any:
    """Answers a member."""
    return _appeal(appeal.answer(staff_of(request), obj, said.words))


def _programme(row: Programme) -> dict[str, Any]:
    names = ("obj", "name", "number", "state", "sha256", "text")
    times = {"made": row.made_at, "live_from": row.live_from, "ended": row.ended_at}
    return {name: getattr(row, name) for name in names} | {n: moment(at) for n, at in times.items()}


def _checked(found: rules.Checked) -> dict[str, Any]:
    said = (
        [spoken(w) for one in plain.preview(found.programme) for w in one.sentences]
        if found.programme
        else []
    )
    worst = asdict(found.worst) if found.worst else None
    return {"ok": not found.findings, "findings": _findings(found), "worst": worst, "plain": said}


def _findings(found: rules.Checked) -> list[dict[str, Any]]:
    return [
        {"line": one.line, "column": one.column, "message": spoken(one.message), "hint": spoken(one.hint)}
        for one in found.findings
    ]


def _transaction(one: PaymentIn) -> CardTransaction:
    at_ms = clock.from_iso(one.at.isoformat())
    given = one.dict(exclude={"at"})
    return CardTransaction(**given, at_ms=at_ms)


def _flagged(one: review.Flagged | review.Opened) -> dict[str, Any]:
    flag = one.flag
    return {
        "obj": flag.obj, "member": flag.member.obj, "source": flag.source, "points": one.points,
        "reasons": [spoken(words) for words in one.reasons], "state": flag.state,
        "made": moment(flag.made_at),
    }  # fmt: skip


def _appeal(row: Appeal) -> dict[str, Any]:
    return {
        "obj": row.obj, "member": row.member.obj, "source": row.source, "words": row.words,
        "made": moment(row.made_at), "answer": row.answer, "answered": moment(row.answered_at),
    }  # fmt: skip
