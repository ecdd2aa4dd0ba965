"""One card transaction as the bank's card system tells it: what was paid, where, by which token."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from bankside.rewards.payments import card_number
from bankside.rewards.payments.finding import CardNumber, NotTaken
from bankside.rewards.payments.money import AMOUNT_MAX, EXPONENTS
from bankside.said import Said

Kind = Literal["auth", "clearing", "refund"]
KINDS: Final[frozenset[str]] = frozenset(get_args(Kind))

REFERENCE_CHARACTERS_MAX: Final = 80
MERCHANT_CHARACTERS_MAX: Final = 80
MERCHANT_CHARACTERS_READ_MAX: Final = 400
MCC_MAX: Final = 9_999
AT_MS_MIN: Final = 946_684_800_000  # 1 January 2000
AT_MS_MAX: Final = 4_102_444_800_000  # 1 January 2100

_REFERENCE: Final = re.compile(rf"[!-~]{{1,{REFERENCE_CHARACTERS_MAX}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTransaction:
    """What offers are matched on. Making one raises NotTaken, or CardNumber where a card number stands.

    `ref`: the natural key of the acquirer or issuer; `kind` and `ref` together are unique, so that a feed
    that is read twice is read once. `original_ref`: the authorisation that a clearing or a refund belongs
    to; may be "". `token_ref`: opaque reference of the card. `amount`: minor units of `currency` (ISO
    4217), more than zero. `mcc`: category of ISO 18245, 0 when unknown. `merchant`: text for people, card
    numbers in it masked. `merchant_id`: the acquirer's id of the place, "" when unknown. `at_ms`: UTC.
    """

    ref: str
    kind: Kind
    token_ref: str
    amount: int
    currency: str
    mcc: int
    merchant: str
    at_ms: int
    original_ref: str = ""
    merchant_id: str = ""

    def __post_init__(self) -> None:
        _check_token(self.token_ref)
        _check_reference(self.ref, "ref")
        if self.original_ref:
            _check_reference(self.original_ref, "original_ref")
        if self.merchant_id:
            _check_reference(self.merchant_id, "merchant_id")
        _check_numbers(self)
        if card_number.without(self.merchant) != self.merchant:
            raise _looks_like_card("merchant")
        if len(self.merchant) > MERCHANT_CHARACTERS_MAX:
            raise NotTaken(Said("The text is too long."), column="merchant")


def kind_of(text: str) -> Kind:
    """auth, clearing or refund as written. Raises NotTaken."""
    if text not in KINDS:
        raise NotTaken(Said("This must be auth, clearing or refund."), column="kind")
    return cast(Kind, text)


def mcc_of(text: str) -> int:
    """A merchant category of ISO 18245: up to four digits; an empty text is 0, unknown. Raises NotTaken."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise NotTaken(Said("A merchant category has four digits."), column="mcc")
    return int(text)


def merchant_text(text: str) -> str:
    """The name of a place as it may be kept: one line, nothing invisible, no card number, 80 characters."""
    shown = text[:MERCHANT_CHARACTERS_READ_MAX]
    if not (shown.isprintable() and unicodedata.is_normalized("NFC", shown)):
        shown = "".join(" " if _is_hidden(c) else c for c in unicodedata.normalize("NFC", shown))
    shown = " ".join(shown.split())
    return card_number.without(shown)[:MERCHANT_CHARACTERS_MAX].strip()


def _check_token(token: str) -> None:
    if card_number.in_token(token):
        raise _looks_like_card("token_ref")
    if not _REFERENCE.fullmatch(token):
        raise NotTaken(
            Said("A reference has 1 to 80 letters, digits and signs of ASCII."), column="token_ref"
        )


def _check_reference(text: str, column: str) -> None:
    if card_number.in_reference(text):
        raise _looks_like_card(column)
    if not _REFERENCE.fullmatch(text):
        raise NotTaken(Said("A reference has 1 to 80 letters, digits and signs of ASCII."), column=column)


def _check_numbers(made: CardTransaction) -> None:
    if made.kind not in KINDS:
        kind_of(made.kind)
    if made.currency not in EXPONENTS:
        raise NotTaken(Said("This is not a currency code of ISO 4217."), column="currency")
    if not 0 < made.amount <= AMOUNT_MAX:
        raise NotTaken(Said("An amount must be more than zero."), column="amount")
    if not 0 <= made.mcc <= MCC_MAX:
        raise NotTaken(Said("A merchant category has four digits."), column="mcc")
    if not AT_MS_MIN <= made.at_ms < AT_MS_MAX:
        raise NotTaken(
            Said("This is not a time with its offset from UTC, between 2000 and 2100."), column="at"
        )


def _looks_like_card(column: str) -> CardNumber:
    return CardNumber(
        Said("This looks like a card number. Send an opaque reference of the card instead."), column=column
    )


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
