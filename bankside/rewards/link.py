"""A profile that a member proved to be hers, linked to her: one live link a profile, several a member.

Linking needs her consent `profile` and a proof that was just given. Unlinking acts at once: from that moment
on nothing done under the profile earns, the code on the card leads nowhere, and what was earned stays.
Another member can link the profile after 30 days and with a proof of her own; the same member at any time.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from django.db import IntegrityError, models, transaction

from bankside.channels import profiles
from bankside.people.models import Staff
from bankside.record import clock, subjects
from bankside.record.append import Draft, append_many
from bankside.record.facts.rewards import ProfileLinked, ProfileSwitched, ProfileUnlinked
from bankside.rewards import consent, counting, profile_names, short_link
from bankside.rewards.models import Link, Member, PendingProof, ProofApp
from bankside.rewards.taking_part import acting, actor_of, locked, refuse_unless_active
from bankside.said import Said

TOKEN_BYTES: Final = 24
OAUTH_MINUTES: Final = 10
PAGE_DAYS: Final = 7
"""How long a member has to change her page or her domain."""
PENDING_MAX: Final = 5
LINKS_MAX: Final = 6
"""As many as a card has voices."""
RELINK_DAYS: Final = 30
APP_HOURS: Final = 20
"""Servers forget an application that nobody uses after a day."""
DAY_MS: Final = 86_400_000

Proof = Literal["oauth", "rel-me", "dns"]
NotProved = profiles.NotProved


class NotLinked(ValueError):
    """The profile is not linked; the message says why."""


class LinkTaken(NotLinked):
    """The profile is linked to another member now."""


class TooSoon(NotLinked):
    """Another member unlinked the profile less than 30 days ago."""


class NoSuchLink(LookupError):
    """The member has no such link, or has it no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """She signs in at `address`, on `host`, and comes back to the members' pages with `state`."""

    address: str
    host: str
    title: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What she is to do herself, until `until` (UTC ms): have her page `where` link to `text`, or her domain
    `where` say it in a TXT record. `state` is given to `complete` when she did."""

    state: str
    network: str
    title: str
    proof: str
    text: str
    where: str
    until: int


def offered() -> list[profiles.Place]:
    """The networks on which she can link a profile, and how."""
    return profiles.offered()


def begin(member: Member, network: str, place: str = "", proof: Proof = "oauth") -> Away | Instructions:
    """Begins a proof. `place`: what she typed as her profile, where the network asks for it.

    Raises NotTakingPart, ConsentMissing, NotLinked, NotProved, LookupError (no such network).
    """
    refuse_unless_active(member)
    consent.require(member, consent.PROFILE)
    _refuse_too_many(member)
    state = secrets.token_urlsafe(TOKEN_BYTES)
    if proof == profiles.OAUTH:
        away = profiles.away(network, place, state=state, apps=_Apps())
        _remember(member, state, network, proof, away.kept, OAUTH_MINUTES * 60_000)
        return Away(address=away.address, host=away.host, title=away.title, state=state)
    asked = profiles.asked(network, proof, place, token=state)
    row = _remember(member, state, network, proof, asked.kept, PAGE_DAYS * DAY_MS)
    return _instructions(row, state, asked)


def complete(member: Member, *, state: str, code: str = "", issuer: str = "", error: str = "") -> Link:
    """The proof is there, or looked for: her link. The same profile twice is one link.

    A sign-in is good once, for the member who began it and for ten minutes; a page or domain is looked at as
    often as she asks within a week.
    Raises NotTakingPart, ConsentMissing, NotLinked, LinkTaken, TooSoon, NotProved.
    """
    row = PendingProof.objects.filter(
        state=_digest(state), member=member, expires_at__gt=clock.now_ms()
    ).first()
    used_up = row is not None and row.kind == profiles.OAUTH and not _used(row)
    if row is None or used_up:
        raise NotLinked(Said("This was begun too long ago, or elsewhere. Begin again."))
    if row.kind == profiles.OAUTH:
        proved = profiles.back(
            bytes(row.sealed), state=state, code=code, issuer=issuer, error=error, apps=_Apps()
        )
    else:
        proved = profiles.looked(bytes(row.sealed))
    made = take(member, proved, row.kind)
    _used(row)
    return made


def look(member: Member, state: str) -> Link:
    """Looks whether the line that she was told to put on her page or domain is there: her link. A sign-in
    ends in her own browser. Raises what `complete` does."""
    if all(one.state != state for one in waiting(member)):
        raise NotLinked(Said("This was begun too long ago, or elsewhere. Begin again."))
    return complete(member, state=state)


def take(member: Member, proved: profiles.Profile, proof: str) -> Link:
    """Links a profile that was just proved. Raises what `complete` does, but for the proof itself."""
    try:
        with transaction.atomic():
            row = locked(member)
            refuse_unless_active(row)
            agreed = consent.require(row, consent.PROFILE)
            if there := _there(row, proved):
                return there
            _refuse_too_many(row)
            link = _new(row, proved, proof, agreed.version)
            short_link.lead_to(link)
            counting.settle(row)
            fact = ProfileLinked(
                member=row.obj, link=link.obj, network=link.network, account=link.subj, proof=proof,
                consent=agreed.version,
            )  # fmt: skip
            profile_names.enqueue()
            append_many([_draft(fact, link, actor_of(row), f"profile-linked:{link.obj}")])
    except IntegrityError:  # of two members at the same time one was first
        raise _taken() from None
    return link


def waiting(member: Member) -> list[Instructions]:
    """What she has begun to change on her page or domain and not shown yet, the newest first."""
    rows = PendingProof.objects.filter(member=member, expires_at__gt=clock.now_ms())
    found = []
    for row in rows.exclude(kind=profiles.OAUTH).order_by("-pk")[:PENDING_MAX]:
        try:
            found.append(_instructions(row, *profiles.again(bytes(row.sealed))))
        except NotProved:  # its network has been taken off the desk
            continue
    return found


def proof_page(token: str) -> str | None:
    """The profile that the desk's page of this token links to as `me`; None when there is no such page."""
    row = PendingProof.objects.filter(
        state=_digest(token), kind=profiles.REL_ME, expires_at__gt=clock.now_ms()
    ).first()
    try:
        return profiles.page_of(bytes(row.sealed)) if row else None
    except NotProved:
        return None


