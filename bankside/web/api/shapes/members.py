"""Members, their profiles, cards and points, as the API shows and takes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from bankside.web.api.shapes import Hex32, Line, Taken

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Points = Annotated[int, Field(ge=1, le=1_000_000_000, strict=True)]
Language = Literal["en", "ko", "zh-hans", "nl"]
Purpose = Literal["programme", "profile", "card", "spend", "personal", "notices"]


class MemberIn(Taken):
    """A customer who wants to take part. `born` is looked at and not kept; `tenure_since`: the day since
    which she is a customer."""

    customer_ref: Reference
    born: date
    consents: dict[Purpose, Annotated[str, StringConstraints(max_length=16)]]
    name: Annotated[str, StringConstraints(max_length=60)] = ""
    language: Language = "en"
    employee: bool = False
    tenure_since: date | None = None
    interests: Annotated[list[Word], Field(max_length=3)] = []


class MemberAmendedIn(Taken):
    """What is known better now; what is left out stays as it is."""

    name: Annotated[str, StringConstraints(max_length=60)] | None = None
    language: Language | None = None
    tenure_since: date | None = None


class MemberOut(Schema):
    """A member. `interests` are those that she declared, `tenure_since` the day since which she is a
    customer."""

    id: str
    obj: str
    status: str
    language: str
    employee: bool
    tenure_since: date | None
    interests: list[str]
    joined: str | None
    left: str | None


class Members(Schema):
    """A page of members."""

    items: list[MemberOut]
    next: str | None


class VisitOut(Schema):
    """An address that lets the member in, once, within minutes. Hand it to her own device alone."""

    address: str


class ConsentIn(Taken):
    """What she agrees to. Without `version`: the words as they are now."""

    purpose: Purpose
    version: Annotated[str, StringConstraints(max_length=16)] = ""


class ConsentOut(Schema):
    """A purpose, its words, and whether she agreed to them (`since`) in which version."""

    purpose: str
    words: str
    current: str
    version: str
    since: str | None


class Consents(Schema):
    """Every purpose."""

    items: list[ConsentOut]


class SettlingOut(Schema):
    """Points that settle on a day."""

    day: date
    points: int


class WalletOut(Schema):
    """What a member has. `expires`: what goes at the end of which day, if it is not spent."""

    available: int
    pending: int
    settles: list[SettlingOut]
    expires: list[SettlingOut]


class NoticeOut(Schema):
    """What a member is to be told, in her language. `kind` is `points-expire`: `points` of hers can be spent
    until `due`, that day included; `more` expire after it, within the months of notice."""

    obj: str
    member: str
    language: str
    kind: str
    points: int
    due: date
    more: int
    made: str | None
    delivered: str | None


class Notices(Schema):
    """A page of notices."""

    items: list[NoticeOut]
    next: str | None


class PartOut(Schema):
    """One part of a sum."""

    label: str
    shown: str
    points: int


class AwardOut(Schema):
    """What one rule gave, and why. `asked`: before limits."""

    rule: str
    sentence: str
    parts: list[PartOut]
    asked: int
    points: int
    outcome: str
    reason: str


class ReceiptOut(Schema):
    """Why an act earned what it did, or nothing."""

    source: str
    kind: str
    network: str
    at: str | None
    outcome: str
    state: str
    points: int
    entry: str
    programme: str
    number: int
    sha256: str
    awards: list[AwardOut]


class LinkIn(Taken):
    """A profile that a member wants to link. `place`: her handle or her server."""

    member: Hex32
    network: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
    place: Annotated[str, StringConstraints(max_length=300)] = ""
    proof: Literal["oauth", "rel-me", "dns"] = "oauth"


class BeginningOut(Schema):
    """How a proof goes on: at `address` (her browser goes there), or by putting `text` `where` it says."""

    proof: str
    state: str
    address: str
    text: str
    where: str


class ProofIn(Taken):
    """Which proof is to be looked for: the state that beginning it answered."""

    member: Hex32
    state: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class LinkOut(Schema):
    """A profile that a member proved to be hers."""

    obj: str
    member: str
    network: str
    handle: str
    url: str
    proof: str
    counts: bool
    linked: str | None
    unlinked: str | None


class Links(Schema):
    """The live profiles of a member."""

    items: list[LinkOut]


class CardIn(Taken):
    """How a card is to look. `link`: the obj of the profile on it; `name`: as it is printed, else hers."""

    theme: Word
    name: Annotated[str, StringConstraints(max_length=60)] | None = None
    link: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{32})?$")] = ""
    on_line: bool = True


class CardOut(Schema):
    """A card, without any number of it."""

    obj: str
    member: str
    theme: str
    handle: str
    line: str
    name: str
    state: str
    reason: str
    qr: bool
    asked: str | None


class Cards(Schema):
    """Cards."""

    items: list[CardOut]


class CardDecisionIn(Taken):
    """Whether a card is printed as it is asked for; a refusal says why."""

    approved: bool
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class CardEndIn(Taken):
    """Why a card is used no more, in a word or two; numbers are masked."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class OrderIn(Taken):
    """How many cards go into an order: those that have waited longest."""

    cards: Annotated[int, Field(ge=1, le=10_000, strict=True)]


