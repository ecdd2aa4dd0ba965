"""Facts about the social card. `member`, `link`, `card` and others are the objs of these things.

Nothing here holds a name, a card number or what somebody wrote. Points are whole numbers, money minor units.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


# --- members -----------------------------------------------------------------------------------------
@fact("rewards.member-joined")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined:
    """A customer takes part; the age gate was passed."""

    member: str
    language: str
    employee: bool


@fact("rewards.member-left")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft:
    """A customer takes part no longer. `reason` is hers or the bank's, in a word."""

    member: str
    reason: str


@fact("rewards.consent-given", leaf="approve")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """A member agreed to a purpose, in the words of this version."""

    member: str
    purpose: str
    version: str


@fact("rewards.consent-withdrawn", leaf="reject")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn:
    """A member took back what she had agreed to."""

    member: str
    purpose: str
    version: str


@fact("rewards.profile-linked")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileLinked:
    """A member proved that a profile is hers; the subject is the account's. `proof`: oauth, rel-me, dns."""

    member: str
    link: str
    network: str
    account: str
    proof: str
    consent: str


@fact("rewards.profile-unlinked")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUnlinked:
    """A profile earns nothing from now on; what it earned stays."""

    member: str
    link: str
    network: str
    account: str
    reason: str


# --- cards -------------------------------------------------------------------------------------------
@fact("rewards.card-asked")
@dataclass(frozen=True, slots=True, kw_only=True)
class CardAsked:
    """A member chose how her card looks. `sha256` is that of everything drawn on it."""

    member: str
    card: str
    theme: str
    sha256: str


@fact("rewards.card-decided")
@dataclass(frozen=True, slots=True, kw_only=True)
class CardDecided:
    """A person looked at what is to be printed. `reason` is given when it was refused."""

    card: str
    approved: bool
    reason: str


@fact("rewards.cards-ordered")
@dataclass(frozen=True, slots=True, kw_only=True)
class CardsOrdered:
    """A file for the bureau was made of these cards."""

    order: str
    cards: tuple[str, ...]
    sha256: str


@fact("rewards.code-switched")
@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSwitched:
    """The code on a card opens the profile, or does not any more."""

    card: str
    on: bool
    reason: str


# --- programmes --------------------------------------------------------------------------------------
@fact("rewards.programme-approved", leaf="approve")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeApproved:
    """One of the two people who must agree did so, to the text with this digest."""

    programme: str
    name: str
    number: int
    sha256: str
    by: str
    last: bool


@fact("rewards.programme-began")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeBegan:
    """A version is in force: both agreed. `text` is the whole of it."""

    programme: str
    name: str
    number: int
    sha256: str
    text: str


@fact("rewards.programme-ended")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeEnded:
    """A version is in force no longer."""

    programme: str
    name: str
    number: int
    reason: str


# --- acts and points ---------------------------------------------------------------------------------
@fact("rewards.act-reported")
@dataclass(frozen=True, slots=True, kw_only=True)
class ActReported:
    """The bank's own system saw a member take part. `ref` is that system's own; numbers as rules see them."""

    member: str
    ref: str
    kind: str
    campaign: str
    evidence: str
    names: tuple[str, ...]
    values: tuple[int, ...]


@fact("rewards.payments-taken")
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsTaken:
    """Card payments came in. `digest`: SHA-256 of their canonical rows, in the order of their references."""

    batch: str
    rows: int
    digest: str


@fact("rewards.batch-posted")
@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPosted:
    """Rows were added to the journal. `digest`: SHA-256 of their canonical form, in order of number.

    `marks`: three bytes of each row's own SHA-256, in Base64, by which a row that differs can be named.
    """

    batch: str
    rows: int
    digest: str
    points: int
    marks: str = ""


@fact("rewards.flag-raised")
@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRaised:
    """A person has to look before these points settle."""

    flag: str
    member: str
    source: str
    reasons: tuple[str, ...]


@fact("rewards.flag-decided")
@dataclass(frozen=True, slots=True, kw_only=True)
class FlagDecided:
    """A person looked: the points are released or reversed; or restored, when a reversal was wrong. `second`:
    who agreed to a reversal, or to its undoing."""

    flag: str
    member: str
    source: str
    decision: str
    why: str
    second: str


@fact("rewards.appeal-made")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppealMade:
    """A member says that something is wrong, in words of her own."""

    appeal: str
    member: str
    source: str
    words: str


@fact("rewards.appeal-answered")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppealAnswered:
    """A person answered a member."""

    appeal: str
    member: str
    words: str


# --- offers and spending -----------------------------------------------------------------------------
@fact("rewards.offer-added")
@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAdded:
    """A member put an offer on her card."""

    use: str
    member: str
    offer: str
    programme: str


@fact("rewards.offer-moved")
@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMoved:
    """An offer was matched, confirmed, credited or reversed by a payment."""

    use: str
    member: str
    offer: str
    state: str
    ref: str
    amount: int


@fact("rewards.points-redeemed")
@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRedeemed:
    """A member spent points."""

    redemption: str
    member: str
    choice: str
    points: int
    value: int
    currency: str


@fact("rewards.redemption-undone")
@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionUndone:
    """What was spent came back into the same buckets."""

    redemption: str
    member: str
    reason: str


@fact("rewards.file-made")
@dataclass(frozen=True, slots=True, kw_only=True)
class FileMade:
    """A file left for another system of the bank: `kind` is statement-credit, member-values or gift."""

    file: str
    kind: str
    rows: int
    sha256: str


# --- members, their profiles and cards: what else becomes of them ----------------------------------------
@fact("rewards.member-paused")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPaused:
    """A member, or the bank, lets taking part rest: nothing counts until it goes on."""

    member: str


@fact("rewards.member-resumed")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberResumed:
    """A member takes part again."""

    member: str


@fact("rewards.member-amended")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAmended:
    """What the desk knows of a member was corrected. `what`: name, language, tenure; never the words."""

    member: str
    what: tuple[str, ...]


@fact("rewards.interests-declared")
@dataclass(frozen=True, slots=True, kw_only=True)
class InterestsDeclared:
    """What a member said that offers may be about, from the declared list; nothing is ever inferred."""

    member: str
    interests: tuple[str, ...]


@fact("rewards.profile-switched")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSwitched:
    """A member lets what she does under a linked profile count, or not."""

    member: str
    link: str
    counts: bool


@fact("rewards.card-bound")
@dataclass(frozen=True, slots=True, kw_only=True)
class CardBound:
    """The bank's token service named a card; the reference itself is not told here."""

    card: str


@fact("rewards.card-activated")
@dataclass(frozen=True, slots=True, kw_only=True)
class CardActivated:
    """A card reached its member and is in use."""

    card: str


@fact("rewards.card-ended")
@dataclass(frozen=True, slots=True, kw_only=True)
class CardEnded:
    """A card is not used any more: `replaced` by another, its member `left`, or why else, such as a loss."""

    card: str
    reason: str


@fact("rewards.codes-imported")
@dataclass(frozen=True, slots=True, kw_only=True)
class CodesImported:
    """A partner's codes came in, to be given for points. `sha256`: of the HMACs of the new ones, a line
    each."""

    choice: str
    codes: int
    sha256: str
