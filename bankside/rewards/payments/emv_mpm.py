"""Merchant-presented QR codes of EMVCo: read and made. The code on a shop's counter that a bank's app scans.

A code is text: two digits of tag, two of length in characters, the value, and so on; templates (26 to 51, 62,
64, 80 to 99) hold the same inside, in 62 one level deeper still. The last field, 63, is CRC-16/CCITT-FALSE
over the UTF-8 bytes of everything before its own value, "6304" included. EMV QRCPS Merchant-Presented Mode
1.1; checked with its example in annex B and with codes of PromptPay, PayNow and KHQR that are published.

Reading is strict about form: lengths, order of the first and the last tag, no tag twice, values of the tags
that have a form. It is not strict about what a scheme leaves out: PromptPay has no category, name or city;
`missing` names what EMVCo asks for and the code does not have. Errors name tag and offset, never the value.
"""

from __future__ import annotations

import re
from binascii import crc_hqx
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from bankside.rewards.payments.finding import NotTaken
from bankside.rewards.payments.money import ALPHABETIC, EXPONENTS, NUMERIC, decimal, minor_units
from bankside.said import Said

CHARACTERS_MAX: Final = 512
VALUE_CHARACTERS_MAX: Final = 99

ACCOUNTS: Final = frozenset(f"{n:02}" for n in range(2, 52))
ACCOUNT_TEMPLATES: Final = frozenset(f"{n:02}" for n in range(26, 52))
TEMPLATES: Final = ACCOUNT_TEMPLATES | {"62", "64"} | {f"{n:02}" for n in range(80, 100)}
SCHEME_TEMPLATES: Final = frozenset(f"{n:02}" for n in range(50, 100))
"""Tags inside of 62 that hold a template of a payment scheme."""
MANDATORY: Final = ("52", "53", "58", "59", "60")

_CRC_TAG: Final = "6304"
_PRINTABLE: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*")
_LANGUAGE: Final = re.compile("[A-Za-z]{2}")
_FORMS: Final[dict[str, re.Pattern[str]]] = {
    "00": re.compile("01"),
    "01": re.compile("1[12]"),
    "52": re.compile("[0-9]{4}"),
    "53": re.compile("[0-9]{3}"),
    "54": re.compile(r"(?=.{1,13}$)[0-9]+(\.[0-9]*)?"),
    "55": re.compile("0[123]"),
    "56": re.compile(r"(?=.{1,13}$)[0-9]+(\.[0-9]*)?"),
    "57": re.compile(r"(?=.{1,5}$)[0-9]{1,2}(\.[0-9]{0,2})?|100(\.0{0,2})?"),
    "58": re.compile("[A-Z]{2}"),
    "59": re.compile("(?s).{1,25}"),
    "60": re.compile("(?s).{1,15}"),
    "61": re.compile("(?s).{1,10}"),
    "63": re.compile("[0-9A-Fa-f]{4}"),
}


class NotAMerchantCode(ValueError):
    """A text that is no merchant-presented code: `tag` (path of two-digit tags) and `offset` in
    characters."""

    def __init__(self, why: Said, *, tag: str, offset: int) -> None:
        self.why, self.tag, self.offset = why, tag, offset
        super().__init__(
            Said("Tag %(tag)s at %(offset)s: %(why)s", tag=tag or "-", offset=str(offset), why=why)
        )


class TooLong(NotAMerchantCode):
    """More than CHARACTERS_MAX."""


class CheckSumWrong(NotAMerchantCode):
    """A code in form of which something was changed, or read wrongly."""


class CurrencyUnknown(NotAMerchantCode):
    """A code in form with a currency that ISO 4217 does not have."""


@dataclass(frozen=True, slots=True)
class Field:
    """A tag and its value; a template has parts instead, and its value is what they make."""

    tag: str
    value: str = field(repr=False)  # may be somebody's phone number
    parts: tuple[Field, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, tag: str, *parts: Field) -> Self:
        """A template of parts."""
        return cls(tag, _text(parts), tuple(parts))

    def part(self, tag: str) -> str:
        """The value of a part; "" without it."""
        return next((part.value for part in self.parts if part.tag == tag), "")


