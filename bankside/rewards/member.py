"""A customer who takes part: let in by the bank, of age, agreed; paused, resumed, and gone when she likes.

Who leaves is unlinked at once, her cards end and her name and the bank's reference are emptied. Her points
are neither taken nor devalued: what is on its way settles, what she has stays in the journal until it ends,
and until then somebody at the bank can spend it for her by her number (`by` of `redemption.redeem`). Coming
back is joining anew. A pause ends as it began: what the bank paused, the bank lets go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, models, transaction

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import Draft, append_many
from bankside.record.facts.rewards import (
    InterestsDeclared,
    MemberAmended,
    MemberJoined,
    MemberLeft,
    MemberPaused,
    MemberResumed,
)
from bankside.rewards import card, consent, counting, link
from bankside.rewards.models import Card, Consent, Link, Member, PendingProof, Ticket
from bankside.rewards.taking_part import (
    ACT,
    SYSTEM,
    acting,
    actor_of,
    locked,
    refuse_unless_active,
    subj_of,
)
from bankside.rewards.taking_part import NoSuchMember as NoSuchMember
from bankside.said import Said

SEE: Final = "member.see"
REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
NAME_CHARACTERS_MAX: Final = 60
YEARS_MAX: Final = 130
INTERESTS_MAX: Final = 3
FIRST_YEAR: Final = 1900
FIRST_ZONE_HOURS: Final = 14
"""Where a day begins first, it does so that long before it does in UTC."""
# What the record calls a field of hers.
NAMED: Final[Mapping[str, str]] = {"name": "name", "language": "language", "tenure_since": "tenure"}
LANGUAGES: Final = ("en", "ko", "zh-hans", "nl")

# What a member may say that offers may be about. Nothing that tells of health, faith, politics or debts.
INTERESTS: Final[Mapping[str, Said]] = {
    "books": Said("Books"),
    "cinema": Said("Cinema"),
    "coffee": Said("Coffee"),
    "culture": Said("Museums and concerts"),
    "fashion": Said("Fashion"),
    "food": Said("Eating out"),
    "games": Said("Games"),
    "garden": Said("House and garden"),
    "learning": Said("Learning"),
    "sports": Said("Sports"),
    "technology": Said("Technology"),
    "travel": Said("Travel"),
}


class TooYoung(ValueError):
    """The customer is not of the age from which on somebody may take part."""


class PausedByBank(ValueError):
    """The bank paused a member, and she cannot end that herself."""


class BadMember(ValueError):
    """Something about the member cannot be so; the message says what to change."""


def enrol(
    *,
    customer_ref: str,
    born: date,
    consents: Mapping[str, str],
    name: str = "",
    language: str = "en",
    employee: bool = False,
    tenure_since: date | None = None,
    interests: Sequence[str] = (),
    by: Staff | None = None,
) -> Member:
    """Lets a customer take part; the same reference again gives the member that is there, unchanged.

    `customer_ref`: the bank's own, opaque: no number of a card. `born` is looked at and not kept. `consents`:
    purpose to version (empty: the current one), `programme` at least. `tenure_since`: the day since which she
    is a customer, None: not known. `by` None: the bank's own systems.
    Raises TooYoung, BadMember, ConsentMissing, NoSuchPurpose, NotYours.
    """
    if by is not None:
        policy.require(by, ACT)
    reference, actor = reference_of(customer_ref), by.actor if by else SYSTEM
    versions = {purpose: version or consent.version_of(purpose) for purpose, version in consents.items()}
    if consent.PROGRAMME not in versions:
        raise consent.ConsentMissing(consent.PROGRAMME)
    for purpose, version in versions.items():
        consent.words(purpose, version)
    _refuse_young(born)
    made = Member(
        customer_ref=reference, name=_name(name), language=_language(language), adult=True, employee=employee,
        tenure_since=_tenure(tenure_since) if tenure_since else 0, interests=_chosen(interests),
        joined_at=clock.now_ms(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            if there := Member.objects.filter(customer_ref=reference).first():
                return there
            made.save(force_insert=True)
            joined = MemberJoined(member=made.obj, language=made.language, employee=employee)
            first = _draft(joined, made, actor, f"member-joined:{made.obj}")
            _, given = consent.taken_down(made, versions, actor)
            append_many([first, *given, *_declared(made, actor)])
    except IntegrityError:  # somebody let her in at the same moment
        return by_ref(reference)
    return made


def pause(member: Member, *, by: Staff | None = None) -> Member:
    """Nothing counts and the code leads nowhere until she goes on. Twice is once. What the bank pauses, also
    when she has a break already, the bank alone lets go on. Raises NotYours, NotTakingPart (she has left)."""
    actor = acting(member, by)
    with transaction.atomic():
        row = locked(member)
        if row.status == Member.PAUSED and (row.paused_by_bank or by is None):
            return row
        return _moved(row, Member.PAUSED, actor, by_bank=by is not None)


def resume(member: Member, *, by: Staff | None = None) -> Member:
    """She goes on. Twice is once. Raises NotYours, PausedByBank, NotTakingPart (she has left)."""
    actor = acting(member, by)
    with transaction.atomic():
        row = locked(member)
        if row.status == Member.ACTIVE:
            return row
        if row.paused_by_bank and by is None:
            raise PausedByBank(Said("The bank has paused this. Ask at the bank; nothing is lost meanwhile."))
        return _moved(row, Member.ACTIVE, actor)


def leave(member: Member, *, by: Staff | None = None, reason: str = "hers") -> Member:
    """She takes part no longer, at once. Twice is once. Raises NotYours."""
    actor = acting(member, by)
    with transaction.atomic():
        row = locked(member)
        if row.status == Member.LEFT:
            return row
        row.status, row.left_at, row.version = Member.LEFT, clock.now_ms(), row.version + 1
        row.customer_ref, row.name, row.interests = None, "", []
        row.save()
        links = list(
            Link.objects.select_for_update(no_key=True).filter(member=row, unlinked_at=0).order_by("pk")
        )
        drafts = link.ended(row, links, actor, "left")
        counting.settle(row)
        Link.objects.filter(member=row).update(handle="", url="")
        drafts += card.ended_with(row, actor)
        given = Consent.objects.filter(member=row, withdrawn_at=0).order_by("purpose")
        drafts += consent.taken_back(row, given, actor)
        PendingProof.objects.filter(member=row).delete()
        Ticket.objects.filter(member=row).delete()
        fact = MemberLeft(member=row.obj, reason=reason[:100])
        append_many([*drafts, _draft(fact, row, actor, f"member-left:{row.obj}")])
    return row


def speak(member: Member, language: str) -> Member:
    """The language of her pages and card. Raises BadMember."""
    return _changed(member, language=_language(language))[0]


def amend(
    member: Member,
    *,
    name: str | None = None,
    language: str | None = None,
    tenure_since: date | None = None,
    by: Staff | None = None,
) -> Member:
    """Corrects her name for the next card, her language, since when she is a customer; None stays as it is.

    Twice is once. Raises BadMember, NotTakingPart (she has left), NotYours.
    """
    actor, fields = acting(member, by), dict[str, Any]()
    if name is not None:
        fields["name"] = _name(name)
    if language is not None:
        fields["language"] = _language(language)
    if tenure_since is not None:
        fields["tenure_since"] = _tenure(tenure_since)
    with transaction.atomic():
        row, changed = _changed(member, **fields)
        if changed:
            fact = MemberAmended(member=row.obj, what=tuple(sorted(NAMED[field] for field in changed)))
            append_many([_draft(fact, row, actor, f"member-amended:{row.obj}:{row.version}")])
    return row


def declare(member: Member, interests: Sequence[str]) -> Member:
    """What offers may be about, up to three from the list; none takes all back. Raises BadMember."""
    chosen = _chosen(interests)
    with transaction.atomic():
        row = locked(member)
        refuse_unless_active(row)
        if row.interests == chosen:
            return row
        row.interests, row.version = chosen, row.version + 1
        row.save(update_fields=["interests", "version"])
        append_many(_declared(row, actor_of(row), also_none=True))
    return row


# --- reading -------------------------------------------------------------------------------------------
def get(obj: str) -> Member:
    """The member of this obj, also one who left. Raises NoSuchMember."""
    return _found(Member.objects.filter(obj=obj))


def by_number(number: int) -> Member:
    """The member of this number. Raises NoSuchMember."""
    return _found(Member.objects.filter(pk=number))


def by_ref(customer_ref: str) -> Member:
    """The member whom the bank calls so. Raises NoSuchMember."""
    return _found(Member.objects.filter(customer_ref=customer_ref))


def visible_to(staff: Staff) -> models.QuerySet[Member]:
    """Everybody who takes part or did, the newest first; nobody for whoever may not see members."""
    rows = Member.objects.order_by("-pk")
    return rows if policy.may(staff, SEE) else rows.none()


def named(
    rows: models.QuerySet[Member], *, customer_ref: str = "", code: str = ""
) -> models.QuerySet[Member]:
    """Those of them whom the bank calls exactly so, and whose card has this code; empty asks nothing.

    `code` may be the whole short address, as it is read from a card.
    """
    if customer_ref:
        rows = rows.filter(customer_ref=customer_ref.strip())
    if code:
        end = code.strip().rstrip("/").rpartition("/")[2].lower()
        rows = rows.filter(pk__in=Card.objects.filter(code=end).values("member"))
    return rows


def customer_since(member: Member) -> date | None:
    """The day since which she is a customer; None where it is not known."""
    return date.fromisoformat(clock.iso(member.tenure_since)[:10]) if member.tenure_since else None


def get_visible(staff: Staff, obj: str) -> Member:
    """One of them by obj. Raises NoSuchMember."""
    return _found(visible_to(staff).filter(obj=obj))


def _found(rows: models.QuerySet[Member]) -> Member:
    row = rows.first()
    if row is None:
        raise NoSuchMember(Said("There is no such member."))
    return row


# --- what may be -----------------------------------------------------------------------------------------
def years_since(born: date, today: date) -> int:
    """Whole years of age. Who was born on 29 February has her birthday on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _refuse_young(born: date) -> None:
    today = date.fromisoformat(clock.iso(clock.now_ms())[:10])
    years = years_since(born, today)
    if not 0 <= years <= YEARS_MAX:
        raise BadMember(Said("The date of birth cannot be right."))
    if years < settings.MEMBER_YEARS_MIN:
        raise TooYoung(
            Said("Taking part is possible from the age of %(years)s on.", years=settings.MEMBER_YEARS_MIN)
        )


