"""Calls of one official account, and what WeChat answers: HTTP 200 with an `errcode`, whatever happened."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any, TypeVar

import msgspec

from bankside.networks.contract import Expired, Gone, Later, Media, NotAllowed, Reconnect, Refused, Uncertain
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

API = "https://api.weixin.qq.com/cgi-bin"
BY_HAND = "https://mp.weixin.qq.com/"
UPLOAD_SECONDS = 60.0
DAY_WAIT_SECONDS = 3600
ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}

# developers.weixin.qq.com/doc/service/guide/dev/error_code.html and the pages of each call, read 2026-11-28.
BUSY = frozenset({-1})
ENDED = frozenset({40001, 40014, 42001, 41001})
DEAD = frozenset({40013, 40125, 40164, 40243, 50002, 61004, 89501, 89503, 89506, 89507})
"""App id, secret or the address of this server are not accepted (any more); the account is frozen."""
USED_UP = frozenset({45009})
TOO_FAST = frozenset({45011})
FORBIDDEN = frozenset({43004, 43019, 45015, 45047, 48001, 48004, 48006, 50001, 88000, 88005})
"""No right, the window is closed, the person does not follow, one answer was given."""
GONE = frozenset({40007, 53600, 88001, 88004, 88008, 88009})
UNREADABLE = frozenset({48001, 88000})
"""The account has no right to comments: there are none to read."""

T = TypeVar("T")


class Trouble(msgspec.Struct):
    """`errcode` 0, or none, is success."""

    errcode: int = 0
    errmsg: str = ""


class Told(Exception):
    """WeChat said a number that the caller had asked for."""


class Account:
    """One account, by a token that is good for two hours."""

    def __init__(self, wire: Wire, token: str) -> None:
        self._wire, self._token = wire, token

    def get(self, path: str, kind: type[T]) -> T:
        """A question."""
        return understood(self._wire, self._wire.get(f"{API}/{path}", params=self._carried()), kind)

    def look(self, path: str, body: dict[str, Any], kind: type[T], also: Collection[int] = ()) -> T:
        """A question that goes as a POST: when its answer is lost, it is asked again."""
        try:
            return self.ask(path, body, kind, also)
        except Uncertain as lost:
            raise Later(30, lost.reason) from lost

    def ask(self, path: str, body: dict[str, Any], kind: type[T], also: Collection[int] = ()) -> T:
        """An act. Numbers in `also` are told to the caller."""
        answer = self._wire.post(f"{API}/{path}", params=self._carried(), json=body)
        return understood(self._wire, answer, kind, also)

    def upload(self, path: str, name: str, media: Media, kind: type[T], **which: str) -> T:
        """A file that nobody sees yet: a lost answer leaves nothing but a file."""
        content_type, body = multipart(f"{name}.{ENDINGS[media.mime]}", media)
        try:
            answer = self._wire.post(
                f"{API}/{path}", params=self._carried() | which, content=body,
                headers={"content-type": content_type}, deadline_seconds=UPLOAD_SECONDS,
            )  # fmt: skip
            return understood(self._wire, answer, kind)
        except Uncertain as lost:
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=lost.reason)
            ) from lost

    def _carried(self) -> dict[str, str | int]:
        if not self._token:
            raise Expired
        return {"access_token": self._token}


def understood(wire: Wire, answer: WireAnswer, kind: type[T], also: Collection[int] = ()) -> T:
    """The answer as what it should be. Raises what its `errcode` means; nonsense is doubt after a write."""
    said = answer.json()
    try:
        trouble = msgspec.convert(said, Trouble)
        if trouble.errcode in also:
            raise Told(trouble.errcode)
        if trouble.errcode:
            raise refusal(wire, trouble.errcode, trouble.errmsg)
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as strange:
        words = Said("WeChat answered something unknown: %(strange)s.", strange=str(strange))
        raise answer.nonsense(words) from None


def refusal(wire: Wire, code: int, errmsg: str) -> Exception:
    """What WeChat has against it, by its own number."""
    plain = " ".join(wire.redacted(errmsg).split())[:200]
    words = Said("WeChat: %(words)s (%(code)s).", words=plain, code=str(code))
    match code:
        case _ if code in BUSY:
            return Later(30, words)
        case _ if code in ENDED:
            return Expired(words)
        case _ if code in USED_UP:
            return Later(DAY_WAIT_SECONDS, words)
        case _ if code in TOO_FAST:
            return Later(60, words)
        case _ if code in DEAD:
            return Reconnect(words)
        case _ if code in FORBIDDEN:
            return NotAllowed(words, BY_HAND)
        case _ if code in GONE:
            return Gone(words)
        case _:
            return Refused(words, fallback=BY_HAND)


def multipart(name: str, media: Media) -> tuple[str, bytes]:
    """(content type, body) of a form with one file in the field `media` (RFC 7578)."""
    boundary = hashlib.sha256(media.data + name.encode()).hexdigest()[:32]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="media"; filename="{name}"\r\n'
    head += f"Content-Type: {media.mime}\r\n\r\n"
    body = b"".join((head.encode(), media.data, f"\r\n--{boundary}--\r\n".encode()))
    return f"multipart/form-data; boundary={boundary}", body


# --- what WeChat answers -----------------------------------------------------------------------------
class Token(msgspec.Struct):
    access_token: str
    expires_in: int


class Counted(msgspec.Struct):
    total_count: int


class Uploaded(msgspec.Struct):
    media_id: str


class Shown(msgspec.Struct):
    """A picture that may stand in an article."""

    url: str


class Submitted(msgspec.Struct):
    publish_id: str | int


class ArticleAt(msgspec.Struct):
    article_url: str = ""


class Details(msgspec.Struct):
    item: list[ArticleAt] = []


class Published(msgspec.Struct):
    """What became of a submitted draft."""

    publish_status: int
    article_id: str = ""
    article_detail: Details = msgspec.field(default_factory=Details)


class Material(msgspec.Struct):
    media_id: str
    name: str = ""


class Materials(msgspec.Struct):
    item: list[Material] = []


class News(msgspec.Struct):
    """One article of a draft or of something published."""

    title: str = ""
    content: str = ""
    thumb_media_id: str = ""
    url: str = ""


class Articles(msgspec.Struct):
    news_item: list[News] = []


class Entry(msgspec.Struct):
    """A draft has a `media_id`, something published an `article_id`. `update_time`: seconds since 1970."""

    content: Articles
    media_id: str = ""
    article_id: str = ""
    update_time: int = 0


class Entries(msgspec.Struct):
    item: list[Entry] = []


class Reply(msgspec.Struct):
    content: str = ""
    create_time: int = 0


class Comment(msgspec.Struct):
    """`openid` is missing where somebody comments without her WeChat identity."""

    user_comment_id: int
    create_time: int
    content: str = ""
    openid: str = ""
    reply: Reply | None = None


class Comments(msgspec.Struct):
    total: int = 0
    comment: list[Comment] = []
