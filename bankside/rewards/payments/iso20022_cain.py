"""Messages of cain between acquirer and issuer, versions 02 and 03, one transaction each.

References: the acquirer's id and the retrieval reference number name an authorisation; a clearing and a
reversal add their own trace number and belong to the authorisation of the same numbers, or to the one that
`OrgnlDataElmts` names. Amounts: `TxAmts/TxAmt`. Category: `Cntxt/TxCntxt/MrchntCtgyCd`. Place:
`Envt/Accptr`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bankside.rewards.payments.finding import NotTaken
from bankside.rewards.payments.iso20022_elements import at, first, text, time_ms
from bankside.rewards.payments.money import currency_of, minor_units
from bankside.rewards.payments.transaction import CardTransaction, Kind, mcc_of, merchant_text
from bankside.said import Said

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MESSAGES: Final[dict[str, Kind]] = {"001": "auth", "002": "auth", "003": "clearing", "005": "refund"}
ANSWER: Final = "002"
REQUEST: Final = "REQU"


def transactions(found: Element, message: str, zone_minutes: int) -> Iterator[CardTransaction | NotTaken]:
    """The transaction of one message; none when it was declined or is a request that nobody has answered.

    An advice and a notice tell of what has been decided; a request and an answer must say that it was
    approved.
    """
    body = at(found, "Body")
    if body is None:
        return
    result = first(body, ("PrcgRslt", "RsltData", "RsltDtls"), ("PrcgRslt", "RsltData", "Rslt"))
    must_say = message == ANSWER or text(found, "Hdr", "MsgFctn") == REQUEST
    if (must_say or result) and not _approved(result):
        return
    try:
        yield _transaction(body, message, zone_minutes)
    except NotTaken as error:
        yield error.without_trace()


def _transaction(body: Element, message: str, zone_minutes: int) -> CardTransaction:
    currency = currency_of(text(body, "Tx", "TxAmts", "TxAmt", "Ccy"), column="Ccy")
    kind = _kind(message, text(body, "Tx", "TxTp"))
    named, own = _reference(body), text(body, "Tx", "TxId", "SysTracAudtNb")
    return CardTransaction(
        ref=named if kind == "auth" else f"{named}s{own}",
        kind=kind,
        token_ref=text(body, "Envt", "Card", "PmtAcctRef"),
        amount=minor_units(text(body, "Tx", "TxAmts", "TxAmt", "Amt"), currency, column="Amt"),
        currency=currency,
        mcc=mcc_of(text(body, "Cntxt", "TxCntxt", "MrchntCtgyCd")),
        merchant=merchant_text(first(body, *_PLACES)),
        at_ms=_when(body, zone_minutes),
        original_ref="" if kind == "auth" else _original(body) or named,
        merchant_id=text(body, "Envt", "Accptr", "Id"),
    )


_PLACES: Final = (
    ("Envt", "Accptr", "ShrtNm"),
    ("Envt", "Accptr", "NmAndLctn"),
    ("Envt", "Accptr", "LglCorpNm"),
)


def _approved(result: str) -> bool:
    """Response codes of ISO 8583 are zeros, in two to four places, when all went well."""
    return result in {"APPR", "PRCS"} or (bool(result) and not result.strip("0"))


def _kind(message: str, transaction_type: str) -> Kind:
    """ISO 8583 transaction types 20 to 29 are credits to the card."""
    return "refund" if message == "003" and transaction_type.startswith("2") else MESSAGES[message]


def _reference(body: Element) -> str:
    number = text(body, "Tx", "TxId", "RtrvlRefNb")
    if not number:
        raise NotTaken(
            Said("A reference has 1 to 80 letters, digits and signs of ASCII."), column="RtrvlRefNb"
        )
    return f"a{text(body, 'Envt', 'Acqrr', 'Id')}r{number}"


def _original(body: Element) -> str:
    elements = at(body, "Tx", "TxId", "OrgnlDataElmts")
    if elements is None or not (number := text(elements, "RtrvlRefNb")):
        return ""
    return f"a{text(elements, 'AcqrrId') or text(body, 'Envt', 'Acqrr', 'Id')}r{number}"


def _when(body: Element, zone_minutes: int) -> int:
    """When it was sent, in UTC; else the local date and time of the place, in the given zone."""
    if sent := text(body, "Tx", "TxId", "TrnsmssnDtTm"):
        return time_ms(sent, 0)
    day, hour = text(body, "Tx", "TxId", "LclDt"), text(body, "Tx", "TxId", "LclTm")
    return time_ms(f"{day}T{hour}" if hour else day, zone_minutes)