@dataclass(frozen=True, slots=True)
class MerchantCode:
    """A merchant-presented code: its fields in order, without the CRC, and what they say."""

    fields: tuple[Field, ...]

    def value(self, tag: str) -> str:
        """The value of a top-level tag; "" without it."""
        return next((found.value for found in self.fields if found.tag == tag), "")

    @property
    def is_dynamic(self) -> bool:
        """Made for one payment (12), not for many (11)."""
        return self.value("01") == "12"

    @property
    def mcc(self) -> int:
        """Category of ISO 18245; 0 when the code has none."""
        return int(self.value("52") or 0)

    @property
    def currency(self) -> str:
        """Alphabetic code of ISO 4217; "" when there is none."""
        return ALPHABETIC.get(self.value("53"), "")

    @property
    def amount(self) -> int | None:
        """Minor units of the currency; None when the payer types it in, as with an amount of zero."""
        return (minor_units(self.value("54"), self.currency) or None) if self.value("54") else None

    @property
    def country(self) -> str:
        return self.value("58")

    @property
    def name(self) -> str:
        return self.value("59")

    @property
    def city(self) -> str:
        return self.value("60")

    @property
    def missing(self) -> tuple[str, ...]:
        """Tags that EMVCo asks for and this code does not have; `02-51` when it has no account."""
        accounts = () if any(found.tag in ACCOUNTS for found in self.fields) else ("02-51",)
        return accounts + tuple(tag for tag in MANDATORY if not self.value(tag))

    @property
    def merchant_ids(self) -> frozenset[str]:
        """What names the merchant: values of 02 to 25, and of the parts of 26 to 51 but their first, the
        scheme."""
        plain = {one.value for one in self.fields if one.tag in ACCOUNTS and not one.parts}
        parts = {p.value for one in self.fields if one.tag in ACCOUNTS for p in one.parts if p.tag != "00"}
        return frozenset(plain | parts)

    def name_in(self, language: str) -> str:
        """The name in a language (ISO 639, two letters) when the code has it in template 64, else its
        name."""
        other = next((found for found in self.fields if found.tag == "64"), None)
        if other and other.part("00").lower() == language.lower()[:2] and other.part("01"):
            return other.part("01")
        return self.name


def parse(text: str) -> MerchantCode:
    """The code that a text holds. Raises NotAMerchantCode."""
    if len(text) > CHARACTERS_MAX:
        raise TooLong(
            Said("The code has more than %(most)s characters.", most=CHARACTERS_MAX), tag="", offset=0
        )
    fields = tuple(_fields(text, path="", start=0))
    if not fields or fields[0].tag != "00":
        raise NotAMerchantCode(Said("A code begins with tag 00."), tag="00", offset=0)
    if fields[-1].tag != "63" or len(text) < 8 or text[-8:-4] != _CRC_TAG:
        raise NotAMerchantCode(Said("A code ends with its check sum, tag 63."), tag="63", offset=len(text))
    if crc(text[:-4]) != text[-4:].upper():
        raise CheckSumWrong(Said("The check sum is not that of the code."), tag="63", offset=len(text) - 4)
    code = MerchantCode(fields[:-1])
    _check_together(code)
    return code


def generate(code: MerchantCode) -> str:
    """The text of a code. Raises NotAMerchantCode when it could not be read again."""
    plain = _text(code.fields) + _CRC_TAG
    text = plain + crc(plain)
    parse(text)
    return text