def reference_of(customer_ref: str) -> str:
    """The bank's own reference as it is kept. Raises BadMember, CardNumber."""
    reference = customer_ref.strip()
    if not REFERENCE.fullmatch(reference):
        raise BadMember(Said("A customer's reference has 1 to 64 letters, digits and . _ : -"))
    if card.holds_card_number(reference):
        raise card.CardNumber(Said("This is or holds a card number. Give the bank's own reference instead."))
    return reference


def _name(name: str) -> str:
    """Without needless spaces. What may be printed is asked when a card is."""
    plain = " ".join(name.split())
    if len(plain) > NAME_CHARACTERS_MAX or card.holds_card_number(plain):
        raise BadMember(Said("A name has at most %(number)s characters.", number=NAME_CHARACTERS_MAX))
    return plain


def _tenure(since: date) -> int:
    """The beginning of that day, UTC ms."""
    today_somewhere = clock.iso(clock.now_ms() + FIRST_ZONE_HOURS * 3_600_000)[:10]
    if since.year < FIRST_YEAR or since.isoformat() > today_somewhere:
        raise BadMember(Said("The day since which somebody is a customer cannot be right."))
    return clock.from_iso(f"{since.isoformat()}T00:00:00Z")


def _language(language: str) -> str:
    wanted = language.strip().lower().replace("_", "-")
    wanted = "zh-hans" if wanted in {"zh", "zh-cn"} else wanted
    if wanted not in LANGUAGES:
        raise BadMember(Said("The pages speak %(languages)s.", languages=", ".join(LANGUAGES)))
    return wanted


