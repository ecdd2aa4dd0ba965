"""What Ghost answers, and the token that every call of it carries."""

from __future__ import annotations

import base64
import hmac
from typing import Any, TypeVar

import msgspec

from bankside.networks.contract import Gone, NotAllowed, Reconnect, Refused
from bankside.networks.markup import text_of
from bankside.networks.wire import WireAnswer
from bankside.said import Said, joined

TOKEN_SECONDS = 240
"""Ghost takes tokens of five minutes at most."""
WORDS_LENGTH_MAX = 300
TOLD = (400, 401, 403, 404, 405, 409, 410, 413, 415, 422)
"""Refusals whose words the wire does not find, in `{"errors": [{"message", "context"}]}`."""


# --- the key -----------------------------------------------------------------------------------------
def token_of(key: str, now: float) -> str:
    """A token for one call, made from the key `id:secret`: a JWT, HS256 (RFC 7519). Raises Reconnect."""
    id, _, secret = key.strip().partition(":")
    try:
        signing = bytes.fromhex(secret)
    except ValueError:
        signing = b""
    if not id or not signing:
        raise Reconnect(
            Said("The Admin API key is not of the form that Ghost gives: letters, a colon, letters.")
        )
    head = _sealed({"alg": "HS256", "typ": "JWT", "kid": id})
    claims = _sealed({"iat": int(now), "exp": int(now) + TOKEN_SECONDS, "aud": "/admin/"})
    made = hmac.new(signing, f"{head}.{claims}".encode(), "sha256").digest()
    return f"{head}.{claims}.{_base64(made)}"


def _sealed(part: dict[str, Any]) -> str:
    return _base64(msgspec.json.encode(part))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


# --- what Ghost answers ------------------------------------------------------------------------------
class Site(msgspec.Struct):
    title: str = ""
    url: str = ""


class Sites(msgspec.Struct):
    site: Site


class Member(msgspec.Struct):
    id: str
    name: str | None = None
    avatar_image: str | None = None


class Members(msgspec.Struct):
    members: list[Member]


class Image(msgspec.Struct):
    url: str


class Images(msgspec.Struct):
    images: list[Image]


class Thing(msgspec.Struct):
    """A post or a page."""

    id: str
    slug: str = ""
    title: str = ""
    html: str | None = None
    url: str = ""
    status: str = ""
    updated_at: str = ""
    published_at: str | None = None


class Things(msgspec.Struct):
    posts: list[Thing] = []
    pages: list[Thing] = []

    @property
    def all(self) -> list[Thing]:
        return self.posts or self.pages


class Under(msgspec.Struct):
    id: str = ""
    url: str = ""


class Counts(msgspec.Struct):
    likes: int = 0
    replies: int = 0


class Comment(msgspec.Struct):
    id: str
    parent_id: str | None = None
    in_reply_to_id: str | None = None
    status: str = ""
    html: str | None = None
    created_at: str = ""
    member: Member | None = None
    post: Under = msgspec.field(default_factory=Under)
    count: Counts = msgspec.field(default_factory=Counts)


class Pagination(msgspec.Struct):
    total: int = 0


class Meta(msgspec.Struct):
    pagination: Pagination = msgspec.field(default_factory=Pagination)


class Comments(msgspec.Struct):
    comments: list[Comment]
    meta: Meta = msgspec.field(default_factory=Meta)


class Error(msgspec.Struct):
    message: str | None = None
    context: str | None = None


class Errors(msgspec.Struct):
    errors: list[Error] = []


class Changed(msgspec.Struct):
    """What a hook carries: a post as it is, or {} and what it was."""

    current: dict[str, Any] = {}
    previous: dict[str, Any] = {}


class Hook(msgspec.Struct):
    event: str
    post: Changed = msgspec.field(default_factory=Changed)
    page: Changed = msgspec.field(default_factory=Changed)


T = TypeVar("T")


def understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        raise answer.nonsense(
            Said("Ghost answered something unknown: %(strange)s.", strange=str(strange))
        ) from None


def one(answer: WireAnswer) -> Thing:
    found = understood(answer, Things).all
    if not found:
        raise answer.nonsense(Said("Ghost does not say which post it means."))
    return found[0]


def told(answer: WireAnswer) -> str:
    """Why Ghost says no, as one short line; its status when it does not say why."""
    try:
        errors = msgspec.json.decode(answer.content, type=Errors).errors
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        errors = []
    words = next((e.context or e.message or "" for e in errors), "")
    plain = " ".join(text_of(words).split())[:WORDS_LENGTH_MAX]
    if not plain:
        return Said("The network answered %(status)s.", status=str(answer.status))
    return f"{plain} ({answer.status})"


def refusal(answer: WireAnswer, words: str) -> Exception:
    match answer.status:
        case 401:
            return Reconnect(joined((Said("Ghost does not accept the Admin API key."), words)))
        case 403 | 405:  # 405: comments are switched off
            return NotAllowed(words)
        case 404 | 410:
            return Gone(words)
    return Refused(words)
