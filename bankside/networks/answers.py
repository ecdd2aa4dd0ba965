"""What an answer says besides what was asked: words, how long to wait, and what must not be told."""

from __future__ import annotations

import base64
import email.utils
import html
import re
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec

WAIT_SECONDS_MAX = 86_400.0
WORDS_LENGTH_MAX = 300
SECRET_LENGTH_MIN = 4
"""Shorter secrets are not looked for in texts: replacing them would garble everything."""

HIDDEN = "•••"


def said_by(content_type: str, content: bytes) -> str:
    """The network's own words, as one short plain line; empty when it says nothing."""
    said = ""
    if "json" in content_type:
        try:
            said = _said(msgspec.json.decode(content))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            said = ""
    return " ".join(html.unescape(_TAG.sub(" ", said)).split())[:WORDS_LENGTH_MAX]


def _said(decoded: Any) -> str:
    if not isinstance(decoded, dict):
        return ""
    for name in ("message", "error_description", "detail", "error", "title"):
        value = decoded.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, dict) and isinstance(value.get("message"), str):
            return str(value["message"])
    return ""


def retry_after(value: str) -> float:
    """Seconds of a Retry-After header (a number or a date), within a day; 0 when there is none."""
    try:
        seconds = float(value)
    except ValueError:
        parsed = email.utils.parsedate_tz(value)
        seconds = email.utils.mktime_tz(parsed) - time.time() if parsed else 0.0
        if not parsed:
            return 0.0
    return min(max(seconds, 1.0), WAIT_SECONDS_MAX) if seconds == seconds else 0.0


def until_reset(value: str) -> float:
    """Seconds until a limit is renewed, within a day; 0 when there is none. Some servers give the seconds
    (draft-ietf-httpapi-ratelimit-headers), some the moment in seconds since 1970."""
    if not value.isascii() or not value.isdigit() or len(value) > 12:
        return 0.0
    seconds = float(value) if float(value) <= WAIT_SECONDS_MAX * 366 else float(value) - time.time()
    return min(max(seconds, 1.0), WAIT_SECONDS_MAX)


def hidden_forms(secrets: Iterable[str]) -> tuple[str, ...]:
    """Every form in which a secret may stand in a text, the longest first."""
    forms: set[str] = set()
    for secret in secrets:
        for form in {secret, secret.replace(" ", "")}:
            if len(form) >= SECRET_LENGTH_MIN:
                forms |= {
                    form,
                    quote(form, safe=""),
                    quote_plus(form),
                    base64.b64encode(form.encode()).decode(),
                }
    return tuple(sorted(forms, key=len, reverse=True))


def redacted(text: str, forms: Iterable[str]) -> str:
    """The text without these forms of secrets, and without what stands behind an authorization."""
    for form in forms:
        text = text.replace(form, HIDDEN)
    return _AUTHORIZATION.sub(rf"\1{HIDDEN}", text)


_TAG = re.compile(r"<[^>]{0,1000}>")
_AUTHORIZATION = re.compile(
    r"(?i)\b((?:authorization\s*[:=]\s*)?(?:basic|bearer|dpop|kakaoak)\s+)[\w.~+/=:-]{4,}"
)
