"""The transit engine as a provider of keys, against a fake that says so."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bankside.record import kek, providers, rewrapping, subjects
from bankside.record.keys import KeyAway, KeyMissing, KeyWrong
from bankside.record.models import WrappedKey
from bankside.record.providers.transit import Transit
from tests.servers.transit_fake import TOKEN, FakeTransit, over_http

KEY, CONTEXT = bytes(range(32)), b"bankside/kek/1"
ONE, OTHER = "u:" + "a" * 32, "u:" + "b" * 32

pytestmark = pytest.mark.network


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


@pytest.fixture
def fake(settings: Any, token_file: Path) -> Iterator[FakeTransit]:
    with over_http(FakeTransit()) as served:
        settings.TRANSIT_URL, settings.TRANSIT_TOKEN_FILE = served.url, str(token_file)
        yield served


def test_what_it_wraps_opens_in_its_context_alone(fake: FakeTransit) -> None:
    provider = Transit()
    provider.make()
    wrapped = provider.wrap(KEY, CONTEXT)
    assert wrapped.startswith(b"vault:v1:") and provider.unwrap(wrapped, CONTEXT) == KEY
    with pytest.raises(KeyWrong, match="400"):
        provider.unwrap(wrapped, b"bankside/kek/2")
    assert KEY.hex() not in repr(wrapped) and provider.holder() == "transit/bankside-kek"


def test_old_versions_of_its_key_still_open_and_new_ones_wrap(fake: FakeTransit) -> None:
    wrapped = Transit().wrap(KEY, CONTEXT)
    fake.rotate()
    assert Transit().unwrap(wrapped, CONTEXT) == KEY
    assert Transit().wrap(KEY, CONTEXT).startswith(b"vault:v2:")


@pytest.mark.parametrize("at", [0, 6, 9, 20, -3])
def test_a_changed_byte_is_refused(fake: FakeTransit, at: int) -> None:
    wrapped = bytearray(Transit().wrap(KEY, CONTEXT))
    wrapped[at] = ord("A") if wrapped[at] != ord("A") else ord("B")
    with pytest.raises(KeyWrong):
        Transit().unwrap(bytes(wrapped), CONTEXT)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (503, b'{"errors":["Vault is sealed"]}', KeyAway), (429, b"{}", KeyAway), (473, b"{}", KeyAway),
        (500, b'{"errors":["1 error occurred"]}', KeyAway),
        (502, b"<html>", KeyAway), (200, b"<html>", KeyAway),
        (200, b"{}", KeyAway), (200, b'{"data":{}}', KeyAway), (200, b'{"data":[]}', KeyAway),
        (204, b"", KeyAway),
        (200, b'{"data":{"ciphertext":"vault:v0:AA=="}}', KeyAway), (200, b"x" * 100_000, KeyAway),
        (301, b"", KeyAway), (307, b"", KeyAway),
        (403, b'{"errors":["permission denied"]}', KeyWrong), (404, b'{"errors":[]}', KeyWrong),
        (400, b'{"errors":["encryption key not found"]}', KeyWrong),
    ],
)  # fmt: skip
def test_what_it_answers_is_named_for_the_situation(
    fake: FakeTransit, status: int, body: bytes, kind: type[Exception]
) -> None:
    fake.answers = [(status, body)]
    with pytest.raises(kind) as raised:
        Transit().wrap(KEY, CONTEXT)
    assert TOKEN not in str(raised.value)


def test_nobody_listens(fake: FakeTransit, settings: Any) -> None:
    settings.TRANSIT_URL = "http://127.0.0.1:9"
    with pytest.raises(KeyAway, match="does not answer: ConnectError"):
        Transit().wrap(KEY, CONTEXT)


@pytest.mark.parametrize("url", ["", "http://bao.bank.example", "ftp://127.0.0.1", "bao.bank.example"])
def test_only_https_except_on_this_machine(fake: FakeTransit, settings: Any, url: str) -> None:
    settings.TRANSIT_URL = url
    with pytest.raises(KeyMissing, match="https://"):
        Transit().wrap(KEY, CONTEXT)


def test_the_token_is_read_anew_and_missing_ones_are_said(fake: FakeTransit, token_file: Path) -> None:
    fake.token = "renewed"
    with pytest.raises(KeyWrong, match="403"):
        Transit().wrap(KEY, CONTEXT)
    token_file.write_text("renewed")
    assert Transit().wrap(KEY, CONTEXT)
    token_file.write_text("two\nlines")
    with pytest.raises(KeyMissing, match="holds no token"):
        Transit().wrap(KEY, CONTEXT)


def test_a_namespace_goes_along(fake: FakeTransit, settings: Any) -> None:
    fake.namespace = settings.TRANSIT_NAMESPACE = "bank/desk"
    assert Transit().wrap(KEY, CONTEXT)


def test_over_tls_its_certificate_is_checked(settings: Any, token_file: Path, tmp_path: Path) -> None:
    pem = certificate(tmp_path / "server.pem")
    with over_http(FakeTransit(), pem) as served:
        settings.TRANSIT_URL, settings.TRANSIT_TOKEN_FILE = served.url, str(token_file)
        with pytest.raises(KeyAway, match="ConnectError"):
            Transit().wrap(KEY, CONTEXT)
        settings.TRANSIT_CA_FILE = str(pem)
        assert Transit().unwrap(Transit().wrap(KEY, CONTEXT), CONTEXT) == KEY


@pytest.mark.django_db
def test_a_desk_moves_to_it_and_goes_on_with_it(fake: FakeTransit, settings: Any) -> None:
    subj = subjects.subject_of("somewhere", "one")
    key = subjects.key_of(subj)
    rewrapping.move("transit", ONE, OTHER)
    settings.KEY_PROVIDER = "transit"
    rewrapping.leave("transit", ONE, OTHER)
    for forget in (kek.forget, subjects.forget):
        forget()
    asked = len(fake.asked)
    assert subjects.key_of(subj) == key and len(fake.asked) == asked + 1
    fake.rotate()
    rewrapping.move("transit", ONE, OTHER)  # by its newest version
    assert bytes(WrappedKey.objects.get().wrapped).startswith(b"vault:v2:")
    fake.versions[0] = b"\x00" * 32  # the old version was destroyed there
    kek.forget()
    assert providers.named().name == "transit" and kek.current().key
    fake.sealed = True
    kek.forget()
    with pytest.raises(KeyAway, match="503"):
        kek.current()


def certificate(path: Path) -> Path:
    """A key and a certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bao.bank.example")])
    now, year = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=365)
    here = ipaddress.ip_address("127.0.0.1")
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - year).not_valid_after(now + year)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(here)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(text + made.public_bytes(serialization.Encoding.PEM))
    return path
