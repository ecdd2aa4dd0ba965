"""A shop's code that a member scanned: what it says, and which of her offers hold there. None of it is kept.

A code says what whoever printed it wanted to say. So it only finds offers that she is shown anyway, and
nothing is given for it: what counts is the payment, as the card feed tells of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankside.rewards import chain, offer
from bankside.rewards.models import Member
from bankside.rewards.offer import OnShow
from bankside.rewards.payments import emv_mpm
from bankside.rewards.payments.emv_mpm import MerchantCode
from bankside.rewards.payments.transaction import merchant_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a code says, in one line each and without anything invisible, and the offers that hold there.

    `amount` in minor units of `currency`, None when the payer types it in; `mcc` 0 and texts empty when the
    code does not say. `personal`: the offers are chosen for her, else everybody's.
    """

    name: str
    city: str
    country: str
    mcc: int
    currency: str
    amount: int | None
    personal: bool
    offers: tuple[OnShow, ...]


def scanned(member: Member, text: str) -> Scanned:
    """Reads the text of a code. Raises NotAMerchantCode, of which some have names of their own."""
    code = emv_mpm.parse(text.strip())
    shown = offer.offers_for(member)
    return Scanned(
        name=merchant_text(code.name_in(member.language)), city=merchant_text(code.city),
        country=code.country, mcc=code.mcc, currency=code.currency, amount=code.amount,
        personal=shown.personal, offers=tuple(one for one in shown.offers if holds(one, code)),
    )  # fmt: skip


def holds(one: OnShow, code: MerchantCode) -> bool:
    """Whether a payment at this shop would be one for the offer, by the rule that payments are matched by.

    A shop is known by its name as the feed would keep it, or by any id of the code; a payment in another
    currency than the programme's is none, and a code without a currency leaves that open.
    """
    if code.currency not in ("", one.programme.currency):
        return False
    return chain.at_place(one.offer, code.mcc, merchant_text(code.name), *code.merchant_ids)
