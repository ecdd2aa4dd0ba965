"""Consumer-presented payment codes of EMVCo, as a sandbox: a code on the phone, and an authoriser that
answers it.

**This pays nothing.** It shows how a phone would present a code and how an answer comes back, so that
screens, offers and messages can be tried. Every code carries the label SANDBOX and a number that begins
with 999999, which no issuer has; the authoriser takes no other, and every answer says `sandbox`. Real codes
need a token service, keys in a hardware security module, and the certification of a payment scheme; `live`
says so and raises.

A code is BER-TLV in Base64: 85 "CPV01", and 61 with 4F application, 50 label, 57 track 2 equivalent, and 63
with 9F10 time of issue, 9F26 cryptogram, 9F36 counter, 9F37 unpredictable number. The cryptogram is an
HMAC, not EMV's.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Literal, NoReturn, Protocol

from bankside.rewards.payments import ber_tlv, card_number
from bankside.rewards.payments.ber_tlv import Node
from bankside.rewards.payments.finding import CardNumber
from bankside.rewards.payments.money import AMOUNT_MAX, EXPONENTS
from bankside.said import Said

TEST_RANGE: Final = "999999"
LABEL: Final = "SANDBOX"
LIFE_SECONDS: Final = 60
KEY_BYTES_MIN: Final = 16
CODE_CHARACTERS_MAX: Final = 512
TOKEN_CHARACTERS_MAX: Final = 80
USED_MAX: Final = 100_000

_VERSION: Final = b"CPV01"
_APPLICATION: Final = (
    bytes.fromhex("F000000999") + b"TEST"
)  # F: a name that nobody registered (ISO/IEC 7816-5)
_NEVER: Final = "9912"
_COUNTER_MAX: Final = 0xFFFF


class NotOffered(RuntimeError):
    """Something that this desk does not do, and why."""


class NotAConsumerCode(ValueError):
    """Bytes that are no consumer-presented code."""


class PaymentCode(Protocol):
    """The seam to the bank's own token service: a fresh code for a card, to be shown once."""

    def get(self, token_ref: str) -> bytes:
        """The code in Base64, ASCII, ready for a QR code. `token_ref`: opaque reference of the card."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sandbox answers. It never moves money, and says so."""

    approved: bool
    why: Said
    sandbox: Literal[True] = True


def live() -> NoReturn:
    """Codes that pay. Raises NotOffered."""
    raise NotOffered(
        Said(
            "Codes that pay are not offered here. They need the bank's token service, keys in a hardware "
            "security module and the certification of a payment scheme."
        )
    )