class OrderOut(Schema):
    """An order for the bureau: drawing, made, away (the file is deleted, and can be drawn again) or empty.

    `done` of its `cards` are drawn; `sha256` of the file is empty until it was whole for the first time.
    """

    obj: str
    state: str
    cards: int
    done: int
    left_out: int
    sha256: str
    size: str
    trouble: str
    ordered: str | None
    drawn: str | None


class Orders(Schema):
    """A page of orders."""

    items: list[OrderOut]
    next: str | None


class OrderFileIn(Taken):
    """What the file is for; it goes into the record before the first byte."""

    reason: Annotated[str, StringConstraints(max_length=500)]


class TokenIn(Taken):
    """The reference of a card in the bank's token service: never its number."""

    token_ref: Reference


class SwitchIn(Taken):
    """Whether the code on the card opens the profile."""

    on: bool


class OfferOut(Schema):
    """An offer for a member. `left`: how often it may still be used in its span; `state`: of her last use.

    It gives `back` (hundredths of a percent of the amount, never more than `max`) or `fixed`; as `kind`
    says, in minor units of the programme's currency (credit) or in points.
    """

    id: str
    title: str
    kind: str
    back: int
    fixed: int
    max: int
    state: str
    left: int
    until: str | None


class Offers(Schema):
    """Offers, and whether they are chosen for her."""

    personal: bool
    items: list[OfferOut]


class MerchantCodeIn(Taken):
    """A shop's code (EMV merchant-presented) as the text that was scanned."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=512)]


class MerchantCodeOut(Schema):
    """What a code says, and the offers of a member that hold there; nothing of it is kept.

    `amount`: minor units of `currency`, null when the payer types it in. What the code does not say is
    empty, and 0 for `mcc`. `personal`: the offers are chosen for her.
    """

    name: str
    city: str
    country: str
    mcc: int
    currency: str
    amount: int | None
    personal: bool
    items: list[OfferOut]


class RedemptionIn(Taken):
    """Points that a member spends. `account`: where money of a member who left goes to, else empty."""

    member: Hex32
    choice: Word
    points: Points
    account: Annotated[str, StringConstraints(max_length=64)] = ""


class RedemptionOut(Schema):
    """What was spent, on what."""

    obj: str
    member: str
    choice: str
    points: int
    value: int
    currency: str
    state: str
    at: str | None


class RedeemedOut(RedemptionOut):
    """The same, to whoever asked for it in her name. `code`: a partner's; hand it to her alone."""

    code: str


class ReasonOut(Schema):
    """Nothing more to say."""

    done: bool


class LeavingIn(Taken):
    """Why she leaves, in a word."""

    reason: Line = "hers"
