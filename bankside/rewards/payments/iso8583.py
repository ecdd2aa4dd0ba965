"""Card transactions from ISO 8583 messages in a file: authorisations answered, clearing presented, reversals.

| message | becomes |
|---|---|
| 0110, 0120, 1110, 1120, approved in field 39 | auth |
| 0220, 1220, 1240 | clearing; refund when the processing code (3) begins with 2 |
| 0400, 0420, 1420 | refund of the whole of what it reverses |
| 0100, 1100 | nothing: category and place are kept for the answer of the same number |

Everything else is skipped and counted. Fields, message types and codes are data:
[iso8583.toml](iso8583.toml).

**The card.** A message with a card number, a track or a PIN in it (fields 2, 34, 35, 36, 45, 52) is refused
by its bitmap, before anything of it is decoded, and counted. The reference of the card stands in a private
field that the dialect names, 63 by default. Expiry, card sequence and chip data are decoded past and never
looked at.

**References.** Acquirer (32) and retrieval reference number (37) together name an authorisation; a clearing
and a reversal add trace number (11) and transmission time (7), because one authorisation may be cleared in
parts.

**Framing.** Each message has its length before it, two bytes, big-endian. Text is ASCII or, by dialect,
EBCDIC; bitmaps are 8 bytes or 16 hexadecimal digits.
"""

from __future__ import annotations

import tomllib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import iso8583
from iso8583.specs import default_ascii

from bankside.rewards.payments import card_number
from bankside.rewards.payments.feed_csv import ms_of
from bankside.rewards.payments.finding import (
    FILE_CHARACTERS_MAX,
    CardNumber,
    Feed,
    FeedRefused,
    Finding,
    NotTaken,
    Skipped,
    gather,
)
from bankside.rewards.payments.money import currency_of, whole_units
from bankside.rewards.payments.transaction import CardTransaction, Kind, kind_of, mcc_of, merchant_text
from bankside.said import Said

MESSAGES_MAX: Final = 2_000_000
MESSAGE_BYTES_MAX: Final = 4_096
REQUESTS_MAX: Final = 10_000
"""Requests that wait for their answer; the oldest is forgotten first."""
LATE_DAYS_MAX: Final = 2
"""A time without a year that would lie further ahead of the feed than this is of the year before."""

_DATA: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_FORBIDDEN: Final[list[int]] = _DATA["forbidden"]
_KINDS: Final[dict[str, str]] = _DATA["kinds"]
_REQUESTS: Final[frozenset[str]] = frozenset(_DATA["requests"]["types"])
_ANSWERS: Final[frozenset[str]] = frozenset(_DATA["answers"]["types"])
_MUST_SAY: Final[frozenset[str]] = frozenset(_DATA["answers"]["must_say"])
_APPROVED: Final[frozenset[str]] = frozenset(_DATA["answers"]["approved"])
_CREDITS: Final[frozenset[str]] = frozenset(_DATA["credits"])
_LENGTH_BYTES: Final = 2
_TYPE_BYTES: Final = 4

Fields = Mapping[str, str]


def _bit(number: int) -> int:
    """The place of a field in 128 bits; field 1 is the highest."""
    return 1 << (128 - number)