def _chosen(interests: Iterable[str]) -> list[str]:
    chosen = sorted({interest for interest in interests if interest})
    if len(chosen) > INTERESTS_MAX or not set(chosen) <= INTERESTS.keys():
        raise BadMember(Said("Choose up to %(number)s interests from the list.", number=INTERESTS_MAX))
    return chosen


# --- changing the row --------------------------------------------------------------------------------------
def _moved(row: Member, after: str, actor: str, *, by_bank: bool = False) -> Member:
    """Into another state, the row locked. Raises NotTakingPart for whoever has left."""
    if row.status == Member.LEFT:
        refuse_unless_active(row)
    row.status, row.paused_by_bank, row.version = after, by_bank, row.version + 1
    row.save(update_fields=["status", "paused_by_bank", "version"])
    counting.settle(row)
    fact = MemberPaused(member=row.obj) if after == Member.PAUSED else MemberResumed(member=row.obj)
    append_many([_draft(fact, row, actor, f"member-{after}:{row.obj}:{row.version}")])
    return row


def _changed(member: Member, **fields: Any) -> tuple[Member, list[str]]:
    """Her row with these values, and the fields that were others before."""
    with transaction.atomic():
        row = locked(member)
        refuse_unless_active(row) if row.status == Member.LEFT else None
        changed = [name for name, value in fields.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, fields[name])
        if changed:
            row.version += 1
            row.save(update_fields=[*changed, "version"])
    return row, changed


def _declared(member: Member, actor: str, *, also_none: bool = False) -> list[Draft]:
    if not member.interests and not also_none:
        return []
    fact = InterestsDeclared(member=member.obj, interests=tuple(member.interests))
    return [_draft(fact, member, actor, f"interests-declared:{member.obj}:{member.version}")]


def _draft(fact: Any, member: Member, actor: str, key: str) -> Draft:
    return Draft(fact=fact, key=f"rewards.{key}", actor=actor, obj=member.obj, subj=subj_of(member))
