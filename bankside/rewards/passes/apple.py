"""A points pass for Apple Wallet: a signed archive, `application/vnd.apple.pkpass`.

As developer.apple.com/documentation/walletpasses says: `pass.json` of the style storeCard, pictures,
`pass.strings` per language, `manifest.json` with SHA-1 digests, and a detached PKCS #7 signature over it.
Two passes of the same content differ in the time of the signature alone. It was checked against OpenSSL
with a certificate authority of the tests; a telephone takes only what a Pass Type certificate of Apple
signs.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from bankside.rewards.passes.points_pass import LANGUAGES, WORDS, NotOnAPass, PassNotConfigured, PointsPass
from bankside.said import Said

CONTENT_TYPE: Final = "application/vnd.apple.pkpass"
PICTURES: Final = frozenset(
    {
        *("icon.png", "icon@2x.png", "icon@3x.png", "logo.png", "logo@2x.png", "logo@3x.png"),
        *("strip.png", "strip@2x.png", "strip@3x.png"),
    }
)
PICTURES_NEEDED: Final = frozenset({"icon.png", "icon@2x.png", "logo.png"})
PICTURE_BYTES_MAX: Final = 1_000_000
PEM_BYTES_MAX: Final = 100_000
RSA_BITS_MIN: Final = 2048

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first day that a zip archive knows
_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppleSettings:
    """What the bank gets from Apple, PEM as bytes. Whoever calls reads it from where secrets are kept.

    `pass_type_id`: such as pass.example.bank.points. `authority`: Apple's intermediate certificate (WWDR)
    that issued `certificate`. `password`: of the key, b"" for none.
    """

    organisation: str
    pass_type_id: str
    team_id: str
    certificate: bytes = field(repr=False)
    key: bytes = field(repr=False)
    authority: bytes = field(repr=False)
    password: bytes = field(default=b"", repr=False)
    foreground: str = "#FFFFFF"
    background: str = "#16324F"


@dataclass(frozen=True, slots=True)
class _Signer:
    certificate: x509.Certificate
    key: RSAPrivateKey = field(repr=False)
    authority: x509.Certificate


def signed_pass(
    shown: PointsPass, settings: AppleSettings, pictures: Mapping[str, bytes], *, at: datetime
) -> bytes:
    """The archive. `pictures`: PNG by name, at least icon.png, icon@2x.png and logo.png. `at`: now, with
    zone.

    Raises PassNotConfigured, NotOnAPass.
    """
    signer = check(settings, pictures, at=at)
    files = {
        **{name: pictures[name] for name in sorted(pictures)},
        "pass.json": _json(content(shown, settings)),
        **{f"{language}.lproj/pass.strings": _strings(language) for language in LANGUAGES},
    }
    manifest = _json(
        {name: hashlib.sha1(body, usedforsecurity=False).hexdigest() for name, body in files.items()}
    )
    return _archive({**files, "manifest.json": manifest, "signature": _signature(manifest, signer)})


def check(settings: AppleSettings, pictures: Mapping[str, bytes], *, at: datetime) -> _Signer:
    """Whether passes can be signed with these at this moment. Raises PassNotConfigured, NotOnAPass."""
    signer = _signer(settings, at)
    _check_pictures(pictures)
    for colour in (settings.foreground, settings.background):
        _rgb(colour)
    return signer


def content(shown: PointsPass, settings: AppleSettings) -> dict[str, Any]:
    """`pass.json`. Labels are keys of `pass.strings`, so that the phone shows them in its own language."""
    made: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": settings.pass_type_id,
        "teamIdentifier": settings.team_id,
        "serialNumber": shown.serial,
        "organizationName": settings.organisation,
        "description": "description",
        "logoText": shown.programme,
        "foregroundColor": _rgb(settings.foreground),
        "labelColor": _rgb(settings.foreground),
        "backgroundColor": _rgb(settings.background),
        "sharingProhibited": True,
        "storeCard": _card(shown),
    }
    if shown.link:
        code = {"format": "PKBarcodeFormatQR", "message": shown.link, "messageEncoding": "iso-8859-1"}
        made["barcodes"] = [code]
    return made


def _card(shown: PointsPass) -> dict[str, Any]:
    points = {"key": "points", "label": "points", "value": shown.points, "changeMessage": "changed"}
    card: dict[str, Any] = {
        "primaryFields": [points],
        "secondaryFields": [{"key": "settling", "label": "settling", "value": shown.settling}],
        "backFields": [{"key": "about", "label": "about", "value": "about_text"}],
    }
    if shown.expiring and shown.expires_on:
        day = {
            "value": f"{shown.expires_on}T00:00:00Z",
            "dateStyle": "PKDateStyleMedium",
            "ignoresTimeZone": True,
        }
        card["auxiliaryFields"] = [
            {"key": "expiring", "label": "expiring", "value": shown.expiring},
            {"key": "expires_on", "label": "expires_on", **day},
        ]
    return card


def _signature(manifest: bytes, signer: _Signer) -> bytes:
    """Detached, in DER, with the time of signing; `Binary` leaves line ends as they are."""
    builder = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(manifest)
        .add_signer(signer.certificate, signer.key, hashes.SHA256())
        .add_certificate(signer.authority)
    )
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return builder.sign(serialization.Encoding.DER, options)


def _signer(settings: AppleSettings, at: datetime) -> _Signer:
    """Certificate, key and authority, after everything that can be wrong with them. Raises
    PassNotConfigured."""
    named = (settings.organisation, settings.pass_type_id, settings.team_id)
    if not all((*named, settings.certificate, settings.key, settings.authority)):
        raise PassNotConfigured(
            Said(
                "Apple Wallet is not set up. Get a Pass Type ID and its certificate from Apple, and give the "
                "desk the certificate, its key, Apple's WWDR certificate and the team ID."
            )
        )
    try:
        certificate = x509.load_pem_x509_certificate(settings.certificate[:PEM_BYTES_MAX])
        authority = x509.load_pem_x509_certificate(settings.authority[:PEM_BYTES_MAX])
        key = serialization.load_pem_private_key(settings.key[:PEM_BYTES_MAX], settings.password or None)
    except (ValueError, TypeError):
        raise PassNotConfigured(
            Said("The certificate or the key for Apple Wallet cannot be read. Both must be PEM.")
        ) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < RSA_BITS_MIN:
        raise PassNotConfigured(Said("The key for Apple Wallet must be RSA with at least 2,048 bits."))
    _check_certificate(certificate, authority, key, settings, at)
    return _Signer(certificate, key, authority)


def _check_certificate(
    certificate: x509.Certificate,
    authority: x509.Certificate,
    key: RSAPrivateKey,
    settings: AppleSettings,
    at: datetime,
) -> None:
    if certificate.public_key() != key.public_key():
        raise PassNotConfigured(Said("The key for Apple Wallet is not that of the certificate."))
    for one in (certificate, authority):
        if not one.not_valid_before_utc <= at.astimezone(UTC) <= one.not_valid_after_utc:
            raise PassNotConfigured(
                Said("A certificate for Apple Wallet is not valid today. Get a new one from Apple.")
            )
    names = [str(named.value) for named in certificate.subject.get_attributes_for_oid(NameOID.USER_ID)]
    if names and names != [settings.pass_type_id]:
        raise PassNotConfigured(Said("The certificate for Apple Wallet belongs to another Pass Type ID."))
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        raise PassNotConfigured(
            Said("The WWDR certificate is not the one that issued the certificate for Apple Wallet.")
        ) from None


def _check_pictures(pictures: Mapping[str, bytes]) -> None:
    if not pictures.keys() <= PICTURES or not pictures.keys() >= PICTURES_NEEDED:
        raise NotOnAPass(Said("A pass needs icon.png, icon@2x.png and logo.png, and takes a strip besides."))
    if any(len(body) > PICTURE_BYTES_MAX or not body.startswith(_PNG) for body in pictures.values()):
        raise NotOnAPass(Said("The pictures of a pass are PNG, of at most a megabyte each."))


def _rgb(colour: str) -> str:
    if not _COLOUR.fullmatch(colour):
        raise PassNotConfigured(Said("The colours of a pass are written as #16324F."))
    red, green, blue = bytes.fromhex(colour[1:])
    return f"rgb({red}, {green}, {blue})"


def _strings(language: str) -> bytes:
    """`pass.strings` of a language, in UTF-8: "key" = "words";"""
    lines = [f"{_quoted(key)} = {_quoted(words[language])};\n" for key, words in sorted(WORDS.items())]
    return "".join(lines).encode()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _archive(files: Mapping[str, bytes]) -> bytes:
    """A zip that is the same for the same files: sorted, without dates, stored with the same compression."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return made.getvalue()
