"""The one verifier of hooks: every vector that there is, and everything that must not pass."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

import pytest

from bankside.networks import signatures
from bankside.networks.contract import Forged, Request
from bankside.networks.declared import Signature
from tests.networks.specs import document

SECRET = "s3cret"
X = "x-twitter-webhooks-signature"
BODY_HMAC = Signature(scheme="hmac", header="x-sig", prefix="sha256=", key="secret")
TIMED = Signature(
    scheme="hmac", header="x-sig", prefix="sha256=", parts=("body", "field:t"), moment="field:t",
    age_seconds_max=300,
)  # fmt: skip
SORTED = Signature(
    scheme="sorted-sha1", query="signature", parts=("query:timestamp", "query:nonce"),
    moment="query:timestamp", age_seconds_max=300, shake="echostr",
)  # fmt: skip


def asked(
    body: bytes = b"", *, method: str = "POST", query: dict[str, str] | None = None, **headers: str
) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method=method, path="/hooks/x", query=query or {}, headers=named, body=body)


def vectors(*names: str) -> list[dict[str, Any]]:
    found = [v for v in document("signatures/vectors.json") if v["name"] in names]
    assert len(found) == len(names)
    return found


def hexed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


# --- the vendors' vectors --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name, rule",
    [
        ("x-webhook-post", Signature(scheme="hmac", encoding="base64", prefix="sha256=", header=X)),
        ("line-webhook", Signature(scheme="hmac", encoding="base64", header="x-line-signature")),
        ("meta-webhook", Signature(scheme="hmac", header="x-hub-signature-256", prefix="sha256=")),
    ],
)  # fmt: skip
def test_bodies_of_the_vectors_are_genuine(name: str, rule: Signature) -> None:
    [vector] = vectors(name)
    body, header = vector["body"].encode(), vector["header"].lower()
    signatures.check(rule, asked(body, **{header: vector["value"]}), vector["secret"])
    for flipped in (bytes([body[0] ^ 1]) + body[1:], body + b" ", body[:-1]):
        with pytest.raises(Forged):
            signatures.check(rule, asked(flipped, **{header: vector["value"]}), vector["secret"])


def test_a_challenge_is_answered_as_the_vector_says() -> None:
    [vector] = vectors("x-crc")
    rule = Signature(scheme="hmac", header="x", shake="crc")
    answer = signatures.handshake(
        rule, asked(method="GET", query={"crc_token": vector["crc_token"]}), vector["secret"]
    )
    assert answer and answer.body.decode() == f'{{"response_token":"{vector["response_token"]}"}}'


def test_the_sorted_parts_of_the_vector_are_genuine_at_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    [vector] = vectors("weibo-callback")
    query = {name: vector[name] for name in ("timestamp", "nonce", "signature")}
    monkeypatch.setattr(time, "time", lambda: int(vector["timestamp"]) / 1000 + 10)
    signatures.check(SORTED, asked(query=query), vector["secret"])
    monkeypatch.setattr(time, "time", lambda: int(vector["timestamp"]) / 1000 + 301)
    with pytest.raises(Forged, match="old"):
        signatures.check(SORTED, asked(query=query), vector["secret"])


# --- what must not pass ----------------------------------------------------------------------------------
def test_every_flipped_bit_of_a_signature_is_refused() -> None:
    good = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).digest()
    for bit in range(len(good) * 8):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Forged):
            signatures.check(BODY_HMAC, asked(b"{}", x_sig=f"sha256={bad.hex()}"), SECRET)
    signatures.check(BODY_HMAC, asked(b"{}", x_sig=f"sha256={good.hex()}"), SECRET)


@pytest.mark.parametrize(
    "header", ["", "sha256=", "sha256", "sha1=" + "0" * 40, "é", "sha256=,sha256=", "t=1"]
)
def test_what_is_no_signature_is_refused(header: str) -> None:
    with pytest.raises(Forged):
        signatures.check(BODY_HMAC, asked(b"{}", x_sig=header), SECRET)


@pytest.mark.parametrize("rule", [BODY_HMAC, SORTED, Signature(scheme="equal", header="x-sig")])
def test_without_a_secret_nothing_is_genuine(rule: Signature) -> None:
    with pytest.raises(Forged, match="no secret"):
        signatures.check(rule, asked(b"{}", x_sig=""), "")


def test_a_network_that_signs_nothing_sends_nothing_genuine() -> None:
    with pytest.raises(Forged):
        signatures.check(Signature(scheme="none", header="x-sig"), asked(b"{}", x_sig="x"), SECRET)


@pytest.mark.parametrize("age, genuine", [(0, True), (299, True), (301, False), (-299, True), (-302, False)])
def test_a_signed_moment_is_neither_old_nor_to_come(
    age: int, genuine: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(time.time())
    monkeypatch.setattr(time, "time", lambda: now)
    moment = str((now - age) * 1000)
    signed = f"sha256={hexed(b'{}' + moment.encode())}, t={moment}"
    if genuine:
        signatures.check(TIMED, asked(b"{}", x_sig=signed), SECRET)
        return
    with pytest.raises(Forged, match="old"):
        signatures.check(TIMED, asked(b"{}", x_sig=signed), SECRET)


def test_a_moment_that_was_changed_is_refused() -> None:
    moment = str(int(time.time() * 1000))
    signed = f"sha256={hexed(b'{}' + moment.encode())}, t={int(moment) + 1}"
    with pytest.raises(Forged, match="does not fit"):
        signatures.check(TIMED, asked(b"{}", x_sig=signed), SECRET)


def test_a_secret_word_is_compared_whole() -> None:
    rule = Signature(scheme="equal", header="authorization", prefix="KakaoAK ")
    signatures.check(rule, asked(b"{}", authorization="KakaoAK s3cret"), SECRET)
    for wrong in ("KakaoAK s3cre", "KakaoAK s3cret2", "s3cret", "Bearer s3cret"):
        with pytest.raises(Forged):
            signatures.check(rule, asked(b"{}", authorization=wrong), SECRET)


# --- handshakes ------------------------------------------------------------------------------------------
def test_a_challenge_cannot_have_a_body_signed() -> None:
    """The answer is made with the key of the bodies: a body in the place of a challenge is not signed."""
    rule = Signature(scheme="hmac", encoding="base64", header="x", prefix="sha256=", shake="crc")
    for body in ('{"a":1}', "[]", ' "x"', "é", "a" * 201):
        with pytest.raises(Forged):
            signatures.handshake(rule, asked(method="GET", query={"crc_token": body}), SECRET)


def test_a_handshake_needs_the_word_that_was_agreed_on() -> None:
    rule = Signature(scheme="hmac", header="x", shake="hub")
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "word"}
    answer = signatures.handshake(rule, asked(method="GET", query=query), SECRET, word="word")
    assert answer and answer.body == b"1158201444" and answer.content_type.startswith("text/plain")
    for word in ("", "other"):
        with pytest.raises(Forged):
            signatures.handshake(rule, asked(method="GET", query=query), SECRET, word=word or "other")


def test_a_signed_handshake_is_echoed_only_when_it_is_genuine() -> None:
    moment = str(int(time.time()))
    made = hashlib.sha1("".join(sorted([SECRET, moment, "n"])).encode()).hexdigest()
    query = {"timestamp": moment, "nonce": "n", "signature": made, "echostr": "hello"}
    answer = signatures.handshake(SORTED, asked(method="GET", query=query), SECRET)
    assert answer and answer.body == b"hello"
    with pytest.raises(Forged):
        signatures.handshake(SORTED, asked(method="GET", query={**query, "nonce": "m"}), SECRET)


def test_a_post_is_no_handshake() -> None:
    rule = Signature(scheme="hmac", header="x", shake="challenge")
    assert signatures.handshake(rule, asked(query={"challenge": "x"}), SECRET) is None


def test_base64_with_its_padding_is_read_whole() -> None:
    rule = Signature(scheme="hmac", encoding="base64", header="x-sig", prefix="sha256=")
    made = base64.b64encode(hmac.new(SECRET.encode(), b"{}", hashlib.sha256).digest()).decode()
    assert made.endswith("=")
    signatures.check(rule, asked(b"{}", x_sig=f"sha256={made}"), SECRET)
