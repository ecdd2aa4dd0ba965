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
    """A customer who wants to take part. `born` is looked at and not kept."""

    customer_ref: Reference
    born: date
    consents: dict[Purpose, Annotated[str, StringConstraints(max_length=16)]]
    name: Annotated[str, StringConstraints(max_length=60)] = ""
    language: Language = "en"
    employee: bool = False
    interests: Annotated[list[Word], Field(max_length=3)] = []


class MemberOut(Schema):
    """A member. `interests` are those that she declared."""

    id: str
    obj: str
    status: str
    language: str
    employee: bool
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
    """How a card is to look. `link`: the obj of the profile on it."""

    theme: Word
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


class DecisionIn(Taken):
    """Whether a card is printed as it is asked for; a refusal says why."""

    approved: bool
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


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


class RedemptionIn(Taken):
    """Points that a member spends."""

    member: Hex32
    choice: Word
    points: Points


class RedemptionOut(Schema):
    """What was spent, on what. `code`: a partner's, shown to her alone."""

    obj: str
    member: str
    choice: str
    points: int
    value: int
    currency: str
    code: str
    state: str
    at: str | None


class ReasonOut(Schema):
    """Nothing more to say."""

    done: bool


class LeavingIn(Taken):
    """Why she leaves, in a word."""

    reason: Line = "hers"