def merchant_code(
    *,
    accounts: Iterable[Field],
    mcc: int,
    currency: str,
    country: str,
    name: str,
    city: str,
    amount: int | None = None,
    additional: Iterable[Field] = (),
    language: tuple[str, str, str] | None = None,
) -> MerchantCode:
    """A code with everything that EMVCo asks for; with an amount (minor units) it is for one payment.

    `additional`: parts of template 62. `language`: two letters, name and city in it. Raises NotAMerchantCode.
    """
    if currency not in EXPONENTS:
        raise CurrencyUnknown(Said("This is not a currency code of ISO 4217."), tag="53", offset=0)
    more = tuple(additional)
    fields = [
        Field("00", "01"),
        Field("01", "11" if amount is None else "12"),
        *accounts,
        Field("52", f"{mcc:04}"),
        Field("53", NUMERIC[currency]),
        *([] if amount is None else [Field("54", decimal(amount, currency))]),
        Field("58", country),
        Field("59", name),
        Field("60", city),
        *([Field.of("62", *more)] if more else []),
    ]
    if language:
        lang, name_in_it, city_in_it = language
        fields.append(Field.of("64", Field("00", lang), Field("01", name_in_it), Field("02", city_in_it)))
    code = MerchantCode(tuple(fields))
    generate(code)
    return code


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE of a text in UTF-8, four hexadecimal digits. Of "123456789" it is 29B1."""
    return f"{crc_hqx(text.encode('utf-8', 'surrogatepass'), 0xFFFF):04X}"


def _fields(text: str, *, path: str, start: int) -> Iterator[Field]:
    """The fields of a text; `start` is where it stands in the code. A tag may come once."""
    at, seen = 0, set[str]()
    while at < len(text):
        tag, offset = text[at : at + 2], start + at
        where = f"{path}{tag}" if _digits(tag, 2) else path
        length = text[at + 2 : at + 4]
        if not (_digits(tag, 2) and _digits(length, 2)):
            raise NotAMerchantCode(
                Said("Two digits of tag and two of length are expected."), tag=where, offset=offset
            )
        value = text[at + 4 : at + 4 + int(length)]
        if not value or len(value) != int(length):
            raise NotAMerchantCode(
                Said("The value is shorter than its length says."), tag=where, offset=offset
            )
        if tag in seen:
            raise NotAMerchantCode(Said("This tag comes twice."), tag=where, offset=offset)
        seen.add(tag)
        yield _field(tag, value, where=where, path=path, start=offset + 4)
        at += 4 + len(value)


def _field(tag: str, value: str, *, where: str, path: str, start: int) -> Field:
    if not _PRINTABLE.fullmatch(value):
        raise NotAMerchantCode(
            Said("The value has characters that cannot be shown."), tag=where, offset=start
        )
    if not path and tag in _FORMS and not _FORMS[tag].fullmatch(value):
        raise NotAMerchantCode(Said("The value does not have the form of this tag."), tag=where, offset=start)
    is_template = (not path and tag in TEMPLATES) or (path == "62/" and tag in SCHEME_TEMPLATES)
    if not is_template:
        return Field(tag, value)
    return Field(tag, value, tuple(_fields(value, path=f"{where}/", start=start)))


def _check_together(code: MerchantCode) -> None:
    """What the form of a single tag cannot tell: the currency, its decimals, fees, and the language
    template."""
    if code.value("53") and not code.currency:
        raise _wrong(code, "53", Said("This is not a currency code of ISO 4217."), CurrencyUnknown)
    for tag in ("54", "56"):
        _check_amount(code, tag)
    for tag, indicator in (("56", "02"), ("57", "03")):
        if bool(code.value(tag)) != (code.value("55") == indicator):
            raise _wrong(code, tag, Said("A fee and its indicator, tag 55, do not agree."))
    other = next((found for found in code.fields if found.tag == "64"), None)
    if other and not (_LANGUAGE.fullmatch(other.part("00")) and 0 < len(other.part("01")) <= 25):
        raise _wrong(code, "64", Said("The value does not have the form of this tag."))


def _check_amount(code: MerchantCode, tag: str) -> None:
    if not code.value(tag):
        return
    if not code.currency:
        raise _wrong(code, tag, Said("An amount needs a currency, tag 53."))
    try:
        minor_units(code.value(tag), code.currency)
    except NotTaken as error:
        raise _wrong(code, tag, error.why) from None


def _wrong(
    code: MerchantCode, tag: str, why: Said, kind: type[NotAMerchantCode] = NotAMerchantCode
) -> NotAMerchantCode:
    """An error at the place of a top-level tag; at the end when the code does not have it."""
    before = [found.tag for found in code.fields]
    until = before.index(tag) if tag in before else len(before)
    return kind(why, tag=tag, offset=len(_text(code.fields[:until])))


def _text(fields: Iterable[Field]) -> str:
    return "".join(_piece(one) for one in fields)


def _piece(one: Field) -> str:
    value = _text(one.parts) if one.parts else one.value
    if not 0 < len(value) <= VALUE_CHARACTERS_MAX:
        raise NotAMerchantCode(Said("A value has 1 to 99 characters."), tag=one.tag, offset=0)
    return f"{one.tag}{len(value):02}{value}"


def _digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()
