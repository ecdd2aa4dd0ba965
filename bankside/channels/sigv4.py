"""How a request to an S3 store is signed: AWS Signature Version 4, in the header, with its body in one piece.

Pure. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, read 2026-11-29; its four
examples are in the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "s3"


class Credentials(NamedTuple):
    """Who signs, with what, and for which region."""

    key_id: str
    secret: str
    region: str


def signed(
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    stamp: str,
    who: Credentials,
    query: Sequence[tuple[str, str]] = (),
) -> dict[str, str]:
    """The headers to send: those given (with `host`), the time, the digest of the body, and the signature.

    `path` is not encoded yet; see `encoded`. `stamp` is UTC as `20130524T000000Z`.
    """
    digest = hashlib.sha256(body).hexdigest()
    sent = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    sent |= {"x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(sorted(sent))
    lines = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent))
    asked = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query))
    request = "\n".join([method, encoded(path), asked, lines, names, digest])
    scope = f"{stamp[:8]}/{who.region}/{SERVICE}/aws4_request"
    to_sign = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = hmac.new(_key(who, stamp[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
    proof = f"{ALGORITHM} Credential={who.key_id}/{scope},SignedHeaders={names},Signature={signature}"
    return {**sent, "authorization": proof}


def encoded(path: str) -> str:
    """A path as it is signed and sent: each byte but letters, digits and `-._~/` in hex, once."""
    return quote(path, safe="/-._~")


def _key(who: Credentials, day: str) -> bytes:
    key = f"AWS4{who.secret}".encode()
    for part in (day, who.region, SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
