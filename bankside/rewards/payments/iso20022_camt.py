"""Entries of camt.053 and camt.054 that tell of single card transactions.

Taken: booked entries with `NtryDtls/TxDtls/CardTx/Tx/Indv`. Entries without it, aggregated ones (`Agtd`)
and pending ones are left out. Reference: `Refs/AcctSvcrRef`, else `TxId/TxRef`; what it belongs to:
`Refs/ClrSysRef`. Category: `TxCtgy`, the MCC. Place: `POI/SysNm`, else the creditor's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bankside.rewards.payments.finding import NotTaken
from bankside.rewards.payments.iso20022_elements import at, every, first, text, time_ms
from bankside.rewards.payments.money import currency_of, minor_units
from bankside.rewards.payments.transaction import CardTransaction, Kind, mcc_of, merchant_text
from bankside.said import Said

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

BOOKED: Final = "BOOK"
_TRUE: Final = frozenset({"true", "1"})


def transactions(entry: Element, zone_minutes: int) -> Iterator[CardTransaction | NotTaken]:
    """The card transactions of one `Ntry`; what is wrong with one is told in its place."""
    if first(entry, ("Sts", "Cd"), ("Sts",)) != BOOKED:
        return
    for details in every(entry, "NtryDtls", "TxDtls"):
        if at(details, "CardTx", "Tx", "Indv") is None:
            continue
        try:
            yield _transaction(entry, details, zone_minutes)
        except NotTaken as error:
            yield error.without_trace()


def _transaction(entry: Element, details: Element, zone_minutes: int) -> CardTransaction:
    amount = at(details, "Amt")
    amount = amount if amount is not None else at(entry, "Amt")
    currency = currency_of(amount.get("Ccy", "") if amount is not None else "", column="Amt")
    category = text(details, "CardTx", "Tx", "Indv", "TxCtgy")
    return CardTransaction(
        ref=first(details, ("Refs", "AcctSvcrRef"), ("CardTx", "Tx", "Indv", "TxId", "TxRef")),
        kind=_kind(entry, details),
        token_ref=first(details, ("CardTx", "Card", "AddtlCardData"))
        or first(entry, ("CardTx", "Card", "AddtlCardData")),
        amount=minor_units(
            ((amount.text if amount is not None else "") or "").strip(), currency, column="Amt"
        ),
        currency=currency,
        mcc=mcc_of(category) if category.isdigit() else 0,
        merchant=merchant_text(_place(entry, details)),
        at_ms=time_ms(_when(entry, details), zone_minutes),
        original_ref=text(details, "Refs", "ClrSysRef"),
        merchant_id=first(details, ("CardTx", "POI", "Id", "Id")),
    )


def _kind(entry: Element, details: Element) -> Kind:
    """A debit of the card's account is a purchase, a credit a refund. The undoing of a refund is neither."""
    indicator = first(details, ("CdtDbtInd",)) or text(entry, "CdtDbtInd")
    match indicator, text(entry, "RvslInd") in _TRUE:
        case "DBIT", False:
            return "clearing"
        case "CRDT", _:
            return "refund"
    raise NotTaken(Said("This is neither a payment nor a refund."), column="CdtDbtInd")


def _place(entry: Element, details: Element) -> str:
    return first(
        details,
        ("CardTx", "POI", "SysNm"),
        ("CardTx", "POI", "Id", "ShrtNm"),
        ("RltdPties", "Cdtr", "Pty", "Nm"),
        ("RltdPties", "Cdtr", "Nm"),
    ) or text(entry, "CardTx", "POI", "SysNm")


def _when(entry: Element, details: Element) -> str:
    spoken = first(details, ("CardTx", "Tx", "Indv", "TxId", "TxDtTm"), ("RltdDts", "TxDtTm"))
    return spoken or first(entry, ("BookgDt", "DtTm"), ("BookgDt", "Dt"), ("ValDt", "DtTm"), ("ValDt", "Dt"))
