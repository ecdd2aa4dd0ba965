"""Whether a hook is genuine, by the table in its network's data file (`[signature]`). One verifier for all.

Pure, but for the clock. Comparisons take the same time whatever differs, and the raw body is what counts.
Schemes and their sources: docs/networks, and the documentation that each data file names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from typing import TYPE_CHECKING

from bankside.networks.contract import Answer, Forged
from bankside.said import Said

if TYPE_CHECKING:
    from bankside.networks.contract import Request
    from bankside.networks.declared import Signature

AHEAD_SECONDS_MAX = 300
"""By which a network's clock may be before ours."""
ECHO_LENGTH_MAX = 200
TOKEN = re.compile(r"[A-Za-z0-9_=+/-]{1,200}")
MS_MIN = 100_000_000_000
"""A moment from here on is in milliseconds, a smaller one in seconds since 1970."""


def check(rule: Signature, request: Request, secret: str, *, also: tuple[str, ...] = ()) -> None:
    """Raises Forged unless the request carries the signature that only the network could make.

    `also`: more parts that are signed and that only the connector can find, such as an encrypted text.
    """
    if not secret:
        raise Forged(Said("This channel has no secret for hooks, so that no hook can be genuine."))
    given = _given(rule, request)
    if not given or not hmac.compare_digest(given, _wanted(rule, request, secret, also)):
        raise Forged(Said("The signature does not fit the body."))
    _refuse_old(rule, request)


def handshake(rule: Signature, request: Request, secret: str, *, word: str = "") -> Answer | None:
    """What a handshake is answered; None when the request is none. Raises Forged for a wrong one.

    `word`: the secret word that a `hub` handshake must carry (`hub.verify_token`), where there is one.
    """
    if request.method != "GET":
        return None
    match rule.shake:
        case "challenge" if "challenge" in request.query:
            return _echo(request.query["challenge"])
        case "crc" if "crc_token" in request.query:
            return _crc(request.query["crc_token"], secret)
        case "hub" if "hub.challenge" in request.query:
            if not hmac.compare_digest(request.query.get("hub.verify_token", "").encode(), word.encode()):
                raise Forged(Said("The handshake does not carry the word that was agreed on."))
            return _echo(request.query["hub.challenge"])
        case "echostr" if "echostr" in request.query:
            check(rule, request, secret)
            return _echo(request.query["echostr"])
    return None


def part(rule: Signature, request: Request, name: str) -> str:
    """A part that a rule names: `header:…`, `query:…` or `field:…`; empty when it is missing."""
    kind, _, key = name.partition(":")
    match kind:
        case "header":
            return request.headers.get(key, "")
        case "query":
            return request.query.get(key, "")
        case _:
            return _fields(request.headers.get(rule.header, "")).get(key, "")


def given(rule: Signature, request: Request) -> bytes:
    """The signature itself, without what stands around it: the same for the same request; empty for none."""
    return _given(rule, request)


def holds_seconds(rule: Signature) -> int:
    """For how long the same signed request would be taken; 0 where it tells no time, and holds for ever."""
    return rule.age_seconds_max + AHEAD_SECONDS_MAX if rule.moment else 0


# --- what was given, and what should have been -----------------------------------------------------------
def _given(rule: Signature, request: Request) -> bytes:
    if rule.query:
        value = request.query.get(rule.query, "")
    else:
        value = request.headers.get(rule.header, "")
        if rule.prefix.endswith("="):
            value = _fields(value).get(rule.prefix[:-1], "")
            return value.encode(errors="replace")
    if not value.startswith(rule.prefix):
        return b""
    return value.removeprefix(rule.prefix).encode(errors="replace")


def _wanted(rule: Signature, request: Request, secret: str, also: tuple[str, ...]) -> bytes:
    key = secret.encode()
    match rule.scheme:
        case "hmac":
            made = hmac.new(key, b"".join(_signed(rule, request)), rule.algorithm).digest()
            return base64.b64encode(made) if rule.encoding == "base64" else made.hex().encode()
        case "sorted-sha1":
            parts = sorted([secret, *(part(rule, request, name) for name in rule.parts), *also])
            return hashlib.sha1("".join(parts).encode(errors="replace")).hexdigest().encode()  # noqa: S324 - theirs
        case "equal":
            return key
        case "none":
            raise Forged(Said("This network signs no hooks."))


def _signed(rule: Signature, request: Request) -> list[bytes]:
    return [
        request.body if name == "body" else part(rule, request, name).encode(errors="replace")
        for name in rule.parts
    ]


def _refuse_old(rule: Signature, request: Request) -> None:
    if not rule.moment:
        return
    told = part(rule, request, rule.moment)
    seconds = float(told) if told.isascii() and told.isdigit() and len(told) < 15 else 0.0
    seconds = seconds / 1000 if seconds >= MS_MIN else seconds
    if not -AHEAD_SECONDS_MAX <= time.time() - seconds <= rule.age_seconds_max:
        raise Forged(Said("The signature is too old, or from a time that has not come yet."))


def _fields(header: str) -> dict[str, str]:
    """`sha256=…, t=…` by name. A value may hold `=` itself, as base64 does."""
    return {name.strip(): value for field in header.split(",") for name, _, value in [field.partition("=")]}


def _echo(text: str) -> Answer:
    return Answer(body=text[:ECHO_LENGTH_MAX].encode(errors="replace"))


def _crc(token: str, secret: str) -> Answer:
    """The answer to a challenge-response check: `{"response_token": "sha256=<base64>"}`.

    A token is signed exactly as a body is, for whoever asks: so nothing is signed that could be a body.
    """
    if not secret:
        raise Forged(Said("This channel has no secret for hooks, so that no hook can be genuine."))
    if not TOKEN.fullmatch(token):
        raise Forged(Said("This is no challenge: it holds more than letters and digits."))
    made = base64.b64encode(hmac.new(secret.encode(), token.encode(), "sha256").digest())
    body = b'{"response_token":"sha256=' + made + b'"}'
    return Answer(body=body, content_type="application/json")