def of(member: Member) -> list[Link]:
    """Her live links, oldest first."""
    return list(Link.objects.filter(member=member, unlinked_at=0).order_by("pk"))


def get(member: Member, obj: str) -> Link:
    """One of them. Raises NoSuchLink."""
    found = Link.objects.filter(member=member, obj=obj, unlinked_at=0).first()
    if found is None:
        raise NoSuchLink(Said("There is no such profile among those that are linked."))
    return found


def live_by_subj(subjs: Iterable[str]) -> dict[str, Link]:
    """The live links of these subjects of the record, with their members; one statement."""
    rows = Link.objects.filter(unlinked_at=0, subj__in=list(subjs)).select_related("member")
    return {row.subj: row for row in rows}


def switch(member: Member, obj: str, counts: bool) -> Link:
    """Lets what she does under the profile count, or not, from now on. Raises NoSuchLink, NotTakingPart."""
    with transaction.atomic():
        row = locked(member)
        refuse_unless_active(row)
        link = _mine(row, obj)
        if link.counts == counts:
            return link
        link.counts, link.version = counts, link.version + 1
        link.save(update_fields=["counts", "version"])
        counting.settle(row)
        fact = ProfileSwitched(member=row.obj, link=link.obj, counts=counts)
        append_many([_draft(fact, link, actor_of(row), f"profile-switched:{link.obj}:{link.version}")])
    return link


def unlink(member: Member, obj: str, *, by: Staff | None = None, reason: str = "hers") -> Link:
    """Nothing done under the profile earns from this moment on; what it earned stays. Twice is once.

    Raises NoSuchLink (never hers), NotYours.
    """
    actor = acting(member, by)
    with transaction.atomic():
        row = locked(member)
        link = Link.objects.select_for_update(no_key=True).filter(member=row, obj=obj).first()
        if link is None:
            raise NoSuchLink(Said("There is no such profile among those that are linked."))
        append_many(ended(row, [link], actor, reason))
    return link


def ended(member: Member, links: Iterable[Link], actor: str, reason: str) -> list[Draft]:
    """Unlinks in the caller's transaction, the member's row locked; what is to be appended with it."""
    live = [link for link in links if not link.unlinked_at]
    if not live:
        return []
    Link.objects.filter(pk__in=[link.pk for link in live]).update(unlinked_at=clock.now_ms())
    moment = counting.settle(member)  # after those who post now have posted
    Link.objects.filter(pk__in=[link.pk for link in live]).update(unlinked_at=moment)
    drafts = []
    for link in live:
        link.unlinked_at = moment
        cards = [card for card in short_link.of(member) if card.link_id == link.pk]
        drafts += short_link.switched(cards, False, reason="unlinked", actor=actor)
        fact = ProfileUnlinked(
            member=member.obj, link=link.obj, network=link.network, account=link.subj, reason=reason
        )
        drafts.append(_draft(fact, link, actor, f"profile-unlinked:{link.obj}"))
    return drafts


