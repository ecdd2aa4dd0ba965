"""Programmes, acts, payments, what is owed and what a person looks at, as the API shows and takes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, Field, StringConstraints

from bankside.web.api.shapes import Hex32, Hex64, Line, Taken
from bankside.web.api.shapes.members import Reference, Word

ITEMS_MAX = 500
ProgrammeText = Annotated[str, StringConstraints(max_length=200_000)]
Whole = Annotated[int, Field(ge=0, le=1_000_000_000_000, strict=True)]


class TextIn(Taken):
    """A programme as it is written, in TOML."""

    text: ProgrammeText


class DraftProgrammeIn(Taken):
    """A new version of a programme."""

    name: Word
    text: ProgrammeText


class RewriteIn(Taken):
    """Another text for a draft."""

    text: ProgrammeText


class DigestIn(Taken):
    """Which text is meant: the SHA-256 of it."""

    sha256: Hex64


class WhyIn(Taken):
    """Why, in words that the record keeps."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class MistakeOut(Schema):
    """What is wrong in a text, and where; lines and columns begin at 1."""

    line: int
    column: int
    message: str
    hint: str


class CheckedOut(Schema):
    """What checking a programme found. `worst`: points a member can get at most, and what that may cost."""

    ok: bool
    findings: list[MistakeOut]
    worst: dict[str, Any] | None
    plain: list[str]


class DryRunIn(Taken):
    """A programme as it is written, and the last so many days to try it on, today among them."""

    text: ProgrammeText
    days: Annotated[int, Field(ge=1, le=92, strict=True)] = 30


class RuleTriedOut(Schema):
    """What one rule would have paid. `cut`: points lost to caps or the fund; `taken_back`: points of what was
    deleted or given back while they were held, not among `points`."""

    rule: str
    points: int
    awards: int
    members: int
    cut: int
    taken_back: int


class TriedOut(Schema):
    """What a programme would have paid, had it come into force at the beginning of the first of `days` days.

    When members did too much for `asked` days, fewer are tried; `left_out` acts in the others are left out
    (and more, if `more`). `winners`, `losers` and `same` are members against the programme of that name in
    force; null without one. `unsure`: acts whose cool-down was not followed to its end; they are paid nothing
    here.
    """

    asked: int
    days: int
    left_out: int
    more: bool
    activities: int
    points: int
    taken_back: int
    cost: str
    awards: int
    paid_members: int
    top_share: str
    unsure: int
    winners: int | None
    losers: int | None
    same: int | None
    rules: list[RuleTriedOut]


class DryRunOut(Schema):
    """What trying a programme found; `tried` is null when the text has mistakes or no member did anything."""

    ok: bool
    findings: list[MistakeOut]
    tried: TriedOut | None


class ProgrammeOut(Schema):
    """A version of a programme."""

    obj: str
    name: str
    number: int
    state: str
    sha256: str
    text: str
    made: str | None
    live_from: str | None
    ended: str | None


class Programmes(Schema):
    """Versions, newest first."""

    items: list[ProgrammeOut]


class ActIn(Taken):
    """Something that the bank's own system saw a member do; numbers as rules know them."""

    ref: Reference
    member: Hex32
    kind: Word
    campaign: Annotated[str, StringConstraints(max_length=64)] = ""
    evidence: Literal["platform", "member_token"] = "platform"
    values: dict[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")], Whole] = {}


class ActsIn(Taken):
    """A batch of acts."""

    items: Annotated[list[ActIn], Field(min_length=1, max_length=ITEMS_MAX)]


class ActOut(Schema):
    """What became of one act: awarded, capped, held, refused or known, and the rule that says so."""

    ref: str
    outcome: str
    rule: str
    points: int
    reason: str


class ActsOut(Schema):
    """One answer per act, in their order."""

    items: list[ActOut]


class PaymentIn(Taken):
    """A card payment. `token_ref` is the bank's own reference of the card; a card number is refused."""

    ref: Reference
    kind: Literal["auth", "clearing", "refund"]
    token_ref: Reference
    amount: Annotated[int, Field(ge=1, le=1_000_000_000_000, strict=True)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    at: AwareDatetime
    mcc: Annotated[int, Field(ge=0, le=9999, strict=True)] = 0
    merchant: Annotated[str, StringConstraints(max_length=80)] = ""
    original_ref: Annotated[str, StringConstraints(max_length=64)] = ""


class PaymentsIn(Taken):
    """A batch of card payments."""

    items: Annotated[list[PaymentIn], Field(min_length=1, max_length=ITEMS_MAX)]


class PaymentOut(Schema):
    """What became of one payment: taken, known or refused, why, and what an offer gives for it."""

    ref: str
    outcome: str
    reason: str
    offer: str
    amount: int


class PaymentsOut(Schema):
    """One answer per payment, in their order."""

    items: list[PaymentOut]


class VintageOut(Schema):
    """What is owed: pending by day of settling, available by month of expiry, both counted since 1970."""

    unit: str
    state: str
    due: int
    points: int
    members: int


class Liability(Schema):
    """All of it."""

    items: list[VintageOut]


class FlagOut(Schema):
    """An act that a person has to look at before its points settle."""

    obj: str
    member: str
    source: str
    points: int
    reasons: list[str]
    state: str
    made: str | None


class Flags(Schema):
    """What waits, oldest first."""

    items: list[FlagOut]


class ReleaseIn(Taken):
    """Why the points may settle."""

    why: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class LookIn(Taken):
    """Which act of the member a person has to look at, by its receipt, and why."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    why: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ReversalIn(Taken):
    """Why the points are to be taken back; `code` names the ground."""

    code: Word
    why: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class AppealOut(Schema):
    """What a member says is wrong, and what she was answered."""

    obj: str
    member: str
    source: str
    words: str
    made: str | None
    answer: str
    answered: str | None


class Appeals(Schema):
    """What waits for an answer, oldest first."""

    items: list[AppealOut]


class AnswerIn(Taken):
    """What she is answered."""

    words: Annotated[Line, StringConstraints(min_length=1, max_length=1000)]
