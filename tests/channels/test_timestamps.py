"""Time-stamps: a real authority on this machine, and answers that must not be believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import timestamps
from bankside.channels.timestamps import Authority, NotStamped
from bankside.networks.failures import Later, Refused
from tests.channels import stamping

pytestmark = pytest.mark.network
TEXT = "desk.hanulbank.example/log/0/2026\n3\n1Oej5d4kX7ehZ7+fQNSqC+2BdQeQXAV4wxPHytP2l38=\n"


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stamping.made(tmp_path_factory.mktemp("tsa") / "one")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stamping.made(tmp_path_factory.mktemp("tsa") / "two")


@pytest.fixture
def server(tsa: Path, settings: Any) -> Iterator[stamping.Server]:
    with stamping.serving(tsa) as server:
        settings.WIRE_PRIVATE_HOSTS = frozenset({f"127.0.0.1:{server.server_port}"})
        yield server


def authority(server: stamping.Server, roots: Path) -> Authority:
    return Authority("one", f"http://127.0.0.1:{server.server_port}/stamp", roots / "ca.pem")


def test_what_was_stamped_openssl_believes(server: stamping.Server, tsa: Path, other: Path) -> None:
    stamp = timestamps.ask(authority(server, tsa), TEXT)
    assert server.asked[0][0] == "application/timestamp-query"
    (tsa / "text").write_text(TEXT)
    (tsa / "stamp.tsr").write_bytes(stamp.der)
    said = stamping.openssl(tsa, "ts", "-verify", "-data", "text", "-in", "stamp.tsr", "-CAfile", "ca.pem")
    assert b"OK" in said
    (tsa / "text").write_text(TEXT.replace("3", "4", 1))
    with pytest.raises(AssertionError):
        stamping.openssl(tsa, "ts", "-verify", "-data", "text", "-in", "stamp.tsr", "-CAfile", "ca.pem")
    assert timestamps.checked(stamp.der, TEXT, tsa / "ca.pem") == stamp.at
    with pytest.raises(NotStamped):
        timestamps.checked(stamp.der, TEXT, other / "ca.pem")


def test_two_questions_have_two_numbers(server: stamping.Server, tsa: Path) -> None:
    for _ in range(2):
        timestamps.ask(authority(server, tsa), TEXT)
    assert server.asked[0][1] != server.asked[1][1]


def test_an_answer_to_somebody_else_is_refused(
    server: stamping.Server, tsa: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another number, none, the answer of before, another text, another root, a weak or another digest."""
    before = timestamps.ask(authority(server, tsa), TEXT).der
    answers = {
        "another number": stamping.reply(tsa, stamping.query(tsa, TEXT)),
        "no number": stamping.reply(tsa, stamping.query(tsa, TEXT, "-no_nonce")),
        "replayed": before,
        "nonsense": b"\x30\x03\x02\x01\x00",
        "nothing": b"",
        "html": b"<html>Sign in</html>",
    }
    for name, answer in answers.items():
        with monkeypatch.context() as patched, pytest.raises(NotStamped):
            patched.setattr(server, "twist", lambda _, answer=answer: answer)
            pytest.fail(f"{name} was believed: {timestamps.ask(authority(server, tsa), TEXT)}")
    with pytest.raises(NotStamped, match="does not hold"):
        timestamps.ask(authority(server, other), TEXT)


def test_another_text_with_the_right_number_is_refused(
    server: stamping.Server, tsa: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rfc3161_client import TimestampRequestBuilder

    real = TimestampRequestBuilder.data
    monkeypatch.setattr(TimestampRequestBuilder, "data", lambda self, _: real(self, b"another text"))
    with pytest.raises(NotStamped, match="does not hold"):
        timestamps.ask(authority(server, tsa), TEXT)


def test_another_digest_is_refused(
    server: stamping.Server, tsa: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    real = TimestampRequestBuilder.hash_algorithm
    monkeypatch.setattr(
        TimestampRequestBuilder, "hash_algorithm", lambda self, _: real(self, HashAlgorithm.SHA512)
    )
    with pytest.raises(NotStamped, match="SHA-256"):
        timestamps.ask(authority(server, tsa), TEXT)


def test_a_refusal_is_said(server: stamping.Server, tsa: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        server,
        "twist",
        lambda data: stamping.reply(tsa, data[:-3] + b"\x01\x01\x00"),  # not DER of a query
    )
    with pytest.raises(NotStamped):
        timestamps.ask(authority(server, tsa), TEXT)


def test_each_byte_of_a_stamp_counts(server: stamping.Server, tsa: Path) -> None:
    """A flipped byte of what is signed is found; certificates and padding that nobody needs may differ."""
    der = timestamps.ask(authority(server, tsa), TEXT).der
    at = der.index(TEXT_DIGEST)
    for place in range(at, at + 32):
        with pytest.raises(NotStamped):
            timestamps.checked(der[:place] + bytes([der[place] ^ 1]) + der[place + 1 :], TEXT, tsa / "ca.pem")


def test_who_is_away_is_asked_later(tsa: Path, settings: Any) -> None:
    settings.WIRE_PRIVATE_HOSTS = frozenset({"127.0.0.1:9"})
    with pytest.raises(Later):
        timestamps.ask(Authority("one", "http://127.0.0.1:9/", tsa / "ca.pem"), TEXT)


def test_the_guard_of_the_wire_holds_here_too(tsa: Path) -> None:
    """T1 of the wire: no words in the clear to the outside, nothing inside that is not on the list."""
    with pytest.raises(Refused):
        timestamps.ask(Authority("one", "http://tsa.example/", tsa / "ca.pem"), TEXT)


def test_settings_are_read_and_wrong_ones_said(tmp_path: Path, settings: Any) -> None:
    settings.TIMESTAMPERS = ""
    assert timestamps.authorities() == []
    file = tmp_path / "timestampers.toml"
    settings.TIMESTAMPERS = str(file)
    file.write_text('[first]\nurl = "https://tsa.example/"\nroots = "first.pem"\n')
    assert timestamps.authorities() == [Authority("first", "https://tsa.example/", tmp_path / "first.pem")]
    for wrong in ("[first]\n", "[first", '[First]\nurl = "https://a.example"\nroots = "a"', "first = 1",
                  '[first]\nurl = "ftp://a.example"\nroots = "a"'):  # fmt: skip
        file.write_text(wrong)
        with pytest.raises(ValueError, match="BANKSIDE_TIMESTAMPERS"):
            timestamps.authorities()


def _digest() -> bytes:
    import hashlib

    return hashlib.sha256(TEXT.encode()).digest()


TEXT_DIGEST = _digest()
