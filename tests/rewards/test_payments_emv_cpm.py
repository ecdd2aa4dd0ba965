"""The sandbox of consumer-presented codes: its own codes once, nothing outside the test range, and it
always says so."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.payments import ber_tlv, emv_cpm
from bankside.rewards.payments.emv_cpm import (
    Answer,
    NotOffered,
    PaymentCode,
    SandboxAuthoriser,
    SandboxPaymentCode,
    live,
)
from bankside.rewards.payments.finding import CardNumber

KEY = b"a key of the sandbox"
# Published examples of other packages, with numbers that issuers could have.
FOREIGN = [
    b"hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MWETTwegAAAAZmZmUAhQcm9kdWN0MmJJWggSNFZ4kBI0WF8gDkNBUkRIT0xERVIvRU1WXy0I"
    b"cnVlc2RlZW5kIZ8QBwYBCgMAAACfJghYT9OF+iNLzJ82AgABnzcEbVjvEw==",
    b"hQVDUFYwMWEaTwegAAAAVVVVVw8SNFZ4kBI0WNGRIgESNF8=",
]


class Clock:
    def __init__(self) -> None:
        self.ms = 1_772_325_000_000

    def __call__(self) -> int:
        return self.ms


def both(key: bytes = KEY) -> tuple[SandboxPaymentCode, SandboxAuthoriser, Clock]:
    clock = Clock()
    return SandboxPaymentCode(KEY, clock), SandboxAuthoriser(key, clock), clock


def ask(authoriser: SandboxAuthoriser, code: bytes) -> Answer:
    return authoriser.authorise(code, amount=4_500, currency="KRW")


def test_a_code_is_approved_once_and_says_that_it_is_a_sandbox() -> None:
    codes, authoriser, _ = both()
    code = codes.get("tok_7Q2")
    first, second = ask(authoriser, code), ask(authoriser, code)
    assert (first.approved, first.sandbox) == (True, True)
    assert (second.approved, second.sandbox) == (False, True)
    assert "used before" in second.why
    assert all(said.startswith("Sandbox:") for said in (first.why, second.why))


def test_a_code_is_watermarked_and_of_the_test_range() -> None:
    code: PaymentCode = both()[0]
    nodes = emv_cpm.read(code.get("tok_7Q2"))
    assert nodes[0].value == b"CPV01"
    assert ber_tlv.find(nodes, "50") == b"SANDBOX"
    track = (ber_tlv.find(nodes, "57") or b"").hex()
    assert track.startswith("999999")
    assert (
        emv_cpm.read(code.get("tok_7Q2"))[1].parts[2] == nodes[1].parts[2]
    )  # the same number for the same card
    assert emv_cpm.read(code.get("tok_8"))[1].parts[2] != nodes[1].parts[2]


def test_a_code_fits_a_small_qr_code() -> None:
    code = both()[0].get("tok_7Q2")
    assert len(code) <= 160
    version = segno.make(code, error="m", micro=False).version
    assert isinstance(version, int)
    assert version <= 9


@pytest.mark.parametrize("code", FOREIGN)
def test_numbers_outside_of_the_test_range_are_refused_with_the_reason(code: bytes) -> None:
    emv_cpm.read(code)  # in form they are in order
    answer = ask(both()[1], code)
    assert not answer.approved
    assert answer.sandbox
    assert "test range 999999" in answer.why
    assert "1234" not in answer.why


def changed(code: bytes, tag: str, value: bytes) -> bytes:
    """The same code with another value in one place."""

    def other(node: ber_tlv.Node) -> ber_tlv.Node:
        if node.parts:
            return replace(node, parts=tuple(map(other, node.parts)))
        return replace(node, value=value) if node.tag == tag else node

    return base64.b64encode(ber_tlv.write(map(other, emv_cpm.read(code))))


def test_a_test_number_swapped_for_a_real_one_is_refused() -> None:
    codes, authoriser, _ = both()
    real = bytes.fromhex("4242424242424242D9912000F0")
    assert "test range" in ask(authoriser, changed(codes.get("t"), "57", real)).why
    assert "test range" in ask(authoriser, changed(codes.get("t"), "50", b"CREDIT")).why
    with_pan = [*emv_cpm.read(codes.get("t")), ber_tlv.Node("5A", bytes.fromhex("4242424242424242"))]
    assert "test range" in ask(authoriser, base64.b64encode(ber_tlv.write(with_pan))).why


@pytest.mark.parametrize("tag", ["9F10", "9F26", "9F36", "9F37"])
def test_what_was_changed_is_refused(tag: str) -> None:
    codes, authoriser, _ = both()
    assert "changed" in ask(authoriser, changed(codes.get("t"), tag, b"\x01" * 8)).why


def test_old_codes_codes_of_another_key_and_wrong_amounts_are_refused() -> None:
    codes, authoriser, clock = both()
    code = codes.get("t")
    assert "not made here" in ask(both(b"another key, as long")[1], code).why
    for amount, currency in ((0, "KRW"), (-1, "KRW"), (10**16, "KRW"), (1, "WON")):
        assert "amount" in authoriser.authorise(code, amount=amount, currency=currency).why
    clock.ms += 61_000
    assert "older than a minute" in ask(authoriser, code).why
    clock.ms -= 62_000
    assert not ask(authoriser, code).approved


def test_what_was_used_is_remembered_as_long_as_it_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    codes, authoriser, clock = both()
    for _ in range(5):
        assert ask(authoriser, codes.get("t")).approved
    clock.ms += 200_000
    assert ask(authoriser, codes.get("t")).approved
    assert len(authoriser._used) == 1
    monkeypatch.setattr(emv_cpm, "USED_MAX", 1)
    assert not ask(authoriser, codes.get("t")).approved


def test_codes_that_pay_are_not_offered() -> None:
    with pytest.raises(NotOffered, match="token service"):
        live()


def test_a_card_number_is_no_reference() -> None:
    codes = both()[0]
    with pytest.raises(CardNumber) as told:
        codes.get("4242424242424242")
    assert "4242" not in str(told.value)
    for wrong in ("", "x" * 81):
        with pytest.raises(ValueError, match="80"):
            codes.get(wrong)
    with pytest.raises(ValueError, match="key"):
        SandboxPaymentCode(b"short", Clock())


@settings(max_examples=200)
@given(st.binary(max_size=600) | st.binary(max_size=120).map(base64.b64encode))
def test_any_bytes_are_answered(code: bytes) -> None:
    assert not ask(both()[1], code).approved