_FORBIDDEN_BITS: Final = sum(map(_bit, _FORBIDDEN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one sender writes: where the reference of the card is, text, bitmap, and zone of local times.

    `token_field`: a private field, 46 to 63 or 105 to 127, that holds nothing else.
    """

    token_field: int = 63
    text: Literal["ascii", "cp500"] = "ascii"
    bitmap: Literal["binary", "hex"] = "binary"
    zone_minutes: int = 0

    def __post_init__(self) -> None:
        if not (46 <= self.token_field <= 63 or 105 <= self.token_field <= 127) or self.token_field in (
            52,
            55,
        ):
            raise ValueError("token_field must be a private field")


def read_all(stream: BinaryIO, *, file: str, received_ms: int, dialect: Dialect | None = None) -> Feed:
    """The whole file in memory. Raises FeedRefused; see `read`."""
    return gather(read(stream, file=file, received_ms=received_ms, dialect=dialect))


def read(
    stream: BinaryIO,
    *,
    file: str,
    received_ms: int,
    dialect: Dialect | None = None,
    messages_max: int = MESSAGES_MAX,
) -> Iterator[CardTransaction | Finding | Skipped]:
    """Transactions, findings and what was skipped, in the order of the file, one message in memory at a time.

    `received_ms`: when the file came, UTC; it gives the year that times of the first edition lack. Raises
    FeedRefused after `messages_max` messages; what was yielded before stands.
    """
    name = card_number.without(file)[-FILE_CHARACTERS_MAX:]
    reader = _Reader(dialect or Dialect(), received_ms)
    for row, content in enumerate(messages(stream), 1):
        if row > messages_max:
            raise FeedRefused(Said("%(file)s has more than %(most)s rows.", file=name, most=messages_max))
        try:
            yield reader.taken(content) or Skipped(row)
        except NotTaken as error:
            yield Finding.of(error, name, row)


def messages(stream: BinaryIO) -> Iterator[bytes]:
    """Message after message, without its length. One cut short, or too long to be one, comes as what is
    there.

    At most MESSAGE_BYTES_MAX + 1 bytes of each are given, so that a reader can tell that it is too long.
    """
    while head := stream.read(_LENGTH_BYTES):
        length = int.from_bytes(head, "big")
        content = stream.read(length) if len(head) == _LENGTH_BYTES else b""
        yield content[: MESSAGE_BYTES_MAX + 1] if len(content) == length else b""


class _Reader:
    """Reads message after message of one feed, and keeps requests until they are answered."""

    def __init__(self, dialect: Dialect, received_ms: int) -> None:
        self._dialect = dialect
        latest = datetime.fromtimestamp(received_ms // 1000, UTC) + timedelta(days=LATE_DAYS_MAX)
        self._latest = f"{latest:%Y%m%d%H%M%S}"
        self._years = (latest.year, latest.year - 1)
        self._requests: OrderedDict[str, Fields] = OrderedDict()
        self._specs = {edition: _spec(edition, dialect) for edition in ("0", "1")}

    def taken(self, content: bytes) -> CardTransaction | None:
        """The transaction of a message; None when it is none of ours. Raises NotTaken, CardNumber."""
        kind, fields = self._decoded(content)
        if kind in _REQUESTS:
            self._remember(_reference(fields), fields)
        if kind not in _KINDS or not _is_approved(kind, fields):
            return None
        asked = self._requests.get(_reference(fields), {})
        return self._transaction(kind, {**asked, **fields})

    def _decoded(self, content: bytes) -> tuple[str, Fields]:
        """Type and fields. The bitmap is looked at before anything is decoded."""
        if not _TYPE_BYTES < len(content) <= MESSAGE_BYTES_MAX:
            raise NotTaken(Said("The message is cut short, or too long to be one."), column="length")
        kind = content[:_TYPE_BYTES].decode(self._dialect.text, "replace")
        if kind[0] not in self._specs:
            raise NotTaken(Said("This is not a message type that is known."), column="type")
        _refuse_card(content, self._dialect)
        try:
            fields, _ = iso8583.decode(content, self._specs[kind[0]])
        except iso8583.DecodeError as error:
            raise NotTaken(Said("This field cannot be read."), column=f"field {error.field}") from None
        return kind, fields

    def _remember(self, reference: str, fields: Fields) -> None:
        self._requests[reference] = {
            name: fields[name] for name in ("18", "26", "42", "43") if name in fields
        }
        if len(self._requests) > REQUESTS_MAX:
            self._requests.popitem(last=False)

    def _transaction(self, type_: str, fields: Fields) -> CardTransaction:
        second, named = type_[0] == "1", _reference(fields)
        kind: Kind = "refund" if fields.get("3", "")[:2] in _CREDITS else kind_of(_KINDS[type_])
        number = fields.get("49", "")
        currency = currency_of(number, column="field 49")
        return CardTransaction(
            ref=named if kind == "auth" else f"{named}s{fields.get('11', '')}t{fields.get('7', '')}",
            kind=kind,
            token_ref=fields.get(str(self._dialect.token_field), "").strip(),
            amount=whole_units(fields.get("4", ""), column="field 4"),
            currency=currency,
            mcc=mcc_of(fields.get("26" if second else "18", "").strip()),
            merchant=merchant_text(fields.get("43", "")),
            at_ms=self._local_ms(fields["12"]) if second and "12" in fields else self._sent_ms(fields),
            original_ref="" if kind == "auth" else named,
            merchant_id=fields.get("42", "").strip(),
        )

    def _local_ms(self, text: str) -> int:
        """Field 12 of the second edition: YYMMDDhhmmss where the card was used, in the zone of the
        dialect."""
        zone = timezone(timedelta(minutes=self._dialect.zone_minutes))
        return _ms(f"20{text}", zone, "field 12")

    def _sent_ms(self, fields: Fields) -> int:
        """Field 7: MMDDhhmmss in UTC, of the last year that does not bring it after the feed."""
        text = fields.get("7", "")
        year = next((y for y in self._years if f"{y}{text}" <= self._latest), self._years[-1])
        return _ms(f"{year}{text}", UTC, "field 7")


def _is_approved(kind: str, fields: Fields) -> bool:
    """Whether what is told was approved; messages that are no answers tell of what happened."""
    if kind not in _ANSWERS or ("39" not in fields and kind not in _MUST_SAY):
        return True
    return fields.get("39", "").strip() in _APPROVED


def _reference(fields: Fields) -> str:
    number = fields.get("37", "").strip()
    if not number:
        raise NotTaken(Said("The message has no reference."), column="field 37")
    return f"a{fields.get('32', '').strip()}r{number}"


def _ms(text: str, zone: tzinfo, column: str) -> int:
    """UTC milliseconds of YYYYMMDDhhmmss in a zone. Raises NotTaken."""
    if len(text) == 14 and text.isascii() and text.isdigit():
        year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
        hour, minute, second = int(text[8:10]), int(text[10:12]), int(text[12:])
        with suppress(ValueError):
            return ms_of(datetime(year, month, day, hour, minute, second, tzinfo=zone))
    raise NotTaken(Said("This field cannot be read."), column=column)


def _refuse_card(content: bytes, dialect: Dialect) -> None:
    """Looks at what a message says it has. Raises CardNumber for a forbidden field, NotTaken for a third
    bitmap."""
    bits = _bits(content, dialect, 0) << 64
    if bits & _bit(1):
        bits |= _bits(content, dialect, 1)
    if bits & _FORBIDDEN_BITS:
        held = next(number for number in _FORBIDDEN if bits & _bit(number))
        raise CardNumber(
            Said("The message holds a card number, a track or a PIN. None of it was read."),
            column=f"field {held}",
        )
    if bits & _bit(65):
        raise NotTaken(Said("This field cannot be read."), column="field 65")


def _bits(content: bytes, dialect: Dialect, number: int) -> int:
    """The first (0) or second (1) bitmap of a message, 64 bits. Raises NotTaken."""
    width = 8 if dialect.bitmap == "binary" else 16
    part = content[_TYPE_BYTES + number * width : _TYPE_BYTES + (number + 1) * width]
    try:
        raw = part if dialect.bitmap == "binary" else bytes.fromhex(part.decode(dialect.text))
    except ValueError:
        raw = b""
    if len(raw) != 8:
        raise NotTaken(Said("This field cannot be read."), column="bitmap")
    return int.from_bytes(raw, "big")


def _spec(edition: str, dialect: Dialect) -> dict[str, dict[str, Any]]:
    """The fields of an edition for the decoder."""
    changed = _DATA["second"]["fields"] if edition == "1" else {}
    spec = {name: dict(field) for name, field in default_ascii.items()}
    for name, field in changed.items():
        spec[name].update(data_enc="ascii", len_type=field["len"], max_len=field["max"])
    for field in spec.values():
        field["data_enc"] = field["data_enc"] if field["data_enc"] == "b" else dialect.text
        field["len_enc"] = dialect.text
    for name in ("p", "1"):
        binary = dialect.bitmap == "binary"
        spec[name].update(data_enc="b" if binary else dialect.text, max_len=8 if binary else 16)
    return spec
