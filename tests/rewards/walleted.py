"""The folders of two wallets as a bank would fill them, with a certificate authority of the tests."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.rewards.test_passes_apple import PNG, TYPE_ID, certificate, name, pem, printed

# From before the moment at which tests stand still, to after today: OpenSSL looks at the real clock.
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = [rsa.generate_private_key(65537, 2048) for _ in range(3)]
AUTHORITY = certificate(name("Test authority"), KEYS[0], name("Test authority"), KEYS[0], SINCE)
SIGNER = certificate(name("Pass", TYPE_ID), KEYS[1], name("Test authority"), KEYS[0], SINCE)
APPLE_NAMES = f'pass_type_id = "{TYPE_ID}"\nteam_id = "A1B2C3D4E5"\nprogramme = "Hanul Points 한울"\n'
GOOGLE_NAMES = 'issuer_id = "3388000000000000001"\nlogo = "https://hanul.example/logo.png"\n'
ACCOUNT = {"client_email": "passes@hanul.example", "private_key": pem(KEYS[2]).decode(), "type": "x"}


def apple_folder(folder: Path) -> Path:
    """A folder for Apple Wallet that lacks nothing."""
    folder.mkdir(exist_ok=True)
    files = {
        "pass.toml": APPLE_NAMES.encode(), "certificate.pem": printed(SIGNER), "key.pem": pem(KEYS[1]),
        "wwdr.pem": printed(AUTHORITY), "icon.png": PNG, "icon@2x.png": PNG, "logo.png": PNG,
    }  # fmt: skip
    for file, body in files.items():
        (folder / file).write_bytes(body)
    return folder


def google_folder(folder: Path) -> Path:
    """A folder for Google Wallet that lacks nothing."""
    folder.mkdir(exist_ok=True)
    (folder / "pass.toml").write_text(GOOGLE_NAMES, encoding="utf-8")
    (folder / "service-account.json").write_text(json.dumps(ACCOUNT), encoding="utf-8")
    return folder


def google_key() -> str:
    """What verifies a token, PEM."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return KEYS[2].public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def inside(body: bytes) -> dict[str, bytes]:
    """The files of a pass."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        return {one: archive.read(one) for one in archive.namelist()}


def verified(files: dict[str, bytes], folder: Path) -> bool:
    """Whether OpenSSL finds the signature to be that of the manifest, by the authority of the tests."""
    paths = {"manifest": files["manifest.json"], "signature": files["signature"], "ca": printed(AUTHORITY)}
    for file, body in paths.items():
        (folder / file).write_bytes(body)
    command = [
        "openssl", "smime", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content",
        "manifest", "-CAfile", "ca", "-purpose", "any", "-out", "out",
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=30).returncode == 0
