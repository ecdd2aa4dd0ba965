"""What somebody looks at before points settle: one person releases, two reverse, and nothing does by itself.

A reversal takes proof: a reason code, words, a second person who is somebody else, a notice to the member,
who may appeal (card sheet, section 2). The database refuses a reversal by one person (0003_two_people). If an
appeal is right, two people give the points back, and the member is told; for once and for good (0008).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from django.db import transaction

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.rewards import FlagDecided, FlagRaised
from bankside.record.reasons import ReasonMissing, reason_of
from bankside.record.two_people import SamePerson
from bankside.rewards import fraud, programme, receipt
from bankside.rewards.asked import rows
from bankside.rewards.ledger import claw
from bankside.rewards.models import Flag, Member, Restoration
from bankside.rewards.receipt import Why
from bankside.rewards.taking_part import subj_of
from bankside.said import Said

FLAGS_MAX: Final = 200
RESTORED: Final = "restored"
# What is proved when points are taken back. None of them is a matter of opinion about what was said.
CODES: Final[Mapping[str, Said]] = {
    "duplicate-text": Said("The same text was posted by several accounts"),
    "co-action": Said("Several accounts acted as one"),
    "automation": Said("A program acted, and not a person"),
    "false-evidence": Said("What was reported did not happen"),
    "not-hers": Said("The account or the act is not the member's"),
}
REASONS: Final[Mapping[str, Said]] = {
    fraud.ACCOUNT_AGE: Said("The account is very young"),
    fraud.VELOCITY: Said("Very many acts within an hour"),
    fraud.BURST: Said("Very many members at one place within minutes"),
    fraud.NIGHT_CLOCK: Said("Acts around the clock, without a night"),
    fraud.AUDIT: Said("Drawn at random"),
    fraud.BREAKER: Said("The fund of the rule is being spent very fast"),
    fraud.NEAR_DUPLICATE: Said("Nearly the same text as another"),
    fraud.CO_ACTION: Said("Always at the same places as another member"),
    fraud.BY_HAND: Said("Somebody asked for a look"),
}
EVIDENCE: Final[Mapping[str, Said]] = {
    "days": Said("days"), "wanted": Said("at least"), "acts": Said("acts"), "most": Said("at most"),
    "members": Said("members"), "minutes": Said("minutes"), "hours": Said("hours of the day"),
    "share_per_mille": Said("drawn of a thousand"), "points": Said("points"), "fund": Said("fund"),
    "like": Said("like the act"), "bits": Said("different bits of 64"),
    "same_member": Said("of the same member"),
    "other": Said("with the member of number"), "shared": Said("conversations in common"),
    "percent": Said("percent of their conversations"), "by": Said("asked by"), "why": Said("because"),
}  # fmt: skip


class NoSuchFlag(LookupError):
    """There is no such flag."""


class AlreadyDecided(ValueError):
    """Somebody was quicker."""


class NotProposed(ValueError):
    """Nobody proposed to take these points back."""


class NotReversed(ValueError):
    """Only what was taken back can be given back."""


class Flagged(NamedTuple):
    """A flag in the queue. `settles_at`: when its points would settle (UTC ms), 0 when they do not."""

    flag: Flag
    member: Member
    points: int
    reasons: tuple[Said, ...]
    settles_at: int


class Opened(NamedTuple):
    """A flag with what was seen, in numbers, and the receipt. `proposed`: one person wants a reversal.
    `restoring`: that what was taken back is, or is to be, given back."""

    flag: Flag
    member: Member
    points: int
    reasons: tuple[Said, ...]
    evidence: tuple[tuple[Said, str], ...]
    receipt: Why
    settles_at: int
    proposed: bool
    restoring: Restoration | None


class Notice(NamedTuple):
    """What a member is told when points were taken back. `restored_at`: when they were given back, or 0."""

    source: str
    at: int
    code: Said
    points: int
    restored_at: int = 0


def waiting(staff: Staff, limit: int = 100) -> list[Flagged]:
    """Flags that nobody decided, oldest first; at most 200."""
    policy.require(staff, "review.see")
    rows_ = Flag.objects.filter(state=Flag.OPEN).select_related("member").order_by("made_at", "pk")
    found = list(rows_[: max(0, min(limit, FLAGS_MAX))])
    settles = _settling(found)
    return [Flagged(one, one.member, one.points, _reasons(one), settles[one.source]) for one in found]


def opened(staff: Staff, obj: str) -> Opened:
    """One of them, decided or not, with its evidence. Raises NoSuchFlag."""
    policy.require(staff, "review.see")
    flag = Flag.objects.select_related("member").filter(obj=obj).first()
    if flag is None:
        raise NoSuchFlag(Said("There is no such flag."))
    return Opened(
        flag=flag, member=flag.member, points=flag.points, reasons=_reasons(flag), evidence=_evidence(flag),
        receipt=receipt.why(flag.member, flag.source), settles_at=_settling([flag])[flag.source],
        proposed=bool(flag.code), restoring=Restoration.objects.filter(flag=flag).first(),
    )  # fmt: skip


def about(staff: Staff, sources: Iterable[str]) -> dict[str, Flag]:
    """Flags of these acts, by source, for whoever answers an appeal."""
    policy.require(staff, "review.see")
    return {flag.source: flag for flag in Flag.objects.filter(source__in=set(sources))}


def restoring(staff: Staff) -> list[Restoration]:
    """What somebody proposed to give back and nobody agreed to yet, oldest first."""
    policy.require(staff, "review.see")
    found = Restoration.objects.filter(done_at=0).select_related("flag__member").order_by("made_at", "pk")
    return list(found[:FLAGS_MAX])


def release(staff: Staff, obj: str, *, why: str) -> Flag:
    """Nothing is wrong: the points settle when their day comes. One person; twice is once."""
    policy.require(staff, "review.decide")
    why = reason_of(why)
    with transaction.atomic():
        flag = _locked(obj)
        if flag.state == Flag.RELEASED:
            return flag
        _refuse_decided(flag)
        _decide(flag, Flag.RELEASED, decided_by=staff.uid, why=why, code="")
        _tell(flag, staff)
    return flag


def propose(staff: Staff, obj: str, *, code: str, why: str) -> Flag:
    """Wants the points taken back, by one of CODES. Nothing happens until a second person agrees."""
    policy.require(staff, "review.decide")
    if code not in CODES:
        raise ReasonMissing(Said("Choose what was proved."))
    why = reason_of(why)
    with transaction.atomic():
        flag = _locked(obj)
        _refuse_decided(flag)
        flag.code, flag.why, flag.decided_by = code, why, staff.uid
        flag.save(update_fields=["code", "why", "decided_by"])
    return flag


def reverse(staff: Staff, obj: str) -> Flag:
    """The second person agrees: points are taken back, what was spent is written off, the member is told."""
    policy.require(staff, "review.second")
    with transaction.atomic():
        flag = _locked(obj)
        if flag.state == Flag.REVERSED:
            return flag
        _refuse_decided(flag)
        if not flag.code:
            raise NotProposed(Said("Nobody proposed to take these points back."))
        if flag.decided_by == staff.uid:
            raise SamePerson(Said("You proposed this. A second person has to agree."))
        taken = claw.reverse(flag.source, clock.now_ms())
        flag.points = taken.points + taken.shortfall
        _decide(flag, Flag.REVERSED, second_by=staff.uid, points=flag.points)
        _tell(flag, staff)
    return flag


def propose_restoring(staff: Staff, obj: str, *, why: str) -> Flag:
    """Wants what was taken back to be the member's again. Nothing happens until a second person agrees.

    Raises NotYours, NoSuchFlag, NotReversed, ReasonMissing, AlreadyDecided (it was given back).
    """
    policy.require(staff, "review.decide")
    why = reason_of(why)
    with transaction.atomic():
        flag = _locked(obj)
        if flag.state != Flag.REVERSED:
            raise NotReversed(Said("Nothing was taken back here that could be given back."))
        if Restoration.objects.filter(flag=flag, done_at__gt=0).exists():
            raise AlreadyDecided(Said("Somebody else was quicker: this is decided already."))
        given = {"why": why, "proposed_by": staff.uid, "made_at": clock.now_ms()}
        Restoration.objects.update_or_create(flag=flag, defaults=given)
    return flag


def restore(staff: Staff, obj: str) -> Flag:
    """The second person agrees: the points are hers again, and the member is told. Twice is once.

    Raises NotYours, NoSuchFlag, NotProposed, SamePerson.
    """
    policy.require(staff, "review.second")
    with transaction.atomic():
        flag = _locked(obj)
        row = Restoration.objects.select_for_update().filter(flag=flag).first()
        if row is None:
            raise NotProposed(Said("Nobody proposed to give these points back."))
        if row.done_at:
            return flag
        if row.proposed_by == staff.uid:
            raise SamePerson(Said("You proposed this. A second person has to agree."))
        now = clock.now_ms()
        row.points = sum(claw.restore(flag.source, now, zone=_zone_of(flag.source)))
        row.second_by, row.done_at = staff.uid, now
        row.save(update_fields=["points", "second_by", "done_at"])
        _append(flag, staff, RESTORED, row.why, row.second_by)
    return flag


def raise_by_hand(staff: Staff, member: Member, source: str, *, why: str) -> Flag:
    """Somebody wants an act looked at. A source that has a flag keeps it. Raises NoSuchReceipt."""
    policy.require(staff, "review.decide")
    why = reason_of(why)
    points = receipt.why(member, source).points
    with transaction.atomic():
        there = Flag.objects.select_for_update().filter(source=source).first()
        if there is not None:
            return there
        flag = Flag.objects.create(
            source=source, member=member, reasons=[fraud.BY_HAND], points=points, made_at=clock.now_ms(),
            evidence={fraud.BY_HAND: {"by": staff.name, "why": why}},
        )  # fmt: skip
        said = FlagRaised(flag=flag.obj, member=member.obj, source=source, reasons=(fraud.BY_HAND,))
        append(said, f"rewards.flag-raised:{source}", actor=staff.actor, obj=flag.obj, subj=subj_of(member))
    return flag


def notices(member: Member) -> list[Notice]:
    """What was taken back from her, newest first."""
    found = Flag.objects.filter(member=member, state=Flag.REVERSED).select_related("restoration")
    return [
        Notice(
            flag.source, flag.decided_at, CODES.get(flag.code, Said("Proved abuse")), flag.points,
            flag.restoration.done_at if hasattr(flag, "restoration") else 0,
        )
        for flag in found.order_by("-decided_at", "-pk")[:FLAGS_MAX]
    ]  # fmt: skip


# --- what is shown ------------------------------------------------------------------------------------------
def _reasons(flag: Flag) -> tuple[Said, ...]:
    return tuple(REASONS.get(name, Said("Something is unusual")) for name in flag.reasons)


def _evidence(flag: Flag) -> tuple[tuple[Said, str], ...]:
    """What the checks saw, in the order of the reasons."""
    seen: Mapping[str, Mapping[str, Any]] = flag.evidence
    return tuple(
        (EVIDENCE.get(name, Said("seen")), str(value))
        for reason in flag.reasons
        for name, value in seen.get(reason, {}).items()
    )


def _settling(flags: Iterable[Flag]) -> dict[str, int]:
    """When the points of each source settle unless the flag is open by then (UTC ms), by two statements."""
    versions = programme.versions()
    found = {flag.source: 0 for flag in flags}
    for source, version, due in rows(_DUE, "source", found, "and kind = 'earn'"):
        zone = versions[version].programme.zone
        found[source] = max(found[source], receipt.begins(due, zone))
    return found


_DUE = "select source, programme, due from rewards_posting where"


def _zone_of(source: str) -> str:
    """The zone of the programme by which it was earned."""
    versions = programme.versions()
    found = rows(_DUE, "source", [source], "and kind = 'earn'")
    return versions[found[0][1]].programme.zone if found else "UTC"


# --- deciding -----------------------------------------------------------------------------------------------
def _locked(obj: str) -> Flag:
    flag = Flag.objects.select_for_update(of=("self",)).select_related("member").filter(obj=obj).first()
    if flag is None:
        raise NoSuchFlag(Said("There is no such flag."))
    return flag


def _refuse_decided(flag: Flag) -> None:
    if flag.state != Flag.OPEN:
        raise AlreadyDecided(Said("Somebody else was quicker: this is decided already."))


def _decide(flag: Flag, state: str, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(flag, name, value)
    flag.state, flag.decided_at = state, clock.now_ms()
    flag.save(update_fields=["state", "decided_at", *changes])


def _tell(flag: Flag, staff: Staff) -> None:
    why = f"{flag.code}: {flag.why}" if flag.code else flag.why
    _append(flag, staff, flag.state, why, flag.second_by)


def _append(flag: Flag, staff: Staff, decision: str, why: str, second: str) -> None:
    said = FlagDecided(
        flag=flag.obj, member=flag.member.obj, source=flag.source, decision=decision, why=why, second=second
    )
    key = f"rewards.flag-{'restored' if decision == RESTORED else 'decided'}:{flag.obj}"
    append(said, key, actor=staff.actor, obj=flag.obj, subj=subj_of(flag.member))