# --- one link -----------------------------------------------------------------------------------------------
def invented(member: Member, profile: profiles.Profile) -> Link:
    """A link that nobody proved, for the invented bank alone; the record says so.

    Raises NotLinked on every network where a profile can be proved.
    """
    if profile.network in {place.network for place in offered()}:
        raise NotLinked(Said("A profile on this network has to be proved."))
    return take(member, profile, "invented")


def _there(member: Member, proved: profiles.Profile) -> Link | None:
    """Her live link to this profile, with its name as it is now. Raises LinkTaken, TooSoon, NotLinked."""
    now = clock.now_ms()
    if profiles.is_the_banks(proved):
        raise NotLinked(Said("This is an account of the bank's own."))
    rows = Link.objects.filter(network=proved.network, subject=proved.subject)
    live = rows.filter(unlinked_at=0).first()
    if live and live.member_id != member.pk:
        raise _taken()
    if live:
        live.handle, live.url, live.read_at = proved.handle[:200], proved.url[:500], now
        live.save(update_fields=["handle", "url", "read_at"])
        return live
    others = rows.exclude(member=member).aggregate(last=models.Max("unlinked_at"))["last"] or 0
    free_at = others + RELINK_DAYS * DAY_MS
    if others and now < free_at:
        days = -(-(free_at - now) // DAY_MS)
        raise TooSoon(
            Said("Another member had this profile. Days until it can be linked again: %(days)s.", days=days)
        )
    return None


def _new(member: Member, proved: profiles.Profile, proof: str, version: str) -> Link:
    now = clock.now_ms()
    return Link.objects.create(
        member=member, network=proved.network, subject=proved.subject,
        subj=subjects.subject_of(proved.network, proved.subject), handle=proved.handle[:200],
        url=proved.url[:500], proof=proof, consent_version=version,
        account_since=proved.account_since_ms, read_at=now, linked_at=now,
    )  # fmt: skip


def _taken() -> LinkTaken:
    return LinkTaken(Said("This profile is linked to another member. It has to be unlinked there first."))


def _mine(member: Member, obj: str) -> Link:
    found = Link.objects.select_for_update(no_key=True).filter(member=member, obj=obj, unlinked_at=0).first()
    if found is None:
        raise NoSuchLink(Said("There is no such profile among those that are linked."))
    return found


def _refuse_too_many(member: Member) -> None:
    if Link.objects.filter(member=member, unlinked_at=0).count() >= LINKS_MAX:
        raise NotLinked(
            Said("At most %(number)s profiles can be linked. Unlink one first.", number=LINKS_MAX)
        )


def _draft(fact: object, link: Link, actor: str, key: str) -> Draft:
    return Draft(fact=fact, key=f"rewards.{key}", actor=actor, obj=link.obj, subj=link.subj)


# --- proofs that were begun ---------------------------------------------------------------------------
def _remember(
    member: Member, state: str, network: str, proof: str, kept: bytes, lives_ms: int
) -> PendingProof:
    """Keeps what is needed again; of what a member has begun the newest few."""
    now = clock.now_ms()
    with transaction.atomic():
        locked(member)
        rows = PendingProof.objects.filter(member=member)
        newest = list(rows.filter(expires_at__gt=now).order_by("-pk").values_list("pk", flat=True))
        rows.exclude(pk__in=newest[: PENDING_MAX - 1]).delete()
        return PendingProof.objects.create(
            state=_digest(state), member=member, kind=proof, network=network, sealed=kept,
            expires_at=now + lives_ms,
        )  # fmt: skip


def _used(row: PendingProof) -> bool:
    """Takes it away; True for one of all that try."""
    return PendingProof.objects.filter(pk=row.pk).delete()[0] == 1


def _instructions(row: PendingProof, state: str, asked: profiles.Asked) -> Instructions:
    return Instructions(
        state=state, network=row.network, title=asked.title, proof=row.kind, text=asked.text,
        where=asked.where, until=row.expires_at,
    )  # fmt: skip


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


class _Apps:
    """Names that servers gave the desk, for less than a day."""

    def known(self, network: str, server: str) -> bytes | None:
        row = ProofApp.objects.filter(network=network, server=server, until__gt=clock.now_ms()).first()
        return bytes(row.sealed) if row else None

    def keep(self, network: str, server: str, sealed_app: bytes) -> None:
        until = clock.now_ms() + APP_HOURS * 3_600_000
        ProofApp.objects.update_or_create(
            network=network, server=server[:255], defaults={"sealed": sealed_app, "until": until}
        )

    def drop(self, network: str, server: str) -> None:
        ProofApp.objects.filter(network=network, server=server).delete()
