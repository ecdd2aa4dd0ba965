"""Card transactions from ISO 20022 files: bank statements and notifications (camt), acquirer to issuer
(cain).

What is read, by the namespace of the document (`urn:iso:std:iso:20022:tech:xsd:`):

| message | version | becomes |
|---|---|---|
| camt.053 statement, camt.054 notification | 04 and later | clearing; refund when credited |
| cain.001 AuthorisationInitiation | 02, 03 | auth |
| cain.002 AuthorisationResponse | 02, 03 | auth when approved |
| cain.003 FinancialInitiation | 02, 03 | clearing; refund when `TxTp` is 20 to 29 |
| cain.005 ReversalInitiation | 02, 03 | refund |

A cain request that does not say that it was approved is skipped: it is a question.

The first version of cain and those after the third have other elements and are refused. Field names come from
the published schemas of camt.054.001.08 and cain.*.001.03; no bank's real file has been read with it yet.

**The card.** `PlainCardData`, `PAN`, `PmtTkn`, expiry dates, tracks and security codes are emptied as soon
as the parser closes them and are never read; a payment token of EMV has the form of a card number, and is
not read either. The reference stands elsewhere: camt `CardTx/Card/AddtlCardData`, where the bank must put
its own; cain `Envt/Card/PmtAcctRef`, the payment account reference (PAR), which EMVCo made for this
purpose.

Entities and document types are refused. An entry is held in memory, never the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from bankside.rewards.payments import card_number, iso20022_cain, iso20022_camt
from bankside.rewards.payments.finding import (
    FILE_CHARACTERS_MAX,
    Feed,
    FeedRefused,
    Finding,
    NotTaken,
    Skipped,
    gather,
)
from bankside.rewards.payments.iso20022_elements import Entry, entries
from bankside.rewards.payments.transaction import CardTransaction
from bankside.said import Said

ENTRIES_MAX: Final = 500_000

_MESSAGE: Final = re.compile(
    r"\{urn:iso:std:iso:20022:tech:xsd:(camt|cain)\.([0-9]{3})\.001\.([0-9]{2})\}Document"
)
_CAMT: Final = frozenset({"053", "054"})
_CAMT_VERSION_MIN: Final = 4
_CAIN_VERSIONS: Final = (2, 3)


def read_all(stream: BinaryIO, *, file: str, zone_minutes: int = 0, entries_max: int = ENTRIES_MAX) -> Feed:
    """The whole document in memory. Raises FeedRefused; see `read`."""
    return gather(read(stream, file=file, zone_minutes=zone_minutes, entries_max=entries_max))


def read(
    stream: BinaryIO, *, file: str, zone_minutes: int = 0, entries_max: int = ENTRIES_MAX
) -> Iterator[CardTransaction | Finding | Skipped]:
    """Transactions, findings and what was skipped, in the order of the document.

    `zone_minutes`: east of UTC, for times that do not name their offset. Raises FeedRefused: too large, not
    XML, with a document type, none of the messages above, or more than `entries_max` entries; what was
    yielded before stands.
    """
    name = card_number.without(file)[-FILE_CHARACTERS_MAX:]
    for row, entry in enumerate(entries(stream, name, _is_known), 1):
        if row > entries_max:
            raise FeedRefused(Said("%(file)s has more than %(most)s rows.", file=name, most=entries_max))
        taken = 0
        for one in _parts(entry, zone_minutes):
            taken += 1
            yield Finding.of(one, name, row) if isinstance(one, NotTaken) else one
        if not taken:
            yield Skipped(row)


def _is_known(document: str) -> bool:
    area, message, version = _message(document)
    if area == "camt":
        return message in _CAMT and version >= _CAMT_VERSION_MIN
    return area == "cain" and message in iso20022_cain.MESSAGES and version in _CAIN_VERSIONS


def _parts(entry: Entry, zone_minutes: int) -> Iterator[CardTransaction | NotTaken]:
    """What one entry holds: that of a statement may have several card transactions."""
    area, message, _ = _message(entry.document)
    if area == "camt":
        return iso20022_camt.transactions(entry.element, zone_minutes)
    return iso20022_cain.transactions(entry.element, message, zone_minutes)


def _message(document: str) -> tuple[str, str, int]:
    """Area, message and version that the name of a document tells."""
    found = _MESSAGE.fullmatch(document)
    return (found[1], found[2], int(found[3])) if found else ("", "", 0)
