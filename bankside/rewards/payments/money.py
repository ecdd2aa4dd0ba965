"""Amounts as whole numbers of minor units, and the currencies of ISO 4217. No floating point anywhere."""

from __future__ import annotations

import re
from typing import Final

from bankside.rewards.payments.finding import NotTaken
from bankside.said import Said

AMOUNT_MAX: Final = 10**15 - 1
"""Minor units. ISO 8583 can carry twelve digits; three more are room for currencies of three decimals."""

# ISO 4217, list one of active codes: alphabetic and numeric code. Funds, metals and test codes are left
# out. BGN and ANG are no longer active and stay for feeds of the past; ANG shares its number with XCG,
# which took its place.
_CODES: Final = """
AED784 AFN971 ALL008 AMD051 ANG532 AOA973 ARS032 AUD036 AWG533 AZN944 BAM977 BBD052 BDT050 BGN975 BHD048
BIF108 BMD060 BND096 BOB068 BRL986 BSD044 BTN064 BWP072 BYN933 BZD084 CAD124 CDF976 CHF756 CLF990 CLP152
CNY156 COP170 CRC188 CUP192 CVE132 CZK203 DJF262 DKK208 DOP214 DZD012 EGP818 ERN232 ETB230 EUR978 FJD242
FKP238 GBP826 GEL981 GHS936 GIP292 GMD270 GNF324 GTQ320 GYD328 HKD344 HNL340 HTG332 HUF348 IDR360 ILS376
INR356 IQD368 IRR364 ISK352 JMD388 JOD400 JPY392 KES404 KGS417 KHR116 KMF174 KPW408 KRW410 KWD414 KYD136
KZT398 LAK418 LBP422 LKR144 LRD430 LSL426 LYD434 MAD504 MDL498 MGA969 MKD807 MMK104 MNT496 MOP446 MRU929
MUR480 MVR462 MWK454 MXN484 MYR458 MZN943 NAD516 NGN566 NIO558 NOK578 NPR524 NZD554 OMR512 PAB590 PEN604
PGK598 PHP608 PKR586 PLN985 PYG600 QAR634 RON946 RSD941 RUB643 RWF646 SAR682 SBD090 SCR690 SDG938 SEK752
SGD702 SHP654 SLE925 SOS706 SRD968 SSP728 STN930 SVC222 SYP760 SZL748 THB764 TJS972 TMT934 TND788 TOP776
TRY949 TTD780 TWD901 TZS834 UAH980 UGX800 USD840 UYU858 UYW927 UZS860 VED926 VES928 VND704 VUV548 WST882
XAF950 XCD951 XCG532 XOF952 XPF953 YER886 ZAR710 ZMW967 ZWG924
"""
_NOT_TWO: Final = """
BIF0 CLP0 DJF0 GNF0 ISK0 JPY0 KMF0 KRW0 PYG0 RWF0 UGX0 VND0 VUV0 XAF0 XOF0 XPF0
BHD3 IQD3 JOD3 KWD3 LYD3 OMR3 TND3 CLF4 UYW4
"""
_EXPONENTS: Final = {code[:3]: int(code[3:]) for code in _NOT_TWO.split()}
EXPONENTS: Final[dict[str, int]] = {code[:3]: _EXPONENTS.get(code[:3], 2) for code in _CODES.split()}
"""Decimals of the minor unit by alphabetic code: 0 for KRW and JPY, 3 for KWD, 2 for most."""

ALPHABETIC: Final[dict[str, str]] = {code[3:]: code[:3] for code in _CODES.split()}
"""Alphabetic by numeric code, three digits each."""

NUMERIC: Final[dict[str, str]] = {code[:3]: code[3:] for code in _CODES.split()}

_DECIMAL: Final = re.compile(r"([0-9]{1,16})(?:\.([0-9]{0,8}))?", re.ASCII)


def currency_of(code: str, *, column: str = "currency") -> str:
    """The alphabetic code for an alphabetic or numeric one. Raises NotTaken when ISO 4217 has it not."""
    found = ALPHABETIC.get(code, code)
    if found not in EXPONENTS:
        raise NotTaken(Said("This is not a currency code of ISO 4217."), column=column)
    return found


def minor_units(text: str, currency: str, *, column: str = "amount") -> int:
    """A decimal amount of major units, "12.50", as minor units: 1250 for EUR.

    Exact: decimals that the currency does not have must be zeros. No sign, no thousands separators, and a
    dot, never a comma, before decimals. Zero is allowed. Raises NotTaken.
    """
    found = _DECIMAL.fullmatch(text)
    exponent = EXPONENTS[currency]
    decimals = (found[2] or "") if found else ""
    if not found or decimals[exponent:].strip("0"):
        raise NotTaken(
            Said(
                "This is not an amount in %(currency)s. Write digits, and a dot before decimals.",
                currency=currency,
            ),
            column=column,
        )
    return whole_units(found[1] + decimals[:exponent].ljust(exponent, "0"), column=column)


def whole_units(text: str, *, column: str = "amount") -> int:
    """Minor units written in digits, as ISO 8583 does. Zero is allowed. Raises NotTaken."""
    if not (text.isascii() and text.isdigit()):
        raise NotTaken(Said("This is not an amount in digits."), column=column)
    if len(text) > 24 or int(text) > AMOUNT_MAX:
        raise NotTaken(Said("The amount is larger than any that can be."), column=column)
    return int(text)


def decimal(amount: int, currency: str) -> str:
    """Minor units as a decimal of major units: 1250 EUR is "12.50", 1250 KRW is "1250"."""
    exponent = EXPONENTS[currency]
    whole, rest = divmod(amount, 10**exponent)
    return f"{whole}.{rest:0{exponent}}" if exponent else str(whole)
