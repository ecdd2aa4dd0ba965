"""A points pass for Google Wallet: a signed token (`savetowallet`) that the member opens to save it.

As developers.google.com/wallet/reference/rest/v1/Jwt says: RS256 by a service account, `loyaltyObjects`
with the points, and `loyaltyClasses` with what all members share. The object holds an opaque id and
numbers: no account id, no account name, which Google's form has room for. A token is verified here by its
own key; Google takes only what a service account signs that was admitted to the bank's issuer.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from bankside.rewards.passes.points_pass import LANGUAGES, WORDS, PassNotConfigured, PointsPass
from bankside.said import Said

SAVE_ADDRESS: Final = "https://pay.google.com/gp/v/save/"
LINK_CHARACTERS_MAX: Final = 1_800
"""Characters of a token in an address: longer ones are cut by some browsers. Tests keep ours below."""
PEM_BYTES_MAX: Final = 100_000
RSA_BITS_MIN: Final = 2048

_INT32_MAX: Final = 2**31 - 1
_ISSUER: Final = re.compile(r"[0-9]{6,30}")
_SUFFIX: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ACCOUNT: Final = re.compile(r"[^@\s]{1,100}@[^@\s]{1,150}")
_ADDRESS: Final = re.compile(r"https://[!-~]{1,300}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleSettings:
    """What the bank gets from Google. Whoever calls reads it from where secrets are kept.

    `issuer_id`: digits, from the Google Wallet console. `account`: e-mail address of the service account that
    `key`, PEM, belongs to. `class_name`: the last part of the class's id. `logo`: https address of a square
    PNG. `origins`: addresses of pages that show the button.
    """

    organisation: str
    issuer_id: str
    account: str
    key: bytes = field(repr=False)
    class_name: str = "points"
    logo: str = ""
    origins: tuple[str, ...] = ()


def save_address(shown: PointsPass, settings: GoogleSettings, *, at_ms: int, with_class: bool = False) -> str:
    """The address behind the button. The class must have been made before: in the console, or by opening one
    address `with_class`, which is longer.

    Raises PassNotConfigured.
    """
    return SAVE_ADDRESS + token(shown, settings, at_ms=at_ms, with_class=with_class)


def token(shown: PointsPass, settings: GoogleSettings, *, at_ms: int, with_class: bool = True) -> str:
    """The signed token; `with_class` makes or renews the class as well. Raises PassNotConfigured."""
    key = _key(settings)
    classes = {"loyaltyClasses": [loyalty_class(shown, settings)]} if with_class else {}
    claims = {
        "iss": settings.account,
        "aud": "google",
        "typ": "savetowallet",
        "iat": at_ms // 1000,
        "origins": list(settings.origins),
        "payload": {**classes, "loyaltyObjects": [loyalty_object(shown, settings)]},
    }
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{_base64(signature)}"


def check(settings: GoogleSettings) -> None:
    """Whether tokens can be signed with these. Raises PassNotConfigured."""
    _key(settings)


def loyalty_object(shown: PointsPass, settings: GoogleSettings) -> dict[str, Any]:
    """The member's object: points to spend, and those that settle."""
    made: dict[str, Any] = {
        "id": f"{settings.issuer_id}.{shown.serial}",
        "classId": f"{settings.issuer_id}.{settings.class_name}",
        "state": "ACTIVE",
        "loyaltyPoints": _points("points", shown.points),
    }
    if shown.settling:
        made["secondaryLoyaltyPoints"] = _points("settling", shown.settling)
    if shown.link:
        made["barcode"] = {"type": "QR_CODE", "value": shown.link}
    return made


def loyalty_class(shown: PointsPass, settings: GoogleSettings) -> dict[str, Any]:
    """What all members' passes share; Google reviews it once."""
    made: dict[str, Any] = {
        "id": f"{settings.issuer_id}.{settings.class_name}",
        "issuerName": settings.organisation,
        "programName": shown.programme,
        "reviewStatus": "UNDER_REVIEW",
        "multipleDevicesAndHoldersAllowedStatus": "ONE_USER_ALL_DEVICES",
    }
    if settings.logo:
        made["programLogo"] = {"sourceUri": {"uri": settings.logo}}
    return made


def _points(key: str, number: int) -> dict[str, Any]:
    """A number with its label in four languages."""
    first, *others = LANGUAGES
    translated = [{"language": language, "value": WORDS[key][language]} for language in others]
    default = {"language": first, "value": WORDS[key][first]}
    return {
        "balance": {"int": number} if number <= _INT32_MAX else {"string": str(number)},
        "localizedLabel": {"defaultValue": default, "translatedValues": translated},
    }


def _key(settings: GoogleSettings) -> RSAPrivateKey:
    """The key, after everything that can be wrong with the settings. Raises PassNotConfigured."""
    if not (settings.organisation and settings.issuer_id and settings.account and settings.key):
        raise PassNotConfigured(
            Said(
                "Google Wallet is not set up. Get an issuer ID from Google, admit a service account to it, "
                "and give the desk the issuer ID, the account's address and its key."
            )
        )
    named = _ISSUER.fullmatch(settings.issuer_id) and _ACCOUNT.fullmatch(settings.account)
    addresses = [*settings.origins, *([settings.logo] if settings.logo else [])]
    if not (named and _SUFFIX.fullmatch(settings.class_name) and all(map(_ADDRESS.fullmatch, addresses))):
        raise PassNotConfigured(
            Said("The issuer ID, the service account, the class or an address for Google Wallet is misspelt.")
        )
    try:
        key = serialization.load_pem_private_key(settings.key[:PEM_BYTES_MAX], None)
    except (ValueError, TypeError):
        raise PassNotConfigured(Said("The key for Google Wallet cannot be read. It must be PEM.")) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < RSA_BITS_MIN:
        raise PassNotConfigured(Said("The key for Google Wallet must be RSA with at least 2,048 bits."))
    return key


def _part(value: object) -> str:
    return _base64(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
