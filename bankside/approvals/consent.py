"""Four eyes on exact words: somebody else agrees, sends back, or the consent falls away.

The rules stand here and, once more, in the database (0002_four_eyes): whoever wrote or last edited words
cannot agree to them, and a consent is for the digests that were asked for and seen, and no others.
"""

from __future__ import annotations

from django.db import transaction

from bankside.approvals import policy as consent_policy
from bankside.approvals import requests
from bankside.approvals.models import Consent, Request
from bankside.approvals.requests import Digests, exact
from bankside.people import policy
from bankside.people.models import Staff, Team
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.approvals import ApprovalGiven, ApprovalVoid, PolicyConsent, SentBack
from bankside.record.identifiers import kept
from bankside.record.reasons import ReasonMissing
from bankside.said import Said

REASON_CHARACTERS_MAX = 2000


class OwnWords(PermissionError):
    """Nobody decides about words that she wrote or edited last."""


class Changed(ValueError):
    """What she saw is not what is waiting: the words were changed meanwhile."""


class Expired(ValueError):
    """The request has lain too long; what was true then may not be true now."""


class AlreadyDecided(ValueError):
    """Somebody was quicker."""


class NeedsAPerson(PermissionError):
    """No policy lets these words go out without a second person."""


def give(staff: Staff, request: Request, *, words: Digests) -> list[Consent]:
    """She agrees to the words of these digests, as she saw them; one consent per channel.

    Giving twice is giving once. Raises NotYours, OwnWords, Changed, Expired, AlreadyDecided.
    """
    with transaction.atomic():
        row = _locked_for(staff, request)
        if row.state == Request.GIVEN and row.decided_by_id == staff.pk:
            return list(row.consents.order_by("channel"))
        _refuse_decided(row)
        if requests.parts_of(row) != sorted(words):
            raise Changed(
                Said("These are not the words that you saw. Look at them again before you approve.")
            )
        _decide(row, Request.GIVEN, staff)
        consents = _write(row, staff)
        _append(row, "given", staff.actor, ApprovalGiven(
            **_named(row), approver=staff.uid, words=exact(words), expires_ms=row.expires_at,
        ))  # fmt: skip
    return consents


def send_back(staff: Staff, request: Request, *, reason: str) -> Request:
    """She does not agree and says why. Raises NotYours, OwnWords, Changed, AlreadyDecided, ReasonMissing."""
    reason = kept(reason.strip())
    if not 0 < len(reason) <= REASON_CHARACTERS_MAX:
        raise ReasonMissing(
            Said(
                "Say what to change, in 1 to %(number)s characters.",
                number=REASON_CHARACTERS_MAX,
            )
        )
    with transaction.atomic():
        row = _locked_for(staff, request)
        if row.state == Request.SENT_BACK and row.decided_by_id == staff.pk:
            return row
        _refuse_decided(row, late=True)
        _decide(row, Request.SENT_BACK, staff, reason.strip())
        fact = SentBack(**_named(row), approver=staff.uid, reason=row.reason)
        _append(row, "sent-back", staff.actor, fact)
    return row


def void(thing: str, *, by_actor: str, reason: str, keep_version: str | None = None) -> int:
    """What waits for consent, or has it, has it no longer: the words changed or were taken back.

    `keep_version` stays as it is. How many versions lost it; none the second time.
    """
    with transaction.atomic():
        asked = _open_requests(thing, keep_version)
        direct = _policy_consents(thing, keep_version)
        now = clock.now_ms()
        standing = Consent.objects.filter(thing=thing, voided_at=0).exclude(version=keep_version or "")
        standing.update(voided_at=now)
        for row in asked:
            row.state, row.reason = Request.VOID, reason
            row.save(update_fields=["state", "reason"])
        for row in asked:
            fact = ApprovalVoid(**_named(row), reason=reason)
            _append(row, "void", by_actor, fact)
        for consent in direct:
            _append_direct_void(consent, by_actor, reason)
    return len(asked) + len(direct)


def by_policy(
    *,
    kind: str,
    thing: str,
    version: str,
    author: Staff,
    words: Digests,
    about: str = "",
    lane: int = 0,
    team: Team | None = None,
) -> list[Consent]:
    """The consents to words of a kind for which policy asks nobody; raises NeedsAPerson.

    The same version gives the old consents, if its words are the same; else raises Changed.
    """
    name = consent_policy.asks_nobody(kind, author=author, team=team)
    if not name:
        raise NeedsAPerson(Said("A second person has to agree to these words. Ask for approval."))
    with transaction.atomic():
        if known := list(Consent.objects.filter(version=version, basis=Consent.POLICY).order_by("channel")):
            return _same(known, words)
        expires = requests.expires_after(0)
        consents = Consent.objects.bulk_create(
            Consent(
                basis=Consent.POLICY, policy=name, kind=kind, about=about or thing, lane=lane, thing=thing,
                version=version, channel=channel, digest=digest, author=author, editor=author,
                given_at=clock.now_ms(), expires_at=expires,
            )
            for channel, digest in sorted(words)
        )  # fmt: skip
        fact = PolicyConsent(
            kind=kind, thing=thing, version=version, author=author.uid, policy=name, words=exact(words),
            expires_ms=expires,
        )  # fmt: skip
        append(fact, f"approvals.policy-consent:{version}", actor=author.actor, obj=about or thing, lane=lane)
    return consents