class SandboxPaymentCode:
    """Codes of the test range. The same key in generator and authoriser makes them belong together."""

    def __init__(self, key: bytes, now_ms: Callable[[], int]) -> None:
        if len(key) < KEY_BYTES_MIN:
            raise ValueError(f"the key needs at least {KEY_BYTES_MIN} bytes")
        self._key, self._now_ms = key, now_ms
        self._counter, self._lock = secrets.randbelow(_COUNTER_MAX), Lock()

    def get(self, token_ref: str) -> bytes:
        """A code of the test range, the same number for the same reference. Raises CardNumber, ValueError."""
        if card_number.in_token(token_ref):
            raise CardNumber(
                Said("This looks like a card number. Send an opaque reference of the card instead."),
                column="token_ref",
            )
        if not 0 < len(token_ref) <= TOKEN_CHARACTERS_MAX:
            raise ValueError("token_ref has 1 to 80 characters")
        with self._lock:
            self._counter = self._counter % _COUNTER_MAX + 1
            counter = self._counter.to_bytes(2, "big")
        track = _track(_test_number(self._key, token_ref))
        issued = (self._now_ms() // 1000).to_bytes(6, "big")
        chance = secrets.token_bytes(4)
        proof = cryptogram(self._key, track + issued + counter + chance)
        return base64.b64encode(ber_tlv.write(_nodes(track, issued, proof, counter, chance)))


class SandboxAuthoriser:
    """Answers codes of the test range, once each, within LIFE_SECONDS."""

    def __init__(self, key: bytes, now_ms: Callable[[], int]) -> None:
        self._key, self._now_ms = key, now_ms
        self._used: OrderedDict[bytes, int] = OrderedDict()
        self._lock = Lock()

    def authorise(self, code: bytes, *, amount: int, currency: str) -> Answer:
        """Approved or not, and why, of any bytes. `amount`: minor units. Never raises for what it is
        given."""
        try:
            nodes = read(code)
        except NotAConsumerCode:
            return Answer(False, Said("Sandbox: this is not a consumer-presented code."))
        track = ber_tlv.find(nodes, "57") or b""
        if not _in_test_range(nodes, track):
            return Answer(
                False, Said("Sandbox: only numbers of the test range 999999 are taken, never a real card.")
            )
        if not 0 < amount <= AMOUNT_MAX or currency not in EXPONENTS:
            return Answer(False, Said("Sandbox: the amount or the currency is wrong."))
        return self._proved(nodes, track)

    def _proved(self, nodes: tuple[Node, ...], track: bytes) -> Answer:
        issued, proof = ber_tlv.find(nodes, "9F10") or b"", ber_tlv.find(nodes, "9F26") or b""
        rest = (ber_tlv.find(nodes, "9F36") or b"") + (ber_tlv.find(nodes, "9F37") or b"")
        if not hmac.compare_digest(cryptogram(self._key, track + issued + rest), proof):
            return Answer(False, Said("Sandbox: the code was not made here, or was changed."))
        age_seconds = self._now_ms() // 1000 - int.from_bytes(issued, "big")
        if not 0 <= age_seconds <= LIFE_SECONDS:
            return Answer(False, Said("Sandbox: the code is older than a minute. Show a new one."))
        if not self._first(proof):
            return Answer(False, Said("Sandbox: this code was used before."))
        return Answer(True, Said("Sandbox: approved. No money has moved."))

    def _first(self, proof: bytes) -> bool:
        """True the first time. Codes that are too old to be taken are forgotten; a full memory takes no
        more."""
        now_seconds = self._now_ms() // 1000
        with self._lock:
            while self._used and next(iter(self._used.values())) < now_seconds - 2 * LIFE_SECONDS:
                self._used.popitem(last=False)
            if proof in self._used or len(self._used) >= USED_MAX:
                return False
            self._used[proof] = now_seconds
            return True


def read(code: bytes) -> tuple[Node, ...]:
    """The nodes of a code in Base64. Raises NotAConsumerCode."""
    try:
        if len(code) > CODE_CHARACTERS_MAX:
            raise NotAConsumerCode("too long")
        nodes = ber_tlv.read(base64.b64decode(code, validate=True))
    except (binascii.Error, ber_tlv.NotBerTlv):
        raise NotAConsumerCode("not BER-TLV in Base64") from None
    if not nodes or (nodes[0].tag, nodes[0].value) != ("85", _VERSION):
        raise NotAConsumerCode("does not begin with CPV01")
    return nodes


def cryptogram(key: bytes, content: bytes) -> bytes:
    """Eight bytes of HMAC-SHA-256."""
    return hmac.digest(key, content, "sha256")[:8]


def _nodes(track: bytes, issued: bytes, proof: bytes, counter: bytes, chance: bytes) -> tuple[Node, ...]:
    proofs = (Node("9F10", issued), Node("9F26", proof), Node("9F36", counter), Node("9F37", chance))
    shown = (Node("4F", _APPLICATION), Node("50", LABEL.encode()), Node("57", track))
    return (Node("85", _VERSION), Node.of("61", *shown, Node.of("63", *proofs)))


def _test_number(key: bytes, token_ref: str) -> str:
    """Sixteen digits of the test range, from the reference and the key; the last is the check digit."""
    drawn = int.from_bytes(hmac.digest(key, token_ref.encode(), "sha256")[:8], "big") % 10**9
    body = f"{TEST_RANGE}{drawn:09}"
    return next(body + last for last in "0123456789" if card_number.passes_luhn(body + last))


def _track(number: str) -> bytes:
    """Track 2 equivalent: number, D, expiry, service code, F to fill the last byte."""
    digits = f"{number}D{_NEVER}000"
    return bytes.fromhex(digits + "F" * (len(digits) % 2))


def _in_test_range(nodes: tuple[Node, ...], track: bytes) -> bool:
    """The label, one track and nothing else that could hold a number: 5A is refused unread."""
    labelled = ber_tlv.find(nodes, "50") == LABEL.encode()
    return labelled and ber_tlv.find(nodes, "5A") is None and track.hex().startswith(TEST_RANGE)
