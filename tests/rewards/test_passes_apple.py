"""An Apple pass: signed so that OpenSSL agrees, the same for the same content, with nothing personal in
it."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from bankside.rewards.passes import apple
from bankside.rewards.passes.apple import AppleSettings, signed_pass
from bankside.rewards.passes.points_pass import WORDS, NotOnAPass, PassNotConfigured
from bankside.rewards.payments import card_number
from tests.rewards.test_passes_points_pass import SHOWN

AT = datetime.now(UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
PICTURES = {"icon.png": PNG, "icon@2x.png": PNG, "logo.png": PNG}
TYPE_ID = "pass.example.hanul.points"
KEYS = [rsa.generate_private_key(65537, 2048) for _ in range(2)]


def name(text: str, user: str = "") -> x509.Name:
    more = [x509.NameAttribute(NameOID.USER_ID, user)] if user else []
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text), *more])


def certificate(
    subject: x509.Name,
    key: RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: RSAPrivateKey,
    since: datetime = AT - timedelta(days=1),
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(AT + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=key is issuer_key, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


AUTHORITY = certificate(name("Test authority"), KEYS[0], name("Test authority"), KEYS[0])
SIGNER = certificate(name("Pass", TYPE_ID), KEYS[1], name("Test authority"), KEYS[0])


def pem(key: RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)


def printed(one: x509.Certificate) -> bytes:
    return one.public_bytes(serialization.Encoding.PEM)


SETTINGS = AppleSettings(
    organisation="Hanul Bank", pass_type_id=TYPE_ID, team_id="A1B2C3D4E5",
    certificate=printed(SIGNER), key=pem(KEYS[1]), authority=printed(AUTHORITY),
)  # fmt: skip


def files(settings: AppleSettings = SETTINGS) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(signed_pass(SHOWN, settings, PICTURES, at=AT))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_manifest_names_every_file_and_its_digest() -> None:
    inside = files()
    manifest = json.loads(inside.pop("manifest.json"))
    assert inside.pop("signature")
    assert manifest == {name: hashlib.sha1(body).hexdigest() for name, body in inside.items()}


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed on this machine")
def test_openssl_accepts_the_signature_and_refuses_another_manifest(tmp_path: Path) -> None:
    inside = files()
    paths = {"manifest": inside["manifest.json"], "signature": inside["signature"], "ca": printed(AUTHORITY)}
    for file, body in paths.items():
        (tmp_path / file).write_bytes(body)
    command = [
        "openssl", "smime", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content",
        "manifest", "-CAfile", "ca", "-purpose", "any", "-out", "out",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    (tmp_path / "manifest").write_bytes(inside["manifest.json"] + b" ")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=30).returncode != 0


def test_the_signature_carries_both_certificates() -> None:
    held = pkcs7.load_der_pkcs7_certificates(files()["signature"])
    assert b"pass.json" not in files()["signature"]  # detached: the manifest is beside it, not in it
    assert {one.serial_number for one in held} == {SIGNER.serial_number, AUTHORITY.serial_number}


def test_two_passes_differ_in_their_signature_alone() -> None:
    first, second = files(), files()
    assert list(first) == sorted(first)
    assert {name for name in first if first[name] != second[name]} <= {"signature"}
    dates = zipfile.ZipFile(io.BytesIO(signed_pass(SHOWN, SETTINGS, PICTURES, at=AT))).infolist()
    assert {entry.date_time for entry in dates} == {(1980, 1, 1, 0, 0, 0)}


def test_the_pass_shows_points_and_nothing_personal() -> None:
    shown = json.loads(files()["pass.json"])
    card = shown["storeCard"]
    assert (card["primaryFields"][0]["value"], card["secondaryFields"][0]["value"]) == (1_250, 40)
    assert card["auxiliaryFields"][1]["value"] == "2026-09-30T00:00:00Z"
    assert (shown["serialNumber"], shown["passTypeIdentifier"], shown["formatVersion"]) == (
        SHOWN.serial,
        TYPE_ID,
        1,
    )
    assert shown["barcodes"][0]["message"] == SHOWN.link
    assert not any(word in json.dumps(shown) for word in ("accountNumber", "customer", "member", "userInfo"))
    assert shown["backgroundColor"] == "rgb(22, 50, 79)"


def test_words_are_there_in_four_languages() -> None:
    inside = files()
    for language in ("en", "ko", "zh-Hans", "nl"):
        strings = inside[f"{language}.lproj/pass.strings"].decode()
        assert f'"points" = "{WORDS["points"][language]}";' in strings
        assert len(strings.splitlines()) == len(WORDS)
    keys = set(WORDS)
    card = json.loads(inside["pass.json"])["storeCard"]
    assert {field["label"] for fields in card.values() for field in fields} <= keys
    assert apple._quoted('a "b" \\\n') == '"a \\"b\\" \\\\\\n"'


def test_no_card_number_in_any_byte() -> None:
    for name, body in files().items():
        if name.endswith((".json", ".strings")):
            assert card_number.without(body.decode()) == body.decode()


LATER = AT + timedelta(days=60)
EC = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("other", "at", "said"),
    [
        ({"certificate": b""}, AT, "not set up"),
        ({"team_id": ""}, AT, "not set up"),
        ({"key": b"nonsense"}, AT, "cannot be read"),
        ({"certificate": b"nonsense"}, AT, "cannot be read"),
        ({"key": pem(KEYS[1], b"secret"), "password": b"wrong"}, AT, "cannot be read"),
        ({"key": pem(KEYS[0])}, AT, "not that of the certificate"),
        ({"key": pem(EC)}, AT, "RSA"),
        ({"pass_type_id": "pass.example.other"}, AT, "another Pass Type ID"),
        ({"authority": printed(SIGNER)}, AT, "WWDR"),
        ({}, LATER, "not valid today"),
        ({"background": "red"}, AT, "colours"),
    ],
)
def test_what_is_not_set_up_is_told_with_what_to_do(
    other: dict[str, object], at: datetime, said: str
) -> None:
    with pytest.raises(PassNotConfigured, match=said):
        signed_pass(SHOWN, replace(SETTINGS, **other), PICTURES, at=at)  # type: ignore[arg-type]


def test_a_key_with_its_password_signs() -> None:
    assert files(replace(SETTINGS, key=pem(KEYS[1], b"secret"), password=b"secret"))["signature"]


def test_secrets_are_not_shown() -> None:
    assert "PRIVATE KEY" not in repr(SETTINGS)


@pytest.mark.parametrize(
    "pictures",
    [
        {},
        {"icon.png": PNG},
        {**PICTURES, "../evil.png": PNG},
        {**PICTURES, "logo.png": b"GIF89a"},
        {**PICTURES, "strip.png": PNG * 30_000},
    ],
)
def test_pictures_are_few_small_and_png(pictures: dict[str, bytes]) -> None:
    with pytest.raises(NotOnAPass):
        signed_pass(SHOWN, SETTINGS, pictures, at=AT)
