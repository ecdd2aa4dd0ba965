"""What a member agrees to: one purpose at a time, in the words of a version, taken back as easily as given.

Taking back acts at once: `profile`: nothing done under a linked profile counts; `spend`: payments are not
used, and where they were made is forgotten; `card`: the code on the card leads nowhere; `personal`: offers
are everybody's, and she earns the same; `notices`: no messages, and those that wait are gone. Without
`programme` nobody takes part: taking it back is leaving.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import models, transaction

from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import Draft, append_many
from bankside.record.facts.rewards import ConsentGiven, ConsentWithdrawn
from bankside.rewards import counting, places, short_link
from bankside.rewards.models import Consent, ExpiryNotice, Member
from bankside.rewards.taking_part import acting, locked, refuse_unless_active, subj_of
from bankside.said import Said

PROGRAMME, PROFILE, CARD, SPEND, PERSONAL, NOTICES = (
    "programme", "profile", "card", "spend", "personal", "notices",
)  # fmt: skip

# Every version that was ever shown stays here: a consent is to words that somebody read. The last is asked.
WORDS: Final[Mapping[str, Mapping[str, Said]]] = {
    PROGRAMME: {
        "1": Said(
            "I take part in the social card programme. The bank keeps which points I earn, for what, and how "
            "I spend them. None of it is used for credit limits, interest rates or collections."
        ),
    },
    PROFILE: {
        "1": Said(
            "The bank may count my replies and mentions in its own threads, under the profiles that I link. "
            "What I say about the bank makes no difference."
        ),
    },
    CARD: {
        "1": Said(
            "My profile may stand on my card, and the code on its back may open it. I can turn the code off "
            "at any time without a new card."
        ),
    },
    SPEND: {
        "1": Said("The bank may use my card payments to credit the offers that I add."),
    },
    PERSONAL: {
        "1": Said(
            "The bank may choose offers for me by my card payments, by how I take part and by the interests "
            "that I declare. Without it I see everybody's offers and earn the same."
        ),
    },
    NOTICES: {
        "1": Said("The bank may tell me about points that settle or expire."),
    },
}
PURPOSES: Final = tuple(WORDS)


class NoSuchPurpose(LookupError):
    """Nobody is asked for this, or not in these words."""


class ConsentMissing(ValueError):
    """What was asked needs a consent that the member has not given; `purpose` names it."""

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        super().__init__(Said("This needs your consent first: %(words)s", words=words(purpose)))


class LeaveInstead(ValueError):
    """Who takes back the consent to take part leaves; that is asked for by its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A purpose and how a member stands to it. `version` is empty where she has not agreed, `since` then 0.

    `current` is the version that is asked for now: another than hers means that she agreed to older words.
    """

    purpose: str
    words: Said
    version: str
    current: str
    since: int


def words(purpose: str, version: str = "") -> Said:
    """The words of a version, or (empty) of the one that is asked for now. Raises NoSuchPurpose."""
    try:
        return WORDS[purpose][version or version_of(purpose)]
    except KeyError:
        raise NoSuchPurpose(Said("There is no such consent.")) from None


def version_of(purpose: str) -> str:
    """The version that is asked for now. Raises NoSuchPurpose."""
    if purpose not in WORDS:
        raise NoSuchPurpose(Said("There is no such consent."))
    return list(WORDS[purpose])[-1]


def give(member: Member, purpose: str, version: str = "", *, by: Staff | None = None) -> Consent:
    """She agrees to these words; the same twice is once, another version takes the place of the one before.

    Raises NoSuchPurpose, NotTakingPart, NotYours.
    """
    version = version or version_of(purpose)
    words(purpose, version)
    actor = acting(member, by)
    with transaction.atomic():
        row = locked(member)
        refuse_unless_active(row)
        given, drafts = taken_down(row, {purpose: version}, actor)
        counting.settle(row)
        append_many(drafts)
    return given[0]


def withdraw(member: Member, purpose: str, *, by: Staff | None = None) -> Consent | None:
    """She takes it back; None when she had not agreed. Raises NoSuchPurpose, LeaveInstead, NotYours."""
    words(purpose)
    if purpose == PROGRAMME:
        raise LeaveInstead(
            Said("Without this consent nobody can take part. To take it back, leave the programme.")
        )
    actor = acting(member, by)
    with transaction.atomic():
        row = locked(member)
        there = Consent.objects.filter(member=row, purpose=purpose, withdrawn_at=0).first()
        if there is None:
            return None
        drafts = taken_back(row, [there], actor)
        if purpose == CARD:
            drafts += short_link.switched(short_link.of(row), False, reason="consent", actor=actor)
        counting.settle(row)
        append_many(drafts)
    return there


def require(member: Member, purpose: str) -> Consent:
    """The consent in force. Raises ConsentMissing."""
    there = Consent.objects.filter(member=member, purpose=purpose, withdrawn_at=0).first()
    if there is None:
        raise ConsentMissing(purpose)
    return there


def has(member: Member, purpose: str) -> bool:
    """Whether she agrees to it now, in whatever version."""
    return Consent.objects.filter(member=member, purpose=purpose, withdrawn_at=0).exists()


def having(purpose: str, members: Iterable[int]) -> set[int]:
    """Who of these members (by number) agrees to it now; one statement for at most 10,000."""
    rows = Consent.objects.filter(purpose=purpose, withdrawn_at=0, member__in=list(members))
    return set(rows.values_list("member", flat=True))


def had(member: Member, purpose: str, at_ms: int) -> bool:
    """Whether she agreed to it at a moment: from giving until before taking back."""
    rows = Consent.objects.filter(member=member, purpose=purpose, given_at__lte=at_ms)
    return rows.filter(models.Q(withdrawn_at=0) | models.Q(withdrawn_at__gt=at_ms)).exists()


def standing(member: Member) -> list[Standing]:
    """How she stands to every purpose, in the order in which they are asked."""
    rows = Consent.objects.filter(member=member, withdrawn_at=0)
    given = {row.purpose: row for row in rows}
    return [
        Standing(
            purpose=purpose,
            words=words(purpose, given[purpose].version if purpose in given else ""),
            version=given[purpose].version if purpose in given else "",
            current=version_of(purpose),
            since=given[purpose].given_at if purpose in given else 0,
        )
        for purpose in PURPOSES
    ]


def history(member: Member) -> list[Consent]:
    """Everything that she agreed to and took back, newest first; at most 1,000."""
    return list(Consent.objects.filter(member=member).order_by("-pk")[:1000])


# --- in the transaction of somebody else's change -----------------------------------------------------------
def taken_down(member: Member, versions: Mapping[str, str], actor: str) -> tuple[list[Consent], list[Draft]]:
    """Writes consents down; what is to be appended with them. The member's row is locked."""
    now, subj = clock.now_ms(), subj_of(member)
    there = {row.purpose: row for row in Consent.objects.filter(member=member, withdrawn_at=0)}
    rows, drafts = [], []
    for purpose, version in sorted(versions.items()):
        old = there.get(purpose)
        if old and old.version == version:
            rows.append(old)
            continue
        if old:
            Consent.objects.filter(pk=old.pk).update(withdrawn_at=now)
        row = Consent.objects.create(member=member, purpose=purpose, version=version, given_at=now)
        rows.append(row)
        fact = ConsentGiven(member=member.obj, purpose=purpose, version=version)
        key = f"rewards.consent-given:{row.pk}"
        drafts.append(Draft(fact=fact, key=key, actor=actor, obj=member.obj, subj=subj))
    return rows, drafts


def taken_back(member: Member, rows: Iterable[Consent], actor: str) -> list[Draft]:
    """Ends consents; what is to be appended with it. The member's row is locked."""
    now, subj = clock.now_ms(), subj_of(member)
    drafts = []
    for row in rows:
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        fact = ConsentWithdrawn(member=member.obj, purpose=row.purpose, version=row.version)
        key = f"rewards.consent-withdrawn:{row.pk}"
        drafts.append(Draft(fact=fact, key=key, actor=actor, obj=member.obj, subj=subj))
        _forget(member, row.purpose)
    return drafts


def _forget(member: Member, purpose: str) -> None:
    """What is kept for a purpose alone goes with the consent to it."""
    match purpose:
        case "spend":
            places.forget([member.pk])
        case "notices":
            ExpiryNotice.objects.filter(member=member).delete()
