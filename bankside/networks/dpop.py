"""Proof of possession under OAuth (RFC 9449): a token that was stolen is worth nothing without its key.

Every call carries a fresh proof, signed with a key that belongs to one grant (ES256). A server names a nonce
by refusing the first call; that refusal means that nothing has happened, so the call is made once more.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

if TYPE_CHECKING:
    from bankside.networks.wire import Wire, WireAnswer

COORDINATE_BYTES = 32
JTI_BYTES = 16


class Key(msgspec.Struct, frozen=True):
    """A private key on P-256 as a JWK (RFC 7518, 6.2); coordinates in unpadded base64url."""

    x: str
    y: str
    d: str
    kty: str = "EC"
    crv: str = "P-256"


class Prover:
    """Calls under one key, and under one access token when there is one already.

    Remembers the nonces that servers named for as long as it lives: for one run of a job.
    """

    def __init__(self, wire: Wire, key: str, token: str = "") -> None:
        """`key` as `new_key` made it."""
        self._wire, self._key, self._token = wire, msgspec.json.decode(key, type=Key), token
        self._nonces: dict[str, str] = {}

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        also: Iterable[int] = (),
        **how: Any,
    ) -> WireAnswer:
        """As `Wire.ask`, with a proof. Called again, once, when the server only wanted its nonce in it."""
        place, wanted = _origin(url), frozenset(also)
        for last in (False, True):
            proved = {**(headers or {}), **self._headers(method, url, self._nonces.get(place, ""))}
            answer = self._wire.ask(method, url, headers=proved, also={*wanted, 400, 401}, **how)
            self._nonces[place] = answer.headers.get("dpop-nonce", self._nonces.get(place, ""))
            if last or not wants_nonce(answer):
                break
        if answer.status not in wanted:
            self._wire.raise_for(answer)
        return answer

    def _headers(self, method: str, url: str, nonce: str) -> dict[str, str]:
        made = {"dpop": proof(self._key, method, url, nonce=nonce, token=self._token)}
        return made | ({"authorization": f"DPoP {self._token}"} if self._token else {})


def new_key() -> str:
    """A key for one grant, as JSON. Whoever keeps it keeps it sealed."""
    made = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    numbers = (made.public_numbers.x, made.public_numbers.y, made.private_value)
    x, y, d = (base64url(number.to_bytes(COORDINATE_BYTES, "big")) for number in numbers)
    return msgspec.json.encode(Key(x=x, y=y, d=d)).decode()


def proof(key: Key, method: str, url: str, *, nonce: str = "", token: str = "") -> str:
    """One proof for one call; `token` binds it to an access token."""
    parts = urlsplit(url)
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(JTI_BYTES),
        "htm": method,
        "htu": f"{parts.scheme}://{parts.netloc}{parts.path}",
        "iat": int(time.time()),
    }
    claims |= {"nonce": nonce} if nonce else {}
    claims |= {"ath": base64url(hashlib.sha256(token.encode()).digest())} if token else {}
    public = {"kty": key.kty, "crv": key.crv, "x": key.x, "y": key.y}
    return _signed(key, {"typ": "dpop+jwt", "alg": "ES256", "jwk": public}, claims)


def wants_nonce(answer: WireAnswer) -> bool:
    """The server did nothing yet: it names the nonce that the proof must hold."""
    if not answer.headers.get("dpop-nonce"):
        return False
    challenge = answer.headers.get("www-authenticate", "")
    return answer.status in {400, 401} and "use_dpop_nonce" in f"{challenge} {answer.text}"


def base64url(data: bytes) -> str:
    """As JWTs have it: without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _signed(key: Key, header: dict[str, Any], claims: dict[str, Any]) -> str:
    content = ".".join(base64url(msgspec.json.encode(part)) for part in (header, claims))
    private = ec.derive_private_key(int.from_bytes(_bytes(key.d), "big"), ec.SECP256R1())
    r, s = decode_dss_signature(private.sign(content.encode(), ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
    return f"{content}.{base64url(signature)}"


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