def holds(consent: Consent, *, channel: str, digest: str, now: int) -> bool:
    """Whether it is consent to exactly these words, here, now. Asks the database, not the object.

    Inside a transaction the row stays locked until its end: an edit that voids it comes before or after.
    """
    rows = Consent.objects.filter(
        pk=consent.pk, channel=channel, digest=digest, voided_at=0, expires_at__gt=now
    )
    if transaction.get_connection().in_atomic_block:
        rows = rows.select_for_update()
    return bool(rows.values_list("pk", flat=True))


def of(version: str, channel: str, digest: str) -> Consent | None:
    """The consent to these words of a version on a channel that was not voided, if there is one."""
    return Consent.objects.filter(version=version, channel=channel, digest=digest, voided_at=0).first()


# --- deciding ------------------------------------------------------------------------------------------
def _locked_for(staff: Staff, request: Request) -> Request:
    """The request under its lock, if this is for her to decide."""
    row = Request.objects.select_for_update().get(pk=request.pk)
    policy.require(staff, consent_policy.APPROVE_ACTS[row.kind], row.team)
    if staff.pk in {row.author_id, row.editor_id}:
        raise OwnWords(Said("You wrote or edited these words. Somebody else has to decide about them."))
    return row


def _refuse_decided(row: Request, *, late: bool = False) -> None:
    match row.state:
        case Request.VOID:
            raise Changed(
                Said("The words were changed or taken back since. There is nothing to decide any more.")
            )
        case Request.GIVEN | Request.SENT_BACK:
            agreed = Said("Somebody else was quicker: these words were approved already.")
            back = Said("Somebody else was quicker: these words were sent back already.")
            raise AlreadyDecided(agreed if row.state == Request.GIVEN else back)
    if row.expires_at <= clock.now_ms() and not late:
        raise Expired(Said("This request has expired. The author can submit the words again."))


def _decide(row: Request, state: str, staff: Staff, reason: str = "") -> None:
    row.state, row.decided_by, row.decided_at, row.reason = state, staff, clock.now_ms(), reason
    row.save(update_fields=["state", "decided_by", "decided_at", "reason"])


def _write(row: Request, staff: Staff) -> list[Consent]:
    return Consent.objects.bulk_create(
        Consent(
            request=row, basis=Consent.PERSON, kind=row.kind, about=row.about, lane=row.lane, thing=row.thing,
            version=row.version, channel=channel, digest=digest, author=row.author, editor=row.editor,
            approver=staff, given_at=row.decided_at, expires_at=row.expires_at,
        )
        for channel, digest in requests.parts_of(row)
    )  # fmt: skip


# --- falling away --------------------------------------------------------------------------------------
def _open_requests(thing: str, keep_version: str | None) -> list[Request]:
    rows = Request.objects.select_for_update().filter(thing=thing, state__in=[Request.WAITING, Request.GIVEN])
    return list(rows.exclude(version=keep_version or "").order_by("lane", "pk"))


def _policy_consents(thing: str, keep_version: str | None) -> list[Consent]:
    """One standing policy consent per version; one fact tells of them all."""
    rows = Consent.objects.select_for_update().filter(thing=thing, voided_at=0, basis=Consent.POLICY)
    by_version = {
        row.version: row for row in rows.exclude(version=keep_version or "").order_by("lane", "-pk")
    }
    return list(by_version.values())


def _append_direct_void(consent: Consent, by_actor: str, reason: str) -> None:
    fact = ApprovalVoid(
        request="", kind=consent.kind, thing=consent.thing, version=consent.version, reason=reason
    )
    key = f"approvals.approval-void:{consent.version}"
    append(fact, key, actor=by_actor, obj=consent.about, lane=consent.lane)


def _append(row: Request, what: str, actor: str, fact: object) -> None:
    append(fact, f"approvals.{what}:{row.obj}", actor=actor, obj=row.about, lane=row.lane)


def _named(row: Request) -> dict[str, str]:
    """What every fact about a request says first."""
    return {"request": row.obj, "kind": row.kind, "thing": row.thing, "version": row.version}


def _same(known: list[Consent], words: Digests) -> list[Consent]:
    if sorted((c.channel, c.digest) for c in known) != sorted(words):
        raise Changed(Said("This version was sent with other words. Write a new version."))
    return known
